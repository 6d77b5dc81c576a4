"""How people use Telegram, on the fake Bot API, for the checks of `adapters.testing`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from adapters.channels.telegram import TelegramChannel, channel
from adapters.testing import Pace, Shown
from bot.clock import SystemClock
from bot.model.ids import Address, PostRef, Room, TenantId
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.telegram import BOT_ID, TOKEN, BotApi, Limits, Served, World, serve
from tests.fakes.telegram.refusal import flood
from tests.fakes.telegram.world import Json

FATIMA, JAN, KEES = 5001, 5002, 5003
PLEIN, LAAN = -1001000000001, -1001000000002
FREE = Limits(overall=0, chat=0, group=0)
PHOTO = b"\xff\xd8photo of a broken lamp"


def telegram_setup(url: str, **options: Any) -> Setup:
    """What the host gives the channel."""
    return Setup(
        where="channels.wijk",
        name="wijk",
        tenant_id=TenantId("delft"),
        data=Path("unused"),
        clock=SystemClock(),
        photos=FakePhotos(),
        options={"token": TOKEN, "api": url, **options},
    )


def telegram_channel(url: str, **options: Any) -> TelegramChannel:
    """A channel as the registry makes one."""
    made = channel(telegram_setup(url, **options))
    assert isinstance(made, TelegramChannel)
    return made


def two_groups(reads_all: bool = True, kind: str = "supergroup") -> World:
    """Fatima is the admin of both, and lets the bot in."""
    world = World(reads_all)
    for number, name in ((FATIMA, "Fatima"), (JAN, "Jan"), (KEES, "Kees")):
        world.person(number, name)
    for chat_id, title in ((PLEIN, "Buurtapp Parijsplein"), (LAAN, "Buurtapp Romelaan")):
        world.group(chat_id, title, {FATIMA: "creator", JAN: "member", KEES: "member"}, kind=kind)
        world.change(chat_id, BOT_ID, "member", FATIMA)
    return world


class ServedChannel:
    """A channel whose Telegram is there as long as it is open."""

    def __init__(self, rig: TelegramRig) -> None:
        self._rig = rig
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> TelegramChannel:
        served = await self._stack.enter_async_context(serve(self._rig.api))
        self._rig.served = served
        return await self._stack.enter_async_context(telegram_channel(served.url))

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()


class TelegramRig:
    """People with their phones."""

    room, second_room = Room(str(PLEIN)), Room(str(LAAN))
    admin, member, neighbour = Address(str(FATIMA)), Address(str(JAN)), Address(str(KEES))
    pace = Pace(quiet=0.25)

    def __init__(self) -> None:
        self.world = two_groups()
        self.api = BotApi(self.world, FREE)
        self.served: Served | None = None

    def channel(self) -> Any:
        return ServedChannel(self)

    async def say(self, room: Room, who: Address, text: str, reply_to: PostRef | None = None) -> PostRef:
        return ref(self.world.say(int(room), int(who), text, number(reply_to) if reply_to else None))

    async def say_photo(self, room: Room, who: Address, text: str) -> PostRef:
        return ref(self.world.photo(int(room), int(who), text, PHOTO))

    async def press(self, room: Room, who: Address, choice: str) -> None:
        under = [
            message["message_id"]
            for message in self.world.chats[int(room)].messages.values()
            if choice in keys(message)
        ]
        self.world.press(int(room), int(who), choice, under[-1] if under else None)

    async def edit(self, room: Room, who: Address, ref: PostRef, text: str) -> None:
        self.world.edit(int(room), number(ref), text)

    async def delete(self, room: Room, who: Address, ref: PostRef) -> None:
        self.world.delete(int(room), number(ref))

    async def screen(self, room: Room, who: Address) -> Sequence[Shown]:
        group, mine = self.world.chats[int(room)], self.world.chats.get(int(who))
        messages = [*group.messages.values(), *(mine.messages.values() if mine else ())]
        shown = [
            Shown(text=message["text"], by_bot=message["from"]["id"] == BOT_ID, choices=keys(message))
            for message in messages
            if "text" in message
        ]
        toasts = [text for chat, to, text in self.world.toasts if (chat, to) == (int(room), int(who))]
        return shown + [Shown(text=text, by_bot=True) for text in toasts]

    async def bring_in(self, room: Room, past: Sequence[str]) -> None:
        self.world.change(int(room), BOT_ID, "kicked", FATIMA)
        for text in past:
            self.world.say(int(room), JAN, text)
        self.world.change(int(room), BOT_ID, "member", FATIMA)

    async def busy(self) -> None:
        self.api.refusals["sendMessage"] = flood(5)

    async def repeat(self, room: Room, who: Address, text: str) -> None:
        """Who asks gets everything again that its offset did not confirm: saying it once is enough."""
        self.world.say(int(room), int(who), text)

    async def worst(self, room: Room) -> None:
        chat = self.world.chats[int(room)]
        self.world.say(int(room), JAN, "\x00\x1b[31mrood\x07\u202eneer \r\n <b>&amp;")
        sender = self.world.user(JAN)
        good: Json = {"message_id": 1, "date": 1, "chat": chat.json, "from": sender}
        for bad in (
            {},
            {"message": None},
            {"message": "tekst"},
            {"message": {"message_id": 1}},
            {"message": good | {"text": ["lijst"]}},
            {"message": good | {"text": "half \ud83d"}},
            {"message": good | {"photo": [{"file_id": 3}]}},
            {"message": good | {"date": 10**18, "text": "later"}},
            {"message": good | {"location": {"latitude": "noord"}}},
            {"callback_query": {"id": 7, "from": sender, "data": {"a": 1}}},
            {"my_chat_member": {"chat": chat.json}},
            {"thought": {"of": "tomorrow"}},
        ):
            self.world.deliver_raw(bad)


def ref(message: Json) -> PostRef:
    """The address the channel gives to a message."""
    return PostRef(f"{message['chat']['id']}.{message['message_id']}")


def number(post: PostRef) -> int:
    """The message of such an address."""
    return int(post.split(".")[1])


def keys(message: Json) -> tuple[str, ...]:
    """The choices behind its buttons."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return tuple(button["callback_data"] for row in rows for button in row if "callback_data" in button)

"""How people use the web channel and the fake network, for the checks of `adapters.testing`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from adapters.channels.web import WebChannel, channel
from adapters.testing import Pace, Shown
from bot.model.errors import InputError, Later
from bot.model.group import Role
from bot.model.ids import Address, Moment, PostRef, Room, TenantId
from bot.model.place import Point
from bot.model.webroom import ChatEntry, Utterance
from bot.ports.fakes.channel import FakeChannel
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.network import FakeNetwork
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup

PACE = Pace(quiet=0.03)
PHOTO = b"photo of a broken lamp"
BROKEN_PHOTO = b"\x89PNG cut off"

OPTIONS: Mapping[str, Any] = {
    "rooms": {
        "plein": {
            "name": "Buurtapp Parijsplein",
            "residents": {
                "fatima": {"name": "Fatima", "admin": True},
                "jan": {"name": "Jan"},
                "kees": {"name": "Kees", "admin": False},
            },
        },
        "laan": {
            "name": "Buurtapp Romelaan",
            "residents": {
                "fatima": {"name": "Fatima", "admin": True},
                "jan": {"name": "Jan"},
                "kees": {"name": "Kees"},
            },
        },
    },
}


class TickingClock(FakeClock):
    """A millisecond passes with every look, so that posts have an order in time."""

    def moment(self) -> Moment:
        self.advance(0.001)
        return super().moment()


def web_setup(options: Mapping[str, Any] = OPTIONS, clock: FakeClock | None = None) -> Setup:
    """What the host gives the web channel."""
    return Setup(
        where="channels.web",
        name="web",
        tenant_id=TenantId("demo"),
        data=Path("unused"),
        clock=clock or FakeClock(),
        photos=FakePhotos(refuse=frozenset({BROKEN_PHOTO})),
        options=options,
    )


def web_channel(options: Mapping[str, Any] = OPTIONS, clock: FakeClock | None = None) -> WebChannel:
    """A web channel as the registry makes one."""
    made = channel(web_setup(options, clock))
    assert isinstance(made, WebChannel)
    return made


class People:
    """The people and rooms that both rigs have."""

    room = Room("plein")
    second_room = Room("laan")
    admin = Address("fatima")
    member = Address("jan")
    neighbour = Address("kees")
    pace = PACE


class WebRig(People):
    """Browsers: each keeps a post until the channel returns."""

    def __init__(self) -> None:
        self._clock = TickingClock()
        self._channel = web_channel(clock=self._clock)
        self._browsers: set[asyncio.Task[None]] = set()
        self._count = 0

    def channel(self) -> WebChannel:
        self._channel = web_channel(clock=self._clock)
        return self._channel

    async def say(self, room: Room, who: Address, text: str, reply_to: PostRef | None = None) -> PostRef:
        return await self._post(room, who, Utterance(client_id=self._id(), text=text, reply_to=reply_to))

    async def say_photo(self, room: Room, who: Address, text: str) -> PostRef:
        return await self._post(room, who, Utterance(client_id=self._id(), text=text, photo=PHOTO))

    async def press(self, room: Room, who: Address, choice: str) -> None:
        await self._send(self._channel.press(room, who, self._id(), choice))

    async def edit(self, room: Room, who: Address, ref: PostRef, text: str) -> None:
        await self._send(self._channel.say(room, who, Utterance(client_id=self._id(), text=text, edits=ref)))

    async def delete(self, room: Room, who: Address, ref: PostRef) -> None:
        await self._send(self._channel.say(room, who, Utterance(client_id=self._id(), edits=ref)))

    async def screen(self, room: Room, who: Address) -> Sequence[Shown]:
        return [_shown(entry) for entry in sorted(self._entries(room, who), key=lambda entry: entry.at)]

    async def bring_in(self, room: Room, past: Sequence[str]) -> None:
        await self._channel.leave(room)
        for text in past:
            await self.say(room, self.member, text)
        await self.say(room, self.admin, "@bart kom er maar bij")

    async def worst(self, room: Room) -> None:
        await self.say(room, self.member, "\x00\x1b[31mrood\x07\u202eneer\ud800 \r\n <b>&amp;")
        for bad in (
            Utterance(client_id=self._id(), text="\x00\x01 "),
            Utterance(client_id=self._id(), text="x" * 100_000),
            Utterance(client_id="", text="zonder id"),
            Utterance(client_id=self._id(), photo=BROKEN_PHOTO),
            Utterance(client_id=self._id(), location=Point(lat=float("nan"), lon=0.0)),
            Utterance(client_id=self._id(), text="x", edits=PostRef("../../etc/passwd")),
        ):
            with suppress(InputError):
                await self._channel.say(room, self.member, bad)

    async def _post(self, room: Room, who: Address, utterance: Utterance) -> PostRef:
        before = {entry.post for entry in self._entries(room, who)}
        await self._send(self._channel.say(room, who, utterance))
        async for entry in self._channel.watch(room, who):
            if entry.post not in before:
                return entry.post
        raise AssertionError("the channel closed before the post was seen")

    def _entries(self, room: Room, who: Address) -> list[ChatEntry]:
        return [entry for entry in self._channel.history(room, who, after=1) if not entry.deleted]

    async def _send(self, request: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(_until_closed(request))
        self._browsers.add(task)
        task.add_done_callback(self._browsers.discard)
        await asyncio.sleep(0)

    def _id(self) -> str:
        self._count += 1
        return f"browser-{self._count}"


class FakeRig(People):
    """The scripted network."""

    def __init__(self, network: FakeNetwork | None = None) -> None:
        self.network = network or FakeNetwork()
        roles = {self.admin: Role.ADMIN, self.member: Role.MEMBER, self.neighbour: Role.MEMBER}
        for room in (self.room, self.second_room):
            self.network.open_room(room, roles, name=f"Buurtapp {room}")

    def channel(self) -> FakeChannel:
        return FakeChannel(self.network)

    async def say(self, room: Room, who: Address, text: str, reply_to: PostRef | None = None) -> PostRef:
        return self.network.say(room, who, text, reply_to=reply_to)

    async def say_photo(self, room: Room, who: Address, text: str) -> PostRef:
        return self.network.say(room, who, text, photo=PHOTO)

    async def press(self, room: Room, who: Address, choice: str) -> None:
        self.network.press(room, who, choice)

    async def edit(self, room: Room, who: Address, ref: PostRef, text: str) -> None:
        self.network.edit(room, ref, text)

    async def delete(self, room: Room, who: Address, ref: PostRef) -> None:
        self.network.delete(room, ref)

    async def screen(self, room: Room, who: Address) -> Sequence[Shown]:
        network = self.network
        lines = {ref: Shown(text=text, by_bot=False) for ref, (_, text) in network.rooms[room].said.items()}
        for post in [*network.posts.values(), *network.whispers]:
            if post.room == room and not post.deleted and post.to in {None, who}:
                choices = tuple(choice.key for choice in post.now.choices)
                lines[post.ref] = Shown(text=post.now.text, by_bot=True, choices=choices)
        toasts = [text for at, to, text in network.toasts if (at, to) == (room, who)]
        in_order = sorted(lines, key=lambda ref: int(ref.rpartition("-")[2]))
        return [lines[ref] for ref in in_order] + [Shown(text=text, by_bot=True) for text in toasts]

    async def bring_in(self, room: Room, past: Sequence[str]) -> None:
        self.network.kick(room)
        for text in past:
            self.network.say(room, self.member, text)
        self.network.invite(room, self.admin)

    async def worst(self, room: Room) -> None:
        self.network.garble()

    async def busy(self) -> None:
        self.network.fail_next(Later(5.0))

    async def repeat(self, room: Room, who: Address, text: str) -> None:
        self.network.say(room, who, text)
        self.network.repeat()


async def _until_closed(request: Coroutine[Any, Any, object]) -> None:
    with suppress(Later):
        await request


def _shown(entry: ChatEntry) -> Shown:
    return Shown(
        text="".join(span.text for span in entry.spans),
        by_bot=entry.by_bot,
        choices=tuple(choice.key for choice in entry.choices),
    )

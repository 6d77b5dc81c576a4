"""How people use this network: all that the checks need to know about it."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.testing import Pace, Shown
from bot.model.ids import Address, PostRef, Room

from .channel import ExampleChannel
from .network import Chat, Network


class Rig:
    """Two rooms with the same three people; the bot is in both."""

    room = Room("plein")
    second_room = Room("laan")
    admin = Address("fatima")
    member = Address("jan")
    neighbour = Address("kees")
    pace = Pace(quiet=0.05)

    def __init__(self) -> None:
        self.network = Network()
        for room in (self.room, self.second_room):
            people = {str(self.admin), str(self.member), str(self.neighbour)}
            self.network.chats[room] = Chat(members=people, admins={str(self.admin)})
            self.network.let_in(room)

    def channel(self) -> ExampleChannel:
        return ExampleChannel(self.network)

    async def say(self, room: Room, who: Address, text: str, reply_to: PostRef | None = None) -> PostRef:
        return PostRef(self.network.say(room, who, text, reply_to))

    async def press(self, room: Room, who: Address, choice: str) -> None:
        self.network.tell("pressed", room, who=who, button=choice)

    async def edit(self, room: Room, who: Address, ref: PostRef, text: str) -> None:
        self.network.chats[room].screen[ref]["text"] = text
        self.network.tell("changed", room, message=ref, who=who, text=text)

    async def delete(self, room: Room, who: Address, ref: PostRef) -> None:
        del self.network.chats[room].screen[ref]
        self.network.tell("removed", room, message=ref)

    async def screen(self, room: Room, who: Address) -> Sequence[Shown]:
        return [
            Shown(text=one["text"], by_bot=not one["by"], choices=tuple(key for _, key in one["buttons"]))
            for one in self.network.chats[room].screen.values()
        ]

    async def bring_in(self, room: Room, past: Sequence[str]) -> None:
        self.network.chats[room].bot = False
        for text in past:
            self.network.say(room, self.member, text)
        self.network.let_in(room)

    async def worst(self, room: Room) -> None:
        self.network.tell("message", room, who=7, text=None)
        self.network.tell("sticker", room)
        self.network.say(room, self.member, "\x00\x1b[31mrood\x07")

    async def busy(self) -> None:
        self.network.busy_for = 5.0

    async def repeat(self, room: Room, who: Address, text: str) -> None:
        # This network delivers once; telling it a second time would be another message.
        self.network.say(room, who, text)

"""What the author of a channel writes to have it checked: how people use that network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.model.ids import Address, PostRef, Room
from bot.ports.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post as somebody's screen shows it. `choices` are the keys behind the buttons, in order."""

    text: str
    by_bot: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a network is, in seconds."""

    quiet: float = 0.3
    """Without an event for so long, nothing more is on its way."""
    patience: float = 10.0
    """What must come has come within this time."""


class ChannelRig(Protocol):
    """One network with two rooms that the bot is in, and three people in both.

    Everything here is what people do, with their own accounts; nothing of it waits for the bot. A fresh rig
    is made for every check.
    """

    @property
    def room(self) -> Room: ...

    @property
    def second_room(self) -> Room: ...

    @property
    def admin(self) -> Address:
        """An admin of both rooms."""
        ...

    @property
    def member(self) -> Address: ...

    @property
    def neighbour(self) -> Address:
        """Another member."""
        ...

    @property
    def pace(self) -> Pace: ...

    def channel(self) -> Channel:
        """The bot's connection, not entered yet."""
        ...

    async def say(self, room: Room, who: Address, text: str, reply_to: PostRef | None = None) -> PostRef: ...

    async def press(self, room: Room, who: Address, choice: str) -> None:
        """Pick the choice with this key under a post of the bot."""
        ...

    async def edit(self, room: Room, who: Address, ref: PostRef, text: str) -> None: ...

    async def delete(self, room: Room, who: Address, ref: PostRef) -> None: ...

    async def screen(self, room: Room, who: Address) -> Sequence[Shown]:
        """What this person sees now, oldest first, private posts and toasts included."""
        ...

    async def bring_in(self, room: Room, past: Sequence[str]) -> None:
        """The bot is out of the room; then its people say `past`; then an admin lets it in."""
        ...

    async def worst(self, room: Room) -> None:
        """The worst input this network lets through, or tries to."""
        ...


@runtime_checkable
class TakesPhotos(Protocol):
    """A rig of a network with photos."""

    async def say_photo(self, room: Room, who: Address, text: str) -> PostRef: ...

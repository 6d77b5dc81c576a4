"""The browser side of the web channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol, runtime_checkable

from bot.model.ids import Address, PostRef, Room
from bot.model.webroom import ChatEntry, Utterance, WebRoom


@runtime_checkable
class WebRooms(Protocol):
    """The web channel is its own platform: history lives in memory, and a browser repeats until acknowledged.

    Unknown rooms or residents raise `Gone`; oversized or unreadable input raises `InputError`.
    """

    @property
    def rooms(self) -> Mapping[Room, WebRoom]: ...

    async def say(self, room: Room, who: Address, utterance: Utterance) -> PostRef:
        """Returns when the host has committed it. The same `client_id` again returns the same post."""
        ...

    async def press(self, room: Room, who: Address, client_id: str, choice: str) -> None:
        """Pick a choice; returns when committed."""
        ...

    def history(self, room: Room, who: Address, after: int = 0) -> list[ChatEntry]:
        """What this resident may see and that changed after serial `after`, oldest first."""
        ...

    def watch(self, room: Room, who: Address, after: int = 0) -> AsyncIterator[ChatEntry]:
        """The same, going on for ever."""
        ...

    async def photo(self, room: Room, who: Address, ref: str) -> bytes:
        """A photo that was posted in the room, cleaned; raises `Gone`."""
        ...

"""A chat network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from bot.model.channel import Batch, Capabilities, Post
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.request import Answer, Request


class Channel(Protocol):
    """One bot account on one network.

    Errors: `Gone`, `Refused`, `Later`, `MovedTo`. Anything else is a fault of the adapter: it is retried
    with back-off, then parked. One unreadable event never stops `batches`. The host enters the channel
    (`async with`) before use and leaves it at the end; `StartError` says why entering failed and whether
    waiting helps. After `MovedTo` the host tries again until it has read the `Moved` event.
    """

    async def __aenter__(self) -> Channel: ...

    async def __aexit__(self, *exc: object) -> None: ...

    def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Events after `cursor` (None: from now on). Asking for the next batch means that the last one is
        committed; only then may the network be told. Never yields the bot's own posts or anything from
        before the bot was in the room.
        """
        ...

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """Say it. The same `key` twice says it once where `capabilities().idempotent_send`."""
        ...

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """Replace an own post. `Gone` when it is not there; where history is not kept it is shown again."""
        ...

    async def delete(self, room: Room, ref: PostRef) -> None:
        """Take an own post away; gone already is fine."""
        ...

    async def admins(self, room: Room) -> frozenset[Address]:
        """Who is an admin of the room now, asked fresh."""
        ...

    def capabilities(self, room: Room) -> Capabilities:
        """What this room can do."""
        ...


@runtime_checkable
class SpeaksPrivately(Protocol):
    """A channel that can say something to one person alone."""

    async def whisper(self, room: Room, to: Address, post: Post, key: str) -> None:
        """`Refused` where the person never allowed it (Telegram: never pressed Start)."""
        ...


@runtime_checkable
class AnswersPresses(Protocol):
    """A channel that can show a short answer to whoever pressed a button."""

    async def toast(self, room: Room, press: str, text: str) -> None: ...


@runtime_checkable
class FetchesMedia(Protocol):
    """A channel whose photos can be fetched."""

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        """At most `limit` bytes; `Refused` when larger, `Gone` when no longer there."""
        ...


@runtime_checkable
class LeavesRooms(Protocol):
    """A channel whose bot can leave by itself."""

    async def leave(self, room: Room) -> None: ...


@runtime_checkable
class TakesRequests(Protocol):
    """A channel or desk that others push to over HTTP: webhooks of a network, an app, a back office.

    The pages hand over what comes in under `/koppeling/<its name in the config>/`. Who sent it is for the adapter
    to find out.
    """

    @property
    def request_limit(self) -> int:
        """Bytes that one request may bring; larger ones are answered 413 before they get here."""
        ...

    async def receive(self, request: Request) -> Answer:
        """Answers only when what the request brought is committed. An `InputError` is answered 400 with the
        field, `Later` 503 with Retry-After."""
        ...

"""The bot's connection to a `FakeNetwork`. Make another one on the same network to play a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.model.channel import Batch, Capabilities, ChannelEvent, Post, Private
from bot.model.errors import Gone, Refused
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.ports.fakes.network import FakeNetwork, FakePost

BATCH = 100


class FakeChannel:
    """Implements `Channel` and every optional interface beside it. Cursors count entries of the network's log;
    None starts at its beginning, since the account is as old as the network.
    """

    def __init__(self, network: FakeNetwork | None = None, *, batch: int = BATCH) -> None:
        self.network = network or FakeNetwork()
        self.is_open = False
        self._batch = batch

    async def __aenter__(self) -> FakeChannel:
        self.is_open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.is_open = False
        self.network.wake()

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Whatever is in the log after the cursor, at most `batch` events at a time; ends when left."""
        done = int(cursor or 0)
        self.network.commit(done)
        while self.is_open:
            upto = min(done + self._batch, len(self.network.log))
            events = _readable(self.network.log[done:upto])
            if events:
                yield Batch(cursor=str(upto), events=events, deduplicate=self.network.deduplicate)
            if upto > done:
                done = upto
                self.network.commit(done)
            else:
                await self.network.something()

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """The same key says it twice only where `idempotent_send` is not claimed."""
        network = self.network
        network.enter(room)
        network.check(post)
        if network.capabilities.idempotent_send:
            for one in network.posts.values():
                if (one.room, one.key) == (room, key):
                    return one.ref
        ref = network.ref_for_bot()
        network.posts[ref] = FakePost(ref=ref, room=room, key=key, versions=[post])
        return ref

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """`Refused` where posts cannot be edited."""
        self.network.enter(room)
        own = self._own(room, ref)
        if not self.network.capabilities.edits:
            raise Refused("posts cannot be edited here")
        self.network.check(post)
        own.versions.append(post)

    async def delete(self, room: Room, ref: PostRef) -> None:
        """`Refused` where posts cannot be deleted."""
        self.network.enter(room)
        if not self.network.capabilities.deletes:
            raise Refused("posts cannot be deleted here")
        if ref in self.network.posts:
            self.network.posts[ref].deleted = True

    async def admins(self, room: Room) -> frozenset[Address]:
        """From the room's people."""
        people = self.network.enter(room).people.values()
        return frozenset(person.address for person in people if person.role is Role.ADMIN)

    def capabilities(self, room: Room) -> Capabilities:
        """The network's, in every room."""
        return self.network.capabilities

    async def whisper(self, room: Room, to: Address, post: Post, key: str) -> None:
        """Said once per key and person."""
        network = self.network
        people = network.enter(room).people
        private = network.capabilities.private
        if private is Private.NEVER or (private is Private.AFTER_START and to not in network.started):
            raise Refused("this person takes no private messages")
        if to not in people:
            raise Gone("no such person")
        network.check(post)
        if all((one.room, one.to, one.key) != (room, to, key) for one in network.whispers):
            ref = network.ref_for_bot()
            network.whispers.append(FakePost(ref=ref, room=room, key=key, versions=[post], to=to))

    async def toast(self, room: Room, press: str, text: str) -> None:
        """`Refused` where the network has none; `Gone` for an unknown press."""
        self.network.enter(room)
        if not self.network.capabilities.toasts:
            raise Refused("no toasts here")
        home, who = self.network.presses.get(press, (None, None))
        if home != room or who is None:
            raise Gone("no such press")
        self.network.toasts.append((room, who, text))

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        """What was said with a photo."""
        self.network.enter(room)
        photo = self.network.media.get(media.ref)
        if photo is None:
            raise Gone("no such photo")
        if len(photo) > limit:
            raise Refused("the photo is larger than asked for")
        return photo

    async def leave(self, room: Room) -> None:
        """The network tells that the bot is out."""
        self.network.enter(room)
        self.network.kick(room)

    def _own(self, room: Room, ref: PostRef) -> FakePost:
        post = self.network.posts.get(ref)
        if post is None or post.room != room or post.deleted:
            raise Gone("no such post of the bot")
        return post


def _readable(entries: list[ChannelEvent | None]) -> tuple[ChannelEvent, ...]:
    return tuple(entry for entry in entries if entry is not None)

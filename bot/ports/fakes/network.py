"""A scripted chat network: rooms, people, and a log of what happened that outlives restarts of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, TypeVar, Unpack

from bot.model.channel import (
    BotChanged,
    Capabilities,
    ChannelEvent,
    Choice,
    Chose,
    Deleted,
    Edited,
    Event,
    Gap,
    MemberChanged,
    Moved,
    Person,
    Post,
    Private,
    Said,
)
from bot.model.errors import ChannelError, Gone, MovedTo, Refused
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.place import Point
from bot.ports.clock import Clock

CHOICE_KEY_BYTES = 64
CAN_ALL = Capabilities(private=Private.ALWAYS, toasts=True, idempotent_send=True)
START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

E = TypeVar("E", bound=Event)


@dataclass(slots=True, kw_only=True)
class FakePost:
    """One post of the bot: all its versions, newest last. `to` is who a whisper or toast is for."""

    ref: PostRef
    room: Room
    key: str
    versions: list[Post]
    deleted: bool = False
    to: Address | None = None

    @property
    def now(self) -> Post:
        """What it says now."""
        return self.versions[-1]


@dataclass(slots=True, kw_only=True)
class FakeRoom:
    """A group chat: its people with their roles, the residents' posts, and whether the bot is in it."""

    name: str
    people: dict[Address, Person] = field(default_factory=dict)
    said: dict[PostRef, tuple[Address, str]] = field(default_factory=dict)
    bot_in: bool = False
    moved_to: Room | None = None


class More(TypedDict, total=False):
    """What a message can have beside its words."""

    reply_to: PostRef | None
    photo: bytes
    location: Point
    private: bool
    to_bot: bool


class FakeNetwork:
    """Rooms, people and a log. Every method that says something happened adds to the log, like a network
    would tell it; what the bot did is in `posts`, `whispers` and `toasts`.
    """

    def __init__(self, *, capabilities: Capabilities = CAN_ALL, clock: Clock | None = None) -> None:
        self.capabilities = capabilities
        self.rooms: dict[Room, FakeRoom] = {}
        self.log: list[ChannelEvent | None] = []
        self.posts: dict[PostRef, FakePost] = {}
        self.whispers: list[FakePost] = []
        self.toasts: list[tuple[Room, Address, str]] = []
        self.media: dict[str, bytes] = {}
        self.presses: dict[str, tuple[Room, Address]] = {}
        self.started: set[Address] = set()
        """Who allowed private messages, for `Private.AFTER_START`."""
        self.deduplicate = False
        self.committed = 0
        """How many log entries the host has asked past."""
        self._changed = asyncio.Event()
        self._clock = clock
        self._count = 0
        self._trouble: list[ChannelError] = []

    # What happens in the rooms

    def open_room(
        self, room: str, people: Mapping[str, Role] | Mapping[Address, Role], *, name: str = "", bot: bool = True
    ) -> Room:
        """A room with these people; with `bot` BART is let in by nobody in particular, and told the admins."""
        home = FakeRoom(name=name or room)
        self.rooms[Room(room)] = home
        for who, role in people.items():
            home.people[Address(who)] = Person(address=Address(who), name=who.title(), role=role)
        if bot:
            self.invite(Room(room))
        return Room(room)

    def invite(self, room: Room, by: str = "") -> None:
        """BART is let in."""
        home = self.rooms[room]
        home.bot_in = True
        person = home.people.get(Address(by))
        self._tell(BotChanged, room, present=True, room_name=home.name, by=person)
        for one in home.people.values():
            if one.role is Role.ADMIN:
                self._tell(MemberChanged, room, person=one, present=True, role=Role.ADMIN)

    def kick(self, room: Room, by: str = "") -> None:
        """BART is put out."""
        person = self.rooms[room].people.get(Address(by))
        self._tell(BotChanged, room, present=False, by=person)
        self.rooms[room].bot_in = False

    def say(self, room: Room, who: str, text: str, **more: Unpack[More]) -> PostRef:
        """Somebody says something; a photo gets an address to fetch it by."""
        ref = PostRef(self._fresh("said"))
        person = self.rooms[room].people[Address(who)]
        self.rooms[room].said[ref] = (person.address, text)
        media: tuple[MediaRef, ...] = ()
        if (photo := more.get("photo")) is not None:
            media = (MediaRef(ref=self._fresh("photo")),)
            self.media[media[0].ref] = photo
        self._tell(
            Said,
            room,
            person=person,
            post=ref,
            text=text,
            media=media,
            reply_to=more.get("reply_to"),
            location=more.get("location"),
            private=more.get("private", False),
            to_bot=more.get("to_bot", False) or more.get("reply_to") in self.posts,
        )
        return ref

    def edit(self, room: Room, ref: PostRef, text: str) -> None:
        """Its author changes a message."""
        who, _ = self.rooms[room].said[ref]
        self.rooms[room].said[ref] = (who, text)
        if self.capabilities.sees_edits:
            self._tell(Edited, room, person=self.rooms[room].people[who], post=ref, text=text)

    def delete(self, room: Room, ref: PostRef) -> None:
        """Its author deletes a message."""
        del self.rooms[room].said[ref]
        if self.capabilities.sees_deletes:
            self._tell(Deleted, room, post=ref)

    def press(self, room: Room, who: str, choice: str) -> str:
        """Somebody picks a choice; returns the handle that a toast answers to."""
        handle = self._fresh("press")
        self.presses[handle] = (room, Address(who))
        person = self.rooms[room].people[Address(who)]
        self._tell(Chose, room, person=person, choice=choice, press=handle)
        return handle

    def join(self, room: Room, who: str, role: Role = Role.MEMBER) -> None:
        """Somebody comes into the room."""
        person = Person(address=Address(who), name=who.title(), role=role)
        self.rooms[room].people[person.address] = person
        self._tell(MemberChanged, room, person=person, present=True, role=role)

    def leave(self, room: Room, who: str) -> None:
        """Somebody goes out of the room."""
        person = self.rooms[room].people.pop(Address(who))
        self._tell(MemberChanged, room, person=person, present=False, role=person.role or Role.MEMBER)

    def promote(self, room: Room, who: str, role: Role = Role.ADMIN) -> None:
        """Somebody becomes an admin, or with `Role.MEMBER` is one no more."""
        person = replace(self.rooms[room].people[Address(who)], role=role)
        self.rooms[room].people[person.address] = person
        self._tell(MemberChanged, room, person=person, present=True, role=role)

    def move(self, room: Room, to: str) -> Room:
        """The room goes on as another one; calls to the old one raise `MovedTo`."""
        home = self.rooms[room]
        self._tell(Moved, room, to=Room(to))
        self.rooms[Room(to)] = replace(home)
        home.moved_to = Room(to)
        return Room(to)

    def lose(self, room: Room) -> None:
        """The network knows that messages are missing."""
        self._tell(Gap, room)

    def garble(self) -> None:
        """Something arrives that no adapter can read."""
        self.log.append(None)
        self.wake()

    def repeat(self, index: int = -1) -> None:
        """A logged event is delivered once more, later, with the same id; sets `deduplicate`."""
        self.deduplicate = True
        self.log.append(self.log[index])
        self.wake()

    def fail_next(self, error: ChannelError, times: int = 1) -> None:
        """The next calls of the bot fail with this."""
        self._trouble += [error] * times

    # What tests want to know

    def shown(self, room: Room) -> list[Post]:
        """The bot's posts in a room as they stand now, oldest first."""
        return [one.now for one in self.posts.values() if one.room == room and not one.deleted]

    def choice(self, room: Room, label: str) -> Choice:
        """The newest choice with this label in a room; `KeyError` when nobody offers it."""
        for post in reversed(self.shown(room)):
            for choice in post.choices:
                if choice.label == label:
                    return choice
        raise KeyError(label)

    async def settled(self) -> None:
        """Returns when the host has asked past everything that happened so far."""
        upto = len(self.log)
        while self.committed < upto:
            await self.something()

    # For its channels

    async def something(self) -> None:
        """Returns when anything happens: an event, a commit, a channel closing."""
        await self._changed.wait()

    def wake(self) -> None:
        """Wake everybody who waits for something."""
        self._changed.set()
        self._changed = asyncio.Event()

    def commit(self, upto: int) -> None:
        """The host has committed this much of the log."""
        self.committed = max(self.committed, upto)
        self.wake()

    def enter(self, room: Room) -> FakeRoom:
        """The room for a call of the bot, or the error that call meets."""
        if self._trouble:
            raise self._trouble.pop(0)
        home = self.rooms.get(room)
        if home is not None and home.moved_to is not None:
            raise MovedTo(home.moved_to)
        if home is None or not home.bot_in:
            raise Gone("the bot is not in such a room")
        return home

    def check(self, post: Post) -> None:
        """Raises `Refused` for what real networks refuse."""
        if len(post.text) > self.capabilities.longest_text:
            raise Refused("the text is too long")
        if any(len(choice.key.encode()) > CHOICE_KEY_BYTES for choice in post.choices):
            raise Refused("a choice key is too long")

    def ref_for_bot(self) -> PostRef:
        """An address for a new post of the bot."""
        return PostRef(self._fresh("bot"))

    # Inside

    def _tell(self, kind: type[E], room: Room, **fields: Any) -> None:
        # What happens in a room before the bot is in it is never told: consent rests on that.
        if self.rooms[room].bot_in:
            event: Any = kind(id=self._fresh("event"), room=room, at=self._now(), **fields)
            self.log.append(event)
            self.wake()

    def _fresh(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"

    def _now(self) -> datetime:
        if self._clock is not None:
            return self._clock.moment().now
        return START + timedelta(seconds=self._count)

"""What goes in and out of a chat network, as records every channel adapter speaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.group import Role
from bot.model.ids import Address, PersonKey, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.place import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a room. `name` lives in memory only. `key` is filled in by the host, never by adapters.

    `role` is what the network said with this very event; None where it did not say.
    """

    address: Address
    name: str = ""
    role: Role | None = None
    key: PersonKey = PersonKey("")
    anonymous: bool = False
    """Who speaks as the group or as a channel: several people may share this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a room. `id` is the network's delivery id, for dropping repeats."""

    id: str
    room: Room
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """A new message. `private` where it was said to BART alone; `to_bot` where BART was mentioned."""

    person: Person
    post: PostRef
    text: str
    reply_to: PostRef | None = None
    media: tuple[MediaRef, ...] = ()
    location: Point | None = None
    private: bool = False
    to_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Event):
    """The author changed a message."""

    person: Person
    post: PostRef
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Event):
    """A message is gone."""

    post: PostRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Chose(Event):
    """A choice under one of the bot's posts was picked. `press` is what a toast answers to, if anything."""

    person: Person
    choice: str
    press: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """Somebody came, left, or changed role."""

    person: Person
    present: bool
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class BotChanged(Event):
    """BART was let into a room or put out of it."""

    present: bool
    room_name: str = ""
    by: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """The room continues as another room."""

    to: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Event):
    """Messages are known to be missing."""


ChannelEvent = Said | Edited | Deleted | Chose | MemberChanged | BotChanged | Moved | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Events in order, and the cursor that stands for having handled all of them.

    `deduplicate` where the network may deliver an event again under a cursor already passed
    (webhooks, browsers): the host then remembers keyed hashes of event ids for 48 hours.
    """

    cursor: str
    events: tuple[ChannelEvent, ...]
    deduplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of text, plain or strong. Spans are never parsed again, so residents' words stay harmless."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to pick. `key` comes back in `Chose.choice`; `short` fits 20 characters."""

    key: str
    label: str
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What the bot says in a room, or privately to one person."""

    spans: tuple[Span, ...]
    choices: tuple[Choice, ...] = ()
    reply_to: PostRef | None = None
    silent: bool = False
    """No notification: nothing urgent."""
    link: str = ""
    """Where more can be read; shown as a link with its own words in `link_label`."""
    link_label: str = ""

    @property
    def text(self) -> str:
        """The words without emphasis."""
        return "".join(span.text for span in self.spans)


class Private(StrEnum):
    """When BART can say something to one person alone."""

    ALWAYS = "always"
    AFTER_START = "after_start"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a room can do, as data. New fields always get defaults, so that old adapters keep working."""

    choices: str = "buttons"
    """buttons, reactions or text"""
    private: Private = Private.NEVER
    toasts: bool = False
    edits: bool = True
    deletes: bool = True
    sees_edits: bool = True
    sees_deletes: bool = True
    idempotent_send: bool = False
    replays: bool = True
    keeps_history: bool = True
    """False where posts are gone after a restart, so that open cards are shown again."""
    longest_text: int = 4096
    largest_photo: int = 20 * 1024 * 1024
    posts_per_room_per_minute: int = 20
    sees_members: bool = True
    """Are comings, goings and roles of people told?"""
    hears_all: bool = True
    """False where only what is said to the bot arrives (Telegram's privacy mode): no report is ever found."""
    edit_seconds: float | None = None
    """How long an own post can be edited; None: for ever. `edit` raises `Gone` after it: it is posted anew."""
    reactions_per_person: int | None = None
    """How many choices one person can have picked at once, where choices are reactions; None: any number."""
    extra: dict[str, str] = field(default_factory=dict)

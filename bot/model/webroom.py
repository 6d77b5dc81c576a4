"""What the browser chat shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.channel import Choice, Span
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Somebody one can be in a browser room."""

    address: Address
    name: str
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRoom:
    """A browser room and who live there."""

    room: Room
    name: str
    residents: tuple[Resident, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEntry:
    """One post as a resident's browser shows it. `author` is a resident's name or "BART".

    `serial` goes up with every change of the room, so that a browser can ask what it missed.
    """

    post: PostRef
    serial: int
    at: datetime
    author: str
    by_bot: bool
    mine: bool
    spans: tuple[Span, ...]
    choices: tuple[Choice, ...] = ()
    reply_to: PostRef | None = None
    photo: str = ""
    private: bool = False
    edited: bool = False
    deleted: bool = False
    link: str = ""
    link_label: str = ""
    toast: bool = False
    """A short answer to a press; shown once, only to who pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What a browser sends. `client_id` is made by the browser and repeated until the host acknowledged.

    `edits` changes an own post; with empty text and no photo it deletes it.
    """

    client_id: str
    text: str = ""
    reply_to: PostRef | None = None
    photo: bytes | None = None
    location: Point | None = None
    private: bool = False
    edits: PostRef | None = None

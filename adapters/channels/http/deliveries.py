"""What an app sends: one delivery of one to a hundred events. The types are the description, too.

Field names and limits here are the contract with apps that are running: only add, with defaults.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from bot.model.errors import InputError
from bot.model.group import Role

LONGEST_TEXT = 4000
LONGEST_ID = 128
MOST_EVENTS = 100
MOST_PHOTOS = 5
OURS = "bart."
"""Ids of posts that begin so are the bot's."""

Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID, pattern=r"^[!-~]+$", description="printable ASCII")]
Name = Annotated[str, Meta(max_length=100)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
At = Annotated[datetime, Meta(tz=True, description="RFC 3339, with a zone")]


class Person(Struct, forbid_unknown_fields=True):
    """Who it is: an id of the app's own, the same each time. `role` where it is known."""

    id: Id
    name: Name = ""
    role: Role | None = None


class Photo(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`url`, under the address that was agreed, or `data`: the photo itself in base64. One of both."""

    url: str = ""
    data: str = ""


class Location(Struct, forbid_unknown_fields=True):
    """WGS 84, in degrees."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


class Happened(Struct, forbid_unknown_fields=True, tag_field="type"):
    """Something in a room, at a time."""

    room: Id
    at: At


class Said(Happened, tag="said"):
    """A new message with an id of the app's own. `private`: to the bot alone. `to_bot`: it is spoken to."""

    id: Id
    person: Person
    text: Text = ""
    reply_to: Id | None = None
    photos: Annotated[list[Photo], Meta(max_length=MOST_PHOTOS)] = []
    location: Location | None = None
    private: bool = False
    to_bot: bool = False


class Edited(Happened, tag="edited"):
    """The author changed a message."""

    id: Id
    person: Person
    text: Text


class Deleted(Happened, tag="deleted"):
    """A message is gone, whoever took it away."""

    id: Id


class Chose(Happened, tag="chose"):
    """A choice under a post of the bot was pressed. `press` is what a toast answers to; each has its own."""

    person: Person
    choice: Annotated[str, Meta(min_length=1, max_length=64)]
    press: Id


class Member(Happened, tag="member"):
    """Somebody came into the room, left it, or changed role."""

    person: Person
    present: bool
    role: Role = Role.MEMBER


class Bot(Happened, tag="bot"):
    """The bot was let into the room, or put out. Send nothing of a room before it was let in."""

    present: bool
    room_name: Name = ""
    by: Person | None = None


class Moved(Happened, tag="moved"):
    """The room goes on under another id."""

    to: Id


class Gap(Happened, tag="gap"):
    """Messages are known to be missing."""


Event = Said | Edited | Deleted | Chose | Member | Bot | Moved | Gap


class Delivery(Struct, forbid_unknown_fields=True):
    """Events in the order they happened. The same `delivery` again is the same delivery: nothing happens twice."""

    delivery: Id
    events: Annotated[list[Event], Meta(min_length=1, max_length=MOST_EVENTS)]


class Taken(Struct):
    """The delivery is on disk."""

    delivery: str
    events: int


_PATH = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_FIELD = re.compile(r"(?:missing required|unknown) field `([^`]+)`")


def read(body: bytes) -> Delivery:
    """Raises `InputError` whose `where` is the field."""
    try:
        return msgspec.json.decode(body, type=Delivery)
    except msgspec.ValidationError as error:
        words = str(error)
        path, named = _PATH.search(words), _FIELD.search(words)
        where = ".".join(part for part in (path and path[1], named and named[1]) if part)
        raise InputError(where or "body", _PATH.sub("", words)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("body", f"is not JSON: {error}") from None

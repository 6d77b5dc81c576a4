"""The config of the web channel: which rooms there are and who one can be in them.

[channels.web.rooms.parijsplein]
name = "Buurtapp Parijsplein"
residents.fatima = { name = "Fatima", admin = true }
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec

from bot.model.errors import ConfigError
from bot.model.ids import Address, Room
from bot.model.webroom import Resident, WebRoom

HISTORY = 500
"""Posts a room remembers; older ones are forgotten."""

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
FIELD = re.compile(r"(?:missing required|unknown) field `([^`]+)`")
PATH = re.compile(r" - at `\$\.?([^`]*)`$")

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


class ChannelOptions(msgspec.Struct, forbid_unknown_fields=True):
    """`[channels.<name>]`"""

    rooms: dict[str, Any]
    history: Annotated[int, msgspec.Meta(ge=10, le=10_000)] = HISTORY


class RoomOptions(msgspec.Struct, forbid_unknown_fields=True):
    """`[channels.<name>.rooms.<room>]`"""

    name: Name
    residents: dict[str, Any]


class ResidentOptions(msgspec.Struct, forbid_unknown_fields=True):
    """`[channels.<name>.rooms.<room>.residents.<resident>]`"""

    name: Name
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the config says, checked."""

    rooms: Mapping[Room, WebRoom]
    history: int = HISTORY


T = TypeVar("T", bound=msgspec.Struct)


def read_options(where: str, raw: Mapping[str, Any]) -> Options:
    """Checked options; raises `ConfigError` whose `where` is the exact key."""
    table = _convert(where, dict(raw), ChannelOptions)
    if not table.rooms:
        raise ConfigError(f"{where}.rooms", "has no room")
    rooms = {Room(key): _room(f"{where}.rooms.{key}", key, value) for key, value in table.rooms.items()}
    return Options(rooms=rooms, history=table.history)


def _room(where: str, key: str, raw: object) -> WebRoom:
    _check_id(where, key)
    table = _convert(where, raw, RoomOptions)
    if not table.residents:
        raise ConfigError(f"{where}.residents", "has no resident")
    residents = tuple(_resident(f"{where}.residents.{who}", who, value) for who, value in table.residents.items())
    return WebRoom(room=Room(key), name=table.name, residents=residents)


def _resident(where: str, key: str, raw: object) -> Resident:
    _check_id(where, key)
    table = _convert(where, raw, ResidentOptions)
    return Resident(address=Address(key), name=table.name, admin=table.admin)


def _check_id(where: str, key: str) -> None:
    if not ID.fullmatch(key):
        raise ConfigError(where, "must be lower-case letters, digits, - and _, at most 64")


def _convert(where: str, raw: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as error:
        words = str(error)
        path, field = PATH.search(words), FIELD.search(words)
        key = ".".join(part for part in (where, path and path[1], field and field[1]) if part)
        raise ConfigError(key, PATH.sub("", words)) from error

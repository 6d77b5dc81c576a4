"""A wrong config of the web channel names the exact key."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from adapters.channels.web.options import HISTORY, read_options
from bot.model.errors import ConfigError
from bot.model.ids import Room
from tests.support.channel_rigs import OPTIONS, web_channel


def changed(path: str, value: object) -> dict[str, Any]:
    """The options with one key set, or taken away with None."""
    options: dict[str, Any] = deepcopy(dict(OPTIONS))
    *parents, last = path.split("/")
    table = options
    for parent in parents:
        table = table[parent]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return options


def test_rooms_and_residents_come_from_the_config() -> None:
    options = read_options("channels.web", OPTIONS)
    plein = options.rooms[Room("plein")]
    assert plein.name == "Buurtapp Parijsplein"
    assert [(one.address, one.name, one.admin) for one in plein.residents] == [
        ("fatima", "Fatima", True),
        ("jan", "Jan", False),
        ("kees", "Kees", False),
    ]
    assert options.history == HISTORY


def test_the_channel_shows_the_rooms_of_the_config() -> None:
    assert [room.name for room in web_channel().rooms.values()] == [
        "Buurtapp Parijsplein",
        "Buurtapp Romelaan",
    ]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("rooms", None, "channels.web.rooms"),
        ("rooms", {}, "channels.web.rooms"),
        ("rooms", [], "channels.web.rooms"),
        ("history", "500", "channels.web.history"),
        ("history", 3, "channels.web.history"),
        ("history", True, "channels.web.history"),
        ("hystory", 500, "channels.web.hystory"),
        ("rooms/plein", "Buurtapp", "channels.web.rooms.plein"),
        ("rooms/plein/name", None, "channels.web.rooms.plein.name"),
        ("rooms/plein/name", "  ", "channels.web.rooms.plein.name"),
        ("rooms/plein/colour", "red", "channels.web.rooms.plein.colour"),
        ("rooms/plein/residents", {}, "channels.web.rooms.plein.residents"),
        ("rooms/plein/residents/jan", 1, "channels.web.rooms.plein.residents.jan"),
        ("rooms/plein/residents/jan/name", 7, "channels.web.rooms.plein.residents.jan.name"),
        ("rooms/plein/residents/jan/admin", "yes", "channels.web.rooms.plein.residents.jan.admin"),
        ("rooms/plein/residents/jan/age", 7, "channels.web.rooms.plein.residents.jan.age"),
        ("rooms/Het Plein", {"name": "x", "residents": {}}, "channels.web.rooms.Het Plein"),
        ("rooms/plein/residents/Jan!", {"name": "x"}, "channels.web.rooms.plein.residents.Jan!"),
    ],
)
def test_a_wrong_key_is_named_exactly(path: str, value: object, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options("channels.web", changed(path, value))
    assert caught.value.where == where
    assert caught.value.what
    assert "$" not in caught.value.what


def test_the_factory_refuses_a_wrong_config() -> None:
    with pytest.raises(ConfigError, match=r"channels\.web\.rooms"):
        web_channel({})

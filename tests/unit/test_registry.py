"""Finding adapters: built in or not, through the same door."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.model.errors import ConfigError, StartError, StartTrouble
from bot.model.ids import TenantId
from bot.ports.setup import Setup
from bot.registry import AdapterGroup, Registry


class NoPhotos:
    """Photos for adapters that have none."""

    def clean(self, raw: bytes) -> bytes:
        return raw


def point(name: str, value: str, group: str = "bart.desks") -> EntryPoint:
    return EntryPoint(name=name, value=value, group=group)


STRANGE = point("strange", "tests.support.strange_adapter:adapter")


def test_a_kind_is_found_and_makes_its_adapter(tmp_path: Path) -> None:
    setup = Setup(
        where="desks.x",
        name="x",
        tenant_id=TenantId("delft"),
        data=tmp_path,
        clock=SystemClock(),
        photos=NoPhotos(),
        options={"url": "here"},
    )
    made = Registry([STRANGE]).find(AdapterGroup.DESKS, "strange", "desks.x.kind")(setup)
    assert made.setup is setup


def test_an_unknown_kind_is_told_with_its_key_and_what_there_is() -> None:
    registry = Registry([STRANGE, point("another", "a:b"), point("web", "a:b", "bart.channels")])
    with pytest.raises(ConfigError) as caught:
        registry.find(AdapterGroup.DESKS, "web", "config.toml: desks.x.kind")
    assert str(caught.value) == (
        'config.toml: desks.x.kind: there is no "web" among bart.desks; installed: another, strange'
    )
    assert caught.value.where == "config.toml: desks.x.kind"


def test_where_nothing_is_installed_it_says_none() -> None:
    with pytest.raises(ConfigError, match="installed: none"):
        Registry([]).find(AdapterGroup.CHANNELS, "web", "channels.x.kind")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("tests.support.broken_adapter:adapter", "RuntimeError: the licence file is missing"),
        ("tests.support.nowhere:adapter", "ModuleNotFoundError"),
        ("tests.support.strange_adapter:nothing", "AttributeError"),
        ("tests.support.strange_adapter:NOT_A_FACTORY", "is not a function"),
    ],
)
def test_an_adapter_that_cannot_be_loaded_is_named(value: str, told: str) -> None:
    with pytest.raises(StartError) as caught:
        Registry([point("bad", value)]).find(AdapterGroup.DESKS, "bad", "desks.x.kind")
    assert caught.value.trouble is StartTrouble.FOR_GOOD
    assert f'bart.desks "bad" ({value})' in str(caught.value)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_adapter_for_newer_ports_is_told_apart_from_a_broken_one() -> None:
    value = "tests.support.future_adapter:adapter"
    with pytest.raises(StartError, match="upgrade BART") as caught:
        Registry([point("future", value)]).find(AdapterGroup.DESKS, "future", "desks.x.kind")
    assert caught.value.trouble is StartTrouble.FOR_GOOD
    assert f'bart.desks "future" ({value}) does not fit' in str(caught.value)


def test_one_broken_adapter_does_not_hinder_another() -> None:
    registry = Registry([STRANGE, point("bad", "tests.support.broken_adapter:adapter")])
    assert registry.names(AdapterGroup.DESKS) == ["bad", "strange"]
    assert callable(registry.find(AdapterGroup.DESKS, "strange", "desks.x.kind"))


def test_two_packages_with_one_kind_are_refused() -> None:
    registry = Registry([STRANGE, point("strange", "elsewhere:adapter")])
    with pytest.raises(StartError, match="more than one") as caught:
        registry.find(AdapterGroup.DESKS, "strange", "desks.x.kind")
    assert "elsewhere:adapter, tests.support.strange_adapter:adapter" in str(caught.value)
    assert caught.value.trouble is StartTrouble.FOR_GOOD


def test_the_same_entry_seen_twice_is_one() -> None:
    """An editable install beside a built one lists every entry point twice."""
    registry = Registry([STRANGE, STRANGE])
    assert callable(registry.find(AdapterGroup.DESKS, "strange", "desks.x.kind"))


def test_everything_built_in_comes_in_by_the_door_for_strangers() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    for group in AdapterGroup:
        assert set(project["entry-points"].get(group, {})) <= set(Registry().names(group))

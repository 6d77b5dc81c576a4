"""config.example.toml holds every setting, its default and the reason."""

from __future__ import annotations

import re
from dataclasses import MISSING
from datetime import time
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings, load
from bot.model.errors import ConfigError
from bot.tables import settings

EXAMPLE = Path("config.example.toml")
ALL = dict(settings(Settings))
NAMED = {
    "tenants.<name>.routes.<name>.desk": "tenants.delft.routes.verlichting.desk",
    "tenants.<name>.routes.<name>.instead": "tenants.delft.routes.parkeren.instead",
    **{
        f"tenants.<name>.routes.<name>.{one}": f"tenants.delft.routes.water.{one}"
        for one in ("who", "number", "link")
    },
}
BELOW = {
    "tenants.delft.areas.<name>": "tenants.delft.areas.haven",
    "tenants.delft.areas.haven.routes.<name>": "tenants.delft.areas.haven.routes.gemeente",
    "tenants.delft.neighbours.<name>": "tenants.delft.neighbours.rijswijk",
    "tenants.delft.answers.<name>": "tenants.delft.answers.opgeruimd",
}
"""Names below a tenant."""
SECTION = re.compile(r"\[([\w.]+)\]")
SETTING = re.compile(r"([\w.]+) = (.+)")
ENTRIES = {"tenants": "delft", "channels": "wijk", "desks": "loket", "geocoders": "straten"}


def written() -> dict[str, tuple[str, str]]:
    """Every key in the file, with its value as written and the comment lines right above it."""
    found, section, comment = {}, "", ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if head := SECTION.fullmatch(line):
            section = head[1]
        elif setting := SETTING.fullmatch(line):
            found[f"{section}.{setting[1]}"] = (setting[2], comment)
        comment = comment + line if line.startswith("#") else ""
    return found


def place(key: str) -> str:
    if key in NAMED:
        return NAMED[key]
    section, *_ = key.split(".")
    key = key.replace("<name>", ENTRIES.get(section, ""), 1)
    for general, named in BELOW.items():
        key = key.replace(general, named)
    return key


def as_toml(value: Any) -> str:
    if isinstance(value, Enum | str | Path):
        return f'"{value}"'
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, bool):
        return str(value).lower()
    return "[]" if value in (frozenset(), ()) else str(value)


def test_there_are_settings_to_check() -> None:
    assert len(ALL) > 70


@pytest.mark.parametrize("key", ALL)
def test_every_setting_is_there_with_its_reason(key: str) -> None:
    assert len(written()[place(key)][1]) > 10


@pytest.mark.parametrize("key", ALL)
def test_every_value_is_the_default_or_called_an_example(key: str) -> None:
    value, comment = written()[place(key)]
    if ALL[key] is MISSING:
        assert "Required; example" in comment
    elif value != as_toml(ALL[key]):
        assert "xample" in comment or "routes" in key


def test_nothing_else_is_there() -> None:
    options = {key for key in written() if key.startswith("channels.wijk.rooms.")}
    assert set(written()) - options == {place(key) for key in ALL}


def test_the_example_is_accepted() -> None:
    config = load(EXAMPLE, {})
    assert config.group == load_defaults().group
    assert config.retention == load_defaults().retention
    assert config.work == load_defaults().work


def test_an_example_with_a_typing_error_is_not(tmp_path: Path) -> None:
    wrong = tmp_path / "config.toml"
    wrong.write_text(EXAMPLE.read_text("utf-8").replace("prompt_gap", "promt_gap"), "utf-8")
    with pytest.raises(ConfigError, match=r"config\.toml: group\.quiet\.promt_gap: there is no such setting"):
        load(wrong, {})


def load_defaults() -> Settings:
    return Settings(tenants={}, channels={})

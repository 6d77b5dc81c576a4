"""An old adapter goes on working; one that cannot says so in one clear line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.ports.version import FIRST, PORT_VERSION, misfit

MAJOR, MINOR = PORT_VERSION
HERE = f"{MAJOR}.{MINOR}"


@pytest.mark.parametrize("written_for", [FIRST, HERE, f"{MAJOR}.0"])
def test_an_adapter_for_this_version_or_an_earlier_one_of_its_kind_fits(written_for: str) -> None:
    assert misfit(written_for) == ""


@pytest.mark.parametrize(
    ("written_for", "told"),
    [
        (f"{MAJOR}.{MINOR + 1}", "upgrade BART"),
        (f"{MAJOR + 1}.0", "upgrade BART"),
        (f"{MAJOR - 1}.9", "a newer release of it is needed"),
    ],
)
def test_another_version_says_who_must_upgrade(written_for: str, told: str) -> None:
    assert told in misfit(written_for)
    assert written_for in misfit(written_for)
    assert HERE in misfit(written_for)


@pytest.mark.parametrize("wrong", ["", "1", "1.0.0", "v1.0", "1.x", 1.0, None, (1, 0), "1.0\n"])
def test_what_is_no_version_is_told(wrong: object) -> None:
    assert "two numbers" in misfit(wrong)


def test_the_changes_name_this_version() -> None:
    said = re.findall(r"ports (\d+\.\d+)", Path("CHANGELOG.md").read_text("utf-8"))
    assert HERE in said

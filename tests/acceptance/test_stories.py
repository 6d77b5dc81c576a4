"""Whole conversations, as residents live through them. How to read and write one: tests/support/stories.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.backends import BACKENDS
from tests.support.stories import FOLDER, matches, play, read_story

STORIES = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("kind", BACKENDS)
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
async def test_the_story_goes_as_written(path: Path, kind: str, tmp_path: Path) -> None:
    faults = await play(read_story(path), kind, tmp_path)
    assert not faults, "\n".join(faults)


def test_there_are_stories() -> None:
    assert len(STORIES) >= 25


def test_dots_stand_for_any_text() -> None:
    assert matches("BART: Wil je dit melden? … [Nee]", "BART: Wil je dit melden? / 📍 Hondenpoep [Ja] [Nee]")
    assert not matches("BART: Wil je dit melden? …", "kaartje: Wil je dit melden?")


async def test_what_is_not_written_down_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text("# Eén regel te weinig\nJan: /help\n  BART zwijgt\n", "utf-8")
    faults = await play(read_story(path), "fake", tmp_path)
    assert len(faults) == 1
    assert "too much: BART > Jan (privé): Ik ben BART" in faults[0]


async def test_what_does_not_happen_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text("# Eén regel te veel\nJan: lekker weer\n  BART: Ja hè\n", "utf-8")
    assert await play(read_story(path), "fake", tmp_path) == ["line 2: Jan: lekker weer\n    missing: BART: Ja hè"]


def test_a_story_that_begins_with_an_answer_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text("# Te vroeg\n  BART: Hoi\n", "utf-8")
    with pytest.raises(ValueError, match=r"story\.txt line 2"):
        read_story(path)

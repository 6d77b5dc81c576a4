"""docs/privacy.md promises what the defaults do, and the decisions it leans on are there."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.desks.embedded.options import Options
from bot.config import Retention
from bot.memory import LINES, REMEMBERS
from bot.model.group import Deadlines
from bot.ports.housekeeping import Terms
from bot.process.commands import _COMMANDS as COMMANDS

TEXT = Path("docs/privacy.md").read_text("utf-8")
DECISIONS = sorted(Path("docs/decisions").glob("*.md"))
KEEPS, TERM = Retention(), Deadlines()


def row(begin: str) -> str:
    found = [line for line in TEXT.splitlines() if line.startswith(f"| {begin}")]
    assert len(found) == 1, begin
    return found[0]


@pytest.mark.parametrize(
    ("what", "promise"),
    [
        ("ordinary messages", f"{KEEPS.traffic_days} days"),
        ("a candidate", f"at most {TERM.proposal // 60} minutes without a yes"),
        ("a candidate", f"then {TERM.release} seconds until filing"),
        ("beside it", f"{KEEPS.ended_hours} hours after it ended"),
        ("a message with a 112 card", f"at most {TERM.danger // 60} minutes"),
        ("“Ik los het zelf op”", f"at most {TERM.self_help // 3600} hours"),
        ("a filed report's text", f"{KEEPS.finished_days} days after it was finished"),
        ("a learning example", f"{KEEPS.example_days} days at most"),
        ("that somebody was asked", f"{KEEPS.prompt_author_hours} hours; {KEEPS.prompt_days} days"),
        ("which deliveries were handled", f"{KEEPS.delivery_hours} hours"),
    ],
)
def test_every_term_is_the_default(what: str, promise: str) -> None:
    assert promise in row(what)


def test_the_terms_of_the_settings_are_those_of_the_store() -> None:
    assert KEEPS.terms == Terms()


def test_the_memory_is_as_short_as_promised() -> None:
    assert f"at most {LINES} messages of the last {REMEMBERS // timedelta(minutes=1)} minutes" in TEXT


def test_the_desk_keeps_photos_as_long_as_promised() -> None:
    assert f"{Options().retention_days} days after a case was closed" in TEXT


def test_rights_that_are_named_are_there_and_others_are_named_as_missing() -> None:
    today, missing = TEXT.split("## Rights today")[1].split("## Not there yet")
    assert set(re.findall(r"`/(\w+)`", today)) <= set(COMMANDS)
    assert not set(re.findall(r"`/(\w+)`", missing)) & set(COMMANDS)


def test_every_decision_that_is_leaned_on_is_there() -> None:
    named = set(re.findall(r"decisions/([\w-]+\.md)", TEXT))
    assert named
    assert named <= {path.name for path in DECISIONS}


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_says_why_what_and_then_what(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 40
    assert re.match(rf"# {int(path.name[:4])}\. ", text)
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))

"""docs/process.md draws what the code does."""

from __future__ import annotations

import re

from bot.model.effect import Action
from bot.model.incident import STAGE_MOVES, Stage
from bot.model.report import MOVES
from bot.process import chain
from tests.support.process_drawings import PAGE, arrows, drawings, marked, policy_table, written_table

TEXT = PAGE.read_text("utf-8")


def test_the_stages_are_drawn_as_they_are() -> None:
    told = arrows(drawings(TEXT)[0]) | marked(TEXT, "stage")
    assert told == {(start.value, end.value) for start, ends in STAGE_MOVES.items() for end in ends}


def test_no_move_is_told_twice() -> None:
    assert not arrows(drawings(TEXT)[0]) & marked(TEXT, "stage")


def test_every_stage_is_told_of() -> None:
    assert {stage.value for stage in Stage} <= set(re.findall(r"\w+", TEXT))


def test_the_statuses_are_drawn_as_they_are() -> None:
    told = arrows(drawings(TEXT)[1])
    assert told == {(start.value, end.value) for start, ends in MOVES.items() for end in ends}


def test_the_policy_table_is_the_code_s() -> None:
    assert written_table(TEXT) == policy_table(), "run: python -m tests.support.process_drawings"


def test_the_chain_is_told_in_the_order_in_which_it_runs() -> None:
    steps = [step.__module__.rsplit(".", 1)[-1] for step in (*chain.STEPS, *chain.ENDS)]
    assert re.findall(r"^\| \w+ \| `bot/process/(\w+)\.py` \|", TEXT, re.MULTILINE) == steps


def test_every_action_is_told_of() -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| `action` |"))
    assert row.rpartition(": ")[2].rstrip(" |").split(", ") == [action.value for action in Action]


def test_a_wrong_drawing_would_be_found() -> None:
    drawn = drawings(TEXT)[1]
    assert arrows(drawn.replace("closed --> reopened", "closed --> received")) != arrows(drawn)
    assert arrows("state box {\n a\n b\n}\nc --> box: why") == {("c", "a"), ("c", "b")}

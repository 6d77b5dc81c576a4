"""The docs name what is there: every setting with its default, every metric with its labels, every adapter."""

from __future__ import annotations

import re
from dataclasses import MISSING
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.metrics import Metrics
from bot.model.effect import Action
from bot.model.errors import DeskLater, Later
from bot.model.happening import Tally
from bot.model.ids import AccountName
from bot.model.view import Figures
from bot.tables import settings

OPERATING = Path("docs/operating.md").read_text("utf-8")
ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
    for line in OPERATING.splitlines()
    if line.startswith("| `") and (cells := line.strip("| ").split(" | "))
}
ALL = dict(settings(Settings))


def shown(value: Any) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return "[]" if value in (frozenset(), ()) else str(value)


@pytest.mark.parametrize("key", ALL)
def test_every_setting_is_in_the_docs(key: str) -> None:
    assert key in ROWS


@pytest.mark.parametrize("key", [key for key, default in ALL.items() if default not in {MISSING, ""}])
def test_every_default_in_the_docs_is_the_real_one(key: str) -> None:
    told = ROWS[key][0]
    assert told == f"`{shown(ALL[key])}`"


def test_the_docs_know_no_setting_that_is_gone() -> None:
    sections = {key.split(".")[0] for key in ALL}
    told = {row for row in ROWS if row.split(".")[0] in sections and " " not in row}
    assert told == set(ALL)


def used_metrics() -> Metrics:
    """Every metric, with every label it can have."""
    metrics = Metrics()
    metrics.prompt_held_back("prompt_gap")
    metrics.effect_ended(Action.FILE, "done")
    metrics.report_filed("x")
    metrics.tally(Tally(name="x", label="x"))
    metrics.desk_failed("x", DeskLater(1.0))
    metrics.channel_failed(AccountName("x"), Later(1.0))
    one = {"x": 1}
    metrics.show(
        Figures(
            groups_by_state=one,
            incidents_by_stage=one,
            reports_by_status=one,
            work_by_action=one,
            parked=0,
            oldest_due_seconds=0.0,
        )
    )
    return metrics


def test_every_metric_is_in_the_docs_with_its_labels() -> None:
    found: dict[str, set[str]] = {}
    for name, labels in re.findall(r"^(bart_\w+?)(?:_bucket|_sum|_count|_created)?(?:\{(.*)\})? ", page(), re.M):
        found.setdefault(name, set()).update(set(re.findall(r'(\w+)="', labels)) - {"le"})
    assert len(found) == len(re.findall(r"^# TYPE (?!.*_created )", used_metrics().render().decode(), re.M))
    told = {row: set(re.findall(r"`(\w+)`", cells[0])) for row, cells in ROWS.items() if row.startswith("bart_")}
    assert told == found


def page() -> str:
    lines = used_metrics().render().decode().splitlines()
    return "\n".join(line for line in lines if "_created" not in line)

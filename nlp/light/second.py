"""The second look: what the heads say, weighed with the guard rules and the open reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.model.reading import Intent, Reading
from nlp.light.hashing import Floats
from nlp.light.heat import heat_row
from nlp.light.model import INTENTS, sigmoid, softmax
from nlp.light.signs import Look, Near
from nlp.rules.follow import Link, link
from nlp.rules.interpreter import LIKELY_CATEGORY

NEAR = Near.__dataclass_fields__.keys()
OPEN = 6
ADD, NONE = INTENTS.index(Intent.ADDITION), INTENTS.index(Intent.NONE)
STOPS = (
    "past", "elsewhere", "sale", "plan", "official", "joke", "wish", "hours", "own", "already", "advice",
)  # fmt: skip
TIMES = (*(f"stop.{stop}" for stop in STOPS), "urgent.any.now", "urgent.any.over")
"""Marks that say whether it is here and now, or a story, a plan, a joke."""


def linked(reading: Reading, look: Look) -> Link | None:
    """What the rules think this message is about."""
    slugs = look.verdict.categories
    category = slugs[0][0] if slugs and look.verdict.p >= LIKELY_CATEGORY else ""
    return link(reading, look.marks, look.found, category, look.verdict.p)


def near_row(near: Near) -> list[float]:
    """One open report's closeness as numbers, in the order of `Near`."""
    return [getattr(near, name) for name in NEAR]


def dense(looks: Sequence[Look], links: Sequence[Link | None], intent: Floats, urgent: Floats) -> Floats:
    """What the second look weighs, a row for each message; the last column is always 1."""
    rows = np.array([_row(look, tie) for look, tie in zip(looks, links, strict=True)])
    scores = np.clip(intent - intent.mean(axis=1, keepdims=True), -8, 8)
    urgent = np.clip(urgent, -8, 8)[:, None]
    heat = np.array([heat_row(look.heat) for look in looks])
    likely, danger = softmax(intent), sigmoid(urgent)
    alarm = rows[:, :1]
    # An addition in the heat of an emergency is urgent, an ordinary message beside it is not.
    together = (heat * likely[:, ADD, None], heat * likely[:, NONE, None], heat * likely[:, :1])
    ones = np.ones((len(rows), 1))
    columns = (scores, urgent, rows, heat, *together, danger * likely, danger * alarm, ones)
    return np.hstack(columns).astype(np.float32)


def _row(look: Look, tie: Link | None) -> list[float]:
    near = [near_row(one) for one in look.near]
    most = [max(column) for column in zip(*near, strict=True)] if near else [0.0] * len(NEAR)
    return [
        look.alarm.p,
        look.verdict.p,
        float("stop.called" in look.marks),
        min(len(look.near), OPEN) / OPEN,
        *most,
        tie.p if tie is not None and tie.intent is Intent.ADDITION else 0.0,
        tie.p if tie is not None and tie.intent is Intent.SOLVED else 0.0,
        *(float(mark in look.marks) for mark in TIMES),
        float("?" in look.text),
    ]


def pair_row(near: Near, likely: float, latest: int) -> list[float]:
    """An open report as a candidate: `likely` is how well its category fits, `latest` 0 for the newest."""
    return [*near_row(near), likely, near.shared * near.recent, float(latest == 0), min(latest, OPEN) / OPEN]


def log_odds(intent: Any) -> Any:
    """The log-odds of "report" against everything else."""
    p = np.clip(softmax(intent)[:, 0], 1e-7, 1 - 1e-7)
    return np.log(p / (1 - p))

"""Danger: recall first. A false 112 card costs a line in the chat, a missed one may cost more.

How well that works stands at `URGENT_AT` in interpreter.py. It is the weak point of these rules; a trained model
takes over.
"""

from __future__ import annotations

from dataclasses import dataclass

from nlp.rules.lexicon import Marks

CATEGORIES = (
    "brand", "ongeval", "geweld", "vermist", "inbraak", "oplichting", "zorg", "vuurwerk", "vernieling", "verdacht"
)  # fmt: skip
NEEDS_WHO = frozenset({"vermist", "oplichting"})
"""Here the danger word alone is everyday language ("sleutels kwijt")."""
STOPS = ("past", "elsewhere", "sale", "plan", "official", "joke", "wish", "hours")
SURE = 0.56
OUTRIGHT = 0.8
WORD = 0.3
MORE = 0.12
"""For each further danger word of the category, and for each sign that it is happening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """How likely 112 should be called now, and for what."""

    p: float = 0.0
    category: str = ""


def judge(marks: Marks, *, shouting: bool, places: int) -> Alarm:
    """The alarm the marks of a message raise; `shouting` for capitals or several exclamation marks."""
    touched = {mark.split(".")[1] for mark in marks if mark.startswith("urgent.")}
    scores = {category: _score(marks, category) for category in CATEGORIES if category in touched}
    category = max(scores, key=lambda one: scores[one], default="")
    if not category or scores[category] <= 0:
        return Alarm()
    p = scores[category] + MORE * (("urgent.any.now" in marks) + shouting + bool(places))
    p -= 2 * MORE * sum(f"stop.{stop}" in marks for stop in STOPS)
    p -= 2 * MORE * ("urgent.any.over" in marks)
    return Alarm(p=max(0.0, min(p, 0.99)), category=category)


def plain(alarm: Alarm, marks: Marks) -> bool:
    """Is danger said outright, here and now: nothing speaks of the past, a plan, a joke or its end? Then the model
    may be a little less sure.
    """
    return alarm.p >= OUTRIGHT and "urgent.any.over" not in marks and not any(m.startswith("stop.") for m in marks)


def _score(marks: Marks, category: str) -> float:
    sure = len(marks.get(f"urgent.{category}.sure", ()))
    hints = len(marks.get(f"urgent.{category}.now", ()))
    if not sure and not hints:
        return 0.0
    if category in NEEDS_WHO and not sure and f"urgent.{category}.who" not in marks:
        return 0.0
    start = SURE if sure else WORD
    return start + MORE * min(sure + hints - 1, 3)

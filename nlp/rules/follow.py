"""Is a message about a report that is open in this group, and does it say that it is solved?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.ids import IncidentId
from bot.model.reading import Intent, OpenReport, Reading
from nlp.rules.lexicon import Marks
from nlp.rules.places import SHORTEST_STREET, STREET_TAILS
from nlp.rules.words import words

STORIES = ("past", "elsewhere", "sale", "plan", "official", "own", "hours")
ENOUGH = 2
"""Points (see `_same`) from which a message and a report speak of the same thing."""
SHORT = 8
"""Words; a bare follow-up ("ligt er nog") is short."""
OWN_WORD = 4
LONG = 25
"""Words; a longer message that only says "die" or "daar" is a story of its own."""
_IDLE = frozenset((
    "de", "het", "een", "en", "van", "in", "op", "aan", "bij", "is", "dat", "die", "dit", "er", "ik", "je",
    "we", "ze", "niet", "ook", "nog", "weer", "al", "met", "voor", "naar", "hier", "daar", "om", "te", "zit",
    "ligt", "staat", "hele", "heel", "wel", "maar", "als", "dan", "toch", "hoek", "straat", "weg", "plein",
    "achter", "naast", "langs",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Which open report, how sure, and what the message does to it."""

    about: IncidentId
    p: float
    intent: Intent
    category: str
    why: str


def link(reading: Reading, marks: Marks, found: Sequence[str], category: str, p_report: float) -> Link | None:
    """The open report this message is about; `category` is what it would report by itself, "" for nothing."""
    if not reading.open_reports:
        return None
    intent = _intent(marks, found)
    replied = next((one for one in reading.open_reports if one.id == reading.reply_about), None)
    if replied is not None:
        return _reply(replied, intent, category, p_report)
    if intent is None and not category:
        return None
    same = _same(reading.open_reports, marks, found, category)
    if intent is None or len(found) > LONG:
        if same is not None and same.category == category and p_report >= 0.5 and _same_place(same, found):
            return _made(same, 0.8, Intent.ADDITION, "same_category_and_place")
        return None
    if any(f"stop.{stop}" in marks for stop in STORIES):
        return None
    if same is not None:
        return _made(same, 0.9 if category == same.category else 0.8, intent, "shares_words")
    if len(reading.open_reports) == 1 and not category and len(found) <= SHORT:
        return _made(reading.open_reports[0], 0.7, intent, "only_open_report")
    return None


def _made(report: OpenReport, p: float, intent: Intent, why: str) -> Link:
    return Link(about=report.id, p=p, intent=intent, category=report.category, why=why)


def _reply(report: OpenReport, intent: Intent | None, category: str, p_report: float) -> Link | None:
    if intent is not None:
        return _made(report, 0.95, intent, "reply")
    if category == report.category and p_report >= 0.5:
        return _made(report, 0.85, Intent.ADDITION, "reply_with_detail")
    return None


def _intent(marks: Marks, found: Sequence[str]) -> Intent | None:
    if "follow.solved" in marks and "follow.unsolved" not in marks and "follow.still" not in marks:
        return Intent.SOLVED if len(found) <= LONG else None
    if "follow.still" in marks or "follow.also" in marks:
        return Intent.ADDITION
    return None


def _same(reports: Sequence[OpenReport], marks: Marks, found: Sequence[str], category: str) -> OpenReport | None:
    """The report that shares most with the message: its category's words, its place, its own words."""
    best: OpenReport | None = None
    most = ENOUGH
    said = {word for word in found if len(word) >= OWN_WORD} - _IDLE
    things = {mark.split(".")[1] for mark in marks if mark.startswith("report.")}
    for report in reports:
        points = 2 * (report.category == category or report.category in things)
        points += 2 * _same_place(report, found)
        points += len(said.intersection(words(report.text)))
        # Of equals the latest: people speak of what was said last.
        if points >= most:
            best, most = report, points
    return best


def _same_place(report: OpenReport, found: Sequence[str]) -> bool:
    """The same street; where a report has none, all that its place is called."""
    named = [word for word in words(report.place or report.text) if len(word) >= SHORTEST_STREET]
    streets = [word for word in named if word.endswith(STREET_TAILS) and word not in _IDLE]
    if streets or not report.place:
        return any(street in found for street in streets)
    return bool(named) and all(word in found for word in named)

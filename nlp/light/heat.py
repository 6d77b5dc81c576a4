"""How much danger is in what was said before: what is added to an emergency often has no danger word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.model.reading import Reading
from nlp.rules import urgent
from nlp.rules.interpreter import shouting
from nlp.rules.lexicon import lexicon
from nlp.rules.words import words

BEFORE = 3
"""Lines of context that are looked at."""
CHARS = 300
HOT_MINUTES = 20
COLD = timedelta(hours=3)
"""Older reports are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Each from 0 to 1: what the guard rules see in the open reports and the lines before a message."""

    latest: float = 0.0
    """Danger in the latest open report, less as time goes by."""
    most: float = 0.0
    """The same, of all open reports."""
    reply: float = 0.0
    """Danger in what is replied to, or in the report that is about."""
    talk: float = 0.0
    """Danger in the lines before."""
    own: float = 0.0
    """Danger in what the same person said before."""


AlarmOf = Callable[[str], float]


def alarm(text: str) -> float:
    """What the guard rules make of the beginning of a text by itself."""
    text = text[:CHARS]
    return urgent.judge(lexicon().marks(words(text)), shouting=shouting(text), places=0).p


def heat(reading: Reading, alarm_of: AlarmOf) -> Heat:
    """The danger around a message; `alarm_of` may remember texts of the same batch."""
    hot = [
        (alarm_of(report.text) * _recent(reading, report.at.timestamp()), report.at, report.id)
        for report in reading.open_reports
        if reading.at - report.at <= COLD
    ]
    lines = reading.context[-BEFORE:]
    replied = [p for p, _, about in hot if about == reading.reply_about]
    if reading.reply_to is not None:
        replied.append(alarm_of(reading.reply_to.text))
    return Heat(
        latest=max(hot, key=lambda one: one[1])[0] if hot else 0.0,
        most=max((p for p, _, _ in hot), default=0.0),
        reply=max(replied, default=0.0),
        talk=max((alarm_of(line.text) for line in lines), default=0.0),
        own=max((alarm_of(line.text) for line in lines if line.author == reading.author), default=0.0),
    )


def _recent(reading: Reading, at: float) -> float:
    minutes = max(0.0, reading.at.timestamp() - at) / 60
    return 1 / (1 + minutes / HOT_MINUTES)


def heat_row(found: Heat) -> Sequence[float]:
    """As numbers, in the order of `Heat`."""
    return (found.latest, found.most, found.reply, found.talk, found.own)

"""The rules in order: danger, then what the message says by itself, then what it says about open reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model.reading import NOTHING, Extent, Help, Intent, Interpretation, Reading
from nlp.rules import reports, urgent
from nlp.rules.follow import Link, link
from nlp.rules.lexicon import Marks, lexicon
from nlp.rules.personal import personal
from nlp.rules.places import SHORTEST_STREET, STREET_TAILS, codes, places
from nlp.rules.words import LONGEST_TEXT, words

REPORT_AT = 0.6
"""Below this a message is nothing: unsure is silent."""
URGENT_AT = 0.42
"""Recall first: of the urgent reports in the 2,720 labelled messages described in reports.py 76 % are heard, and
about half of what is taken for urgent is. At 0.45 that is 67 % and 60 %; chosen on those same messages."""
FOLLOW_AT = 0.65
LIKELY_CATEGORY = 0.3
UNSURE = 0.2
MIN_SHOUT = 12
CALLED_WORDS = 8


class RuleInterpreter:
    """Words, phrases and a few points. Keeps nothing; the same reading always means the same."""

    def interpret(self, readings: Sequence[Reading]) -> list[Interpretation]:
        """One interpretation per reading, in order."""
        return [_interpret(reading) for reading in readings]


def _interpret(reading: Reading) -> Interpretation:
    text = reading.text[:LONGEST_TEXT]
    found = words(text)
    marks = lexicon().marks(found)
    whole = len(reading.text) <= LONGEST_TEXT
    about = personal(reading.text, reading.roster, found if whole else None)
    spots = where(text, found, marks)
    if not marks and not spots:
        return replace(NOTHING, personal=about) if about else NOTHING
    verdict = reports.judge(marks, places=len(spots), size=len(found), question="?" in text)
    alarm = urgent.judge(marks, shouting=shouting(text), places=len(spots))
    category = verdict.categories[0][0] if verdict.categories and verdict.p >= LIKELY_CATEGORY else ""
    tie = link(reading, marks, found, category, verdict.p)
    base = Interpretation(
        places=spots,
        personal=about,
        help=help_asked(marks),
        p_report=round(verdict.p, 3),
        p_urgent=round(alarm.p, 3),
    )
    if tie is not None and tie.p >= FOLLOW_AT:
        return _follow_up(base, tie, alarm, called_only(marks, found))
    if alarm.p >= URGENT_AT and not called_only(marks, found):
        return _danger(base, verdict, alarm, marks)
    return _ordinary(base, verdict, marks, found)


def where(text: str, found: Sequence[str], marks: Marks) -> tuple[Extent, ...]:
    """Where a text says something is; quick where it says nothing."""
    landmarks = frozenset(found[at] for at in marks.get("place.landmarks", ()))
    if not landmarks and not any(len(word) >= SHORTEST_STREET and word.endswith(STREET_TAILS) for word in found):
        return tuple(codes(text)) if any(map(str.isdigit, found)) else ()
    return places(text, landmarks.__contains__)


def shouting(text: str) -> bool:
    """Capitals or exclamation marks."""
    return "!!" in text or (len(text) > MIN_SHOUT and text.isupper())


def called_only(marks: Marks, found: Sequence[str]) -> bool:
    """ "Ik heb 112 gebeld": somebody already saw to it, and nothing more is said."""
    return "stop.called" in marks and len(found) <= CALLED_WORDS


def _follow_up(base: Interpretation, tie: Link, alarm: urgent.Alarm, only_called: bool) -> Interpretation:
    danger = alarm.p >= URGENT_AT and tie.intent is not Intent.SOLVED and not only_called
    return replace(
        base,
        intent=tie.intent,
        urgent=danger,
        categories=((tie.category, 1.0),),
        about=tie.about,
        p_about=tie.p,
        reasons=(tie.why,),
    )


def _danger(base: Interpretation, verdict: reports.Verdict, alarm: urgent.Alarm, marks: Marks) -> Interpretation:
    others = tuple((slug, round(weight * 0.3, 3)) for slug, weight in verdict.categories if slug != alarm.category)
    return replace(
        base,
        intent=Intent.REPORT,
        urgent=True,
        categories=((alarm.category, 0.7), *others),
        reasons=("danger_words", "gas") if "urgent.any.gas" in marks else ("danger_words",),
    )


def _ordinary(
    base: Interpretation, verdict: reports.Verdict, marks: Marks, found: Sequence[str]
) -> Interpretation:
    if looks_only(marks):
        return replace(base, p_report=min(base.p_report, UNSURE), looks_only=True, reasons=("looks_only",))
    if "already" in verdict.stops:
        return replace(base, p_report=min(base.p_report, UNSURE), reasons=("already_reported",))
    if called_only(marks, found):
        return replace(base, p_report=min(base.p_report, UNSURE), reasons=("already_called",))
    if verdict.p < REPORT_AT:
        return replace(base, categories=verdict.categories, reasons=verdict.stops)
    sign = ("problem_words", "place_words") if base.places else ("problem_words",)
    return replace(base, intent=Intent.REPORT, categories=verdict.categories, reasons=sign + verdict.stops)


def looks_only(marks: Marks) -> bool:
    """Suspicion of somebody for how they look, with nothing that they do (rule 5)."""
    return (
        "looks.looks" in marks
        and "looks.suspicion" in marks
        and "looks.people" in marks
        and "looks.behaviour" not in marks
    )


def help_asked(marks: Marks) -> Help | None:
    """Help that is asked for (rule 6); telling about somebody is not asking."""
    if "help.suicide_always" in marks:
        return Help.SUICIDE
    if "help.asking" not in marks:
        return None
    for kind in (Help.SUICIDE, Help.HOME_VIOLENCE, Help.CARE):
        if f"help.{kind}" in marks:
            return kind
    return None

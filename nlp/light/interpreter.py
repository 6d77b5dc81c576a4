"""The light stage: linear heads, guard rules, and a second look that weighs both with the open reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.model.reading import NOTHING, Extent, Intent, Interpretation, Reading
from nlp.light.hashing import Floats
from nlp.light.model import INTENTS, Model, shipped, sigmoid, softmax
from nlp.light.second import dense, linked, log_odds, pair_row
from nlp.light.signs import Look, look
from nlp.light.tagger import tagged
from nlp.rules.follow import Link
from nlp.rules.interpreter import called_only, help_asked, looks_only
from nlp.rules.personal import personal
from nlp.rules.places import codes

REPORT_AT = 0.3
"""p_report from which a message is a report when nothing else is likelier; prompts ask for far more."""
URGENT_AT = 0.5
FOLLOW_AT = 0.4
"""What a message must have of "adds to" and "solves" together to be about an open report."""
LINK_FOLLOW = 0.25
"""The same where the rules see the link too."""
RULES_SURE = 0.65
UNSURE = 0.2
TOP = 4
REPLIED = 0.9
BATCH = 256
ADD, SOLVE = INTENTS.index(Intent.ADDITION), INTENTS.index(Intent.SOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the model thinks of one message before the rules have their say."""

    p_report: float
    p_urgent: float
    intents: Sequence[float]
    categories: Sequence[float]


Spans = tuple[tuple[Extent, ...], tuple[Extent, ...]]
"""Places and personal data of one message."""


class LightInterpreter:
    """Keeps nothing of what it reads; the same reading always means the same."""

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or shipped()

    def interpret(self, readings: Sequence[Reading]) -> list[Interpretation]:
        """One interpretation per reading, in order."""
        found: list[Interpretation] = []
        for at in range(0, len(readings), BATCH):
            found += self._batch(readings[at : at + BATCH])
        return found

    def _batch(self, readings: Sequence[Reading]) -> list[Interpretation]:
        looks = [look(reading) for reading in readings]
        spans = self._spans(readings, looks)
        links = [linked(reading, seen) for reading, seen in zip(readings, looks, strict=True)]
        intent, urgent, categories = self._model.score(looks)
        small = self._model.small
        rows = dense(looks, links, intent, urgent)
        intents = softmax(rows @ small["second_intent"])
        p_report = _line(log_odds(intent), small["report_line"])
        p_urgent = _line(rows @ small["second_urgent"][:, 0], small["urgent_line"])
        return [
            self._one(
                reading,
                looks[at],
                links[at],
                spans[at],
                Opinion(
                    p_report=float(p_report[at]),
                    p_urgent=float(p_urgent[at]),
                    intents=intents[at].tolist(),
                    categories=categories[at].tolist(),
                ),
            )
            for at, reading in enumerate(readings)
        ]

    def _spans(self, readings: Sequence[Reading], looks: Sequence[Look]) -> list[Spans]:
        """Places and personal data: what the tagger finds, and what rules know for sure."""
        ruled = [personal(reading.text, reading.roster) for reading in readings]
        seen = [
            tagged(reading.text, reading.roster, one.spots, private)
            for reading, one, private in zip(readings, looks, ruled, strict=True)
        ]
        found = self._model.tagger.extents([one.text for one in looks], seen)
        return [
            (merged(places, codes(one.text)), merged(private, names))
            for (places, names), private, one in zip(found, ruled, looks, strict=True)
        ]

    def _one(
        self, reading: Reading, seen: Look, tie: Link | None, spans: Spans, opinion: Opinion
    ) -> Interpretation:
        places, private = spans
        if not seen.tokens:
            return replace(NOTHING, personal=private) if private else NOTHING
        base = Interpretation(
            p_report=round(opinion.p_report, 4),
            p_urgent=round(opinion.p_urgent, 4),
            categories=self._categories(opinion.categories),
            places=places,
            personal=private,
            help=help_asked(seen.marks),
        )
        about = self._about(reading, seen, tie, opinion)
        if about is not None:
            return _follow_up(base, about, opinion, seen)
        return _alone(base, opinion, seen)

    def _categories(self, p: Sequence[float]) -> tuple[tuple[str, float], ...]:
        best = sorted(range(len(p)), key=lambda at: (-p[at], at))[:TOP]
        return tuple((self._model.categories[at], round(p[at], 3)) for at in best)

    def _about(self, reading: Reading, seen: Look, tie: Link | None, opinion: Opinion) -> Link | None:
        """The open report this message is about, if it is about one."""
        p = opinion.intents[ADD] + opinion.intents[SOLVE]
        sure = tie is not None and tie.p >= RULES_SURE
        if not reading.open_reports or p < (LINK_FOLLOW if sure else FOLLOW_AT):
            return None
        if opinion.p_report >= REPORT_AT and opinion.intents[0] > p and not sure:
            return None
        intent = Intent.SOLVED if opinion.intents[SOLVE] > opinion.intents[ADD] else Intent.ADDITION
        chosen, share = self._match(reading, seen, opinion.categories)
        report = reading.open_reports[chosen]
        why = "reply" if report.id == reading.reply_about else "speaks_of_open_report"
        sureness = max(p, tie.p) if tie is not None and tie.about == report.id else p
        return Link(
            about=report.id,
            p=round(min(sureness * share, 1.0), 4),
            intent=intent,
            category=report.category,
            why=why,
        )

    def _match(self, reading: Reading, seen: Look, categories: Sequence[float]) -> tuple[int, float]:
        """Which open report fits best, and its share of the fit of all."""
        pair = self._model.small["pair"]
        slugs = self._model.categories
        last = len(reading.open_reports) - 1
        rows = [
            pair_row(
                seen.near[at],
                categories[slugs.index(report.category)] if report.category in slugs else 0.0,
                last - at,
            )
            for at, report in enumerate(reading.open_reports)
        ]
        shares = softmax(np.array(rows) @ pair[:-1] + pair[-1])
        # A reply says itself what it is about.
        replied = [at for at, near in enumerate(seen.near) if near.replied]
        best = replied[0] if replied else int(np.argmax(shares))
        return best, max(float(shares[best]), REPLIED) if replied else float(shares[best])


def _line(score: Floats, line: Any) -> Any:
    return sigmoid(line[0] * score + line[1])


def _follow_up(base: Interpretation, about: Link, opinion: Opinion, seen: Look) -> Interpretation:
    danger = opinion.p_urgent >= URGENT_AT and about.intent is not Intent.SOLVED
    others = tuple((slug, round(p / 10, 3)) for slug, p in base.categories if slug != about.category)
    return replace(
        base,
        intent=about.intent,
        urgent=danger and not called_only(seen.marks, seen.found),
        categories=((about.category, 0.9), *others[: TOP - 1]),
        about=about.about,
        p_about=about.p,
        reasons=(about.why,),
    )


def _alone(base: Interpretation, opinion: Opinion, seen: Look) -> Interpretation:
    """A message that is about no open report."""
    doubt = replace(base, p_report=min(base.p_report, UNSURE))
    if called_only(seen.marks, seen.found):
        return replace(doubt, reasons=("already_called",))
    danger = opinion.p_urgent >= URGENT_AT
    if looks_only(seen.marks):
        return replace(doubt, looks_only=True, reasons=("looks_only",))
    if danger:
        return replace(
            base,
            intent=Intent.REPORT,
            urgent=True,
            p_report=max(base.p_report, base.p_urgent),
            reasons=_danger(seen),
        )
    if "stop.already" in seen.marks and base.p_report < RULES_SURE:
        return replace(doubt, reasons=("already_reported",))
    if base.p_report < REPORT_AT:
        return replace(base, reasons=seen.verdict.stops)
    signs = ("reads_as_report", "place_words") if base.places else ("reads_as_report",)
    return replace(base, intent=Intent.REPORT, reasons=signs + seen.verdict.stops)


def _danger(seen: Look) -> tuple[str, ...]:
    return ("danger_words", "gas") if "urgent.any.gas" in seen.marks else ("danger_words",)


def merged(first: Iterable[Extent], more: Iterable[Extent]) -> tuple[Extent, ...]:
    """The first ones, and of the others those that touch none of them, in order."""
    kept = list(first)
    for extent in more:
        if all(extent.end <= one.start or extent.start >= one.end for one in kept):
            kept.append(extent)
    return tuple(sorted(kept, key=lambda one: one.start))

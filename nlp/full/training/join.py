"""Weighs both stages together, on writers that neither has read: the dev parts, and only those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.model.reading import Intent
from bot.model.taxonomy import taxonomy
from nlp.full import joint
from nlp.full.encoder import Encoder, Scores
from nlp.light.model import INTENTS, Model
from nlp.light.stage import see, weighed
from nlp.light.training import PROMPT_AT, URGENT_AT, Lesson, Unseen
from nlp.opinion import Opinion, Seen

SHARES = tuple(np.linspace(0, 1, 21))

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """Messages of writers that neither stage has read, with what each stage says of them and what is true."""

    seen: Sequence[Seen]
    light: Sequence[Opinion]
    read: Sequence[Scores]
    intent: NDArray[np.int64]
    urgent: NDArray[np.bool_]
    category: Sequence[str]

    def rows(self, of: Any) -> Floats:
        """`of(seen, light, read)` of every message."""
        return np.array([of(*three) for three in zip(self.seen, self.light, self.read, strict=True)])


def measured(said: Lesson, model: Model, blind: Unseen, encoder: Encoder, chosen: Sequence[int]) -> Measured:
    """The chosen messages of a lesson, with what light's folds said of writers that they had not read."""
    seen = [see(said.readings[at]) for at in chosen]
    spots = np.array([blind.categories.index(slug) for slug in model.categories])
    rows = np.array(chosen)
    light = weighed(model, seen, blind.intent[rows], blind.urgent[rows], blind.category[np.ix_(rows, spots)])
    messages = [said.messages[at] for at in chosen]
    return Measured(
        seen=seen,
        light=light,
        read=read_all(encoder, seen),
        intent=said.intent[rows],
        urgent=said.urgent[rows],
        category=[one.category or "" for one in messages],
    )


def read_all(encoder: Encoder, seen: Sequence[Seen]) -> list[Scores]:
    """The encoder's scores of every message, in its neutral form."""
    return encoder.scores([encoder.inputs.decision(one.reading) for one in seen])


def fitted(given: Measured) -> joint.Weights:
    """The weights of `nlp.full.joint`."""
    names = np.array(list(taxonomy()))
    weights: dict[str, NDArray[Any]] = {"categories": names}
    weights["intent"] = _classes(given.rows(joint.intent_row), given.intent)
    report = given.intent == INTENTS.index(Intent.REPORT)
    ordinary = given.intent == INTENTS.index(Intent.NONE)
    told = given.rows(lambda seen, light, read: joint.report_row(light, read))
    asked = np.array([one.p_report >= PROMPT_AT for one in given.light])
    weights["report"] = _line(told, report, (PROMPT_AT, ordinary, asked))
    alarm = given.rows(joint.urgent_row)
    warned = np.array([one.p_urgent >= URGENT_AT for one in given.light])
    weights["urgent"] = _line(alarm, given.urgent, (URGENT_AT, ~given.urgent, warned))
    weights["category"] = _category(given, weights, report)
    return weights


def _classes(rows: Floats, labels: Any) -> Floats:
    model = LogisticRegression(C=0.3, max_iter=2000, fit_intercept=False).fit(rows, labels)
    return np.asarray(model.coef_.T)


def _line(rows: Floats, true: Any, aim: tuple[float, Any, Any]) -> Floats:
    """Weights of the row, with a constant such that as many ordinary messages come out above a probability as
    light lets through here (`aim`: the probability, which messages are ordinary, which of all light lets through).

    The dev writers are few, and easier than most. Light's threshold was set on many: what it gives here tells what
    to allow here.
    """
    at, ordinary, passed = aim
    model = LogisticRegression(C=1.0, max_iter=2000, fit_intercept=False).fit(rows, true)
    weights = np.array(model.coef_[0])
    scores = np.sort(rows[ordinary] @ weights)[::-1]
    weights[-1] += np.log(at / (1 - at)) - scores[int((passed & ordinary).sum())]
    return weights


def _category(given: Measured, weights: joint.Weights, reports: Any) -> Floats:
    """The share of each stage that makes the true category likeliest; together they count for 1."""
    chosen = [at for at, is_report in enumerate(reports) if is_report]

    def likely(share: float) -> float:
        trial = {**weights, "category": np.array([1 - share, share])}
        return sum(float(np.log(_said(given, trial, at))) for at in chosen)

    best = max(SHARES, key=likely)
    return np.array([1 - best, best])


def _said(given: Measured, trial: joint.Weights, at: int) -> float:
    """The probability of the true category."""
    light = given.light[at]
    return float(joint.categories(trial, light, given.read[at])[list(light.slugs).index(given.category[at])])

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
from nlp.light.model import INTENTS
from nlp.opinion import Opinion, Seen

FALSE_PER_1000 = 7
"""Under the 10 that are asked for: unseen writers differ."""
PROMPT_AT = 0.85
URGENT_AT = 0.5
URGENT_FALSE_PER_1000 = 8
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
    weights["report"] = _line(told, report, ordinary, PROMPT_AT, FALSE_PER_1000)
    alarm = given.rows(joint.urgent_row)
    weights["urgent"] = _line(alarm, given.urgent, ~given.urgent, URGENT_AT, URGENT_FALSE_PER_1000)
    weights["category"] = _category(given, weights, report)
    return weights


def _classes(rows: Floats, labels: Any) -> Floats:
    model = LogisticRegression(C=0.3, max_iter=2000, fit_intercept=False).fit(rows, labels)
    return np.asarray(model.coef_.T)


def _line(rows: Floats, true: Any, ordinary: Any, at: float, per_1000: float) -> Floats:
    """Weights of the row, with a constant such that `per_1000` of the ordinary messages come out above `at`."""
    model = LogisticRegression(C=1.0, max_iter=2000, fit_intercept=False).fit(rows, true)
    weights = np.array(model.coef_[0])
    scores = np.sort(rows[ordinary] @ weights)[::-1]
    weights[-1] += np.log(at / (1 - at)) - scores[int(len(scores) * per_1000 / 1000)]
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

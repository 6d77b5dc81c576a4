"""What the light stage and the encoder think together: their log-probabilities weighed, and calibrated again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.model.reading import Intent
from nlp.full.encoder import Scores
from nlp.light.model import npz, of_npz, sigmoid, softmax
from nlp.light.second import NEAR, log_odds, near_row
from nlp.opinion import Opinion, Seen
from nlp.rules.follow import Link

FILE = "joint.npz"
ARRAYS = ("intent", "report", "urgent", "category", "categories")
LEAST = 1e-6

Weights = Mapping[str, NDArray[Any]]
Floats = NDArray[np.floating[Any]]


def opinion(weights: Weights, seen: Seen, light: Opinion, read: Scores) -> Opinion:
    """One message's opinion with the encoder's scores in it."""
    intents = softmax(intent_row(seen, light, read) @ weights["intent"])
    return replace(
        light,
        p_report=float(sigmoid(report_row(light, read) @ weights["report"])),
        p_urgent=float(sigmoid(urgent_row(seen, light, read) @ weights["urgent"])),
        intents=intents.tolist(),
        categories=categories(weights, light, read).tolist(),
    )


def intent_row(seen: Seen, light: Opinion, read: Scores) -> Floats:
    """What decides between report, addition, solved and none; the last is always 1."""
    near = [near_row(one) for one in seen.look.near]
    most = [max(column) for column in zip(*near, strict=True)] if near else [0.0] * len(NEAR)
    return np.array(
        [
            *np.log(np.clip(light.intents, LEAST, 1)),
            *np.log(np.clip(softmax(read.intent), LEAST, 1)),
            *most,
            _tied(seen.link, Intent.ADDITION),
            _tied(seen.link, Intent.SOLVED),
            float(bool(near)),
            1.0,
        ]
    )


def _tied(link: Link | None, intent: Intent) -> float:
    return link.p if link is not None and link.intent is intent else 0.0


def report_row(light: Opinion, read: Scores) -> Floats:
    """Log-odds of a report by each stage, and 1."""
    both = np.array([light.intent_scores, read.intent], dtype=np.float64)
    return np.append(log_odds(both), 1.0)


def urgent_row(seen: Seen, light: Opinion, read: Scores) -> Floats:
    """What both stages and the guard rules say of danger, and 1."""
    p = np.clip(light.p_urgent, LEAST, 1 - LEAST)
    return np.array(
        [np.log(p / (1 - p)), read.urgent, seen.look.alarm.p, float("stop.called" in seen.look.marks), 1.0]
    )


def categories(weights: Weights, light: Opinion, read: Scores) -> Floats:
    """Probabilities in the order of `light.slugs`."""
    spots = _spots(tuple(weights["categories"].tolist()), tuple(light.slugs))
    own = np.log(np.clip(softmax(read.category), LEAST, 1))[list(spots)]
    first = np.log(np.clip(light.categories, LEAST, 1))
    out: Floats = softmax(weights["category"][0] * first + weights["category"][1] * own)
    return out


@cache
def _spots(named: Sequence[str], slugs: Sequence[str]) -> tuple[int, ...]:
    return tuple(named.index(slug) for slug in slugs)


def packed(weights: Weights) -> bytes:
    """The weights as the bytes of their file."""
    return npz({name: weights[name] for name in ARRAYS})


def unpacked(data: bytes) -> Weights:
    """The weights in the bytes of a file."""
    return of_npz(data)


@cache
def shipped() -> Weights:
    """The weights that come along."""
    return unpacked(resources.files("nlp.full").joinpath(FILE).read_bytes())

"""What the stages hand to each other about one message: what is seen, where things stand, and what it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.reading import Extent, Reading
from nlp.light.signs import Look
from nlp.rules.follow import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A reading, taken apart once for all stages."""

    reading: Reading
    look: Look
    link: Link | None
    """Which open report the rules think it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Where a message says a place, and where personal data; both in order, none touches another of its kind."""

    places: tuple[Extent, ...] = ()
    personal: tuple[Extent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a stage thinks of one message, before the guard rules have their say.

    `intent_scores` and `urgent_score` come straight from the heads: the softmax of the first is a probability over
    the labelled chats, the second is the log-odds of danger. Another stage adds its own and weighs again.
    `intents` are probabilities in the order of `light.model.INTENTS`, weighed with rules and open reports;
    `categories` are probabilities in the order of `slugs`.
    """

    p_report: float
    p_urgent: float
    intents: Sequence[float]
    categories: Sequence[float]
    slugs: Sequence[str]
    intent_scores: Sequence[float]
    urgent_score: float

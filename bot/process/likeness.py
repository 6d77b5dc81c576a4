"""Are two observations of the same thing in the street? A pure score with its reasons; no words come out of it.

Four factors, each from 0 to 1, are multiplied: kind, distance, age and words. So one that speaks against it is
enough, and nothing can be surer than its weakest reason. What the numbers of each kind stand for, and how well
the whole does, is in docs/decisions/0018 and in tests/unit/process/test_likeness_pairs.py.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rapidfuzz import fuzz, utils

from bot.model.place import Place
from bot.process.kinds import CONFUSED, THINGS, Kind, kind_of

SURE = 0.72
"""From here on nobody is asked."""
MAYBE = 0.34
"""From here on it is worth a question."""

LIKE = 0.7
"""Factor of two kinds that people and models take for each other: below `SURE`, so always a question."""
EXACT_M, NAMED_M, STREET_M = 10.0, 20.0, 80.0
"""How far a place may lie from its point: a house number or shared location, a named spot, a whole street."""
VAGUE = 0.7
"""The most that a whole street can say about where on it."""
NOWHERE = 0.3
"""Factor of a distance that nobody knows."""
OTHER_SPOT = 0.7
"""Factor of two named spots with other names, however near: below `SURE`, so always a question."""
SAME_STREET = 90.0
"""Similarity (0 to 100) from which two labels name the same street or spot."""
SAME_STREET_M = 400.0
"""A street of the same name is another street beyond about this distance."""
OTHER_THING = 0.33
"""Factor where the words name different things: by itself below `MAYBE`."""
SILENT = 0.85
"""Factor where one of the two has no words to compare."""
_POST = re.compile(r"\b(?:paal|lantaarnpaal|lantaarn|lichtmast|mast|lamp)\D{0,12}(\d{2,6})\b")
_NUMBER = re.compile(r"\d")


class Alike(StrEnum):
    """What a score means."""

    SURE = "sure"
    MAYBE = "maybe"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One observation. `text` may be empty: desks tell none."""

    category: str
    at: datetime
    place: Place | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """`score` from 0 to 1. `reasons` are fixed words with numbers; they quote nobody."""

    score: float
    reasons: tuple[str, ...] = ()

    @property
    def alike(self) -> Alike:
        """Sure, worth asking, or different."""
        if self.score >= SURE:
            return Alike.SURE
        return Alike.MAYBE if self.score >= MAYBE else Alike.DIFFERENT


def likeness(one: Sighting, other: Sighting) -> Likeness:
    """How much speaks for the two being the same thing; the order of the two makes no difference."""
    kinds = (kind_of(one.category), kind_of(other.category))
    parts = (
        _kind(one.category, other.category),
        _near(one.place, other.place, max(kind.reach_m for kind in kinds)),
        _fresh(abs(one.at - other.at), kinds),
        _words(one, other),
    )
    return Likeness(score=math.prod(value for value, _ in parts), reasons=tuple(why for _, why in parts))


def search_radius(category: str) -> float:
    """Metres beyond which nothing of this kind can score `MAYBE`."""
    reach = max(kind_of(slug).reach_m for slug in {category, *confused_with(category)})
    return 2 * STREET_M + reach * math.sqrt(math.log(1 / MAYBE)) + 1


def search_age(category: str) -> timedelta:
    """An age beyond which nothing of this kind can score `MAYBE`."""
    return kind_of(category).half_life * math.log2(1 / MAYBE)


def confused_with(category: str) -> frozenset[str]:
    """Other kinds that this may really be."""
    return frozenset(slug for pair in CONFUSED if category in pair for slug in pair if slug != category)


def _kind(one: str, other: str) -> tuple[float, str]:
    if one == other:
        return 1.0, "kind:same"
    return (LIKE, "kind:like") if frozenset({one, other}) in CONFUSED else (0.0, "kind:other")


def _near(one: Place | None, other: Place | None, reach_m: float) -> tuple[float, str]:
    """By distance beyond what the places are exact to; a whole street says less, and its name counts too."""
    named = _same_name(one, other)
    if one is None or other is None or one.point is None or other.point is None:
        return (VAGUE, "place:named") if named else (NOWHERE, "place:unknown")
    metres = one.point.metres_to(other.point)
    slack = _exact_to(one) + _exact_to(other)
    street = STREET_M in (_exact_to(one), _exact_to(other))
    near = math.exp(-((max(metres - slack, 0.0) / reach_m) ** 2))
    if not street and not named and {_exact_to(one), _exact_to(other)} == {NAMED_M}:
        near *= OTHER_SPOT
    if street:
        near *= VAGUE
        if named:
            near = max(near, VAGUE * math.exp(-((metres / SAME_STREET_M) ** 2)))
    return near, f"metres:{metres:.0f}"


def _exact_to(place: Place) -> float:
    """Street names begin with a capital and have no number; named spots ("glasbak Parijsplein") do not."""
    if place.home or place.source == "shared" or _NUMBER.search(place.label):
        return EXACT_M
    return STREET_M if place.label[:1].isupper() else NAMED_M


def _same_name(one: Place | None, other: Place | None) -> bool:
    if one is None or other is None or not one.label or not other.label:
        return False
    labels = sorted((one.public_label, other.public_label))
    return fuzz.token_set_ratio(*labels, processor=utils.default_process) >= SAME_STREET


def _fresh(apart: timedelta, kinds: tuple[Kind, Kind]) -> tuple[float, str]:
    half_life = min(kind.half_life for kind in kinds)
    return 0.5 ** (apart / half_life), f"hours:{apart / timedelta(hours=1):.0f}"


def _words(one: Sighting, other: Sighting) -> tuple[float, str]:
    if not one.text or not other.text:
        return SILENT, "words:none"
    first, second = utils.default_process(one.text), utils.default_process(other.text)
    posts = (set(_POST.findall(first)), set(_POST.findall(second)))
    if all(posts) and posts[0].isdisjoint(posts[1]):
        return OTHER_THING, "words:other_number"
    spots = _spots(one, other)
    things = (_things(first, spots), _things(second, spots))
    if all(things):
        shared = bool(things[0] & things[1])
        return (1.0, "words:same_thing") if shared else (OTHER_THING, "words:other_thing")
    alike = fuzz.token_set_ratio(*sorted((first, second))) / 100
    return 0.75 + 0.25 * alike, f"words:{alike:.2f}"


def _spots(one: Sighting, other: Sighting) -> frozenset[str]:
    """Words that only say where: what lies beside a bottle bank need not be glass."""
    labels = [place.label for place in (one.place, other.place) if place]
    return frozenset(word for label in labels for word in utils.default_process(label).split())


def _things(text: str, but: frozenset[str]) -> frozenset[str]:
    """What is talked about, as far as the table knows it."""
    words = [word for word in text.split() if word not in but]
    return frozenset(
        thing for thing, stems in THINGS.items() if any(word.startswith(stem) for word in words for stem in stems)
    )

"""How well the score tells the same thing from another, on pairs written for it and on reports of the corpus.

The pairs are ours and few, and the factors were set while looking at them: a floor that guards against getting
worse, not a promise about real chats.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

from bot.model.place import Place, Point
from bot.model.reading import Intent
from bot.process.likeness import Alike, Sighting, likeness
from nlp.corpus.reading import Labelled, read

FILE = Path(__file__).with_name("likeness_pairs.txt")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE = Point(lat=52.044, lon=4.369)
METRE = 1 / 111_194.93


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two observations, and whether they are of one thing; `line` is where it stands."""

    line: int
    same: bool
    one: Sighting
    other: Sighting

    @property
    def alike(self) -> Alike:
        return likeness(self.one, self.other).alike


def pairs() -> list[Pair]:
    found = []
    lines = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    for number, line in enumerate(lines, 1):
        what, kinds, labels, metres, hours, first, second = (part.strip() for part in line.split(" | "))
        (one, other), (here, there) = kinds.split(), labels.split(" / ")
        away = Point(lat=HERE.lat + float(metres) * METRE, lon=HERE.lon)
        found.append(
            Pair(
                line=number,
                same={"same": True, "other": False}[what],
                one=Sighting(category=one, at=NOON, place=Place(label=here, point=HERE), text=first),
                other=Sighting(
                    category=other,
                    at=NOON + timedelta(hours=float(hours)),
                    place=Place(label=there, point=away),
                    text=second,
                ),
            )
        )
    return found


PAIRS = pairs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of those called sure, how many are the same; of the same, how many are not missed; of others, how many
    are asked about."""

    sure_precision: float
    sure_recall: float
    found: float
    asked_wrongly: float


def figures(of: list[Pair]) -> Figures:
    same, other = [p for p in of if p.same], [p for p in of if not p.same]
    sure = [p for p in of if p.alike is Alike.SURE]
    return Figures(
        sure_precision=sum(p.same for p in sure) / max(len(sure), 1),
        sure_recall=sum(p.same for p in sure) / len(same),
        found=sum(p.alike is not Alike.DIFFERENT for p in same) / len(same),
        asked_wrongly=sum(p.alike is not Alike.DIFFERENT for p in other) / len(other),
    )


def of_the_corpus() -> list[tuple[Labelled, Labelled]]:
    """Two reports of one category in one group are two things."""
    reports = [one for one in read("train") if one.intent is Intent.REPORT]
    return [
        (one, other)
        for one, other in combinations(reports, 2)
        if (one.group, one.category) == (other.group, other.category) and one.location and other.location
    ]


def test_there_are_pairs_enough() -> None:
    assert sum(pair.same for pair in PAIRS) >= 60
    assert sum(not pair.same for pair in PAIRS) + len(of_the_corpus()) >= 120


def test_what_is_sure_is_right_and_what_is_the_same_is_found() -> None:
    got = figures(PAIRS)
    sys.stdout.write(f"{got}\n")
    assert got.sure_precision >= 0.95
    assert got.sure_recall >= 0.40
    assert got.found >= 0.88
    assert got.asked_wrongly <= 0.15


def test_of_two_reports_of_a_group_none_is_taken_for_the_other_without_asking() -> None:
    """The worst a geocoder can do: it finds the same street for both."""
    street = Place(label="Dorpsstraat", point=HERE)
    told = [
        likeness(
            Sighting(category=one.category or "", at=one.at, place=street, text=one.text),
            Sighting(category=other.category or "", at=other.at, place=street, text=other.text),
        ).alike
        for one, other in of_the_corpus()
    ]
    asked = sum(alike is Alike.MAYBE for alike in told) / len(told)
    sys.stdout.write(f"{len(told)} pairs of the corpus, asked {asked:.2f}\n")
    assert Alike.SURE not in told
    assert asked <= 0.60

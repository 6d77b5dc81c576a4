"""The word lists of `lexicon.toml`, compiled for finding them all in one pass over a message's words."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nlp.rules.words import split

GAP = 4
"""How many words ".." may stand for."""
KEY = 3
"""Letters by which stems are looked up; a stem has at least so many."""

Marks = dict[str, list[int]]
"""Which lists a message touches, by name ("report.container.things"), and at which words."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Stems of one phrase. `gaps[i]` says whether other words may stand before stem i.

    It is looked for where its `anchor`, the longest stem, is found and all `others` that are whole words.
    """

    mark: str
    stems: tuple[str, ...]
    gaps: tuple[bool, ...]
    anchor: str
    others: frozenset[str]


Bucket = list[tuple[str, list[Pattern]]]


class Lexicon:
    """Finds marks. One look-up per word for whole words, one for each end of it, and phrases only where
    their rarest word stands, so that time stays linear in the length of a text.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        patterns = [_read(mark, phrase) for mark, phrases in lists.items() for phrase in phrases]
        self._whole = _grouped(one for one in patterns if "*" not in one.anchor)
        self._starts = _buckets(patterns, lambda anchor: not anchor.startswith("*") and anchor.endswith("*"), 0)
        self._ends = _buckets(patterns, lambda anchor: anchor.startswith("*"), -KEY)

    def marks(self, found: Sequence[str]) -> Marks:
        """Everything the words touch, with the positions of first words; a phrase counts once."""
        marks: Marks = {}
        phrases: dict[Pattern, None] = {}
        for at, word in enumerate(found):
            for pattern in self._touched(word):
                if len(pattern.stems) == 1:
                    marks.setdefault(pattern.mark, []).append(at)
                else:
                    phrases[pattern] = None
        if phrases:
            _add_phrases(marks, phrases, found)
        return marks

    def _touched(self, word: str) -> Sequence[Pattern]:
        hits = self._whole.get(word, _NONE)
        starts = self._starts.get(word[:KEY])
        ends = self._ends.get(word[-KEY:])
        if starts is None and ends is None:
            return hits
        more = list(hits)
        for stem, patterns in starts or ():
            if word.startswith(stem):
                more += patterns
        for stem, patterns in ends or ():
            if word.endswith(stem):
                more += patterns
        return more


_NONE: list[Pattern] = []


def _add_phrases(marks: Marks, phrases: Iterable[Pattern], found: Sequence[str]) -> None:
    present = frozenset(found)
    for pattern in phrases:
        if pattern.others <= present:
            first = pattern.stems[0]
            at = next(
                (i for i, word in enumerate(found) if _fits(first, word) and _follows(pattern, found, i)), None
            )
            if at is not None:
                marks.setdefault(pattern.mark, []).append(at)


def _grouped(patterns: Iterable[Pattern]) -> dict[str, list[Pattern]]:
    groups: defaultdict[str, list[Pattern]] = defaultdict(list)
    for pattern in patterns:
        groups[pattern.anchor.strip("*")].append(pattern)
    return dict(groups)


def _buckets(patterns: Sequence[Pattern], wanted: Callable[[str], bool], end: int) -> dict[str, Bucket]:
    """Stems under their first (`end` 0) or last KEY letters."""
    buckets: defaultdict[str, Bucket] = defaultdict(list)
    for stem, group in _grouped(one for one in patterns if wanted(one.anchor)).items():
        buckets[stem[-KEY:] if end else stem[:KEY]].append((stem, group))
    return dict(buckets)


def _read(mark: str, phrase: str) -> Pattern:
    stems: list[str] = []
    gaps: list[bool] = []
    gap = False
    for part in phrase.split():
        if part == "..":
            gap = True
            continue
        stems.append(part)
        gaps.append(gap)
        gap = False
    anchor = max(stems, key=len)
    others = frozenset(stem for stem in stems if stem != anchor and "*" not in stem)
    return Pattern(mark, tuple(stems), tuple(gaps), anchor, others)


def _fits(stem: str, word: str) -> bool:
    if stem == word:
        return True
    if stem.startswith("*"):
        return stem.strip("*") in word if stem.endswith("*") else word.endswith(stem[1:])
    return stem.endswith("*") and word.startswith(stem[:-1])


def _follows(pattern: Pattern, found: Sequence[str], at: int) -> bool:
    here = at
    for stem, gap in zip(pattern.stems[1:], pattern.gaps[1:], strict=True):
        reach = range(here + 1, min(here + 2 + (GAP if gap else 0), len(found)))
        place = next((spot for spot in reach if _fits(stem, found[spot])), None)
        if place is None:
            return False
        here = place
    return True


def _lists(table: Mapping[str, object], path: str = "") -> Iterator[tuple[str, list[str]]]:
    for key, value in table.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _lists(value, name)
        elif isinstance(value, list):
            yield name, [str(phrase) for phrase in value]


@cache
def lexicon() -> Lexicon:
    """The shipped word lists."""
    text = resources.files("nlp.rules").joinpath("lexicon.toml").read_text("utf-8")
    return Lexicon(dict(_lists(tomllib.loads(text))))


@cache
def first_names() -> frozenset[str]:
    """First names, folded."""
    return _listed("names.toml", "names")


@cache
def surnames() -> frozenset[str]:
    """Surnames, folded, without "van" or "de"."""
    return _listed("names.toml", "surnames")


@cache
def common_words() -> frozenset[str]:
    """Ordinary words, folded, that are nobody's name."""
    return _listed("common.toml", "words")


def _listed(file: str, key: str) -> frozenset[str]:
    text = resources.files("nlp.rules").joinpath(file).read_text("utf-8")
    return frozenset(split(tomllib.loads(text)[key]))

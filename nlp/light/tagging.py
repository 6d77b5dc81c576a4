"""Teaches the tagger, as part of `make train`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.model.reading import Intent, Reading
from nlp.corpus import Labelled
from nlp.light.hashing import SIZE
from nlp.light.signs import Look
from nlp.light.tagger import BEGIN, INSIDE, OUT
from nlp.light.wordsigns import COMMON, NEW, RARE, SEVERAL, WORD, Known, Tagged, signs, tagged
from nlp.rules.personal import personal
from nlp.rules.words import Token

SEEN = 2
STRENGTH = 0.5
NAME_STRENGTH = 0.5
BLIND_WEIGHT = 0.5
"""Of the messages with names that are read a second time without lists."""
STEPS = 60
NOT_NAME = ("0", "@")


def observed(reading: Reading, look: Look) -> Tagged:
    """What the tagger sees of a reading."""
    return tagged(reading.text, reading.roster, look.spots, personal(reading.text, reading.roster))


def blind(reading: Reading, look: Look) -> Tagged:
    """What it sees where no list has a name: so that it learns to find names by what stands around them."""
    return tagged(reading.text, frozenset(), look.spots, (), frozenset())


def place_tags(found: Sequence[Token], text: str, pieces: Iterable[str]) -> list[int]:
    """The tag of each word, from labelled pieces of the text."""
    tags = [OUT] * len(found)
    for piece in pieces:
        start = text.find(piece)
        inside = [at for at, one in enumerate(found) if one.start < start + len(piece) and one.end > start]
        for number, at in enumerate(inside):
            tags[at] = INSIDE if number else BEGIN
    return tags


def name_tags(found: Sequence[Token], text: str, pieces: Iterable[str]) -> list[bool]:
    """Which words belong to a labelled piece without digits or @: numbers are the rules' work."""
    tags = [False] * len(found)
    for piece in pieces:
        if any(char.isdigit() or char == "@" for char in piece):
            continue
        start = text.find(piece)
        while start >= 0:
            for at, one in enumerate(found):
                if start <= one.start and one.end <= start + len(piece):
                    tags[at] = True
            start = text.find(piece, start + 1)
    return tags


def learn(messages: Sequence[Labelled], readings: Sequence[Reading], looks: Sequence[Look]) -> dict[str, Any]:
    """The arrays that `Tagger.of` takes, by name."""
    seen = [observed(reading, look) for reading, look in zip(readings, looks, strict=True)]
    kept = [(one, said) for one, said in zip(messages, seen, strict=True) if len(said.found)]
    levels = Levels(kept)
    whole = sum(len(said.found) for _, said in kept)
    kept += [
        (one, blind(reading, look))
        for one, reading, look in zip(messages, readings, looks, strict=True)
        if one.pii
    ]
    rows = np.concatenate([signs([said], levels.without(one.writer)) for one, said in kept])
    places = [place_tags(said.found, one.text, one.location) for one, said in kept]
    spot = np.concatenate([np.array(tags) for tags in places])
    name = np.concatenate([np.array(name_tags(said.found, one.text, one.pii)) for one, said in kept])
    relevant = np.concatenate([np.full(len(said.found), one.intent is not Intent.NONE) for one, said in kept])
    keys, matrix = _matrix(rows)
    place = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=1e-3).fit(
        matrix[:whole][relevant[:whole]], spot[:whole][relevant[:whole]]
    )
    weigh = np.where(np.arange(len(name)) < whole, 1.0, BLIND_WEIGHT)
    person = LogisticRegression(C=NAME_STRENGTH, max_iter=STEPS, tol=1e-3).fit(matrix, name, sample_weight=weigh)
    weights = np.vstack((place.coef_, person.coef_)).T
    scale = np.abs(weights).max(axis=0) / 127
    return {
        "keys": keys.astype(np.uint32),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "bias": np.append(place.intercept_, person.intercept_).astype(np.float32),
        "moves": moves(
            [tags for (one, _), tags in zip(kept, places, strict=True) if one.intent is not Intent.NONE]
        ),
        "common": np.flatnonzero(levels.writers >= SEVERAL).astype(np.uint32),
        "rare": np.flatnonzero((levels.writers > 0) & (levels.writers < SEVERAL)).astype(np.uint32),
    }


class Levels:
    """How many writers use each word in lower case."""

    def __init__(self, kept: Sequence[tuple[Labelled, Tagged]]) -> None:
        used: dict[str, set[int]] = {}
        for one, said in kept:
            own = used.setdefault(one.writer, set())
            named = name_tags(said.found, one.text, one.pii)
            small = [token.raw[0].islower() and not name for token, name in zip(said.found, named, strict=True)]
            own.update((said.local[small, WORD] & (SIZE - 1)).tolist())
        self.writers = np.zeros(SIZE, dtype=np.int16)
        self._own: dict[str, NDArray[np.int16]] = {}
        for writer, words in used.items():
            self._own[writer] = np.zeros(SIZE, dtype=np.int16)
            self._own[writer][list(words)] = 1
            self.writers += self._own[writer]

    def without(self, writer: str) -> Known:
        """The levels as somebody else's words make them: at run time the writer is new too."""
        return lambda words: level(self.writers[words] - self._own[writer][words])


def level(writers: NDArray[np.int16]) -> NDArray[np.uint8]:
    """COMMON, RARE or NEW by the number of writers."""
    return np.where(writers >= SEVERAL, COMMON, np.where(writers > 0, RARE, NEW)).astype(np.uint8)


def _matrix(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], csr_matrix]:
    """The signs that are learnt, and which of them each word has."""
    counts = np.bincount(
        np.unique(rows + np.arange(len(rows))[:, None] * SIZE).ravel() & (SIZE - 1), minlength=SIZE
    )
    keys = np.flatnonzero(counts >= SEEN)
    index = np.full(SIZE, -1)
    index[keys] = np.arange(len(keys))
    columns = index[rows].ravel()
    words = np.repeat(np.arange(len(rows)), rows.shape[1])
    known = columns >= 0
    ones = np.ones(int(known.sum()), dtype=np.float32)
    return keys, csr_matrix((ones, (words[known], columns[known])), shape=(len(rows), len(keys)))


def moves(sequences: Iterable[Sequence[int]]) -> NDArray[np.float32]:
    """How the log-odds of a tag change after each tag: what the word itself says is in the scores already."""
    counts = np.ones((3, 3))
    for tags in sequences:
        for old, new in pairwise(tags):
            counts[old, new] += 1
    after = counts / counts.sum(axis=1, keepdims=True)
    found = np.log(after / (counts.sum(axis=0) / counts.sum())) * 0.5
    found[OUT, INSIDE] = -9.0
    return np.asarray(found, dtype=np.float32)

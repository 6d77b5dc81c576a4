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
from nlp.light.tagger import BEGIN, INSIDE, OUT, Tagged, tagged
from nlp.rules.personal import personal
from nlp.rules.words import Token

SEEN = 2
STRENGTH = 0.5
STEPS = 60
NOT_NAME = ("0", "@")


def observed(reading: Reading, look: Look) -> Tagged:
    """What the tagger sees of a reading."""
    return tagged(reading.text, reading.roster, look.spots, personal(reading.text, reading.roster))


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
    signs = np.concatenate([said.signs for _, said in kept])
    places = [place_tags(said.found, one.text, one.location) for one, said in kept]
    spot = np.concatenate([np.array(tags) for tags in places])
    name = np.concatenate([np.array(name_tags(said.found, one.text, one.pii)) for one, said in kept])
    relevant = np.concatenate([np.full(len(said.found), one.intent is not Intent.NONE) for one, said in kept])
    counts = np.bincount(
        np.unique(signs + np.arange(len(signs))[:, None] * SIZE).ravel() & (SIZE - 1), minlength=SIZE
    )
    keys = np.flatnonzero(counts >= SEEN)
    index = np.full(SIZE, -1)
    index[keys] = np.arange(len(keys))
    columns = index[signs]
    rows = np.repeat(np.arange(len(signs)), signs.shape[1])
    known = columns.ravel() >= 0
    matrix = csr_matrix(
        (np.ones(int(known.sum()), dtype=np.float32), (rows[known], columns.ravel()[known])),
        shape=(len(signs), len(keys)),
    )
    place = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=1e-3).fit(matrix[relevant], spot[relevant])
    person = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=1e-3).fit(matrix, name)
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
    }


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

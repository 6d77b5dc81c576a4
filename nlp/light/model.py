"""The weights that `make train` leaves behind, and how they score signs. Only numpy at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.model.reading import Intent
from nlp.light.hashing import BITS, SPACES, Counts, Floats, hashed
from nlp.light.signs import Look
from nlp.light.tagger import Tagger

FILE = "model.npz"
INTENTS = (Intent.REPORT, Intent.ADDITION, Intent.SOLVED, Intent.NONE)
FLAGS = SPACES.index("flags")
WORD, IN_WORD = 6, 63
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """Weighed signs of a batch: column `columns[i]` of row `rows[i]` is `values[i]`."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """The signs a model knows (`keys`: hash with its space above it, ascending) and how rare each was."""

    keys: NDArray[np.uint32]
    idf: Floats
    bits: NDArray[np.uint64]
    """Which hashes are known: a bit for each there could be, so that a processor has them all at hand."""
    ranks: NDArray[np.int32]
    """How many bits are set before each 64."""

    @classmethod
    def of(cls, keys: NDArray[np.uint32], idf: Floats) -> Vocabulary:
        """With what it takes to find a key at once."""
        bits = np.zeros(len(SPACES) << BITS >> WORD, dtype=np.uint64)
        np.bitwise_or.at(bits, keys >> WORD, _ONE << (keys & IN_WORD).astype(np.uint64))
        counts = np.bitwise_count(bits).astype(np.int32)
        return cls(keys=keys, idf=idf, bits=bits, ranks=np.cumsum(counts, dtype=np.int32) - counts)

    def columns(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Which keys are known, and the column of each of those."""
        words, at = self.bits[keys >> WORD], (keys & IN_WORD).astype(np.uint64)
        known = (words >> at & _ONE).astype(bool)
        before = np.bitwise_count(words[known] & ((_ONE << at[known]) - _ONE))
        return known, self.ranks[keys[known] >> WORD] + before.astype(np.int64)

    def values(self, counts: Counts) -> Values:
        """Each space of each message gets length 1; flags count as they are."""
        known, columns = self.columns(counts.ids | counts.spaces.astype(np.int64) << BITS)
        rows, spaces = counts.rows[known], counts.spaces[known]
        values = ((1 + np.log(counts.times[known])) * self.idf[columns]).astype(np.float32)
        cells = rows * len(SPACES) + spaces
        lengths = np.sqrt(np.bincount(cells, values * values))
        values = np.where(spaces == FLAGS, np.float32(1), values / lengths[cells] if len(cells) else values)
        return Values(rows=rows, columns=columns, values=values.astype(np.float32))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """A linear head; weights are whole numbers from -127 to 127, a scale for each output."""

    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats

    def scores(self, values: Values, size: int) -> Floats:
        """Scores of `size` messages, one column for each output."""
        out = np.tile(self.bias, (size, 1))
        if len(values.rows):
            parts = self.weights[values.columns] * values.values[:, None]
            starts = np.flatnonzero(np.diff(values.rows, prepend=-1))
            out[values.rows[starts]] += np.add.reduceat(parts, starts, axis=0) * self.scale
        return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """All heads, what weighs them together (`second.py`), and how scores became probabilities."""

    vocabulary: Vocabulary
    intent: Head
    urgent: Head
    category: Head
    categories: tuple[str, ...]
    small: Mapping[str, NDArray[np.float64]]
    tags: Mapping[str, Any]
    """What `Tagger.of` takes."""
    tagger: Tagger

    def score(self, looks: Sequence[Look]) -> tuple[Floats, Floats, Floats]:
        """Intent scores, urgency scores and category probabilities, one row a message."""
        values = self.vocabulary.values(hashed(looks))
        size = len(looks)
        return (
            self.intent.scores(values, size),
            self.urgent.scores(values, size)[:, 0],
            softmax(self.category.scores(values, size)),
        )


def softmax(scores: Any) -> Any:
    """Probabilities of rows of scores."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(score: Any) -> Any:
    """The probability of a score."""
    return 1 / (1 + np.exp(-np.clip(score, -30, 30)))


TAGS = ("keys", "weights", "scale", "bias", "moves", "common", "rare")
SMALL = ("second_intent", "second_urgent", "pair", "report_line", "urgent_line")


def packed(model: Model) -> bytes:
    """The model as the bytes of its file; the same model always gives the same bytes."""
    heads = {"intent": model.intent, "urgent": model.urgent, "category": model.category}
    arrays: dict[str, Any] = {"keys": model.vocabulary.keys, "idf": model.vocabulary.idf.astype(np.float16)}
    for name, head in heads.items():
        arrays |= {f"{name}.weights": head.weights, f"{name}.scale": head.scale, f"{name}.bias": head.bias}
    arrays |= {"categories": np.array(model.categories)} | {name: model.small[name] for name in SMALL}
    arrays |= {f"tags.{name}": model.tags[name] for name in TAGS}
    return npz(arrays)


def unpacked(data: bytes) -> Model:
    """The model in the bytes of a file."""
    arrays = of_npz(data)
    heads = {
        name: Head(weights=arrays[f"{name}.weights"], scale=arrays[f"{name}.scale"], bias=arrays[f"{name}.bias"])
        for name in ("intent", "urgent", "category")
    }
    tags = {name: arrays[f"tags.{name}"] for name in TAGS}
    return Model(
        tags=tags,
        tagger=Tagger.of(**tags),
        vocabulary=Vocabulary.of(arrays["keys"], arrays["idf"].astype(np.float32)),
        intent=heads["intent"],
        urgent=heads["urgent"],
        category=heads["category"],
        categories=tuple(str(slug) for slug in arrays["categories"]),
        small={name: arrays[name] for name in SMALL},
    )


def npz(arrays: Mapping[str, Any]) -> bytes:
    """Arrays as the bytes of a file; the same arrays always give the same bytes."""
    file = BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def of_npz(data: bytes) -> dict[str, Any]:
    """The arrays in the bytes of a file; nothing in it is ever run."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


@cache
def shipped() -> Model:
    """The model that comes along."""
    return unpacked(resources.files("nlp.light").joinpath(FILE).read_bytes())

"""Which words say where it is, and which are people's names: a linear tagger over words and their neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.model.reading import Extent
from nlp.light.hashing import SIZE, Floats
from nlp.light.wordsigns import COMMON, NEW, RARE, Tagged, signs
from nlp.rules.words import Token

OUT, BEGIN, INSIDE = range(3)
"""What a word is to a place phrase."""
NAME_AT = 0.35
"""Names are masked: better one word too many."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tagger:
    """Weights for the signs that were learnt: outputs OUT, BEGIN, INSIDE and "is a name"."""

    index: NDArray[np.int32]
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    moves: Floats
    """Log-probability of each place tag after each."""
    known: NDArray[np.uint8]
    """COMMON, RARE or NEW by the hash of a word."""

    @classmethod
    def of(
        cls,
        *,
        weights: NDArray[np.int8],
        scale: Floats,
        bias: Floats,
        moves: Floats,
        **hashes: NDArray[np.uint32],
    ) -> Tagger:
        """`hashes` are the signs learnt (`keys`) and the `common` and `rare` words. The last row of weights,
        all zero, stands for signs that were never seen.
        """
        keys = hashes["keys"]
        index = np.full(SIZE, len(keys), dtype=np.int32)
        index[keys] = np.arange(len(keys), dtype=np.int32)
        padded = np.vstack((weights, np.zeros((1, weights.shape[1]), dtype=np.int8)))
        known = np.full(SIZE, NEW, dtype=np.uint8)
        known[hashes["rare"]] = RARE
        known[hashes["common"]] = COMMON
        return cls(index=index, weights=padded, scale=scale, bias=bias, moves=moves, known=known)

    def scores(self, batch: Sequence[Tagged]) -> Floats:
        """One row of four scores for each word of the batch."""
        rows = signs(batch, lambda words: self.known[words])
        sums = self.weights[self.index[rows]].sum(axis=1, dtype=np.int32)
        return np.asarray(sums * self.scale + self.bias, dtype=np.float32)

    def extents(self, batch: Sequence[Tagged], placed: Sequence[bool]) -> list[tuple[list[Extent], list[Extent]]]:
        """Names of each message, and the places of those that are `placed`."""
        sizes = [len(one.found) for one in batch]
        if not sum(sizes):
            return [([], []) for _ in batch]
        scores = self.scores(batch)
        found: list[tuple[list[Extent], list[Extent]]] = []
        at = 0
        for one, size, wanted in zip(batch, sizes, placed, strict=True):
            own = scores[at : at + size]
            at += size
            places = self._places(one.found, own[:, :3]) if wanted else []
            found.append((places, _names(one.found, own[:, 3])))
        return found

    def _places(self, found: Sequence[Token], scores: Floats) -> list[Extent]:
        if not len(found) or not (scores[:, OUT] < scores[:, BEGIN:].max(axis=1) + 2).any():
            return []
        extents: list[Extent] = []
        before = OUT
        for token, tag in zip(found, self._best(scores), strict=True):
            if tag == INSIDE and before != OUT:
                extents[-1] = Extent(start=extents[-1].start, end=token.end, kind="place")
            elif tag != OUT:
                extents.append(Extent(start=token.start, end=token.end, kind="place"))
            before = tag
        return extents

    def _best(self, scores: Floats) -> list[int]:
        """The likeliest sequence of tags (Viterbi)."""
        logs = (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))).tolist()
        moves = self.moves.tolist()
        totals, back = [logs[0][OUT], logs[0][BEGIN], logs[0][INSIDE] - 9.0], []
        for row in logs[1:]:
            came = [_came(totals, moves, new) for new in range(3)]
            totals = [totals[came[new]] + moves[came[new]][new] + row[new] for new in range(3)]
            back.append(came)
        tags = [max(range(3), key=totals.__getitem__)]
        for came in reversed(back):
            tags.append(came[tags[-1]])
        return tags[::-1]


def _came(totals: Sequence[float], moves: Sequence[Sequence[float]], new: int) -> int:
    """From which tag it is best to come to `new`."""
    ways = [totals[old] + moves[old][new] for old in range(3)]
    return ways.index(max(ways))


def _names(found: Sequence[Token], scores: Floats) -> list[Extent]:
    least = float(np.log(NAME_AT / (1 - NAME_AT)))
    extents: list[Extent] = []
    last = -2
    for at in np.flatnonzero(scores > least).tolist():
        token = found[at]
        if at == last + 1 and token.start - extents[-1].end == 1:
            extents[-1] = Extent(start=extents[-1].start, end=token.end, kind="name")
        else:
            extents.append(Extent(start=token.start, end=token.end, kind="name"))
        last = at
    return extents

"""Which words say where it is, and which are people's names: a linear tagger over words and their neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.model.reading import Extent
from nlp.light.hashing import SIZE, Floats
from nlp.light.signs import LONGEST_READ
from nlp.rules.lexicon import first_names
from nlp.rules.places import PREPOSITIONS, is_street
from nlp.rules.words import Token, fold, tokens

OUT, BEGIN, INSIDE = range(3)
"""What a word is to a place phrase."""
NAME_AT = 0.35
"""Names are masked: better one word too many."""
_TAIL = "#"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tagged:
    """The words of one message and the hashes of what is seen at each."""

    found: Sequence[Token]
    signs: NDArray[np.int64]
    """One row a word; every row has as many signs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tagger:
    """Weights for the signs that were learnt: outputs OUT, BEGIN, INSIDE and "is a name"."""

    index: NDArray[np.int32]
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    moves: Floats
    """Log-probability of each place tag after each."""

    @classmethod
    def of(
        cls, keys: NDArray[np.uint32], weights: NDArray[np.int8], scale: Floats, bias: Floats, moves: Floats
    ) -> Tagger:
        """The last row of weights, all zero, stands for signs that were never seen."""
        index = np.full(SIZE, len(keys), dtype=np.int32)
        index[keys] = np.arange(len(keys), dtype=np.int32)
        padded = np.vstack((weights, np.zeros((1, weights.shape[1]), dtype=np.int8)))
        return cls(index=index, weights=padded, scale=scale, bias=bias, moves=moves)

    def scores(self, signs: NDArray[np.int64]) -> Floats:
        """One row of four scores for each word."""
        sums = self.weights[self.index[signs]].sum(axis=1, dtype=np.int32)
        return np.asarray(sums * self.scale + self.bias, dtype=np.float32)

    def extents(self, batch: Sequence[Tagged], placed: Sequence[bool]) -> list[tuple[list[Extent], list[Extent]]]:
        """Names of each message, and the places of those that are `placed`."""
        sizes = [len(one.found) for one in batch]
        if not sum(sizes):
            return [([], []) for _ in batch]
        scores = self.scores(np.concatenate([one.signs for one in batch if len(one.found)]))
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


def tagged(text: str, roster: frozenset[str], places: Sequence[Extent], personal: Sequence[Extent]) -> Tagged:
    """What is seen at each word; `places` and `personal` are what the rules found."""
    text = text[:LONGEST_READ]
    found = tokens(text)
    names = {fold(name) for name in roster}
    ruled = _covered(found, places, "P"), _covered(found, personal, "N")
    local = [_local(text, token, at, names, ruled) for at, token in enumerate(found)]
    around = [_EDGE, _EDGE, *local, _EDGE, _EDGE]
    rows = [_row(token.word, around[at : at + 5]) for at, token in enumerate(found)]
    return Tagged(found=found, signs=np.array(rows, dtype=np.int64) & (SIZE - 1))


def _covered(found: Sequence[Token], extents: Sequence[Extent], sign: str) -> list[str]:
    marks = [""] * len(found)
    for extent in extents:
        inside = [at for at, token in enumerate(found) if token.start < extent.end and token.end > extent.start]
        for number, at in enumerate(inside):
            marks[at] = f"{sign}{'b' if not number else 'i'}"
    return marks


Local = tuple[bytes, bytes, bytes, bytes]
"""The word; its ending; its form; and what lists and rules say of it."""


def _local(text: str, token: Token, at: int, names: set[str], ruled: tuple[list[str], list[str]]) -> Local:
    word, raw = token.word, token.raw
    if not word.isalpha():
        word = "".join("0" if char.isdigit() else char for char in word)
    form = (
        "0" if raw[0].isdigit() else "XX" if raw.isupper() and len(raw) > 1 else "Xx" if raw[0].isupper() else "x"
    )
    gap = text[token.end : token.end + 1].strip()
    start = not at or text[: token.start].rstrip()[-1:] in {".", "!", "?", "\n", ""}
    kind = "street" if is_street(token) else "prep" if word in PREPOSITIONS else ""
    who = ("roster" if word in names else "") + ("first" if word in first_names() else "")
    return (
        _bytes(word),
        _bytes(f"{_TAIL}{word[-4:]}"),
        _bytes(f"{form}{'^' if start else ''}{gap}"),
        _bytes(f"{ruled[0][at]} {ruled[1][at]} {kind} {who}"),
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_EDGE = (b"<>", b"#<>", b"^", b"edge")


def _row(folded: str, around: Sequence[Local]) -> list[int]:
    """The hashes of what is seen at a word; `around` is two words before it, itself, and two after it."""
    (far, _, _, far_rule), (back, back_tail, back_form, back_rule), here, one, (two, _, _, two_rule) = around
    word, tail, form, rule = here
    by_word, by_form, by_rule = b"|" + word, b"|" + form, b"|" + rule
    signs = (
        b"w" + word, b"s" + tail, b"t" + _bytes(folded[-3:]), b"h" + _bytes(folded[:3]), b"f" + form, b"r" + rule,
        b"fr" + form + by_rule,
        b"b" + back, b"n" + one[0], b"B" + far, b"N" + two, b"bw" + back + by_word, b"wn" + word + b"|" + one[0],
        b"bs" + back_tail, b"ns" + one[1], b"bf" + back_form + by_form, b"nf" + form + b"|" + one[2],
        b"br" + back_rule + by_rule, b"nr" + rule + b"|" + one[3], b"bB" + far + b"|" + back,
        b"bf" + back + by_form, b"Nr" + two_rule, b"Br" + far_rule,
    )  # fmt: skip
    return [crc32(sign) for sign in signs]

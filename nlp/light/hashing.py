"""Signs as numbers: hashed to `BITS` bits, counted, and weighed, in numpy for a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nlp.light.signs import Look

BITS = 20
SIZE = 1 << BITS
SHORTEST, LONGEST = 2, 5
"""Lengths of the runs of characters."""
SPACES = ("words", "chars", "before", "reply", "given", "flags")
_MIX = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Signs of a batch: `rows[i]` has sign `ids[i]` of space `spaces[i]` `times[i]` times; sorted by row."""

    rows: Ints
    ids: Ints
    spaces: NDArray[np.int8]
    times: Floats


def hashed(looks: Sequence[Look]) -> Counts:
    """All signs of a batch."""
    rows: list[Ints] = []
    ids: list[Ints] = []
    for row, look in enumerate(looks):
        signs = np.array(_signs(look), dtype=np.int64)
        both = np.concatenate((signs, _runs(look.tokens)))
        ids.append(both)
        rows.append(np.full(len(both), row, dtype=np.int64))
    if not rows:
        empty = np.zeros(0, dtype=np.int64)
        return Counts(rows=empty, ids=empty, spaces=empty.astype(np.int8), times=empty.astype(np.float32))
    keys, times = np.unique(np.concatenate(rows) << 24 | np.concatenate(ids), return_counts=True)
    # The space stands above the hash: the same word in two spaces is two signs.
    return Counts(
        rows=keys >> 24,
        ids=keys & (SIZE - 1),
        spaces=((keys >> BITS) & 15).astype(np.int8),
        times=times.astype(np.float32),
    )


def _sign(text: str, space: int) -> int:
    """The hash of one sign; the space seeds it too."""
    return crc32(text.encode("utf-8", "surrogatepass"), space) & (SIZE - 1) | space << BITS


def _signs(look: Look) -> list[int]:
    said = look.tokens
    signs = [_sign(word, 0) for word in said]
    signs += [_sign(f"{one} {other}", 0) for one, other in pairwise(("^", *said, "$"))]
    signs += [_sign(word, 2) for word in look.before]
    signs += [_sign(word, 3) for word in look.reply]
    if look.tie != "none":
        signs += [_sign(f"{look.tie} {word}", 4) for word in said]
        signs += [_sign(f"open {one} {other}", 4) for one, other in pairwise(("^", *said, "$"))]
    signs += [_sign(flag, 5) for flag in look.flags]
    return signs


def _runs(said: Sequence[str]) -> Ints:
    """Runs of characters within words; a word has a space at both ends."""
    if not said:
        return np.zeros(0, dtype=np.int64)
    text = f" {'  '.join(said)} "
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    space = codes == 32
    ends = np.cumsum(space)
    found: list[Ints] = []
    total = codes * _MIX[0]
    for length in range(SHORTEST, LONGEST + 1):
        if len(codes) < length:
            break
        total = (total[:-1] * np.uint64(31) + codes[length - 1 :] * _MIX[length - 1]) & np.uint64(0xFFFFFFFFFFFF)
        # No space but at the ends: within one word.
        inner = ends[length - 2 : len(codes) - 1] - ends[: len(codes) - length + 1]
        fits = inner == 0
        mixed = (total ^ (total >> np.uint64(17))) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - BITS)
        found.append(mixed[fits].astype(np.int64) & (SIZE - 1) | 1 << BITS)
    return np.concatenate(found)

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
    plain = [_signs(look) for look in looks]
    rows = np.repeat(np.arange(len(looks)), [len(signs) for signs in plain])
    ids = np.array([sign for signs in plain for sign in signs], dtype=np.int64)
    run_rows, run_ids = _runs([look.tokens for look in looks])
    keys, times = np.unique(
        np.concatenate((rows, run_rows)) << 24 | np.concatenate((ids, run_ids)), return_counts=True
    )
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


def _runs(batch: Sequence[Sequence[str]]) -> tuple[Ints, Ints]:
    """Runs of characters within words, with the row of each; a word has a space at both ends."""
    texts = [f" {'  '.join(said)} " if said else "" for said in batch]
    row = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    data = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(data, dtype=np.uint32).astype(np.uint64)
    ends = np.cumsum(codes == 32)
    rows, found = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    total = codes * _MIX[0]
    for length in range(SHORTEST, min(LONGEST, len(codes)) + 1):
        total = (total[:-1] * np.uint64(31) + codes[length - 1 :] * _MIX[length - 1]) & np.uint64(0xFFFFFFFFFFFF)
        # No space but at the ends: within one word; and a run never goes on in the next message.
        inner = ends[length - 2 : len(codes) - 1] - ends[: len(codes) - length + 1]
        fits = (inner == 0) & (row[length - 1 :] == row[: len(codes) - length + 1])
        mixed = (total[fits] ^ (total[fits] >> np.uint64(17))) * np.uint64(0x9E3779B97F4A7C15)
        found.append((mixed >> np.uint64(64 - BITS)).astype(np.int64) & (SIZE - 1) | 1 << BITS)
        rows.append(row[: len(codes) - length + 1][fits])
    return np.concatenate(rows), np.concatenate(found)

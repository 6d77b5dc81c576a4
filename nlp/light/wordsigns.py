"""What the tagger sees at each word: the word, its form, its neighbours, and what lists and rules say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.model.reading import Extent
from nlp.light.hashing import SIZE
from nlp.light.signs import LONGEST_READ
from nlp.rules.lexicon import first_names, surnames
from nlp.rules.personal import PARTICLES, TITLES, known_names
from nlp.rules.places import PREPOSITIONS, is_street
from nlp.rules.words import Token, tokens

Ints = NDArray[np.int64]
Known = Callable[[Ints], NDArray[np.uint8]]
"""How common words are, by their hashes: COMMON, RARE or NEW."""
COMMON, RARE, NEW = range(3)
"""How many writers of the corpus use a word in lower case: several, one or two, none."""
SEVERAL = 3
MARGIN = 2
"""Edges between two messages: no sign looks further."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tagged:
    """The words of one message and the hashes of what is seen at each: a row a word, `VIEWS` columns."""

    found: Sequence[Token]
    local: Ints


def tagged(
    text: str,
    roster: frozenset[str],
    places: Sequence[Extent],
    personal: Sequence[Extent],
    listed: frozenset[str] | None = None,
) -> Tagged:
    """What is seen at each word; `places` and `personal` are what the rules found, `listed` the first names."""
    text = text[:LONGEST_READ]
    found = tokens(text)
    names = known_names(roster)
    listed, last = (first_names(), surnames()) if listed is None else (listed, frozenset[str]())
    spots, private = _covered(found, places), _covered(found, personal)
    local: list[tuple[int, ...]] = []
    end = 0
    for at, token in enumerate(found):
        gap = text[end : token.start]
        end = token.end
        word = token.word if token.word.isalpha() else _digits(token.word)
        who = (
            1 * (word in names)
            + 2 * (word in listed)
            + 4 * (word in TITLES)
            + 8 * (word in PARTICLES)
            + 16 * (word in last)
        )
        kind = 1 if is_street(token) else 2 if word in PREPOSITIONS else 0
        code = word.encode("utf-8", "surrogatepass")
        local.append((
            crc32(code), crc32(code[-4:]), crc32(code[-3:]), crc32(code[:3]),
            _form(token.raw) + 8 * _between(gap, at) + 64 * _between(text[end : end + 1], 1),
            who + 32 * kind + 128 * spots[at] + 512 * private[at], who,
        ))  # fmt: skip
    return Tagged(found=found, local=np.array(local, dtype=np.int64).reshape(-1, VIEWS))


def _digits(word: str) -> str:
    return "".join("0" if char.isdigit() else char for char in word)


def _form(raw: str) -> int:
    """Digits, capitals, one capital, a capital first, or none."""
    if raw[0].isdigit():
        return 1
    if not raw[0].isupper():
        return 0
    return 2 if len(raw) == 1 else 3 if raw.isupper() else 4


def _between(gap: str, at: int) -> int:
    """What stands before a word: the edge, the end of a sentence, "@", a comma, other marks, or nothing."""
    gap = gap.strip()
    if not at:
        return 1
    if not gap:
        return 0
    return 2 if gap[-1] in ".!?\n" else 3 if gap[-1] == "@" else 4 if gap[-1] == "," else 5


def _covered(found: Sequence[Token], extents: Sequence[Extent]) -> list[int]:
    """Which words the rules found: 1 for the first of a piece, 2 for those after it."""
    marks = [0] * len(found)
    for extent in extents:
        first = 1
        for at, token in enumerate(found):
            if token.start < extent.end and token.end > extent.start:
                marks[at] = first
                first = 2
    return marks


VIEWS = 7
WORD, TAIL, END, HEAD, FORM, RULE, WHO, SHAPE = range(8)
"""Columns of `Tagged.local`; SHAPE, the form with how common the word is, is added for a batch."""
EDGE = 0x5BD1E995
HERE, BACK, FAR, NEXT, LATER = 0, -1, -2, 1, 2
SIGNS: tuple[tuple[tuple[int, int], ...], ...] = (
    ((WORD, HERE),), ((TAIL, HERE),), ((END, HERE),), ((HEAD, HERE),), ((FORM, HERE),), ((RULE, HERE),),
    ((FORM, HERE), (RULE, HERE)), ((WORD, BACK),), ((WORD, NEXT),), ((WORD, FAR),), ((WORD, LATER),),
    ((WORD, BACK), (WORD, HERE)), ((WORD, HERE), (WORD, NEXT)), ((TAIL, BACK),), ((TAIL, NEXT),),
    ((FORM, BACK), (FORM, HERE)), ((FORM, HERE), (FORM, NEXT)), ((RULE, BACK), (RULE, HERE)),
    ((RULE, HERE), (RULE, NEXT)), ((WORD, FAR), (WORD, BACK)), ((WORD, BACK), (FORM, HERE)), ((RULE, LATER),),
    ((RULE, FAR),),
    ((SHAPE, HERE),), ((SHAPE, HERE), (RULE, HERE)), ((WORD, BACK), (SHAPE, HERE)), ((SHAPE, HERE), (WORD, NEXT)),
    ((SHAPE, HERE), (RULE, BACK)), ((SHAPE, HERE), (RULE, NEXT)), ((SHAPE, HERE), (WHO, BACK), (WHO, FAR)),
    ((SHAPE, BACK), (SHAPE, HERE), (SHAPE, NEXT)), ((SHAPE, HERE), (TAIL, HERE)),
    ((SHAPE, HERE), (WORD, FAR), (WORD, BACK)),
)  # fmt: skip
"""What is looked at for each word: columns of it and of its neighbours, mixed into one number."""
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def signs(batch: Sequence[Tagged], known: Known) -> Ints:
    """One row a word, as long as `SIGNS`, for all messages of a batch."""
    edge = np.full((MARGIN, VIEWS), EDGE, dtype=np.int64)
    parts: list[Ints] = [edge]
    for one in batch:
        parts += [one.local, edge]
    local = np.concatenate(parts)
    inner = np.concatenate(list(_inner(batch))) if batch else np.zeros(0, dtype=np.int64)
    level = np.zeros(len(local), dtype=np.int64)
    level[inner] = known(local[inner, WORD] & (SIZE - 1))
    seen = np.column_stack((local, local[:, FORM] * 4 + level)).astype(np.uint64)
    out = np.empty((len(inner), len(SIGNS)), dtype=np.int64)
    for number, spots in enumerate(SIGNS):
        total = np.full(len(inner), (number + 1) * 0x2545F491, dtype=np.uint64)
        for (column, step), mix in zip(spots, _MIX, strict=False):
            total = (total ^ seen[inner + step, column] + np.uint64(number)) * np.uint64(mix)
            total ^= total >> np.uint64(29)
        out[:, number] = (total * np.uint64(_MIX[0]) >> np.uint64(40)).astype(np.int64) & (SIZE - 1)
    return out


def _inner(batch: Sequence[Tagged]) -> Iterator[Ints]:
    """Where the words of each message are among all with their edges."""
    at = MARGIN
    for one in batch:
        yield np.arange(at, at + len(one.found))
        at += len(one.found) + MARGIN

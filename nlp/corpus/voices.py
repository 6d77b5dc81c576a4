"""Guards against copies and against one voice: near duplicates, and what is a writer's own vocabulary."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from nlp.corpus.reading import Labelled

GRAM = 5
SHORTEST = 25
"""Shorter texts ("is opgeruimd", "staat er nog") are said alike by different people; letters and digits."""
ALIKE = 0.5
"""Jaccard of character five-grams from which two texts count as one text written twice."""
SAME = 0.75
"""From here on it is no chance: no two messages of the corpus are so alike."""
WINDOW = 3000
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LETTERS = re.compile(r"[\W_]+")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two messages that are nearly one; `alike` is their Jaccard, 0 to 1."""

    first: Labelled
    second: Labelled
    alike: float


def near_duplicates(messages: Sequence[Labelled], alike: float = ALIKE) -> list[Pair]:
    """All pairs of longer messages whose character grams overlap at least `alike`, most alike first.

    Exact, without comparing all with all: sets with Jaccard t or more share one of the rarest (1 - t) part
    of either, and the smaller has at least t times the grams of the larger.
    """
    kept = sorted(
        ((one, grams(one.text)) for one in messages if len(_plain(one.text)) >= SHORTEST),
        key=lambda pair: len(pair[1]),
    )
    often = Counter(gram for _, found in kept for gram in found)
    posted: defaultdict[str, list[int]] = defaultdict(list)
    pairs: list[Pair] = []
    for index, (one, mine) in enumerate(kept):
        rare = sorted(mine, key=lambda gram: (often[gram], gram))[: len(mine) - ceil(alike * len(mine)) + 1]
        for other in sorted({at for gram in rare for at in _large(posted[gram], kept, alike * len(mine))}):
            earlier, theirs = kept[other]
            both = len(mine & theirs)
            share = both / (len(mine) + len(theirs) - both)
            if share >= alike:
                pairs.append(Pair(first=earlier, second=one, alike=share))
        for gram in rare:
            posted[gram].append(index)
    return sorted(pairs, key=lambda pair: -pair.alike)


def _large(posted: list[int], kept: Sequence[tuple[Labelled, frozenset[str]]], least: float) -> Iterator[int]:
    """Those with `least` grams or more; what is posted last is largest."""
    for index in reversed(posted):
        if len(kept[index][1]) < least:
            return
        yield index


def grams(text: str) -> frozenset[str]:
    """Character grams of the letters and digits of a text."""
    plain = _plain(text)
    return frozenset(plain[at : at + GRAM] for at in range(len(plain) - GRAM + 1))


def _plain(text: str) -> str:
    return LETTERS.sub("", text.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How one writer writes. Shares are 0 to 1; length is in words."""

    writer: str
    messages: int
    length: float
    variety: float
    """Different words among the writer's first `WINDOW` words."""
    own: float
    """Share of the writer's different words that no other writer uses."""
    capitals: float
    """Share of messages that begin with a capital."""
    emoji: float
    """Share of messages with an emoji."""
    nearest: str
    """The writer whose turns of phrase are most like this one's; empty when alone."""
    likeness: float
    """Cosine with that writer's counts of three words in a row, 0 to 1."""


BOUNDS = {
    "length": (8.0, 30.0),
    "variety": (0.30, 1.0),
    "own": (0.10, 1.0),
    "capitals": (0.15, 0.90),
    "emoji": (0.005, 0.30),
    "likeness": (0.0, 0.15),
}
"""Where a writer of whole chats of many people stays; one voice, a template or a copy of another falls out.
The writers of the corpus are at 11–22 words, 0.36–0.48, 0.14–0.29, 0.41–0.72, 0.02–0.18 and at most 0.07."""


def odd_voices(found: Iterable[Voice]) -> list[str]:
    """What is out of bounds, one line each."""
    return [
        f"{voice.writer}: {name} is {getattr(voice, name):.3f}, not {low:g} to {high:g}"
        + (f" (like {voice.nearest})" if name == "likeness" else "")
        for voice in found
        for name, (low, high) in BOUNDS.items()
        if not low <= getattr(voice, name) <= high
    ]


def voices(messages: Iterable[Labelled]) -> list[Voice]:
    """A profile of every writer, by name."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for one in messages:
        texts[one.writer].append(one.text)
    words = {writer: [word for text in said for word in _words(text)] for writer, said in texts.items()}
    used = Counter(word for said in words.values() for word in set(said))
    turns = {writer: _turns(said) for writer, said in texts.items()}
    return [_voice(writer, texts[writer], words[writer], used, turns) for writer in sorted(texts)]


def _voice(
    writer: str, texts: list[str], words: list[str], used: Counter[str], turns: dict[str, dict[str, float]]
) -> Voice:
    different, window = set(words), words[:WINDOW]
    likeness, nearest = max(
        ((_cosine(turns[writer], turns[other]), other) for other in turns if other != writer), default=(0.0, "")
    )
    return Voice(
        writer=writer,
        messages=len(texts),
        length=len(words) / len(texts),
        variety=len(set(window)) / max(1, len(window)),
        own=sum(used[word] == 1 for word in different) / max(1, len(different)),
        capitals=sum(text[:1].isupper() for text in texts) / len(texts),
        emoji=sum(bool(EMOJI.search(text)) for text in texts) / len(texts),
        nearest=nearest,
        likeness=likeness,
    )


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _turns(texts: Iterable[str]) -> dict[str, float]:
    """How often each three words in a row occur, as a vector of length 1: unlike single words, a turn of
    phrase is somebody's own."""
    counts: Counter[str] = Counter()
    for text in texts:
        words = _words(text)
        counts.update(" ".join(words[at : at + 3]) for at in range(len(words) - 2))
    size = sqrt(sum(count * count for count in counts.values())) or 1.0
    return {turn: count / size for turn, count in counts.items()}


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(share * other.get(turn, 0.0) for turn, share in one.items())

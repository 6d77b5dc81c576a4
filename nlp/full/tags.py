"""From a tag for each piece to where a message says a place, and where it says something personal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.model.reading import Extent
from nlp.full.encoder import Scores
from nlp.full.inputs import Input
from nlp.light.model import sigmoid, softmax

PLACE, NAME = "place", "name"
OUT, BEGIN, INSIDE = range(3)
PERSONAL_AT = 0.4
"""Personal data is masked: better one word too many."""
PLACE_AT = 0.5
BRIDGE_AT = 0.2
ANOTHER_AT = 0.9

Run = tuple[int, int]


def places(text: str, given: Input, scores: Scores) -> tuple[Extent, ...]:
    """Places of the written form.

    "bij de glasbak op het plein" is one place in two phrases: another begins only where the encoder is sure of it,
    and a piece between two that are sure belongs to them where it may.
    """
    chances = softmax(scores.tags[:, :3])
    likely = [float(1 - row[OUT]) for row in chances]
    inside = _bridged([p >= PLACE_AT for p in likely], [p >= BRIDGE_AT for p in likely])
    begins = [row[BEGIN] >= ANOTHER_AT for row in chances]
    tags = [(BEGIN if begin else INSIDE) if into else OUT for begin, into in zip(begins, inside, strict=True)]
    return _extents(text, _runs(given.spans, tags), PLACE)


def _bridged(sure: Sequence[bool], maybe: Sequence[bool]) -> list[bool]:
    """What is sure, and what is maybe in one stretch between two that are sure."""
    found = list(sure)
    last = None
    for at, is_sure in enumerate(sure):
        if is_sure and last is not None:
            found[last:at] = [True] * (at - last)
        last = at if is_sure else last if maybe[at] else None
    return found


def personal(text: str, given: Input, scores: Scores) -> tuple[Extent, ...]:
    """Names and other personal data of the written form."""
    tags = [INSIDE if p >= PERSONAL_AT else OUT for p in sigmoid(scores.tags[:, 3]).tolist()]
    return _extents(text, _runs(given.spans, tags), NAME)


def _runs(spans: Sequence[Run], tags: Sequence[int]) -> Iterator[Run]:
    """Neighbouring tagged pieces together; one that begins a place begins another."""
    open_run: Run | None = None
    for (start, end), tag in zip(spans, tags, strict=True):
        if open_run is not None and tag in (OUT, BEGIN):
            yield open_run
            open_run = None
        if tag != OUT:
            open_run = (open_run[0] if open_run else start, end)
    if open_run is not None:
        yield open_run


def _extents(text: str, runs: Iterator[Run], kind: str) -> tuple[Extent, ...]:
    """Runs as whole words; words that runs share are one extent."""
    found: list[Extent] = []
    for run in runs:
        start, end = _trimmed(text, *_grown(text, *run))
        if found and start < found[-1].end:
            last = found.pop()
            start, end = last.start, max(end, last.end)
        if start < end:
            found.append(Extent(start=start, end=end, kind=kind))
    return tuple(found)


def _grown(text: str, start: int, end: int) -> Run:
    """To the ends of the words it touches."""
    while start > 0 and text[start - 1].isalnum() and text[start : start + 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


def _trimmed(text: str, start: int, end: int) -> Run:
    """Without what stands around the words."""
    while start < end and not text[start].isalnum() and text[start] not in "+@(":
        start += 1
    while end > start and not text[end - 1].isalnum() and text[end - 1] != ")":
        end -= 1
    return start, end

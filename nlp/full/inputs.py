"""A reading as the numbers the encoder reads.

`<s> message </s> what it answers, or the last lines before it </s> one open report </s>`. Decisions are read
from the neutral form, in which nobody has a name or an origin; places and personal data from the text as written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.model.reading import OpenReport, Reading
from nlp.light.signs import neutral
from nlp.rules.words import words

FILE = "tokenizer.json"
START, PAD, END = 0, 1, 2
MESSAGE_PIECES = 112
"""A message of 600 characters; what is longer is told in its beginning."""
COMPANY_PIECES = 24
"""Of each earlier line, and of the open report."""
LINES = 2
CHARS = 600
PHOTO = "[foto] "

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Input:
    """One message for the encoder: `ids` of all pieces, the first `size` after the start are the message's own.

    `spans[i]` are the characters of the text that piece `i` of the message stands for.
    """

    ids: Sequence[int]
    size: int
    spans: Sequence[tuple[int, int]]


class Inputs:
    """Cuts readings into pieces."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @property
    def vocabulary(self) -> str:
        """The text of its file."""
        return str(self._tokenizer.to_str())

    def decision(self, reading: Reading) -> Input:
        """The neutral form."""
        photo = PHOTO if reading.photo else ""
        return self._input(photo + neutral(reading.text[:CHARS]), reading)

    def tags(self, reading: Reading) -> Input:
        """The text as it was written."""
        return self._input(reading.text[:CHARS], reading)

    def _input(self, text: str, reading: Reading) -> Input:
        texts = [text, *_company(reading)]
        # Half a surrogate pair is no text that can be cut.
        first, *others = self._tokenizer.encode_batch([_whole(one) for one in texts], add_special_tokens=False)
        own = first.ids[:MESSAGE_PIECES]
        ids = [START, *own, END]
        for other in others:
            ids += [*other.ids[:COMPANY_PIECES], END]
        return Input(ids=ids, size=len(own), spans=first.offsets[:MESSAGE_PIECES])


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _company(reading: Reading) -> list[str]:
    if reading.reply_to is not None:
        said = ["> " + reading.reply_to.text[:CHARS]]
    else:
        said = [line.text[:CHARS] for line in reading.context[-LINES:]]
    report = open_report(reading)
    told = [f"{report.category}: {report.text[:CHARS]}"] if report else []
    return [neutral(text) for text in (*said, *told)]


def open_report(reading: Reading) -> OpenReport | None:
    """The open report that is worth showing: the one replied to, the one that shares most words, or the latest."""
    said = {word[:7] for word in words(reading.text[:CHARS]) if len(word) > 3}
    return max(
        reading.open_reports,
        key=lambda one: (
            one.id == reading.reply_about,
            len(said & {word[:7] for word in words(f"{one.place} {one.text}")}),
            one.at,
        ),
        default=None,
    )


def padded(batch: Sequence[Input]) -> dict[str, Any]:
    """Messages by pieces: `ids`, `mask` (1 where there is a piece) and `own` (1 at the message's own)."""
    shape = (len(batch), max(len(one.ids) for one in batch))
    ids = np.full(shape, PAD, dtype=np.int64)
    mask, own = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for row, one in enumerate(batch):
        ids[row, : len(one.ids)] = one.ids
        mask[row, : len(one.ids)] = 1
        own[row, 1 : 1 + one.size] = 1
    return {"ids": ids, "mask": mask, "own": own}


def tokenizer_of(text: str) -> Tokenizer:
    """The vocabulary in the text of a file."""
    made: Tokenizer = Tokenizer.from_str(text)
    return made

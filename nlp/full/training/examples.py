"""Labelled chats as what the encoder learns from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from torch import Tensor

from bot.model.reading import Intent, Reading
from nlp.corpus import Labelled
from nlp.full.inputs import Input, Inputs, padded
from nlp.light.chats import Walk, row_of
from nlp.light.model import INTENTS

IGNORED = -100
OUT, BEGIN, INSIDE = range(3)
ORDINARY_SHARE = 0.6
"""Of the messages that mean nothing, so many are read again in each round: they teach less than reports do."""
WRITTEN_SHARE = 0.4
"""So many messages are read as they were written (with their tags), the others in the neutral form."""
SHUFFLE = 20
"""Pieces by which lengths are shaken before messages of like length go together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """One message in both forms, and what it means."""

    neutral: Input
    written: Input
    intent: int
    category: int
    urgent: bool
    places: Sequence[int]
    """A tag for each piece of the written form."""
    personal: Sequence[bool]


def examples(messages: Sequence[Labelled], inputs: Inputs, categories: Sequence[str]) -> list[Example]:
    """In chat order, each with what came before it and with the labelled reports open."""
    walk, found = Walk(), []
    for one in messages:
        row = row_of(one)
        found.append(_example(one, walk.reading(row), inputs, categories))
        walk.meant(row, one.intent, one.category, one.location, one.ref)
    return found


def _example(one: Labelled, reading: Reading, inputs: Inputs, categories: Sequence[str]) -> Example:
    written = inputs.tags(reading)
    return Example(
        neutral=inputs.decision(reading),
        written=written,
        intent=INTENTS.index(one.intent),
        category=categories.index(one.category) if one.category else IGNORED,
        urgent=one.urgent,
        places=_places(one, written),
        personal=[tag != OUT for tag in _tags(written, _extents(one.text, one.pii))],
    )


def _places(one: Labelled, written: Input) -> list[int]:
    """Only reports and follow-ups have their places labelled; elsewhere nothing is known."""
    if one.intent is Intent.NONE:
        return [IGNORED] * written.size
    return _tags(written, _extents(one.text, one.location))


def _extents(text: str, pieces: Sequence[str]) -> list[tuple[int, int]]:
    """Every place where a labelled piece stands in the text, as a word of its own."""
    found = []
    for piece in pieces:
        at = text.find(piece)
        while at >= 0:
            end = at + len(piece)
            if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                found.append((at, end))
            at = text.find(piece, end)
    return found


def _tags(written: Input, extents: Sequence[tuple[int, int]]) -> list[int]:
    tags, before = [], None
    for start, end in written.spans:
        inside = next((one for one in extents if start < one[1] and end > one[0]), None)
        tags.append(OUT if inside is None else INSIDE if inside == before else BEGIN)
        before = inside
    return tags


Batch = Mapping[str, Tensor]


def batches(given: Sequence[Example], size: int, seed: int) -> Iterator[Batch]:
    """One round through the examples, in batches of like length; the seed decides everything."""
    dice = Random(seed)  # noqa: S311 - order of lessons, no secret
    ordinary = INTENTS.index(Intent.NONE)
    chosen = [one for one in given if one.intent != ordinary or dice.random() < ORDINARY_SHARE]
    forms = [(one, dice.random() < WRITTEN_SHARE) for one in chosen]
    forms.sort(key=lambda pair: _length(*pair) + dice.random() * SHUFFLE)
    groups = [forms[at : at + size] for at in range(0, len(forms), size)]
    dice.shuffle(groups)
    for group in groups:
        yield _batch(group)


def _length(one: Example, written: bool) -> int:
    return len((one.written if written else one.neutral).ids)


def _batch(group: Sequence[tuple[Example, bool]]) -> Batch:
    arrays = padded([one.written if written else one.neutral for one, written in group])
    places = np.full(arrays["ids"].shape, IGNORED)
    personal = np.full(arrays["ids"].shape, IGNORED)
    for row, (one, written) in enumerate(group):
        if written:
            places[row, 1 : 1 + one.written.size] = one.places
            personal[row, 1 : 1 + one.written.size] = one.personal
    return {
        **{name: torch.from_numpy(array) for name, array in arrays.items()},
        "intent": torch.tensor([one.intent for one, _ in group]),
        "category": torch.tensor([one.category for one, _ in group]),
        "urgent": torch.tensor([float(one.urgent) for one, _ in group]),
        "places": torch.from_numpy(places),
        "personal": torch.from_numpy(personal),
    }

"""Runs the encoder. Only onnxruntime, tokenizers and numpy at run time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from nlp.full import inputs
from nlp.full.inputs import Input, Inputs, padded, tokenizer_of

FILE = "encoder.onnx"
BATCH = 16
OUTPUTS = ("intent", "category", "urgent", "tags")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """What the encoder's heads say of one message, before any softmax.

    `intent`: report, addition, solved, none. `category`: in the order of the taxonomy. `urgent`: log-odds. `tags`:
    for each piece of the message outside, begin and inside a place, and the log-odds that it is personal.
    """

    intent: Floats
    category: Floats
    urgent: float
    tags: Floats


class Encoder:
    """The network and its vocabulary. Runs on one thread: the bot has more to do."""

    def __init__(self, model: bytes, cutter: Inputs) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Memory that is kept for the longest message so far costs more than asking for it again.
        options.enable_cpu_mem_arena = False
        self.model, self.inputs = model, cutter
        self._session = InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def scores(self, batch: Sequence[Input]) -> list[Scores]:
        """One for each message, in order. Messages of like length are read together."""
        order = sorted(range(len(batch)), key=lambda at: len(batch[at].ids))
        found: dict[int, Scores] = {}
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            found |= dict(zip(part, self._part([batch[at] for at in part]), strict=True))
        return [found[at] for at in range(len(batch))]

    def _part(self, batch: Sequence[Input]) -> list[Scores]:
        intent, category, urgent, tags = self._run(padded(batch))
        return [
            Scores(
                intent=intent[row],
                category=category[row],
                urgent=float(urgent[row]),
                tags=tags[row, 1 : 1 + one.size],
            )
            for row, one in enumerate(batch)
        ]

    def _run(self, given: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(self._session.run(OUTPUTS, given))


def of_folder(folder: Traversable) -> Encoder:
    """The encoder in a folder: model and vocabulary."""
    text = folder.joinpath(inputs.FILE).read_text("utf-8")
    return Encoder(folder.joinpath(FILE).read_bytes(), Inputs(tokenizer_of(text)))


@cache
def shipped() -> Encoder:
    """The encoder that comes along."""
    return of_folder(resources.files("nlp.full"))

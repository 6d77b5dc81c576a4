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
        """One for each message, in order.

        Each is read by itself: weights in whole numbers scale with the largest value of a batch, so that a message
        would mean something else in other company. Together they would hardly be quicker.
        """
        return [self._one(given) for given in batch]

    def _one(self, given: Input) -> Scores:
        intent, category, urgent, tags = self._run(padded([given]))
        return Scores(
            intent=intent[0], category=category[0], urgent=float(urgent[0]), tags=tags[0, 1 : 1 + given.size]
        )

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

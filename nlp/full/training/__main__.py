"""Fine-tune the encoder: `make train-encoder`. An hour or two on two cores, minutes on a GPU."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from bot.model.taxonomy import taxonomy
from nlp.corpus import Labelled, read
from nlp.full.inputs import FILE, Inputs, tokenizer_of
from nlp.full.training.examples import examples
from nlp.full.training.export import export
from nlp.full.training.fit import fit
from nlp.full.training.network import started
from nlp.full.training.start import common_words, kept, pretrained, tokenizer
from nlp.light.signs import neutral

HERE = Path(__file__).parent.parent
MODEL = "encoder.onnx"
WEIGHTS = "encoder.pt"
"""Whole weights, to go on from; not for the repository."""
ROUNDS = 6
SEED = 20261121
EVERY = 50
"""Steps between two lines about how far it is."""


def main(arguments: Sequence[str]) -> None:
    """Corpus in, model file and vocabulary out."""
    parser = ArgumentParser(prog="python -m nlp.full.training", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, default=HERE, help="where the model goes")
    parser.add_argument("--further", action="store_true", help="go on from the whole weights in that folder")
    options = parser.parse_args(arguments)
    train(read("train"), options.folder, options.rounds, options.further)


def train(messages: Sequence[Labelled], folder: Path, rounds: int, further: bool = False) -> None:
    """Fine-tune on these messages; the vocabulary is cut to what they and common Dutch use."""
    start = pretrained()
    keep = kept(start, [*_texts(messages), *common_words()])
    text = tokenizer([start.pieces[at] for at in keep]).to_str()
    categories = tuple(taxonomy())
    given = examples(messages, Inputs(tokenizer_of(text)), categories)
    network = started(start, keep, len(categories))
    if further:
        network.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    _say(f"messages: {len(given)}; pieces: {len(keep)}; threads: {torch.get_num_threads()}")

    def after(number: int, loss: float, seconds: float) -> None:
        _say(f"round {number + 1} of {rounds}: loss {loss:.3f} after {seconds:.0f} s")
        torch.save(network.state_dict(), folder / WEIGHTS)
        export(network, folder / MODEL)
        network.train()

    def during(step: int, steps: int, seconds: float) -> None:
        if step % EVERY == 0:
            _say(f"step {step} of {steps} after {seconds:.0f} s")

    (folder / FILE).write_text(text, "utf-8")
    fit(network, given, rounds, SEED, after, during)


def _texts(messages: Iterable[Labelled]) -> Iterable[str]:
    for one in messages:
        yield one.text
        yield neutral(one.text)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

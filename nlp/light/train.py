"""`make train`: from the corpus to `model.npz` and `nlp/metrics.json`.

`--dev` trains without the dev writers, scores them and writes nothing: for choosing. Without it the model learns
from train and dev together and the test writers are scored: for reporting.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nlp.classify import answer, classified
from nlp.corpus import parts
from nlp.corpus.reading import HERE as CORPUS
from nlp.corpus.reading import read_file
from nlp.light.interpreter import LightInterpreter
from nlp.light.model import FILE, packed, unpacked
from nlp.light.training import lesson, train
from nlp.scoring import figures

MODEL = Path(__file__).parent / FILE
METRICS = Path(__file__).parents[1] / "metrics.json"
LEARN, TRY, REPORT = ("train", "dev", "dev_real"), ("dev", "dev_real"), ("test", "test_real")
PREVALENCES = (0.01, 0.02, 0.05)


def main() -> None:
    """Train, score, write."""
    parser = argparse.ArgumentParser(prog="python -m nlp.light.train", description="Train the light model.")
    parser.add_argument("--dev", action="store_true", help="leave out and score the dev writers; write nothing")
    only_try = parser.parse_args().dev
    began = time.monotonic()
    # The steps are limited on purpose (training.STEPS).
    warnings.filterwarnings("ignore", message="lbfgs failed to converge")
    learnt, scored = (("train",), TRY) if only_try else (LEARN, REPORT)
    model, _ = train(lesson([one for writer in _writers(learnt) for one in read_file(_file(writer))]))
    data = packed(model)
    found = {part: _scores(_writers([part]), data) for part in scored}
    _tell(found)
    sys.stderr.write(f"seconds: {time.monotonic() - began:.0f}\n")
    if only_try:
        return
    MODEL.write_bytes(data)
    told = {
        "model": {"file": FILE, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()},
        "learnt_from": {name: _sum(name) for name in _writers(LEARN)},
        "scored_on": {name: _sum(name) for name in _writers(REPORT)},
        "light": found,
        "precision_of_prompts": _precision(found["test"]),
    }
    METRICS.write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def _writers(names: Iterable[str]) -> list[str]:
    return [writer for name in names for writer in parts()[name]]


def _file(writer: str) -> Path:
    return CORPUS / f"{writer}.jsonl"


def _sum(writer: str) -> str:
    return hashlib.sha256(_file(writer).read_bytes()).hexdigest()


def _scores(writers: Iterable[str], data: bytes) -> dict[str, float]:
    given = [
        json.loads(line) for writer in writers for line in _file(writer).read_text("utf-8").split("\n") if line
    ]
    reader = LightInterpreter(unpacked(data))
    return figures([(row, answer(row, meaning)) for row, meaning in classified(given, reader)])


def _precision(found: dict[str, float]) -> dict[str, float]:
    """Of what is asked, how much is a report, where this share of messages is one (follow-ups left aside)."""
    recall, false = found["prompt.recall"], found["prompt.false_per_1000_ordinary"] / 1000
    return {
        f"{share:.0%}": round(share * recall / (share * recall + (1 - share) * false), 3) for share in PREVALENCES
    }


def _tell(found: dict[str, dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for one in found.values() for name in one))
    for name in names:
        values = "  ".join(f"{part} {one[name]:.4g}" for part, one in found.items() if name in one)
        sys.stdout.write(f"{name}: {values}\n")


if __name__ == "__main__":
    main()

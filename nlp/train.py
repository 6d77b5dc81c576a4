"""`make train`: from the corpus to the light model, what joins it with the encoder, and `nlp/metrics.json`.

`--dev` trains without the dev writers, scores them and writes nothing: for choosing. Without it the light model
learns from train and dev together and the test writers are scored: for reporting. The encoder itself is made by
`make train-encoder`; here it is only read.
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

from bot.ports.interpreter import Interpreter
from nlp.classify import answer, classified
from nlp.corpus import parts
from nlp.corpus.reading import HERE as CORPUS
from nlp.corpus.reading import read_file
from nlp.full import encoder, inputs, joint
from nlp.full.training.join import fitted, measured
from nlp.interpreter import FULL, LIGHT, interpreter
from nlp.light.interpreter import LightInterpreter
from nlp.light.model import FILE, Model, packed, unpacked
from nlp.light.training import Lesson, Unseen, lesson, train
from nlp.scoring import figures

HERE = Path(__file__).parent
MODEL, JOINT = HERE / "light" / FILE, HERE / "full" / joint.FILE
METRICS = HERE / "metrics.json"
SHIPPED = {LIGHT: (MODEL,), FULL: (HERE / "full" / encoder.FILE, HERE / "full" / inputs.FILE, JOINT)}
"""The files of each model."""
LEARN, TRY, REPORT = ("train", "dev", "dev_real"), ("dev", "dev_real"), ("test", "test_real")
PREVALENCES = (0.01, 0.02, 0.05)


def main() -> None:
    """Train, score, write."""
    parser = argparse.ArgumentParser(prog="python -m nlp.train", description="Train the models.")
    parser.add_argument("--dev", action="store_true", help="leave out and score the dev writers; write nothing")
    began = time.monotonic()
    # The steps are limited on purpose (light.training.STEPS).
    warnings.filterwarnings("ignore", message="lbfgs failed to converge")
    if parser.parse_args().dev:
        model, _ = train(_lesson(("train",)))
        _tell({part: _scores([part], LightInterpreter(unpacked(packed(model)))) for part in TRY})
    else:
        said = _lesson(LEARN)
        model, blind = train(said)
        MODEL.write_bytes(packed(model))
        _join(said, model, blind)
        _report()
    sys.stderr.write(f"seconds: {time.monotonic() - began:.0f}\n")


def _lesson(names: Iterable[str]) -> Lesson:
    return lesson([one for writer in _writers(names) for one in read_file(_file(writer))])


def _join(said: Lesson, model: Model, blind: Unseen) -> None:
    """Weigh both stages on the dev writers, whom the encoder never read and light's folds did not."""
    dev = set(_writers(TRY))
    chosen = [at for at, one in enumerate(said.messages) if one.writer in dev]
    JOINT.write_bytes(joint.packed(fitted(measured(said, model, blind, encoder.shipped(), chosen))))


def _report() -> None:
    """Score both models as they ship, and write it down."""
    found = {name: {part: _scores([part], interpreter(name)) for part in REPORT} for name in SHIPPED}
    for name, scores in found.items():
        sys.stdout.write(f"{name}\n")
        _tell(scores)
    told = {
        "models": {name: [_file_line(path) for path in paths] for name, paths in SHIPPED.items()},
        "learnt_from": {name: _sum(name) for name in _writers(LEARN)},
        "scored_on": {name: _sum(name) for name in _writers(REPORT)},
        **found,
        "precision_of_prompts": {name: _precision(scores["test"]) for name, scores in found.items()},
    }
    METRICS.write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def _file_line(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _writers(names: Iterable[str]) -> list[str]:
    return [writer for name in names for writer in parts()[name]]


def _file(writer: str) -> Path:
    return CORPUS / f"{writer}.jsonl"


def _sum(writer: str) -> str:
    return hashlib.sha256(_file(writer).read_bytes()).hexdigest()


def _scores(names: Iterable[str], reader: Interpreter) -> dict[str, float]:
    texts = [_file(writer).read_text("utf-8") for writer in _writers(names)]
    given = [json.loads(line) for text in texts for line in text.split("\n") if line]
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

"""How fast messages are read, beside the recipe that Signalen uses."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import islice
from typing import Any

import spacy
from spacy.training import Example

from bot.model.reading import Reading
from nlp.corpus.reading import files
from nlp.interpreter import LIGHT, interpreter
from nlp.light.chats import Walk

ROUNDS = 3
TEXTCAT = 2000
SINGLES = 300


def readings() -> list[Reading]:
    """The corpus, as the bot would have heard it."""
    walk, found = Walk(), []
    for row in _rows():
        found.append(walk.reading(row))
        walk.meant(row, row["intent"], row["category"], row["location"], row["ref"])
    return found


def light() -> tuple[float, float]:
    """Messages a second in batches, and milliseconds for one (the 99th of 100)."""
    reader, given = interpreter(LIGHT), readings()
    reader.interpret(given[:256])
    per_second = _best(lambda: reader.interpret(given), len(given))
    singles = []
    for one in given[:: max(1, len(given) // SINGLES)]:
        began = time.perf_counter()
        reader.interpret([one])
        singles.append(1000 * (time.perf_counter() - began))
    return per_second, statistics.quantiles(singles, n=100)[98]


def signalen_recipe() -> float | None:
    """Messages a second of TF-IDF and logistic regression (no stemmer); None without scikit-learn."""
    if find_spec("sklearn") is None:
        return None
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rows = list(_rows())
    texts = [row["text"] for row in rows]
    recipe = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(max_iter=200))
    recipe.fit(texts[:3000], [row["intent"] for row in rows[:3000]])
    return _best(lambda: recipe.predict_proba(texts), len(texts))


def spacy_textcat() -> float:
    """Messages a second of spaCy's own text classifier as it comes, after a little training."""
    nlp = spacy.blank("nl")
    nlp.add_pipe("textcat")
    rows = list(islice(_rows(), TEXTCAT))
    answers = sorted({row["intent"] for row in rows})
    examples = [
        Example.from_dict(
            nlp.make_doc(row["text"]), {"cats": {one: float(one == row["intent"]) for one in answers}}
        )
        for row in rows
    ]
    optimizer = nlp.initialize(lambda: examples)
    for at in range(0, len(examples), 32):
        nlp.update(examples[at : at + 32], sgd=optimizer)
    texts = [row["text"] for row in rows]
    return _best(lambda: list(nlp.pipe(texts)), len(texts))


LOAD = """
import os, time
def mb():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
before, began = mb(), time.perf_counter()
from nlp.interpreter import interpreter
from nlp.light.chats import Walk
interpreter("light").interpret([Walk().reading({"id": "1", "group": "g", "text": "er ligt glas op het plein"})])
print(time.perf_counter() - began, mb() - before)
"""


def load() -> tuple[float, float]:
    """Seconds until the first message is read, and megabytes more than a bare Python; the best of some starts."""
    told = [
        subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(ROUNDS)
    ]
    return min(float(seconds) for seconds, _ in told), min(float(mb) for _, mb in told)


def _best(work: Callable[[], Any], size: int) -> float:
    best = 0.0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        best = max(best, size / (time.perf_counter() - began))
    return best


def _rows() -> Iterator[dict[str, Any]]:
    for path in files():
        for line in path.read_text("utf-8").split("\n"):
            if line:
                yield json.loads(line)

"""How fast messages are read, and how well, beside what else could read them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import spacy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from snowballstemmer import stemmer
from spacy.training import Example

from bot.model.reading import Intent, Reading
from nlp.corpus import Labelled, read
from nlp.interpreter import interpreter
from nlp.light.chats import Walk, row_of
from nlp.scoring import average_precision

ROUNDS = 3
SINGLES = 300
TEXTCAT = 3000
"""Messages that spaCy's classifier learns from: all of them would take an hour."""
REAL = ("dev_real", "test_real")
SHARE = 0.05
"""Of ordinary traffic, what is a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Messages a second in batches, and milliseconds for one (the 99th of 100)."""

    per_second: float
    single_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Messages a second, and average precision of "report" against "none" on the test writers."""

    per_second: float
    average_precision: float


def ordinary() -> list[Reading]:
    """Chats at real prevalence, with only so many reports that they are SHARE of all."""
    walk, found, reports = Walk(), [], 0
    for part in REAL:
        for one in read(part):
            row = row_of(one)
            reading = walk.reading(row)
            walk.meant(row, one.intent, one.category, one.location, one.ref)
            if one.intent is not Intent.REPORT:
                found.append(reading)
            elif reports < SHARE * len(found):
                found.append(reading)
                reports += 1
    return found


def speed(model: str) -> Speed:
    """Of one of our models on ordinary traffic, on one core."""
    reader, given = interpreter(model), ordinary()
    reader.interpret(given[:256])
    per_second = _best(lambda: reader.interpret(given), len(given))
    singles = []
    for one in given[:: max(1, len(given) // SINGLES)]:
        began = time.perf_counter()
        reader.interpret([one])
        singles.append(1000 * (time.perf_counter() - began))
    return Speed(per_second=per_second, single_ms=statistics.quantiles(singles, n=100)[98])


def signalen_recipe() -> Rival:
    """Signalen's own: stemmed words, TF-IDF and logistic regression."""
    stem = stemmer("dutch").stemWords

    def stemmed(text: str) -> list[str]:
        return list(stem(words(text)))

    words = TfidfVectorizer().build_tokenizer()
    recipe = make_pipeline(
        TfidfVectorizer(tokenizer=stemmed, token_pattern=None, lowercase=True),
        LogisticRegression(max_iter=1000),
    )
    recipe.fit([one.text for one in _learnt()], [one.intent for one in _learnt()])
    at = list(recipe.classes_).index(Intent.REPORT)

    def likely(texts: Sequence[str]) -> list[float]:
        return list(recipe.predict_proba(texts)[:, at])

    return _rival(likely)


def spacy_textcat() -> Rival:
    """spaCy's own text classifier as it comes, after one round."""
    nlp = spacy.blank("nl")
    nlp.add_pipe("textcat")
    dice = np.random.default_rng(1)
    rows = [_learnt()[at] for at in dice.permutation(len(_learnt()))[:TEXTCAT]]
    examples = [
        Example.from_dict(
            nlp.make_doc(one.text), {"cats": {str(intent): float(intent is one.intent) for intent in Intent}}
        )
        for one in rows
    ]
    optimizer = nlp.initialize(lambda: examples)
    for at in range(0, len(examples), 32):
        nlp.update(examples[at : at + 32], sgd=optimizer)
    return _rival(lambda texts: [doc.cats[str(Intent.REPORT)] for doc in nlp.pipe(texts)])


@cache
def _learnt() -> list[Labelled]:
    return read("train")


def _rival(likely: Callable[[Sequence[str]], Sequence[float]]) -> Rival:
    tested = read("test")
    texts = [one.text for one in tested]
    told = list(zip(tested, likely(texts), strict=True))
    return Rival(
        per_second=_best(lambda: likely(texts), len(texts)),
        average_precision=average_precision(
            [p for one, p in told if one.intent is Intent.REPORT],
            [p for one, p in told if one.intent is Intent.NONE],
        ),
    )


LOAD = """
import os, sys, time
def mb():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
before, began = mb(), time.perf_counter()
from nlp.interpreter import interpreter
from nlp.light.chats import Walk
message = {"id": "1", "group": "g", "text": "er ligt glas op het plein"}
interpreter(sys.argv[1]).interpret([Walk().reading(message)])
print(time.perf_counter() - began, mb() - before)
"""


def load(model: str) -> tuple[float, float]:
    """Seconds until the first message is read, and megabytes more than a bare Python; the best of some starts."""
    told = [
        subprocess.run(
            [sys.executable, "-c", LOAD, model], capture_output=True, text=True, check=True
        ).stdout.split()
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

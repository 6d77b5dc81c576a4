"""How well answers agree with labels: the figures of `bart evaluate` and of `nlp/metrics.json`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nlp.classify import Row

Pair = tuple[Row, dict[str, Any]]
INTENTS = ("report", "addition", "solved", "none")
FOLLOW = ("addition", "solved")
_WORD = re.compile(r"\w+")


def figures(pairs: Sequence[Pair]) -> dict[str, float]:
    """Every figure by name, rounded; a figure that these messages cannot give is left out."""
    found: dict[str, float] = {"messages": len(pairs)}
    for part in (_intents, _prompts, _categories, _urgency, _references, _pieces):
        found |= part(pairs)
    return {name: round(value, 4) for name, value in found.items()}


def _share(hits: Iterable[bool], name: str) -> dict[str, float]:
    seen = list(hits)
    return {name: sum(seen) / len(seen)} if seen else {}


def _intents(pairs: Sequence[Pair]) -> dict[str, float]:
    found = _share((row["intent"] == said["intent"] for row, said in pairs), "intent.accuracy")
    for intent in INTENTS:
        true = sum(row["intent"] == intent for row, _ in pairs)
        told = sum(said["intent"] == intent for _, said in pairs)
        both = sum(row["intent"] == said["intent"] == intent for row, said in pairs)
        if true:
            found[f"intent.{intent}.recall"] = both / true
        if told:
            found[f"intent.{intent}.precision"] = both / told
    follow = [said for row, said in pairs if row["intent"] in FOLLOW]
    return found | _share((said["intent"] in FOLLOW for said in follow), "follow_up.seen")


def _prompts(pairs: Sequence[Pair]) -> dict[str, float]:
    """Reports against ordinary messages (`none`), by p_report; and against everything else."""
    reports = [said["p_report"] for row, said in pairs if row["intent"] == "report"]
    ordinary = [said["p_report"] for row, said in pairs if row["intent"] == "none"]
    others = [said["p_report"] for row, said in pairs if row["intent"] != "report"]
    if not reports or not ordinary:
        return {}
    found = {"report.average_precision": average_precision(reports, ordinary)}
    for least in (0.90, 0.95):
        found[f"report.recall_at_precision_{least:.2f}"] = recall_at_precision(reports, ordinary, least)
        found[f"report.recall_at_precision_{least:.2f}_against_all"] = recall_at_precision(reports, others, least)
    for allowed in (5, 10):
        found[f"report.recall_at_{allowed}_false_per_1000"] = recall_at_false(reports, ordinary, allowed)
    asked = [row["intent"] for row, said in pairs if said["intent"] == "report" and said["p_report"] >= 0.85]
    found["prompt.recall"] = asked.count("report") / len(reports)
    found["prompt.false_per_1000_ordinary"] = 1000 * asked.count("none") / len(ordinary)
    return found


def average_precision(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Mean precision over the right ones, best score first; of equal scores the wrong one counts first."""
    ranked = sorted([(-p, 1) for p in right] + [(-p, 0) for p in wrong])
    total, hits = 0.0, 0
    for place, (_, is_right) in enumerate(ranked, 1):
        hits += is_right
        total += is_right * hits / place
    return total / len(right)


def recall_at_precision(right: Sequence[float], wrong: Sequence[float], least: float) -> float:
    """The largest share of the right ones above a threshold where precision is at least `least`."""
    ranked = sorted([(-p, 1) for p in right] + [(-p, 0) for p in wrong])
    best, hits = 0, 0
    for place, (_, is_right) in enumerate(ranked, 1):
        hits += is_right
        if hits / place >= least:
            best = max(best, hits)
    return best / len(right)


def recall_at_false(right: Sequence[float], wrong: Sequence[float], per_1000: int) -> float:
    """The share of the right ones above the threshold that lets `per_1000` of 1,000 wrong ones through."""
    threshold = sorted(wrong, reverse=True)[int(len(wrong) * per_1000 / 1000)]
    return sum(p > threshold for p in right) / len(right)


def _categories(pairs: Sequence[Pair]) -> dict[str, float]:
    ranked = [
        (row["category"], [slug for slug, _ in said["categories"]])
        for row, said in pairs
        if row["intent"] == "report"
    ]
    top1 = _share((true in told[:1] for true, told in ranked), "category.top1")
    return top1 | _share((true in told[:3] for true, told in ranked), "category.top3")


def _urgency(pairs: Sequence[Pair]) -> dict[str, float]:
    true = [said for row, said in pairs if row["urgent"]]
    false = [said for row, said in pairs if not row["urgent"]]
    if not true or not false:
        return {}
    scored = [[float(said["p_urgent"]) for said in part] for part in (true, false)]
    return {
        "urgent.recall": sum(said["urgent"] for said in true) / len(true),
        "urgent.false_per_1000": 1000 * sum(said["urgent"] for said in false) / len(false),
        "urgent.recall_at_10_false_per_1000": recall_at_false(scored[0], scored[1], 10),
    }


def _references(pairs: Sequence[Pair]) -> dict[str, float]:
    seen = [(row, said) for row, said in pairs if row["intent"] in FOLLOW and said["intent"] in FOLLOW]
    return _share((row["ref"] == said["ref"] for row, said in seen), "follow_up.right_report")


def _pieces(pairs: Sequence[Pair]) -> dict[str, float]:
    both, true, told = _overlap(pairs, "location")
    found = {"place.token_f1": 2 * both / (true + told)} if true + told else {}
    both, true, told = _overlap(pairs, "pii")
    found |= {"personal.recall": both / true} if true else {}
    return found | ({"personal.precision": both / told} if told else {})


def _overlap(pairs: Sequence[Pair], key: str) -> tuple[int, int, int]:
    """Words labelled and told, labelled, and told."""
    both = true = told = 0
    for row, said in pairs:
        labelled, found = Counter(_words(row[key])), Counter(_words(said[key]))
        both += (labelled & found).total()
        true += labelled.total()
        told += found.total()
    return both, true, told


def _words(pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        yield from _WORD.findall(piece.lower())

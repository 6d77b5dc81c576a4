"""The figures that `bart evaluate` prints, on answers small enough to count by hand."""

from __future__ import annotations

from typing import Any

import pytest

from nlp.scoring import average_precision, figures, recall_at_false, recall_at_precision


def pair(intent: str, said: str, p: float = 0.0, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    labels = {"intent": intent, "category": None, "urgent": False, "location": [], "pii": [], "ref": None}
    answers: dict[str, Any] = {"intent": said, "p_report": p, "categories": [], "urgent": False, "p_urgent": 0.0}
    answers |= {"location": [], "pii": [], "ref": None}
    for key, value in more.items():
        side, _, name = key.partition("_")
        (labels if side == "true" else answers)[name] = value
    return labels, answers


def test_perfect_order_is_average_precision_one() -> None:
    assert average_precision([0.9, 0.8], [0.1]) == 1


def test_of_equal_scores_the_wrong_one_counts_first() -> None:
    assert average_precision([0.5], [0.5]) == 0.5


def test_recall_at_precision_takes_the_best_threshold() -> None:
    assert recall_at_precision([0.9, 0.8, 0.2], [0.5, 0.4], 0.9) == pytest.approx(2 / 3)
    assert recall_at_precision([0.1], [0.5], 0.9) == 0


def test_recall_at_false_counts_what_is_above_the_threshold() -> None:
    wrong = [number / 1000 for number in range(1000)]

    assert recall_at_false([0.995, 0.985], wrong, 10) == 0.5


def test_intents_are_counted_each_way() -> None:
    found = figures([pair("report", "report", 0.9), pair("report", "none"), pair("none", "report", 0.9)])

    assert found["intent.report.recall"] == 0.5
    assert found["intent.report.precision"] == 0.5
    assert found["intent.none.recall"] == 0
    assert found["prompt.false_per_1000_ordinary"] == 1000


def test_a_follow_up_is_seen_as_either_kind_and_must_name_its_report() -> None:
    found = figures([
        pair("addition", "solved", true_ref="a", said_ref="a"),
        pair("solved", "solved", true_ref="a", said_ref="b"),
        pair("solved", "none", true_ref="a"),
    ])  # fmt: skip

    assert found["follow_up.seen"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["follow_up.right_report"] == 0.5


def test_categories_count_only_for_reports() -> None:
    ranked = [["groen", 0.5], ["water", 0.3], ["riool", 0.2]]
    found = figures([
        pair("report", "report", true_category="groen", said_categories=ranked),
        pair("report", "report", true_category="riool", said_categories=ranked),
        pair("none", "none", said_categories=ranked),
    ])  # fmt: skip

    assert (found["category.top1"], found["category.top3"]) == (0.5, 1)


def test_places_and_personal_data_are_compared_word_by_word() -> None:
    found = figures([
        pair("report", "report", true_location=["op het plein"], said_location=["het plein"]),
        pair("none", "none", true_pii=["Jan de Wit"], said_pii=["jan"]),
    ])  # fmt: skip

    assert found["place.token_f1"] == pytest.approx(0.8)
    assert found["personal.recall"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["personal.precision"] == 1


def test_urgency_counts_misses_and_false_cards() -> None:
    found = figures([
        pair("report", "report", true_urgent=True, said_urgent=True, said_p_urgent=0.9),
        pair("none", "none"),
        pair("none", "none", said_urgent=True, said_p_urgent=0.6),
    ])  # fmt: skip

    assert found["urgent.recall"] == 1
    assert found["urgent.false_per_1000"] == 500
    assert found["urgent.recall_at_10_false_per_1000"] == 1


def test_what_the_messages_cannot_tell_is_left_out() -> None:
    assert "category.top1" not in figures([pair("none", "none")])

"""The encoder that ships: how big it is, what it is made of, and that it is as good as `nlp/metrics.json` says."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Any

import numpy as np
import pytest

from bot.model.reading import Intent
from bot.model.taxonomy import taxonomy
from nlp.full import encoder, inputs, joint
from nlp.full.stage import passes
from nlp.interpreter import FULL, LIGHT, interpreter
from nlp.light.model import shipped as light
from nlp.light.stage import opinions, see_all
from tests.support.readings import GLASS, LAMP, OPEN, reading

FLOORS = {
    "report.recall_at_precision_0.90": 0.94,
    "report.recall_at_10_false_per_1000": 0.84,
    "category.top1": 0.84,
    "category.top3": 0.94,
    # Far below what is wanted (0.85): the test writers' urgent moments are told more calmly than those it learnt.
    "urgent.recall_at_10_false_per_1000": 0.65,
    "follow_up.seen": 0.80,
    "follow_up.right_report": 0.85,
    "place.token_f1": 0.84,
    "personal.recall": 0.92,
}
"""Below these the model may not ship; on writers it never read."""
MOST_BYTES = 32_000_000
READER = interpreter(FULL)


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resources.files("nlp").joinpath("metrics.json").read_text("utf-8"))
    return found


def test_it_is_small_enough_for_a_repository() -> None:
    assert sum(len(there(name)) for name in (encoder.FILE, inputs.FILE, joint.FILE)) <= MOST_BYTES


def test_the_metrics_are_of_the_files_that_ship(metrics: dict[str, Any]) -> None:
    told = {one["file"]: one["sha256"] for one in metrics["models"][FULL]}

    assert told == {
        name: hashlib.sha256(there(name)).hexdigest() for name in (encoder.FILE, inputs.FILE, joint.FILE)
    }


@pytest.mark.parametrize("name", FLOORS)
def test_it_is_above_its_floors(name: str, metrics: dict[str, Any]) -> None:
    assert metrics[FULL]["test"][name] >= FLOORS[name]


@pytest.mark.parametrize(
    "name", ["report.average_precision", "category.top1", "urgent.recall_at_10_false_per_1000"]
)
def test_it_reads_better_than_light_alone(name: str, metrics: dict[str, Any]) -> None:
    assert metrics[FULL]["test"][name] > metrics[LIGHT]["test"][name]


def test_it_knows_the_categories_in_their_order() -> None:
    assert joint.shipped()["categories"].tolist() == list(taxonomy())


def test_a_report_a_follow_up_and_small_talk_are_told_apart() -> None:
    found = READER.interpret(
        [
            reading(GLASS),
            reading("ligt er bij mij ook nog", OPEN, LAMP),
            reading("wie heeft er een ladder te leen?"),
        ]
    )

    assert [one.intent for one in found] == [Intent.REPORT, Intent.ADDITION, Intent.NONE]
    assert found[0].category == "zwerfvuil"
    assert found[1].about == OPEN.id


def test_what_a_message_means_does_not_depend_on_who_else_is_in_the_batch() -> None:
    one, other = (
        reading(GLASS),
        reading("er staat iemand een auto open te breken, nu! bij de school op de Dorpsstraat"),
    )

    alone, together = READER.interpret([one])[0], READER.interpret([other, one, other])[1]

    assert alone == together


def test_scores_come_back_in_the_order_they_were_asked_in() -> None:
    texts = ["glas", GLASS, "kapot", "de lantaarnpaal bij nummer 12 doet het al een week niet meer"]
    read = encoder.shipped()
    given = [read.inputs.decision(reading(text)) for text in texts]

    together = read.scores(given)

    for at, one in enumerate(given):
        np.testing.assert_array_equal(read.scores([one])[0].intent, together[at].intent)
        assert len(together[at].tags) == one.size
    assert read.scores([]) == []


def test_plain_small_talk_is_ruled_out_and_a_report_is_not() -> None:
    talk, report = opinions(light(), see_all([reading("goedemorgen allemaal, lekker weertje"), reading(GLASS)]))

    assert not passes(talk)
    assert passes(report)


def there(name: str) -> bytes:
    return resources.files("nlp.full").joinpath(name).read_bytes()

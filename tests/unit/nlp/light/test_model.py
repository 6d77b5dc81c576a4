"""The shipped model: what it is made of, and that it is as good as `nlp/metrics.json` says."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.group import GroupSettings
from bot.model.taxonomy import taxonomy
from nlp.light.hashing import BITS, SPACES, hashed
from nlp.light.model import FILE, Head, Values, Vocabulary, packed, shipped, softmax, unpacked
from nlp.light.signs import look
from nlp.light.training import PROMPT_AT
from nlp.train import PREVALENCES
from tests.support.readings import OPEN, reading

FLOORS = {
    "report.recall_at_precision_0.90": 0.89,
    "report.recall_at_10_false_per_1000": 0.72,
    "category.top1": 0.80,
    "category.top3": 0.92,
    "urgent.recall_at_10_false_per_1000": 0.58,
    "follow_up.seen": 0.55,
    "follow_up.right_report": 0.75,
    "place.token_f1": 0.81,
    # Below what is wanted (0.95): names in no list, in lower case.
    "personal.recall": 0.90,
}
"""Below these the model may not ship; on writers it never read."""
MOST_FALSE_PROMPTS = 10
"""In 1,000 ordinary messages, at the threshold that ships."""
MOST_BYTES = 5_000_000


@pytest.fixture(scope="module")
def data() -> bytes:
    return resources.files("nlp.light").joinpath(FILE).read_bytes()


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resources.files("nlp").joinpath("metrics.json").read_text("utf-8"))
    return found


def test_the_model_is_small_enough_for_the_smallest_computer(data: bytes) -> None:
    assert len(data) <= MOST_BYTES


def test_the_metrics_are_of_the_model_that_ships(data: bytes, metrics: dict[str, Any]) -> None:
    told = {"file": FILE, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert metrics["models"]["light"] == [told]


@pytest.mark.parametrize("name", FLOORS)
def test_the_model_is_above_its_floors(name: str, metrics: dict[str, Any]) -> None:
    assert metrics["light"]["test"][name] >= FLOORS[name]


@pytest.mark.parametrize("part", ["test", "test_real"])
def test_the_shipped_threshold_asks_few_wrong_questions(part: str, metrics: dict[str, Any]) -> None:
    assert metrics["light"][part]["prompt.false_per_1000_ordinary"] <= MOST_FALSE_PROMPTS


def test_no_writer_it_is_scored_on_was_learnt_from(metrics: dict[str, Any]) -> None:
    assert not set(metrics["learnt_from"]) & set(metrics["scored_on"])
    assert not set(metrics["learnt_from"].values()) & set(metrics["scored_on"].values())


@pytest.mark.parametrize("part", ["learnt_from", "scored_on"])
def test_the_chats_are_still_those_the_metrics_are_about(part: str, metrics: dict[str, Any]) -> None:
    for writer, checksum in metrics[part].items():
        there = resources.files("nlp.corpus").joinpath(f"{writer}.jsonl").read_bytes()
        assert hashlib.sha256(there).hexdigest() == checksum


def test_precision_is_told_for_groups_where_reports_are_rare(metrics: dict[str, Any]) -> None:
    for told in metrics["precision_of_prompts"].values():
        assert list(told) == [f"{share:.0%}" for share in PREVALENCES]
        assert list(told.values()) == sorted(told.values())


def test_the_threshold_of_a_group_is_where_the_model_was_set_to_ask() -> None:
    assert GroupSettings().prompt_threshold == PROMPT_AT


def test_packing_and_unpacking_changes_nothing(data: bytes) -> None:
    assert packed(unpacked(data)) == data


def test_it_knows_every_category_and_no_other() -> None:
    assert set(shipped().categories) <= set(taxonomy())
    assert len(shipped().categories) >= 0.9 * len(taxonomy())


def test_scores_do_not_depend_on_who_else_is_in_the_batch() -> None:
    one = look(reading("lantaarnpaal kapot bij de school op de Dorpsstraat"))
    other = look(reading("ligt er hier ook nog", OPEN))
    model = shipped()

    together = model.score([one, other, one])

    for alone, among in zip(model.score([one]), together, strict=True):
        np.testing.assert_allclose(alone[0], among[0], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(alone[0], among[2], rtol=1e-4, atol=1e-4)


def test_a_message_without_signs_that_it_knows_gets_only_the_bias() -> None:
    head = Head(
        weights=np.array([[10, -10]], dtype=np.int8),
        scale=np.array([0.1, 0.2], dtype=np.float32),
        bias=np.array([1.0, 2.0], dtype=np.float32),
    )
    known = Values(rows=np.array([1]), columns=np.array([0]), values=np.array([2.0], dtype=np.float32))

    np.testing.assert_allclose(head.scores(known, 3), [[1, 2], [3, -2], [1, 2]])


def test_probabilities_add_up_to_one_also_for_large_scores() -> None:
    np.testing.assert_allclose(softmax(np.array([[1000.0, 999.0], [-5.0, 5.0]])).sum(axis=1), [1, 1])


def test_each_space_of_a_message_has_length_one() -> None:
    values = shipped().vocabulary.values(hashed([look(reading("de lantaarnpaal is kapot"))]))
    keys = shipped().vocabulary.keys[values.columns]

    for space in (0, 1):
        own = values.values[keys >> 20 == space]
        assert np.square(own).sum() == pytest.approx(1, abs=1e-4)


@given(st.sets(st.integers(0, (len(SPACES) << BITS) - 1), min_size=1, max_size=300), st.randoms())
def test_every_known_key_has_its_own_column_and_no_other_key_has_one(known: set[int], dice: Random) -> None:
    keys = np.array(sorted(known), dtype=np.uint32)
    vocabulary = Vocabulary.of(keys, np.ones(len(keys), dtype=np.float32))
    asked = np.array(
        [*known, *(dice.randrange(len(SPACES) << BITS) for _ in range(300)), *(key ^ 1 for key in known)]
    )

    found, columns = vocabulary.columns(asked)

    assert [bool(one) for one in found] == [key in known for key in asked.tolist()]
    assert keys[columns].tolist() == [key for key in asked.tolist() if key in known]

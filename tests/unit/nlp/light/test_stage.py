"""The parts of the light stage, as another stage uses them."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.light.model import INTENTS, shipped, softmax
from nlp.light.stage import opinions, see, see_all, spans, weighed
from nlp.opinion import Spans
from tests.support.readings import GLASS, LAMP, OPEN, reading

MODEL = shipped()
BATCH = [see(reading(GLASS)), see(reading("goedemorgen")), see(reading("ligt er nog", OPEN, LAMP))]


def test_an_opinion_has_a_share_for_every_intent_and_category() -> None:
    for one in opinions(MODEL, BATCH):
        assert len(one.intents) == len(one.intent_scores) == len(INTENTS)
        assert len(one.categories) == len(one.slugs)
        assert sum(one.intents) == pytest.approx(1)
        assert sum(one.categories) == pytest.approx(1)


def test_the_scores_in_an_opinion_are_those_of_the_heads() -> None:
    intent, urgent, categories = MODEL.score([one.look for one in BATCH])

    found = opinions(MODEL, BATCH)

    assert np.allclose([one.intent_scores for one in found], intent)
    assert np.allclose([one.urgent_score for one in found], urgent)
    assert found == weighed(MODEL, BATCH, intent, urgent, categories)


def test_scores_of_another_stage_move_the_opinion() -> None:
    intent, urgent, categories = MODEL.score([one.look for one in BATCH])
    before = opinions(MODEL, BATCH)

    after = weighed(MODEL, BATCH, intent + np.array([4.0, 0, 0, 0]), urgent + 4, categories)

    assert all(new.p_report > old.p_report for new, old in zip(after, before, strict=True))
    assert all(new.p_urgent > old.p_urgent for new, old in zip(after, before, strict=True))
    assert all(softmax(np.array(new.intent_scores))[0] > 0.001 for new in after)


def test_nothing_seen_is_nothing_thought_and_nothing_found() -> None:
    assert opinions(MODEL, []) == []
    assert spans(MODEL.tagger, [], []) == []


def test_spans_say_where_a_place_and_where_a_name_is() -> None:
    text = "er ligt puin op de Dorpsstraat, bel Willemijn op 0612345678"

    found = spans(MODEL.tagger, [see(reading(text)), see(reading("goedemorgen"))], [True, True])

    assert [text[one.start : one.end] for one in found[0].places] == ["op de Dorpsstraat"]
    assert {text[one.start : one.end] for one in found[0].personal} == {"Willemijn", "0612345678"}
    assert found[1] == Spans()


def test_a_batch_is_taken_apart_as_each_message_is_by_itself() -> None:
    readings = [
        reading("ligt er nog", OPEN, LAMP, before=(GLASS, "ja echt")),
        reading("nog steeds glas", OPEN, before=(GLASS,)),
        reading(GLASS),
    ]

    assert see_all(readings) == [see(one) for one in readings]

"""Both stages weighed together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.model.taxonomy import taxonomy
from nlp.full import joint
from nlp.light.model import shipped
from nlp.light.stage import opinions, see
from tests.support.encoders import scores
from tests.support.readings import GLASS, OPEN, reading

SEEN = see(reading(GLASS))
LIGHT = opinions(shipped(), [SEEN])[0]
ROW = len(joint.intent_row(SEEN, LIGHT, scores()))


def weights(encoder: float) -> dict[str, np.ndarray]:
    """The encoder counts for `encoder`, the light stage for the rest."""
    intent = np.zeros((ROW, 4))
    intent[:4] = np.eye(4) * (1 - encoder)
    intent[4:8] = np.eye(4) * encoder
    return {
        "intent": intent,
        "report": np.array([1 - encoder, encoder, 0]),
        "urgent": np.array([1 - encoder, encoder, 0, 0, 0]),
        "category": np.array([1 - encoder, encoder]),
        "categories": np.array(list(taxonomy())),
    }


def test_where_the_encoder_counts_for_nothing_the_opinion_stays() -> None:
    after = joint.opinion(weights(0), SEEN, LIGHT, scores(intent=(9, 0, 0, 0), urgent=9))

    assert after.intents == pytest.approx(LIGHT.intents, abs=1e-4)
    assert after.p_urgent == pytest.approx(LIGHT.p_urgent, abs=1e-4)
    assert after.categories == pytest.approx(LIGHT.categories, abs=1e-4)


def test_where_it_counts_for_all_the_opinion_is_its_own() -> None:
    read = scores(intent=(0, 9, 0, 0), urgent=3)
    read.category[list(taxonomy()).index("groen")] = 9

    after = joint.opinion(weights(1), SEEN, LIGHT, read)

    assert after.intents[1] > 0.99
    assert after.p_report < 0.01
    assert after.p_urgent == pytest.approx(1 / (1 + np.exp(-3)))
    assert after.slugs[int(np.argmax(after.categories))] == "groen"


def test_a_surer_encoder_moves_the_opinion_its_way() -> None:
    said = [
        joint.opinion(weights(0.5), SEEN, LIGHT, scores(intent=(score, 0, 0, 0), urgent=score))
        for score in (-4.0, 0.0, 4.0)
    ]

    assert [one.p_report for one in said] == sorted({one.p_report for one in said})
    assert [one.p_urgent for one in said] == sorted({one.p_urgent for one in said})


def test_probabilities_add_up() -> None:
    after = joint.opinion(weights(0.3), SEEN, LIGHT, scores(intent=(2, 1, 0, -1)))

    assert sum(after.intents) == pytest.approx(1)
    assert sum(after.categories) == pytest.approx(1)


def test_an_open_report_is_in_the_row() -> None:
    other = see(reading("ligt er nog", OPEN))

    without, with_one = joint.intent_row(SEEN, LIGHT, scores()), joint.intent_row(other, LIGHT, scores())

    assert len(without) == len(with_one)
    assert (without[-2], with_one[-2]) == (0, 1)


def test_certainty_that_is_too_great_to_take_the_logarithm_of_stays_finite() -> None:
    sure = replace(LIGHT, intents=(1.0, 0.0, 0.0, 0.0), p_urgent=1.0, intent_scores=(900.0, 0, 0, 0))

    after = joint.opinion(weights(0.5), SEEN, sure, scores(intent=(900, 0, 0, 0), urgent=900))

    assert np.isfinite([after.p_report, after.p_urgent, *after.intents, *after.categories]).all()


def test_weights_survive_their_file() -> None:
    given = weights(0.4)

    found = joint.unpacked(joint.packed(given))

    assert set(found) == set(joint.ARRAYS)
    assert all(np.array_equal(found[name], given[name]) for name in joint.ARRAYS)

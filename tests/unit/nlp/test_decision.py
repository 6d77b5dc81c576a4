"""From what is seen of a message, and what the model thinks of it, to what it means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.ids import IncidentId
from bot.model.reading import Extent, Intent, Interpretation, OpenReport
from nlp.decision import FOLLOW_AT, REPORT_AT, TOP, UNSURE, URGENT_AT, decide
from nlp.light.second import NEAR
from nlp.light.stage import see
from nlp.opinion import Opinion, Spans
from tests.support.readings import GLASS, LAMP, OPEN, reading

SLUGS = ("grofvuil", "verlichting", "zwerfvuil", "overig", "brand")
PAIR = np.zeros(len(NEAR) + 5)
"""Weights that find every open report as fitting as the others."""
THOUGHT = Opinion(
    p_report=0.9,
    p_urgent=0.01,
    intents=(0.9, 0.04, 0.01, 0.05),
    categories=(0.2, 0.1, 0.6, 0.06, 0.04),
    slugs=SLUGS,
    intent_scores=(2.0, -1.0, -2.0, -1.0),
    urgent_score=-4.0,
)
ORDINARY = replace(THOUGHT, p_report=0.02, intents=(0.03, 0.01, 0.01, 0.95))
ABOUT = replace(ORDINARY, intents=(0.1, 0.7, 0.1, 0.1))
NOWHERE = Spans()
PLACE = Extent(start=3, end=9, kind="place")
NAME = Extent(start=0, end=2, kind="name")


def decided(
    text: str,
    opinion: Opinion,
    *reports: OpenReport,
    spans: Spans = NOWHERE,
    about: str | None = None,
) -> Interpretation:
    return decide(see(reading(text, *reports, about=about)), spans, opinion, PAIR)


def test_what_the_model_takes_for_a_report_is_one_with_its_likeliest_categories() -> None:
    found = decided(GLASS, THOUGHT)

    assert (found.intent, found.p_report) == (Intent.REPORT, 0.9)
    assert found.categories == (("zwerfvuil", 0.6), ("grofvuil", 0.2), ("verlichting", 0.1), ("overig", 0.06))
    assert len(found.categories) == TOP


@pytest.mark.parametrize(("p", "intent"), [(REPORT_AT, Intent.REPORT), (REPORT_AT - 0.001, Intent.NONE)])
def test_below_the_threshold_a_message_is_nothing(p: float, intent: Intent) -> None:
    assert decided(GLASS, replace(THOUGHT, p_report=p)).intent is intent


def test_a_place_is_one_of_the_reasons() -> None:
    assert decided(GLASS, THOUGHT).reasons == ("reads_as_report",)
    assert decided(GLASS, THOUGHT, spans=Spans(places=(PLACE,))).reasons == ("reads_as_report", "place_words")


@pytest.mark.parametrize("p", [0.0, 0.004, 0.9])
def test_danger_is_a_report_and_leaves_the_probability_of_a_report_alone(p: float) -> None:
    found = decided("er komt rook uit het dak", replace(ORDINARY, p_report=p, p_urgent=URGENT_AT))

    assert (found.intent, found.urgent) == (Intent.REPORT, True)
    assert (found.p_report, found.p_urgent) == (p, URGENT_AT)


def test_who_only_says_that_112_was_called_is_in_no_danger() -> None:
    found = decided("112 is al gebeld", replace(THOUGHT, p_urgent=0.99))

    assert (found.intent, found.urgent, found.p_report) == (Intent.NONE, False, UNSURE)
    assert found.reasons == ("already_called",)


def test_a_follow_up_is_about_the_open_report_and_has_its_category_first() -> None:
    found = decided("ligt er nog", ABOUT, OPEN)

    assert (found.intent, found.about) == (Intent.ADDITION, OPEN.id)
    assert found.category == OPEN.category
    assert [slug for slug, _ in found.categories].count(OPEN.category) == 1
    assert found.p_about == pytest.approx(0.8)


def test_of_two_that_fit_as_well_each_gets_half() -> None:
    assert decided("ligt er nog", ABOUT, OPEN, LAMP).p_about == pytest.approx(0.4)


def test_a_reply_is_about_what_it_replies_to() -> None:
    found = decided("ligt er nog", ABOUT, OPEN, LAMP, about="lamp")

    assert (found.about, found.reasons) == (LAMP.id, ("reply",))


def test_what_is_likelier_over_than_still_there_is_solved_and_never_urgent() -> None:
    found = decided("brand is uit", replace(ABOUT, intents=(0.1, 0.1, 0.7, 0.1), p_urgent=0.99), OPEN)

    assert (found.intent, found.urgent) == (Intent.SOLVED, False)


def test_without_an_open_report_nothing_is_about_one() -> None:
    assert decided("ligt er nog", ABOUT).about is None


def test_a_report_that_is_likelier_new_than_about_an_open_one_is_new() -> None:
    new = replace(ABOUT, p_report=0.9, intents=(0.5, 0.3, 0.15, 0.05))

    assert decided("nu ligt er een bankstel", new, OPEN).intent is Intent.REPORT


def test_an_unknown_category_of_an_open_report_is_just_not_likely() -> None:
    strange = replace(OPEN, id=IncidentId("x"), category="something_new")

    assert decided("ligt er nog", ABOUT, strange).category == "something_new"


def test_a_message_without_words_keeps_only_its_personal_data() -> None:
    assert decided("  ", THOUGHT) == Interpretation()
    assert decided("", THOUGHT, spans=Spans(personal=(NAME,))) == Interpretation(personal=(NAME,))


SHARE = st.floats(0, 1)


@given(p=SHARE, danger=SHARE, weights=st.lists(st.floats(0.01, 1), min_size=4, max_size=4), opened=st.booleans())
def test_whatever_a_model_thinks_comes_out_within_bounds(
    p: float, danger: float, weights: list[float], opened: bool
) -> None:
    intents = [one / sum(weights) for one in weights]
    opinion = replace(THOUGHT, p_report=p, p_urgent=danger, intents=intents)

    found = decided("er ligt nog glas op de stoep", opinion, *([OPEN] if opened else []))

    assert found.p_report == round(p, 4)
    assert (found.about is not None) == (found.intent in {Intent.ADDITION, Intent.SOLVED})
    assert found.about is None or intents[1] + intents[2] >= FOLLOW_AT or opened
    assert found.urgent <= (found.p_urgent >= URGENT_AT)

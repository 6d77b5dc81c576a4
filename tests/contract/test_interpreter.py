"""What every interpreter does: both models, the rules and the fake."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.ids import IncidentId, PersonKey
from bot.model.reading import Extent, Intent, Interpretation, OpenReport, Reading
from bot.model.taxonomy import taxonomy
from bot.ports.fakes.interpreter import FakeInterpreter
from bot.ports.interpreter import Interpreter
from nlp.interpreter import interpreter as shipped

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
STILL = "ligt er bij mij ook nog"
HELLO = "goedemorgen allemaal, lekker weertje"
OPEN = OpenReport(id=IncidentId("i1"), category="zwerfvuil", place="Parijsplein", text=GLASS, at=NOON)

SCRIPT = {
    GLASS: Interpretation(
        intent=Intent.REPORT,
        p_report=0.95,
        categories=(("zwerfvuil", 1.0),),
        places=(Extent(start=GLASS.index("bij"), end=len(GLASS), kind="place"),),
    ),
    STILL: Interpretation(intent=Intent.ADDITION, categories=(("zwerfvuil", 1.0),), about=OPEN.id, p_about=0.9),
}


@pytest.fixture(params=["full", "light", "rules", "fake"])
def interpreter(request: pytest.FixtureRequest) -> Interpreter:
    return FakeInterpreter(SCRIPT) if request.param == "fake" else shipped(request.param)


def reading(text: str, *, reports: tuple[OpenReport, ...] = ()) -> Reading:
    return Reading(text=text, author=PersonKey("p"), at=NOON, open_reports=reports)


def test_answers_each_reading_in_order(interpreter: Interpreter) -> None:
    found = interpreter.interpret([reading(HELLO), reading(GLASS), reading(HELLO)])

    assert [one.intent for one in found] == [Intent.NONE, Intent.REPORT, Intent.NONE]


def test_no_readings_have_no_meaning(interpreter: Interpreter) -> None:
    assert interpreter.interpret([]) == []


def test_a_report_has_a_category_of_the_taxonomy_and_where_it_is(interpreter: Interpreter) -> None:
    found = interpreter.interpret([reading(GLASS)])[0]

    assert found.category == "zwerfvuil"
    assert found.p_report >= 0.85
    assert "Parijsplein" in GLASS[found.places[0].start : found.places[0].end]


def test_an_addition_says_which_report_it_is_about(interpreter: Interpreter) -> None:
    found = interpreter.interpret([reading(STILL, reports=(OPEN,))])[0]

    assert found.intent is Intent.ADDITION
    assert found.about == OPEN.id
    assert found.p_about > 0.5


def test_the_same_reading_always_means_the_same(interpreter: Interpreter) -> None:
    assert interpreter.interpret([reading(GLASS)]) == interpreter.interpret([reading(GLASS)])


def test_a_message_that_says_nothing_means_nothing(interpreter: Interpreter) -> None:
    found = interpreter.interpret([reading("")])[0]

    assert found == Interpretation()


@given(texts=st.lists(st.text(max_size=400), max_size=4))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_has_a_meaning_within_bounds(interpreter: Interpreter, texts: list[str]) -> None:
    found = interpreter.interpret([reading(text, reports=(OPEN,)) for text in texts])

    assert len(found) == len(texts)
    for text, one in zip(texts, found, strict=True):
        assert {slug for slug, _ in one.categories} <= set(taxonomy())
        assert 0 <= one.p_report <= 1
        assert 0 <= one.p_urgent <= 1
        assert 0 <= one.p_about <= 1
        assert all(0 <= extent.start < extent.end <= len(text) for extent in one.places + one.personal)

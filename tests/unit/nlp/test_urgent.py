"""When danger is said outright, so that the model may be a little less sure."""

from __future__ import annotations

import pytest

from nlp.light.signs import look
from nlp.rules.urgent import Alarm, plain
from tests.support.readings import reading


def outright(text: str) -> bool:
    """Do the rules hear danger here and now?"""
    seen = look(reading(text))
    return plain(seen.alarm, seen.marks)


@pytest.mark.parametrize(
    "text",
    [
        "help er wordt nu ingebroken bij nummer 12, ze zijn binnen!!",
        "brand!! vlammen uit het raam op de Dorpsstraat nu",
    ],
)
def test_danger_here_and_now_is_said_outright(text: str) -> None:
    assert outright(text)


@pytest.mark.parametrize(
    "text",
    [
        "vorig jaar kwamen de vlammen uit het raam op de Dorpsstraat, brand!!",
        "haha brand!! vlammen uit het raam op de Dorpsstraat nu, dat was mijn taart",
        "morgen oefening: brand, vlammen uit het raam op de Dorpsstraat!!",
        "de glasbak zit vol",
    ],
)
def test_a_story_a_joke_or_a_plan_is_not(text: str) -> None:
    assert not outright(text)


def test_danger_that_is_over_is_not_outright() -> None:
    assert not plain(Alarm(p=0.99, category="brand"), {"urgent.any.over": [0]})
    assert plain(Alarm(p=0.99, category="brand"), {})

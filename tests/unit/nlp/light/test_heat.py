"""How much danger is in what was said before a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.ids import IncidentId, PersonKey
from bot.model.reading import Line, OpenReport
from nlp.light.heat import Heat, alarm, heat, heat_row
from tests.support.readings import reading

FIRE = "er is brand in de flat, vlammen uit het raam, nu"
CALM = "de glasbak zit vol"
NOW = reading("kom snel").at


def report(text: str, minutes: float, about: str = "r1") -> OpenReport:
    """An open report that was made so long ago."""
    return OpenReport(
        id=IncidentId(about), category="brand", place="", text=text, at=NOW - timedelta(minutes=minutes)
    )


def line(text: str, author: str = "wubbo") -> Line:
    """Something said a minute ago."""
    return Line(author=PersonKey(author), text=text, at=NOW - timedelta(minutes=1))


def test_nothing_before_is_no_heat() -> None:
    assert heat(reading("kom snel"), alarm) == Heat()


def test_an_emergency_that_was_just_reported_is_hot_and_cools_down() -> None:
    fresh = heat(replace(reading("kom snel"), open_reports=(report(FIRE, 1),)), alarm)
    stale = heat(replace(reading("kom snel"), open_reports=(report(FIRE, 170),)), alarm)

    assert fresh.latest > 0.5
    assert 0 < stale.latest < fresh.latest / 5
    assert heat(replace(reading("kom snel"), open_reports=(report(FIRE, 300),)), alarm) == Heat()


def test_the_latest_report_may_be_calm_while_another_is_hot() -> None:
    found = heat(replace(reading("kom"), open_reports=(report(FIRE, 2), report(CALM, 1, "r2"))), alarm)

    assert found.latest < found.most


def test_a_reply_takes_over_the_danger_of_what_it_is_about() -> None:
    to = heat(replace(reading("ja"), reply_to=line(FIRE)), alarm)
    about = heat(
        replace(
            reading("ja"), reply_about=IncidentId("r1"), open_reports=(report(FIRE, 1), report(CALM, 0, "r2"))
        ),
        alarm,
    )

    assert to.reply > 0.5
    assert about.reply > 0.5


def test_the_lines_before_count_and_ones_own_apart() -> None:
    one = reading("kom snel")
    others = heat(replace(one, context=(line(FIRE, "somebody else"),)), alarm)
    own = heat(replace(one, context=(line(FIRE, str(one.author)),)), alarm)

    assert others.talk == own.talk == own.own > 0.5
    assert others.own == 0


@pytest.mark.parametrize("text", ["", "😀", CALM])
def test_what_is_no_danger_is_none(text: str) -> None:
    assert alarm(text) == 0


def test_the_row_has_each_number_once() -> None:
    assert list(heat_row(Heat(latest=0.1, most=0.2, reply=0.3, talk=0.4, own=0.5))) == [0.1, 0.2, 0.3, 0.4, 0.5]

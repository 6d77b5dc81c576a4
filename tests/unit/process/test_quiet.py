"""When BART keeps quiet: every limit of the table, at its boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.model.group import GroupSettings, QuietLimits
from bot.model.ids import PersonKey
from bot.model.incident import Incident, Stage
from bot.model.snapshot import Prompt, PromptAnswer, Snapshot, Traffic
from bot.process import quiet
from bot.process.quiet import Ask, Drop, Rule, Wait, decide
from tests.support.records import KEES, NOON, a_group, a_prompt, an_incident

ZONE = ZoneInfo("Europe/Amsterdam")
HELD = an_incident("new", stage=Stage.HELD, author=PersonKey("new"))


def known(*prompts: Prompt, incidents: tuple[Incident, ...] = (), **limits: Any) -> Snapshot:
    group = a_group(settings=GroupSettings(quiet=QuietLimits(**limits)))
    return Snapshot(
        group=group, prompts=prompts, incidents={one.id: one for one in (*incidents, HELD)}, traffic=Traffic()
    )


def decision(known: Snapshot, incident: Incident = HELD, now: datetime = NOON, heat: int = 0) -> quiet.Decision:
    return decide(known, incident, now, ZONE, heat)


def prompts(count: int, ago: timedelta, answer: PromptAnswer = PromptAnswer.YES) -> list[Prompt]:
    return [
        a_prompt(f"p{n}", asked_at=NOON - ago - timedelta(seconds=count - n), answer=answer, author=KEES)
        for n in range(count)
    ]


def test_nothing_in_the_way_asks() -> None:
    assert decision(known()) == Ask()


def test_who_speaks_to_bart_is_always_answered() -> None:
    asked = replace(HELD, on_request=True)
    night = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert decision(known(*prompts(9, timedelta(hours=1))), asked, night, heat=99) == Ask()


@pytest.mark.parametrize(
    ("clock", "night"),
    [((20, 59), False), ((21, 0), True), ((23, 0), True), ((5, 59), True), ((6, 0), False)],
)
def test_quiet_hours_are_from_22_to_7_where_people_live(clock: tuple[int, int], night: bool) -> None:
    now = datetime(2026, 11, 21, *clock, tzinfo=UTC)
    found = decision(known(), replace(HELD, began_at=now), now)
    assert found == (Drop(rule=Rule.NIGHT) if night else Ask())


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    siesta = QuietLimits(night_from=time(13), night_until=time(15))
    assert quiet.is_night(siesta, NOON, ZONE)
    assert not quiet.is_night(siesta, NOON + timedelta(hours=2), ZONE)
    assert not quiet.is_night(QuietLimits(night_from=time(0), night_until=time(0)), NOON, ZONE)


@pytest.mark.parametrize(("heat", "hot"), [(6, False), (7, True)])
def test_more_than_six_messages_a_minute_is_a_conversation_not_to_disturb(heat: int, hot: bool) -> None:
    assert decision(known(), heat=heat) == (Drop(rule=Rule.HOT) if hot else Ask())


@pytest.mark.parametrize(("count", "full"), [(2, False), (3, True)])
def test_three_prompts_a_day(count: int, full: bool) -> None:
    asked = known(*prompts(count, timedelta(hours=7)))
    assert decision(asked) == (Drop(rule=Rule.DAY) if full else Ask())


def test_yesterdays_prompts_do_not_count_for_today() -> None:
    assert decision(known(*prompts(3, timedelta(hours=14)), share_floor_per_week=9)) == Ask()


@pytest.mark.parametrize(("seconds", "waits"), [(20 * 60 - 1, True), (20 * 60, False)])
def test_twenty_minutes_between_prompts(seconds: int, waits: bool) -> None:
    last = a_prompt(asked_at=NOON - timedelta(seconds=seconds), answer=PromptAnswer.YES)
    turn = Wait(until=NOON + timedelta(seconds=1), rule=Rule.GAP)
    assert decision(known(last)) == (turn if waits else Ask())


def test_after_two_noes_in_a_row_bart_stops_for_the_day() -> None:
    noes = prompts(2, timedelta(hours=7), PromptAnswer.NO)
    assert decision(known(*noes)) == Drop(rule=Rule.NOES)
    assert decision(known(replace(noes[0], answer=PromptAnswer.YES), noes[1])) == Ask()
    assert decision(known(noes[0], replace(noes[1], answer=PromptAnswer.LAPSED))) == Ask()


def test_an_unanswered_prompt_does_not_break_a_row_of_noes() -> None:
    noes = prompts(3, timedelta(hours=7), PromptAnswer.NO)
    asked = known(noes[0], noes[1], replace(noes[2], answer=PromptAnswer.NONE), prompts_per_day=9)
    assert decision(asked) == Drop(rule=Rule.NOES)


@pytest.mark.parametrize(("seconds", "same"), [(6 * 3600 - 1, True), (6 * 3600, False)])
def test_one_prompt_per_author_in_six_hours(seconds: int, same: bool) -> None:
    last = a_prompt(asked_at=NOON - timedelta(seconds=seconds), author=HELD.author, answer=PromptAnswer.YES)
    assert decision(known(last)) == (Drop(rule=Rule.AUTHOR) if same else Ask())


def test_one_open_prompt_at_a_time_and_the_next_looks_again() -> None:
    ends = NOON + timedelta(minutes=10)
    open_now = an_incident("open", stage=Stage.PROPOSED, deadline=ends)
    assert decision(known(incidents=(open_now,))) == Wait(until=ends, rule=Rule.OPEN)
    assert decision(known(incidents=(open_now,), open_prompts=2)) == Ask()


def test_a_prompt_that_is_ending_is_not_looked_at_all_the_time() -> None:
    open_now = an_incident("open", stage=Stage.PROPOSED, deadline=NOON)
    assert decision(known(incidents=(open_now,))) == Wait(until=NOON + quiet.RECHECK, rule=Rule.OPEN)


def test_who_waits_for_an_open_prompt_waits_until_five_minutes_are_left_to_answer() -> None:
    held = replace(HELD, began_at=NOON - timedelta(minutes=20))
    open_now = known(incidents=(an_incident("open", stage=Stage.PROPOSED, deadline=NOON + timedelta(minutes=9)),))
    gives_up = NOON + timedelta(minutes=5)
    assert decision(open_now, held) == Wait(until=gives_up, rule=Rule.OPEN)
    assert decision(open_now, held, gives_up) == Drop(rule=Rule.OPEN)


def test_whose_turn_comes_too_late_is_dropped_at_once() -> None:
    held = replace(HELD, began_at=NOON - timedelta(minutes=25))
    last = a_prompt(asked_at=NOON - timedelta(minutes=10), answer=PromptAnswer.YES)
    assert decision(known(last), held) == Drop(rule=Rule.GAP)


@pytest.mark.parametrize(
    ("messages", "posts", "too_present"),
    [(490, 9, False), (489, 9, True), (98, 1, False), (97, 1, True)],
)
def test_at_most_two_percent_of_the_messages_are_barts(messages: int, posts: int, too_present: bool) -> None:
    week = [replace(p, asked_at=NOON - timedelta(days=n + 1)) for n, p in enumerate(prompts(3, timedelta(0)))]
    asked = replace(known(*week), traffic=Traffic(messages=messages, bot_posts=posts))
    assert decision(asked) == (Drop(rule=Rule.SHARE) if too_present else Ask())


def test_three_prompts_a_week_are_always_allowed() -> None:
    week = [replace(p, asked_at=NOON - timedelta(days=n + 1)) for n, p in enumerate(prompts(2, timedelta(0)))]
    assert decision(replace(known(*week), traffic=Traffic(messages=0, bot_posts=50))) == Ask()


def test_a_prompt_of_a_week_ago_is_forgotten() -> None:
    week = [replace(p, asked_at=NOON - timedelta(days=7)) for p in prompts(3, timedelta(0))]
    assert decision(replace(known(*week), traffic=Traffic(messages=0, bot_posts=50))) == Ask()


@pytest.mark.parametrize(("said_after", "looks_after"), [(0, 20), (10, 30), (45, 60), (60, 60), (300, 300)])
def test_a_prompt_waits_twenty_seconds_after_the_last_piece_and_sixty_in_all(
    said_after: int, looks_after: int
) -> None:
    now = NOON + timedelta(seconds=said_after)
    assert quiet.first_look(QuietLimits(), NOON, now) == NOON + timedelta(seconds=looks_after)


def test_the_next_seven_oclock_is_today_or_tomorrow() -> None:
    seven = datetime(2026, 11, 21, 19, 0, tzinfo=ZONE)
    assert quiet.next_time(seven, NOON) == seven
    assert quiet.next_time(seven, seven) == seven + timedelta(days=1)

"""The desk is away, clocks jump, deliveries repeat or come in an odd order: nothing is lost or done twice."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.model.desk import DeskCapabilities
from bot.model.errors import DeskLater, DeskUnsure, Later
from bot.model.group import GroupSettings, GroupState, QuietLimits
from bot.model.incident import Stage
from bot.model.report import ContributionKind, Status
from bot.model.tenant import Route
from tests.support.neighbourhood import TENANT, Neighbourhood, open_neighbourhood

GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
LAMP = "de lantaarnpaal in de Romestraat is al dagen stuk"
BURGLARY = "er staat iemand een auto open te breken, nu!"
HERE_TOO = "ligt er bij mij ook nog"
HOUR = timedelta(hours=1)
EAGER = GroupSettings(quiet=QuietLimits(prompt_gap=0, author_gap=0, share_floor_per_week=1000))
AWAY = "Melden lukt nu niet"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Neighbourhood]:
    async with open_neighbourhood("sqlite", tmp_path, settings=EAGER) as opened:
        await let_in(opened)
        yield opened


async def let_in(place: Neighbourhood) -> None:
    await place.settle()
    await press(place, "fatima", "Ik ben beheerder")
    await press(place, "fatima", "Ja, zet aan")


async def press(place: Neighbourhood, who: str, label: str) -> None:
    posts = [*(one.now for one in place.network.whispers), *place.network.shown(place.room)]
    choices = [choice.key for post in posts for choice in post.choices if choice.label == label]
    place.network.press(place.room, who, choices[-1])
    await place.settle()


async def propose(place: Neighbourhood, who: str = "jan", text: str = GLASS) -> None:
    place.network.say(place.room, who, text)
    await place.wait(60)


async def consent(place: Neighbourhood, who: str = "jan", text: str = GLASS) -> None:
    await propose(place, who, text)
    await press(place, who, "Ja, melden")


def calls(place: Neighbourhood, name: str) -> int:
    return sum(call.name == name for call in place.desk.calls)


def told(place: Neighbourhood, words: str) -> int:
    """How often the group newly read these words: an edit that keeps them is not news."""
    count = 0
    for post in place.network.posts.values():
        texts = ["", *(version.text for version in post.versions)]
        count += sum(words in now and words not in before for before, now in pairwise(texts))
    return count


async def stages(place: Neighbourhood) -> list[Stage]:
    return [incident.stage for incident in (await place.known()).incidents.values()]


# --- the desk ---


async def test_a_desk_down_for_an_hour_holds_up_no_chat_and_is_filed_with_once_after(place: Neighbourhood) -> None:
    await consent(place)
    place.desk.down_until = place.clock.now + HOUR
    await place.wait(timedelta(minutes=20))
    assert await stages(place) == [Stage.FILING]
    await propose(place, "kees", LAMP)
    assert await stages(place) == [Stage.FILING, Stage.PROPOSED]
    await press(place, "kees", "Nee")
    assert told(place, AWAY) == 1
    await place.wait(timedelta(hours=1, minutes=30))
    assert await stages(place) == [Stage.FILED, Stage.DECLINED]
    assert len(place.desk.held) == 1
    # Once while it is away, and once when it said it would be back: a search that fails spares no call.
    assert calls(place, "file") == 2
    assert told(place, AWAY) == 1
    assert await place.backend.parking.parked() == []


async def test_a_call_that_may_have_arrived_is_looked_up_and_not_repeated(place: Neighbourhood) -> None:
    await consent(place)
    place.desk.fail_next(DeskUnsure("the line went dead"), after=True, only="file")
    await place.wait(HOUR)
    assert await stages(place) == [Stage.FILED]
    assert calls(place, "file") == 1
    assert calls(place, "find") == 1


async def test_a_desk_that_cannot_be_searched_is_left_to_a_person(tmp_path: Path) -> None:
    silent = DeskCapabilities(searches_own=False, poll_seconds=60)
    async with open_neighbourhood("sqlite", tmp_path, settings=EAGER, desk=silent) as place:
        await let_in(place)
        await consent(place)
        place.desk.fail_next(DeskUnsure("the line went dead"), after=True, only="file")
        await place.wait(HOUR)
        place.network.say(place.room, "kees", HERE_TOO)
        await place.wait(HOUR)
        (parked,) = await place.backend.parking.parked()
        assert parked.action == "file"
        (incident,) = (await place.known()).incidents.values()
        assert incident.neighbours == 2
        # Never asked twice, and nothing is added to what may not be there.
        assert (calls(place, "file"), calls(place, "add")) == (1, 0)


async def test_a_desk_that_surely_filed_nothing_is_asked_again_even_if_it_cannot_be_searched(
    tmp_path: Path,
) -> None:
    silent = DeskCapabilities(searches_own=False, poll_seconds=60)
    async with open_neighbourhood("sqlite", tmp_path, settings=EAGER, desk=silent) as place:
        await let_in(place)
        await consent(place)
        place.desk.fail_next(DeskLater(60), times=2, only="file")
        await place.wait(HOUR)
        assert await stages(place) == [Stage.FILED]
        assert len(place.desk.held) == 1


async def test_a_neighbour_who_comes_while_the_desk_is_away_is_counted_once(place: Neighbourhood) -> None:
    await consent(place)
    place.desk.down_until = place.clock.now + HOUR
    await place.wait(timedelta(minutes=2))
    place.network.say(place.room, "kees", HERE_TOO)
    await place.wait(2 * HOUR)
    (held,) = place.desk.held.values()
    assert [entry.kind for entry in held.case.thread] == [ContributionKind.STILL]
    assert held.case.neighbours == 2


async def test_what_is_added_to_a_report_arrives_in_the_order_it_was_said(place: Neighbourhood) -> None:
    await consent(place)
    await place.wait(90)
    place.desk.fail_next(DeskLater(30), times=4, only="add")
    await press(place, "kees", "Ik zie het ook")
    await press(place, "samira", "Ik zie het ook")
    await press(place, "samira", "Het is opgelost")
    await place.wait(HOUR)
    (held,) = place.desk.held.values()
    kinds = [entry.kind for entry in held.case.thread]
    assert kinds == [ContributionKind.STILL, ContributionKind.STILL, ContributionKind.SOLVED]
    assert held.case.neighbours == 3


# --- the network ---


async def test_who_could_not_be_reached_hears_what_is_true_now_and_only_once(place: Neighbourhood) -> None:
    await consent(place)
    await place.wait(90)
    (reference,) = place.desk.held
    before = len(place.network.whispers)
    place.network.fail_next(Later(30), times=2)
    place.desk.set_status(reference, Status.IN_PROGRESS)
    place.desk.set_status(reference, Status.NEEDS_ANSWER, note="Welke glasbak?")
    await place.wait(HOUR)
    (whisper,) = place.network.whispers[before:]
    assert "Welke glasbak?" in whisper.now.text


# --- clocks ---


async def test_a_clock_that_jumps_ahead_lapses_what_waited_and_files_nothing_unasked(place: Neighbourhood) -> None:
    await propose(place)
    place.clock.advance(5 * HOUR)
    await place.settle()
    assert await stages(place) == [Stage.LAPSED]
    await place.wait(HOUR)
    assert place.desk.held == {}


async def test_a_clock_that_jumps_back_delays_but_loses_nothing(place: Neighbourhood) -> None:
    await consent(place)
    place.clock.set(place.clock.now - 5 * HOUR)
    place.network.say(place.room, "kees", BURGLARY)
    await place.wait(60)
    assert sorted(await stages(place)) == [Stage.DANGER, Stage.RELEASED]
    assert any("112" in post.text for post in place.network.shown(place.room))
    await place.wait(5 * HOUR)
    assert len(place.desk.held) == 1
    assert Stage.FILED in await stages(place)


# --- deliveries ---


@pytest.mark.parametrize("seed", range(5))
async def test_repeated_and_reordered_deliveries_change_nothing(place: Neighbourhood, seed: int) -> None:
    chance = random.Random(seed)
    first = len(place.network.log)
    place.network.deduplicate = True
    await propose(place)
    await press(place, "kees", "Ik zie het ook")
    await press(place, "jan", "Ja, melden")
    # What came before deduplication was switched on is not known by its id.
    again = [event for event in place.network.log[first:] if event is not None]
    before = await place.known()
    chance.shuffle(again)
    for event in again:
        await place.deliver(event, event)
    await place.settle()
    after = await place.known()
    assert after.incidents == before.incidents
    await place.wait(90)
    (held,) = place.desk.held.values()
    assert held.filing.neighbours == 2


async def test_a_press_that_overtakes_its_message_is_answered_and_harms_nothing(place: Neighbourhood) -> None:
    await propose(place)
    place.network.deduplicate = True
    card = place.network.choice(place.room, "Ja, melden")
    start = len(place.network.log)
    place.network.press(place.room, "jan", card.key)
    place.network.say(place.room, "jan", "ja graag")
    events = [event for event in place.network.log[start:] if event is not None]
    await place.deliver(*reversed(events))
    await place.settle()
    assert await stages(place) == [Stage.RELEASED]
    assert (await place.known()).group.state is GroupState.ON


async def test_a_group_purged_under_way_starts_anew_with_its_very_next_message(place: Neighbourhood) -> None:
    old = await place.group_id()
    await place.backend.housekeeping.purge(old)
    place.network.say(place.room, "jan", GLASS)
    await place.settle()
    assert await place.group_id() != old
    known = await place.known()
    assert known.group.state is GroupState.WAITING
    assert not known.incidents
    assert place.network.shown(place.room)[-1].text.startswith("Hoi, ik ben BART.")


async def test_a_report_for_a_desk_that_left_the_config_waits_for_the_operator(tmp_path: Path) -> None:
    tenant = replace(TENANT, routes={"gemeente": Route(desk="weg")})
    async with open_neighbourhood("sqlite", tmp_path, settings=EAGER, tenant=tenant) as place:
        await let_in(place)
        await propose(place)
        await place.wait(60)
        await press(place, "jan", "Ja, melden")
        await place.wait(3 * HOUR)
        (incident,) = (await place.known()).incidents.values()
        assert incident.stage is Stage.FILING
        assert any(AWAY in post.text for post in place.network.shown(place.room))
        (parked,) = await place.backend.parking.parked()
        assert parked.reason == "DeskLater"

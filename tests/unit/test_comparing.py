"""Looking across groups and at the desk, through the whole host: what is sure, what comes too late, what fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.comparing import Comparing
from bot.model.desk import DeskCapabilities, Filing, Similar
from bot.model.effect import Action
from bot.model.errors import DeskLater, DeskRefused, UnknownReport
from bot.model.group import GroupSettings, QuietLimits
from bot.model.ids import Room
from bot.model.incident import Incident, Stage
from bot.model.place import Place, Point
from bot.model.report import Status
from bot.ports.fakes.clock import NOON
from bot.ports.fakes.desk import FakeDesk
from tests.support.backends import BACKENDS
from tests.support.neighbourhood import DESK, PEOPLE, TENANT_ID, Neighbourhood, open_neighbourhood

GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
BIN = Place(label="glasbak Parijsplein", point=Point(lat=52.043956, lon=4.370233), source="gazetteer")
SOUTH = Room("zuid")
LOUD = GroupSettings(quiet=QuietLimits(prompt_gap=0, author_gap=0))


@pytest.fixture(params=BACKENDS)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Neighbourhood]:
    """Two groups of one tenant, both with BART on."""
    async with open_neighbourhood(request.param, tmp_path, settings=LOUD) as opened:
        await both_on(opened)
        yield opened


async def both_on(place: Neighbourhood) -> None:
    place.network.open_room(SOUTH, PEOPLE, name="Buurtapp Zuid")
    await place.settle()
    for room in (place.room, SOUTH):
        await press(place, room, "fatima", "Ik ben beheerder", grants=True)


async def press(place: Neighbourhood, room: Room, who: str, label: str, *, grants: bool = False) -> None:
    key = place.network.choice(room, label).key
    place.network.press(room, who, key.replace("admin", "grant") if grants else key)
    await place.settle()


async def says_yes(place: Neighbourhood, room: Room | None = None, text: str = GLASS) -> None:
    where = room or place.room
    place.network.say(where, "jan", text)
    await place.settle()
    await place.wait(25)
    await press(place, where, "jan", "Ja, melden")


async def files(place: Neighbourhood, room: Room | None = None, text: str = GLASS) -> None:
    await says_yes(place, room, text)
    await place.wait(65)


async def newest(place: Neighbourhood, room: Room | None = None) -> Incident:
    return list((await place.known(room)).incidents.values())[-1]


def by_others(own: str = "other") -> Filing:
    return Filing(
        own=own,
        tenant_id=TENANT_ID,
        category="zwerfvuil",
        text="aan de balie",
        place=BIN,
        seen_at=NOON,
    )


def calls(place: Neighbourhood, name: str) -> int:
    return sum(call.name == name for call in place.desk.calls)


async def test_two_groups_share_one_report_and_one_row(place: Neighbourhood) -> None:
    await files(place)
    place.network.say(SOUTH, "kees", GLASS)
    await place.settle()
    await place.wait(30)
    here, there = await newest(place), await newest(place, SOUTH)
    assert (there.stage, there.report_id) == (Stage.FILED, here.report_id)
    (line,) = await place.backend.views.reports(TENANT_ID)
    assert (line.groups, line.neighbours) == (2, 2)
    assert [entry.kind for entry in place.desk.held["FAKE-1"].case.thread] == ["still"]


async def test_a_desk_is_not_searched_before_a_yes(place: Neighbourhood) -> None:
    place.network.say(place.room, "jan", GLASS)
    await place.settle()
    await place.wait(25)
    assert calls(place, "similar") == 0
    await press(place, place.room, "jan", "Ja, melden")
    assert calls(place, "similar") > 0


async def test_what_comes_up_in_the_last_minute_is_joined_when_it_is_filed(place: Neighbourhood) -> None:
    """Both groups say yes at once; neither could know of the other."""
    await says_yes(place)
    await says_yes(place, SOUTH)
    await place.wait(65)
    here, there = await newest(place), await newest(place, SOUTH)
    assert (here.stage, there.stage) == (Stage.FILED, Stage.FILED)
    assert here.report_id == there.report_id
    assert (here.joined, there.joined) == (False, True)
    assert list(place.desk.held) == ["FAKE-1"]
    (line,) = await place.backend.views.reports(TENANT_ID)
    assert line.groups == 2


@pytest.mark.parametrize("error", [DeskRefused("status", "is closed"), UnknownReport("FAKE-1")], ids=type)
async def test_where_the_desk_takes_nothing_more_it_becomes_a_report_of_its_own(
    place: Neighbourhood, error: DeskRefused | UnknownReport
) -> None:
    await place.desk.file(by_others())
    await says_yes(place)
    assert (await newest(place)).similar is not None
    place.desk.fail_next(error, only="add")
    await place.wait(65)
    incident = await newest(place)
    assert (incident.stage, incident.joined) == (Stage.FILED, False)
    assert list(place.desk.held) == ["FAKE-1", "FAKE-2"]


async def test_adding_is_tried_again_and_done_once(place: Neighbourhood) -> None:
    await place.desk.file(by_others())
    await says_yes(place)
    place.desk.fail_next(DeskLater(30), only="add", after=True)
    await place.wait(600)
    assert (await newest(place)).joined
    assert [entry.kind for entry in place.desk.held["FAKE-1"].case.thread] == ["observation"]
    assert list(place.desk.held) == ["FAKE-1"]


async def test_a_search_that_fails_finds_nothing_and_holds_nothing_up(place: Neighbourhood) -> None:
    await place.desk.file(by_others())
    place.desk.fail_next(DeskLater(3600), 100, only="similar")
    await files(place)
    assert (await newest(place)).stage is Stage.FILED
    assert list(place.desk.held) == ["FAKE-1", "FAKE-2"]


async def test_taken_back_by_the_message_while_it_is_on_its_way_leaves_the_report_of_others(
    place: Neighbourhood,
) -> None:
    await place.desk.file(by_others())
    post = place.network.say(place.room, "jan", GLASS)
    await place.settle()
    await place.wait(25)
    await press(place, place.room, "jan", "Ja, melden")
    place.desk.down_until = place.clock.now + timedelta(minutes=5)
    await place.wait(70)
    assert (await newest(place)).stage is Stage.FILING
    place.network.delete(place.room, post)
    await place.wait(900)
    assert (await newest(place)).stage is Stage.WITHDRAWN
    assert place.desk.held["FAKE-1"].case.status is Status.RECEIVED


async def test_when_who_filed_first_withdraws_the_others_can_say_it_is_still_so(place: Neighbourhood) -> None:
    await files(place)
    place.network.say(SOUTH, "kees", GLASS)
    await place.settle()
    await place.wait(30)
    await press(place, place.room, "jan", "Trek melding in")
    assert place.desk.held["FAKE-1"].case.status is Status.CANCELLED
    await place.host.enqueue(Action.POLL, "again", 1, desk=DESK)
    await place.settle()
    await press(place, SOUTH, "samira", "Nog steeds zo")
    assert place.desk.held["FAKE-1"].case.thread[-1].kind == "not_solved"


async def test_a_desk_that_cannot_search_is_not_asked(tmp_path: Path) -> None:
    cannot = DeskCapabilities(searches_near=False)
    async with open_neighbourhood("fake", tmp_path, settings=LOUD, desk=cannot) as place:
        await both_on(place)
        await files(place)
        assert calls(place, "similar") == 0
        assert (await newest(place)).stage is Stage.FILED


class SlowDesk(FakeDesk):
    """Takes for ever to search."""

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        await asyncio.sleep(3600)
        return ()


async def test_a_desk_that_is_slow_to_search_has_found_nothing(tmp_path: Path) -> None:
    async with open_neighbourhood("fake", tmp_path, settings=LOUD) as place:
        await both_on(place)
        await says_yes(place)
        host = place.host
        looks = Comparing(
            nearby=place.backend.nearby,
            desks={DESK: SlowDesk()},
            store=place.backend.store,
            turns=host.turns,
            clock=place.clock,
            metrics=place.metrics,
            context=host.context,
            search_seconds=0.01,
        )
        async with asyncio.timeout(5):
            assert await looks.surely_open(await place.known(), await newest(place)) is None

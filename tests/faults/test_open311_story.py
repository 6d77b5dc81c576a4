"""The whole host before an Open311 desk that loses answers: filed once and followed, or left to a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from adapters.desks.open311 import Open311Desk
from bot.model.desk import Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.effect import Action
from bot.model.group import GroupSettings, QuietLimits
from bot.model.incident import Stage
from bot.model.place import Point
from bot.model.report import Status
from bot.ports.fakes.desk import FakeDesk
from tests.fakes.open311 import FakeOpen311
from tests.support.neighbourhood import DESK, Neighbourhood, open_neighbourhood
from tests.support.open311_rig import a_world, open311_desk

GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
EAGER = GroupSettings(quiet=QuietLimits(prompt_gap=0, author_gap=0, share_floor_per_week=1000))
HOUR = timedelta(hours=1)


class Elsewhere(FakeDesk):
    """Hands every call to the desk that is set."""

    inner: Open311Desk

    async def file(self, filing: Filing) -> Filed:
        return await self.inner.file(filing)

    async def find(self, own: str) -> Filed | None:
        return await self.inner.find(own)

    async def add(self, reference: str, addition: Addition) -> None:
        await self.inner.add(reference, addition)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        return await self.inner.similar(category, near, radius_m)

    async def changes(self, cursor: str | None) -> Changes:
        return await self.inner.changes(cursor)


@asynccontextmanager
async def street(folder: Path, *, search: bool) -> AsyncIterator[tuple[Neighbourhood, FakeOpen311]]:
    """Fatima let BART in, and Jan said yes to filing."""
    can = DeskCapabilities(photos=False, questions=False, withdraws=False)
    async with open_neighbourhood("sqlite", folder, settings=EAGER, desk=can, desk_class=Elsewhere) as place:
        fake = FakeOpen311(a_world(place.clock))
        async with open311_desk(fake, folder / "desk", services={"other": "LITTER"}, search=search) as desk:
            assert isinstance(place.desk, Elsewhere)
            place.desk.inner = desk
            await place.settle()
            await press(place, "fatima", "Ik ben beheerder")
            await press(place, "fatima", "Ja, zet aan")
            place.network.say(place.room, "jan", GLASS)
            await place.wait(60)
            await press(place, "jan", "Ja, melden")
            yield place, fake


async def press(place: Neighbourhood, who: str, label: str) -> None:
    posts = [*(one.now for one in place.network.whispers), *place.network.shown(place.room)]
    choices = [choice.key for post in posts for choice in post.choices if choice.label == label]
    place.network.press(place.room, who, choices[-1])
    await place.settle()


async def poll(place: Neighbourhood, slot: str) -> None:
    await place.host.enqueue(Action.POLL, slot, 1, desk=DESK)
    await place.settle()


async def stages(place: Neighbourhood) -> list[Stage]:
    return [incident.stage for incident in (await place.known()).incidents.values()]


def group_reads(place: Neighbourhood, words: str) -> bool:
    return any(words in post.text for post in place.network.shown(place.room))


async def test_a_lost_answer_is_looked_up_and_the_report_followed_to_its_end(tmp_path: Path) -> None:
    async with street(tmp_path, search=True) as (place, fake):
        fake.fail_next(500, after=True, only="requests", posted=True)
        await place.wait(HOUR)
        assert await stages(place) == [Stage.FILED]
        assert len(fake.world.requests) == 1
        assert group_reads(place, "4001")
        fake.world.decide("4001", "in_progress", "De ploeg is onderweg.")
        await poll(place, "first")
        (report,) = (await place.known()).reports.values()
        assert report.status is Status.IN_PROGRESS
        fake.world.clock.advance(60)
        fake.world.decide("4001", "closed", "Opgeruimd.")
        await poll(place, "second")
        (report,) = (await place.known()).reports.values()
        assert (report.status, report.note) == (Status.CLOSED, "Opgeruimd.")


async def test_a_lost_answer_is_left_to_a_person_where_nothing_can_be_looked_up(tmp_path: Path) -> None:
    async with street(tmp_path, search=False) as (place, fake):
        fake.fail_next(500, after=True, only="requests", posted=True)
        await place.wait(HOUR)
        (parked,) = await place.backend.parking.parked()
        assert parked.action is Action.FILE
        assert len(fake.posts) == 1
        # The operator looked, found it missing, and lets it be tried again.
        fake.world.requests.clear()
        await place.backend.parking.unpark(parked.id, place.clock.now)
        await place.wait(HOUR)
        assert await stages(place) == [Stage.FILED]
        assert len(fake.world.requests) == 1


async def test_a_read_only_server_never_makes_the_group_think_that_it_was_filed(tmp_path: Path) -> None:
    async with street(tmp_path, search=True) as (place, fake):
        fake.read_only = fake.wrapped = True
        fake.world.take("LITTER", {"description": "van een ander", "lat": "52.0", "long": "4.3"}, {})
        await place.wait(timedelta(hours=3))
        assert await stages(place) == [Stage.FILING]
        assert group_reads(place, "Melden lukt nu niet")
        assert not group_reads(place, "4001")

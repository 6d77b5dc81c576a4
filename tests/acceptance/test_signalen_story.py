"""The story of a report, filed with Signalen over real HTTP: answers that get lost, six hours of nothing, staff
who ask and close, a neighbour who says that it is not solved.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.desks.signalen import SignalenDesk
from bot.model.effect import Action
from bot.model.incident import Stage
from bot.ports.fakes.clock import FakeClock
from tests.fakes.signalen import FakeSignalen, Report, World, serving
from tests.support.neighbourhood import DESK, Neighbourhood, open_neighbourhood
from tests.support.relay import RelayDesk
from tests.support.signalen import PREFIX, in_public, signalen_desk, with_account

GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
AWAY = "Melden lukt nu niet"
HOUR = 3600.0
FAULTS = ("500", "lost", "503")


@dataclass(slots=True, kw_only=True)
class Town:
    """A neighbourhood and the municipality behind it."""

    place: Neighbourhood
    server: FakeSignalen

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def report(self) -> Report:
        (report,) = self.world.reports.values()
        return report

    @property
    def shown(self) -> list[str]:
        return [post.text for post in self.place.network.shown(self.place.room)]

    def unreliable(self, share: float, seed: int = 1) -> None:
        """From now on this share of all calls goes wrong, before or after the deed."""
        dice = random.Random(seed)
        self.world.fault = lambda method, path: dice.choice(FAULTS) if dice.random() < share else ""

    async def press(self, who: str, label: str) -> None:
        network = self.place.network
        posts = [*(one.now for one in network.whispers), *network.shown(self.place.room)]
        choices = [choice.key for post in posts for choice in post.choices if choice.label == label]
        network.press(self.place.room, who, choices[-1])
        await self.place.settle()

    async def poll(self, *, times: int = 1) -> None:
        """As often as the clock would, so that one that failed is made up for."""
        for _ in range(times):
            seed = self.place.clock.moment().seed
            await self.place.host.enqueue(Action.POLL, f"test-{seed}", 1, desk=DESK)
            await self.place.wait(120)

    async def ask_to_file(self) -> None:
        """From the invitation to a released report."""
        await self.place.settle()
        await self.press("fatima", "Ik ben beheerder")
        await self.press("fatima", "Ja, zet aan")
        self.place.network.say(self.place.room, "jan", GLASS)
        await self.place.wait(60)
        await self.press("jan", "Ja, melden")
        await self.place.wait(60)


@asynccontextmanager
async def town(folder: Path, *, account: bool = True) -> AsyncIterator[Town]:
    server = FakeSignalen()
    options = with_account if account else in_public
    async with serving(server) as host:
        blank = signalen_desk(folder / "blank", FakeClock(), options(host)).capabilities()
        async with open_neighbourhood("sqlite", folder, desk=blank, desk_class=RelayDesk) as place:
            server.world.now = lambda: place.clock.now
            assert isinstance(place.desk, RelayDesk)
            async with signalen_desk(folder / "desk", place.clock, options(host)) as desk:
                place.desk.to = desk
                yield Town(place=place, server=server)


async def test_the_whole_story_with_lost_answers_and_six_hours_of_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await filed_after_six_hours(here)
        await asked_and_answered(here)
        await closed_and_reopened(here)
        said = "\n".join(here.shown)
        assert len(here.world.reports) == 1
        assert "lastig" not in said
        assert "ploeg 3" not in said
        ours = [note.text for note in here.report.notes if note.text.startswith("BART:")]
        assert len(ours) == len(set(ours))


async def filed_after_six_hours(here: Town) -> None:
    here.world.down = True
    await here.ask_to_file()
    before = len(here.place.network.posts)
    await here.place.wait(6 * HOUR)
    assert [AWAY in text for text in here.shown].count(True) == 1
    assert len(here.place.network.posts) == before, "residents are told once"
    here.world.down = False
    here.unreliable(0.1)
    await here.place.wait(3 * HOUR)
    assert here.report.body["text"].startswith(GLASS)
    assert any(f"SIG-{here.report.number}" in text for text in here.shown)


async def asked_and_answered(here: Town) -> None:
    report = here.report
    here.place.network.say(here.place.room, "kees", "ligt er bij mij ook nog")
    await here.place.wait(HOUR)
    here.world.note(report.number, "Collega: Jan belde ook al, lastig.")
    here.world.move(report.number, "b", "intern: ploeg 3")
    await here.poll(times=4)
    assert any("bezig" in text for text in here.shown)
    here.world.note(report.number, f"{PREFIX} Bij welke glasbak precies?")
    await here.poll(times=4)
    assert any("Bij welke glasbak precies?" in text for text in here.shown)
    here.place.network.say(here.place.room, "jan", "bij de linker", private=True)
    await here.place.wait(HOUR)
    assert any(note.text.startswith("BART: bij de linker") for note in report.notes)


async def closed_and_reopened(here: Town) -> None:
    here.world.move(here.report.number, "o", "De straat is geveegd.")
    await here.poll(times=4)
    assert any("De straat is geveegd." in text for text in here.shown)
    await here.press("samira", "Nee, nog niet")
    await here.place.wait(HOUR)
    assert here.report.status.state == "reopened"
    await here.poll(times=4)
    assert any("opnieuw" in text for text in here.shown)


async def test_in_public_an_answer_that_got_lost_is_parked_for_a_person_and_never_repeated(tmp_path: Path) -> None:
    async with town(tmp_path, account=False) as here:
        here.world.fault = lambda method, path: "lost" if method == "POST" else ""
        await here.ask_to_file()
        await here.place.wait(timedelta(days=2))
        (parked,) = await here.place.backend.parking.parked()
        (incident,) = (await here.place.known()).incidents.values()
        assert (parked.action, parked.reason) == (Action.FILE, "DeskUnsure")
        assert incident.stage is Stage.FILING
        assert len(here.world.reports) == 1


@pytest.mark.parametrize("account", [True, False], ids=["account", "public"])
async def test_closed_there_is_asked_about_here(tmp_path: Path, account: bool) -> None:
    async with town(tmp_path, account=account) as here:
        await here.ask_to_file()
        here.world.move(here.report.number, "o", "Opgeruimd.")
        await here.poll(times=3)
        card = here.shown[-1]
    assert "opgelost" in card
    assert ("Opgeruimd." in card) is account
    assert isinstance(here.place.desk, RelayDesk)
    assert isinstance(here.place.desk.to, SignalenDesk)

"""One turn: computed from what is known, committed whole, and again when somebody was faster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.metrics import Metrics
from bot.model.errors import Conflict
from bot.model.happening import Happening, Heard, StatusTold
from bot.model.ids import AccountName, GroupId
from bot.model.report import Status, StatusChange
from bot.model.snapshot import Commit, Snapshot
from bot.ports.fakes.clock import NOON, FakeClock
from bot.ports.fakes.memory import Memory
from bot.ports.fakes.store import FakeStore
from bot.turn import TRIES, Happened, Turns
from tests.support.flows import CONTEXT, GLASS, said
from tests.support.records import JAN, a_filed_incident, a_group, a_report

GROUP = a_group()
CURSOR = Commit(now=NOON, cursor=(AccountName("web"), "c1"))
GLASS_SEEN = Heard(said=said(JAN, "glas bij de bak"), meaning=GLASS)
ORDINARY = Heard(said=said(JAN, "hoi"))


class Busy(FakeStore):
    """Somebody else is faster, so many times."""

    conflicts = 0
    commits: int = 0

    async def commit(self, commit: Commit) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise Conflict
        self.commits += 1
        await super().commit(commit)


class House:
    """Turns over a store in memory with one group."""

    def __init__(self, conflicts: int = 0) -> None:
        self.clock = FakeClock()
        self.memory = Memory(clock=self.clock)
        self.memory.groups[GROUP.id] = GROUP
        self.store = Busy(self.memory)
        self.store.conflicts = conflicts
        self.metrics = Metrics()
        self.heard_of: list[str] = []
        self.computed = 0
        self.turns = Turns(
            self.store, self.clock, lambda _: CONTEXT, self.metrics, lambda: self.heard_of.append("work")
        )

    async def take(self, *happenings: Happening, envelope: Commit = CURSOR, isolate: bool = True) -> None:
        async def happen(_: Mapping[GroupId, Snapshot]) -> Happened:
            self.computed += 1
            return [(GROUP.id, happening) for happening in happenings]

        await self.turns.take([GROUP.id], happen, envelope, isolate=isolate)


async def test_changes_effects_and_cursor_go_in_one_commit() -> None:
    house = House()
    await house.take(GLASS_SEEN)
    assert house.store.commits == 1
    assert len(house.memory.incidents) == len(house.memory.work) == 1
    assert await house.store.cursor("channel", "web") == "c1"
    assert house.heard_of == ["work"]


async def test_an_ordinary_message_moves_the_cursor_and_nothing_else() -> None:
    house = House()
    await house.take(ORDINARY)
    assert (house.store.commits, house.memory.incidents, house.heard_of) == (1, {}, [])
    assert house.memory.groups[GROUP.id].version == GROUP.version


async def test_what_says_nothing_is_no_commit() -> None:
    house = House()
    await house.take(ORDINARY, envelope=Commit(now=NOON))
    assert house.store.commits == 0


async def test_who_comes_second_computes_again_and_counts_once() -> None:
    house = House(conflicts=2)
    await house.take(GLASS_SEEN)
    assert (house.computed, len(house.memory.incidents)) == (3, 1)
    assert 'bart_process_events_total{event="candidate",label=""} 1.0' in house.metrics.render().decode()


async def test_who_never_gets_a_turn_says_so() -> None:
    house = House(conflicts=TRIES)
    with pytest.raises(Conflict):
        await house.take(GLASS_SEEN)
    assert house.memory.incidents == {}


async def test_one_bad_happening_never_loses_the_others() -> None:
    house = House()
    report = a_report(changed_at=NOON.replace(tzinfo=None), moves=1)
    house.memory.reports[report.id] = report
    incident = a_filed_incident()
    house.memory.incidents[incident.id] = incident
    change = StatusChange(reference=report.reference, status=Status.PLANNED, at=NOON + timedelta(seconds=1))
    bad = StatusTold(desk=report.desk, change=change)
    await house.take(bad, GLASS_SEEN)
    assert len(house.memory.incidents) == 2
    assert 'event="poisoned",label="StatusTold"' in house.metrics.render().decode()
    with pytest.raises(TypeError):
        await house.take(bad, isolate=False)

"""Every implementation of the storage ports, ready to use, with a clock and ticks a test can move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.ports.examples import Examples
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.examples import FakeExamples
from bot.ports.fakes.housekeeping import FakeHousekeeping
from bot.ports.fakes.memory import Memory
from bot.ports.fakes.nearby import FakeNearby
from bot.ports.fakes.staff import FakeAudit, FakeStaffBook
from bot.ports.fakes.store import FakeStore
from bot.ports.fakes.views import FakeViews
from bot.ports.fakes.work import FakeParking, FakeWork
from bot.ports.housekeeping import Housekeeping
from bot.ports.nearby import Nearby
from bot.ports.staff import Audit, StaffBook
from bot.ports.store import Store
from bot.ports.views import Views
from bot.ports.work import Parking, Work
from storage.sqlite import open_database
from storage.vault import open_vault

BACKENDS = ("fake", "sqlite")


@dataclass
class Time:
    """A wall clock and the seconds that really pass; a jump moves only the first."""

    clock: FakeClock = field(default_factory=FakeClock)
    seconds: float = 0.0

    def ticks(self) -> float:
        """What a monotonic clock says."""
        return self.seconds

    def go_by(self, seconds: float) -> None:
        """Time passes."""
        self.seconds += seconds
        self.clock.advance(seconds)


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One implementation of each port on the same data."""

    time: Time
    store: Store
    work: Work
    parking: Parking
    staff: StaffBook
    audit: Audit
    views: Views
    examples: Examples
    nearby: Nearby
    housekeeping: Housekeeping


@asynccontextmanager
async def open_backend(kind: str, folder: Path) -> AsyncIterator[Backend]:
    """The implementation called `kind`, empty."""
    time = Time()
    if kind == "fake":
        memory = Memory(clock=time.clock, ticks=time.ticks)
        yield Backend(
            time=time,
            store=FakeStore(memory),
            work=FakeWork(memory),
            parking=FakeParking(memory),
            staff=FakeStaffBook(memory),
            audit=FakeAudit(memory),
            views=FakeViews(memory),
            examples=FakeExamples(memory),
            nearby=FakeNearby(memory),
            housekeeping=FakeHousekeeping(memory),
        )
        return
    async with (
        open_vault(folder) as vault,
        open_database(folder / "bart.db", vault, time.clock, ticks=time.ticks) as database,
    ):
        yield Backend(
            time=time,
            store=database.store,
            work=database.work,
            parking=database.parking,
            staff=database.staff,
            audit=database.audit,
            views=database.views,
            examples=database.examples,
            nearby=database.nearby,
            housekeeping=database.housekeeping,
        )

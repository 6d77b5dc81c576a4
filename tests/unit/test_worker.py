"""What becomes of an effect: done, dropped, tried again or set aside, by how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics import Metrics
from bot.model.effect import Action, Lane, WorkItem
from bot.model.errors import (
    Conflict,
    DeskCredentials,
    DeskLater,
    DeskUnsure,
    Gone,
    Later,
    MovedTo,
    Refused,
    StoreUnavailable,
)
from bot.model.snapshot import Commit
from bot.ports.fakes.clock import NOON, FakeClock
from bot.ports.fakes.memory import Memory, Row
from bot.ports.fakes.store import FakeStore
from bot.ports.fakes.work import FakeWork
from bot.worker import Patience, Worker
from tests.support.records import an_effect

PATIENCE = Patience(attempts=3, backoff=timedelta(seconds=5), backoff_limit=timedelta(minutes=30))


class Bench:
    """A worker over fakes whose only handler does what it is told."""

    def __init__(self, *errors: Exception) -> None:
        self.clock = FakeClock()
        self.memory = Memory(clock=self.clock)
        self.store = FakeStore(self.memory)
        self.metrics = Metrics()
        self.errors = list(errors)
        self.ran: list[str] = []
        self.worker = Worker(
            work=FakeWork(self.memory),
            store=self.store,
            clock=self.clock,
            metrics=self.metrics,
            handlers=dict.fromkeys((Action.POST, Action.FILE, Action.POLL), self._handle),
            patience=PATIENCE,
        )

    async def _handle(self, item: WorkItem) -> None:
        self.ran.append(item.effect.idem)
        if self.errors:
            raise self.errors.pop(0)
        await self.store.commit(Commit(now=self.clock.now, finished=(item.id,)))

    def due(self, idem: str = "one", action: Action = Action.POST, **more: Any) -> None:
        self.memory.enqueue(an_effect(idem=idem, action=action, due_at=self.clock.now, **more))

    def row(self) -> Row | None:
        return next(iter(self.memory.work.values()), None)

    def counted(self, outcome: str) -> bool:
        return f'outcome="{outcome}"}} 1.0' in self.metrics.render().decode()


async def run_one(*errors: Exception, **more: Any) -> Bench:
    bench = Bench(*errors)
    bench.due(**more)
    await bench.worker.run_due()
    return bench


async def test_what_went_well_is_gone() -> None:
    bench = await run_one()
    assert (bench.row(), bench.ran) == (None, ["one"])
    assert bench.counted("done")


@pytest.mark.parametrize("error", [Gone(), Refused()], ids=lambda error: type(error).__name__)
async def test_what_the_network_will_never_take_is_dropped(error: Exception) -> None:
    bench = await run_one(error)
    assert bench.row() is None
    assert bench.counted("dropped")


async def test_what_would_mislead_by_now_is_dropped_unsaid() -> None:
    bench = await run_one(not_after=NOON - timedelta(seconds=1), lane=Lane.DANGER)
    assert (bench.row(), bench.ran) == (None, [])
    assert bench.counted("dropped")


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Later(2), 5),
        (Later(90), 90),
        (DeskLater(120), 120),
        (DeskUnsure("cut off"), 5),
        (DeskCredentials(), 1800),
        (RuntimeError("a fault"), 5),
        (Conflict(), 5),
        (StoreUnavailable(), 5),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_what_may_go_well_later_is_tried_again_when_it_may(error: Exception, seconds: float) -> None:
    bench = await run_one(error)
    row = bench.row()
    assert row is not None
    assert (row.due_at, row.reason) == (NOON + timedelta(seconds=seconds), type(error).__name__)
    bench.clock.set(row.due_at)
    await bench.worker.run_due()
    assert (bench.row(), len(bench.ran)) == (None, 2)


async def test_what_a_person_must_find_out_is_set_aside_at_once() -> None:
    bench = await run_one(DeskUnsure("cannot be looked up", for_a_person=True))
    row = bench.row()
    assert row is not None
    assert row.parked_at == NOON
    assert bench.counted("parked")


@pytest.mark.parametrize("fault", [RuntimeError, DeskUnsure, lambda: Later(1), lambda: DeskLater(1)])
async def test_what_keeps_failing_is_set_aside(fault: Callable[[], Exception]) -> None:
    bench = Bench(*(fault() for _ in range(PATIENCE.attempts)))
    bench.due()
    for _ in range(PATIENCE.attempts):
        await bench.worker.run_due()
        bench.clock.advance(PATIENCE.backoff_limit)
    row = bench.row()
    assert row is not None
    assert (row.parked_at is not None, len(bench.ran)) == (True, PATIENCE.attempts)


@pytest.mark.parametrize(
    ("action", "error", "tried"),
    [
        (Action.FILE, DeskLater(60), 20),
        (Action.FILE, DeskUnsure("cut off"), 20),
        (Action.FILE, DeskCredentials(), 20),
        (Action.FILE, DeskLater(0), PATIENCE.attempts),
        (Action.FILE, RuntimeError("a fault"), PATIENCE.attempts),
        (Action.POLL, DeskLater(60), PATIENCE.attempts),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_a_report_waits_longer_than_anything_for_a_desk_that_is_away(
    action: Action, error: Exception, tried: int
) -> None:
    bench = Bench(*[error] * 20)
    bench.due(action=action)
    for _ in range(20):
        await bench.worker.run_due()
        bench.clock.advance(PATIENCE.backoff_limit)
    assert len(bench.ran) == tried
    row = bench.row()
    assert row is not None
    assert (row.parked_at is None) is (tried == 20)


async def test_danger_goes_first_then_answers_then_the_rest() -> None:
    bench = Bench()
    for lane in reversed(Lane):
        bench.due(lane.name, lane=lane)
    await bench.worker.run_due()
    assert bench.ran == ["DANGER", "ANSWER", "REST"]


@given(st.integers(min_value=0, max_value=10_000))
def test_waits_never_get_shorter_and_never_too_long(attempts: int) -> None:
    patience = Patience()
    assert patience.backoff <= patience.after(attempts) <= patience.after(attempts + 1) <= patience.backoff_limit


async def test_what_met_a_room_that_moved_on_is_said_where_it_went() -> None:
    bench = await run_one(MovedTo("the-new-room"))
    row = bench.row()
    assert row is not None
    assert row.effect.due_at >= NOON
    assert bench.counted("retried")
    bench.clock.advance(10)
    await bench.worker.run_due()
    assert (bench.row(), bench.ran) == (None, ["one", "one"])

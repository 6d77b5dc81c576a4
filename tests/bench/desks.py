"""What following ten thousand reports costs, and a thousand reports at a slow desk that fails one call in ten.

The fake server runs as a process of its own: `python -m tests.bench.desks COUNT` prints its address.
"""

from __future__ import annotations

import asyncio
import gc
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.desks.signalen import SignalenDesk
from adapters.desks.signalen.ledger import Ledger
from adapters.desks.signalen.private import MARK
from adapters.desks.signalen.wording import marked
from adapters.testing.desk_rig import a_filing
from bot.clock import SystemClock
from bot.model.desk import Filing
from bot.model.errors import DeskLater, DeskUnsure
from bot.model.place import Point
from tests.fakes.signalen import FakeSignalen, serving
from tests.support.signalen import TENANT, signalen_desk, with_account

OPEN_REPORTS = 10_000
FILINGS = 1_000
ANSWERS_AFTER = 2.0
AT_ONCE = 64
FAILS = 0.1
MB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    first_seconds: float
    seconds: float
    peak_mb: float
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    seconds: float
    filed: int
    twice: int
    lost: int
    failures: int


def poll() -> Poll:
    """A poll of all, as after a restart with an empty ledger, and one that finds all of them touched."""
    with _server(OPEN_REPORTS) as address, tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_poll(address, Path(folder)))


async def _poll(address: str, folder: Path) -> Poll:
    async with signalen_desk(folder, SystemClock(), with_account(address)) as desk:
        await desk.check()
        gc.collect()
        idle = _peak(reset=True)
        began = time.perf_counter()
        first = await desk.changes(None)
        middle = time.perf_counter()
        # The mark goes back, so that the list brings every report again.
        await _forget_mark(folder)
        second = await desk.changes(first.cursor)
        ended = time.perf_counter()
        return Poll(
            first_seconds=middle - began,
            seconds=ended - middle,
            peak_mb=(_peak() - idle) / MB,
            told=len(first.changes) + len(second.changes),
        )


async def _forget_mark(folder: Path) -> None:
    async with Ledger(folder / "signalen.db") as ledger:
        await ledger.tell((), (), (MARK, datetime(2000, 1, 1, tzinfo=UTC).isoformat()))


def _peak(*, reset: bool = False) -> int:
    """Bytes: the most this process ever had in memory, since the last reset (Linux)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def file() -> Filed:
    """A thousand reports that residents consented to, `AT_ONCE` on their way at a time."""
    return asyncio.run(_file())


async def _file() -> Filed:
    server, dice, failures = FakeSignalen(), random.Random(1), Counter[str]()
    server.world.delay_seconds = ANSWERS_AFTER

    def fault(method: str, path: str) -> str:
        found = dice.choice(("500", "lost", "503")) if dice.random() < FAILS else ""
        failures[found] += 1
        return found

    server.world.fault = fault
    began = time.perf_counter()
    async with _slow_desk(server) as desk:
        few = asyncio.Semaphore(AT_ONCE)
        filed = await asyncio.gather(*(_once(desk, few, _filing(number)) for number in range(FILINGS)))
    counts = Counter(marked(report.body["text"]) for report in server.world.reports.values())
    return Filed(
        seconds=time.perf_counter() - began,
        filed=len(set(filed)),
        twice=sum(count > 1 for count in counts.values()),
        lost=FILINGS - len(counts),
        failures=sum(count for name, count in failures.items() if name),
    )


@asynccontextmanager
async def _slow_desk(server: FakeSignalen) -> AsyncIterator[SignalenDesk]:
    with tempfile.TemporaryDirectory() as folder:
        async with serving(server) as address:
            # Its answers come when all is done: nothing is still on its way in.
            options = with_account(address, settle_seconds=0)
            async with signalen_desk(Path(folder), SystemClock(), options) as desk:
                yield desk


async def _once(desk: SignalenDesk, few: asyncio.Semaphore, filing: Filing) -> str:
    """As the host does: again until it is there, and looked up before."""
    attempts = 0
    async with few:
        while True:
            try:
                found = await desk.find(filing.own) if attempts else None
                return (found or await desk.file(filing)).reference
            except (DeskLater, DeskUnsure):
                attempts += 1


def _filing(number: int) -> Filing:
    point = Point(lat=52.0 + number * 1e-5, lon=4.37)
    return a_filing(f"own{number:05}", f"Er ligt glas bij nummer {number}.", tenant=TENANT, point=point)


@contextmanager
def _server(count: int) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.bench.desks", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def _serve(count: int) -> None:
    server = FakeSignalen()
    for number in range(count):
        server.world.create(_body(number), "BART", "schoon", "veegzwerfvuil")
        if number % 100 == 0:
            server.world.move(number + 1, "b")
    for report in server.world.reports.values():
        report.updated += timedelta(seconds=1)
    async with serving(server) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


def _body(number: int) -> dict[str, Any]:
    return {
        "text": f"Er ligt glas bij nummer {number}. " * 12 + f"\n\nPlaats: plein\nKenmerk: BART-own{number:05}",
        "location": {"geometrie": {"type": "Point", "coordinates": [4.37, 52.0 + number * 1e-5]}},
        "reporter": {},
        "incident_date_start": "2026-11-21T12:00:00Z",
    }


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))

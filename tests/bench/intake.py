"""How many ordinary messages a second one process takes in, and whether the size of the database matters."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import median

from bot.model.channel import Batch
from bot.model.incident import Stage
from bot.model.report import Status
from storage.sqlite.named import sql
from storage.sqlite.rows import incident_row, report_row
from tests.bench.parts import Bench, bench, group_id, permit, said, texts
from tests.support.records import a_report, an_incident

BATCH = 100
MESSAGES = 30_000
GROUPS = 1_000


async def messages_per_second() -> float:
    """Ordinary messages of permitted groups, in batches of 100, each batch with its cursor on disk."""
    with tempfile.TemporaryDirectory() as folder:
        async with bench(Path(folder)) as on:
            await permit(on, GROUPS)
            await _take(on, 2_000, GROUPS, first=0)
            began = time.perf_counter()
            await _take(on, MESSAGES, GROUPS, first=2_000)
            return MESSAGES / (time.perf_counter() - began)


async def cost_ratio() -> float:
    """A message's cost among 100,000 groups and 1,000,000 old reports, over that among 100 groups.

    Both speak in 100 groups; medians of rounds taken in turn, so that a slow moment of the machine hits both.
    """
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        async with bench(Path(small)) as few, bench(Path(large)) as many:
            await permit(few, 100)
            await permit(many, 100_000)
            _old_reports(Path(large) / "bart.db", 1_000_000)
            rounds: list[tuple[float, float]] = []
            for number in range(12):
                first = number * 3_000
                rounds.append((await _timed(many, 3_000, 100_000, first), await _timed(few, 3_000, 100, first)))
            return median(large_s / small_s for large_s, small_s in rounds[2:])


async def _timed(on: Bench, count: int, groups: int, first: int) -> float:
    began = time.perf_counter()
    await _take(on, count, groups, first)
    return time.perf_counter() - began


async def _take(on: Bench, count: int, groups: int, first: int) -> None:
    """Messages spread over 100 groups of `groups`, evenly far apart."""
    words = texts("none")
    intake = next(iter(on.host.intakes.values()))
    step = max(groups // 100, 1)
    for start in range(first, first + count, BATCH):
        events = tuple(
            said(number, (number * step) % groups, next(words)) for number in range(start, start + BATCH)
        )
        await intake.take(Batch(cursor=str(start + BATCH), events=events))


def _old_reports(database: Path, count: int) -> None:
    """A past as big as a city's: archived incidents with closed reports, spread over all groups."""
    report = report_row(a_report("old", status=Status.CLOSED))
    incident = incident_row(an_incident("old", stage=Stage.FINISHED))
    with sqlite3.connect(database) as past:
        past.execute("PRAGMA foreign_keys = OFF")
        past.execute("PRAGMA synchronous = OFF")
        past.executemany(
            sql("save_report"),
            ({**report, "id": f"r{n:015x}", "reference": f"OLD-{n}"} for n in range(count)),
        )
        past.executemany(
            sql("save_incident"),
            (
                {**incident, "id": f"i{n:015x}", "group_id": group_id(n % 100_000), "report_id": f"r{n:015x}"}
                for n in range(count)
            ),
        )
        past.execute("UPDATE incidents SET archived = 1")
    # Old reports lie in the database, not in a log of two gigabytes that every read has to search.
    with sqlite3.connect(database) as past:
        past.execute("PRAGMA wal_checkpoint(TRUNCATE)")

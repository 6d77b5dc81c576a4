"""The real `bart run` ends in order: within seconds, with nothing half-done, also while a browser listens."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
STOPS_WITHIN = 5.0
READY_WITHIN = 30.0
JAN = "/api/chat/parijsplein/jan"


@asynccontextmanager
async def bart(data: Path) -> AsyncIterator[tuple[Process, str]]:
    """`bart run` on a free port, and its address."""
    arguments = (sys.executable, "-m", "bot", "run", "--port", "0", "--data", str(data))
    process = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_WITHIN):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", line)
        assert found is not None, (line, await process.communicate())
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def stop(process: Process, by: signal.Signals) -> tuple[int, float]:
    """Its exit code, and how long it took."""
    began = time.monotonic()
    process.send_signal(by)
    code = await asyncio.wait_for(process.wait(), STOPS_WITHIN * 4)
    return code, time.monotonic() - began


def rows(data: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{data / 'bart.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_within_seconds_also_with_an_open_stream(
    tmp_path: Path, by: signal.Signals
) -> None:
    async with bart(tmp_path) as (process, address), httpx.AsyncClient(base_url=address, timeout=30) as browser:
        async with browser.stream("GET", f"{JAN}/events") as events, aclosing(events.aiter_lines()) as lines:
            assert await anext(lines)
            code, seconds = await stop(process, by)
        assert code == 0
        assert seconds <= STOPS_WITHIN


async def test_what_is_running_ends_and_nothing_stays_leased(tmp_path: Path) -> None:
    async with bart(tmp_path) as (process, address), httpx.AsyncClient(base_url=address, timeout=30) as browser:
        # A burst of commands: each of them wants an answer, so that work is under way when the signal comes.
        said = [
            browser.post(f"{JAN}/messages", json={"client_id": f"client-{number:04}", "text": "/help"})
            for number in range(40)
        ]
        assert {answer.status_code for answer in await asyncio.gather(*said)} == {200}
        code, seconds = await stop(process, signal.SIGTERM)
        assert code == 0
        assert seconds <= STOPS_WITHIN
    # Nothing is left in a write-ahead log either.
    assert list(tmp_path.glob("bart.db-*")) == []
    assert rows(tmp_path, "SELECT id FROM work WHERE owner IS NOT NULL") == []

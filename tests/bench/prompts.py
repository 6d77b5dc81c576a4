"""How soon a prompt is posted once it is due, with the quiet engine on and chat going on around it."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import time as clock_time
from pathlib import Path
from statistics import quantiles

from bot.model.channel import Batch
from bot.model.effect import Action, WorkItem
from bot.model.group import GroupSettings, QuietLimits
from bot.model.ids import Room
from tests.bench.parts import Bench, bench, permit, room, said, texts

GROUPS = 1_000
PER_SECOND = 100
SECONDS = 30
REPORTS_EVERY = 20
"""One message in so many is a report: 5 %, as in a busy neighbourhood."""
WAIT = 2
"""Seconds BART waits on purpose here instead of 20; everything else of the quiet engine is as shipped.

At night nothing would be asked, so the night is taken out: the bench must run at any hour.
"""


HELD_BACK = re.compile(r"^bart_prompts_held_back_total\{.*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Milliseconds from due to posted, and how many prompts were asked and held back."""

    p50_ms: float
    p99_ms: float
    asked: int
    held_back: int


async def prompts() -> Prompts:
    """100 messages a second over 1,000 groups for half a minute."""
    quiet = QuietLimits(wait_min=WAIT, wait_max=3 * WAIT, night_from=clock_time(0), night_until=clock_time(0))
    with tempfile.TemporaryDirectory() as folder:
        async with bench(Path(folder), GroupSettings(quiet=quiet)) as on:
            await permit(on, GROUPS)
            due = await _chat(on)
            return _judge(on, due)


async def _chat(on: Bench) -> dict[Room, float]:
    """Feed messages at a steady pace while the host runs; returns when each room's last prompt became due."""
    due = _note_deadlines(on)
    ordinary, reports = texts("none"), texts("report")
    host = asyncio.create_task(on.host.run())
    began = time.time()
    for number in range(PER_SECOND * SECONDS):
        words = next(reports) if number % REPORTS_EVERY == 0 else next(ordinary)
        event = said(number, (number * 7) % GROUPS, words)
        on.channel.queue.put_nowait(Batch(cursor=str(number), events=(event,)))
        ahead = began + number / PER_SECOND - time.time()
        if ahead > 0:
            await asyncio.sleep(ahead)
    await asyncio.sleep(WAIT + 2)
    host.cancel()
    await asyncio.gather(host, return_exceptions=True)
    return due


def _note_deadlines(on: Bench) -> dict[Room, float]:
    """A prompt is due at the deadline after which the quiet engine let it through."""
    due: dict[Room, float] = {}
    handlers = on.host.worker.handlers

    async def noting(item: WorkItem) -> None:
        place = room(int(str(item.effect.group_id)[1:], 16))
        if place not in on.channel.posted:
            due[place] = item.effect.due_at.timestamp()
        await handlers[Action.DEADLINE](item)

    on.host.worker.handlers = {**handlers, Action.DEADLINE: noting}
    return due


def _judge(on: Bench, due: dict[Room, float]) -> Prompts:
    late = [(times[0] - due[place]) * 1000 for place, times in on.channel.posted.items() if place in due]
    cuts = quantiles(late, n=100)
    held = HELD_BACK.findall(on.metrics.render().decode())
    return Prompts(p50_ms=cuts[49], p99_ms=cuts[98], asked=len(late), held_back=sum(int(float(n)) for n in held))

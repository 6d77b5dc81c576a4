"""Matrix on a real Synapse: how soon a prompt is posted, what a thousand rooms cost, how much is read a second."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from adapters.channels.matrix import MatrixChannel
from bot.app import App, open_app
from bot.config import load
from bot.model.channel import Said
from bot.model.consent import Evidence
from bot.model.group import Group, GroupState, Permission
from bot.model.ids import AccountName, GroupId, PersonKey, Room, TenantId
from bot.model.snapshot import Commit
from tests.bench.telegram import CONFIG, TEXT
from tests.support import synapse
from tests.support.matrix import Home, Resident, a_home
from tests.support.shell import BART, CLEAN

ACCOUNT = AccountName("bench")
MEASURED, WARM = 30, 5
MANY, TALKING = 1_000, 200
AT_ONCE = 4
SETTLE = 0.3
PATIENCE = 30.0
MESSAGES_READ = re.compile(r"^bart_messages_read_total (\S+)$", re.MULTILINE)
SECONDS = 120
SENDERS = 8
TELEGRAM = 'kind = "telegram"\ntenant = "bench"\ntoken = "{token}"\napi = "{api}"\n'
MATRIX = 'kind = "matrix"\ntenant = "bench"\nhomeserver = "{url}"\nuser = "{user}"\ntoken = "{token}"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A homeserver with `rooms` that BART and one resident share, and `lonely` ones with BART alone."""

    home: Home
    bot: Resident
    jan: Resident
    rooms: Sequence[Room]
    lonely: Sequence[Room]
    config: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Medians in milliseconds: from a message seen to the prompt taken, and of one post of a resident's by itself,
    which is what the homeserver needs on this machine and under this load."""

    p50_ms: float
    homeserver_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What many rooms cost: resident memory of the process, and how soon a prompt is posted."""

    rss_mb: float
    ready_seconds: float
    prompts: Prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Messages a second that the homeserver took, and that BART had committed, and what was left at the end."""

    accepted: float
    read: float
    behind: int


async def prompts() -> Prompts:
    """One room after the other; the first few do not count."""
    async with a_town(MEASURED + WARM) as town:
        return await _prompts(town)


async def many_rooms(count: int = MANY) -> Rooms:
    """One account in so many rooms; the prompts are in a few of them."""
    async with a_town(MEASURED + WARM, count - MEASURED - WARM) as town:
        found = await _prompts(town)
        began = time.monotonic()
        options = ("--port", "0", "--config", str(town.config))
        process = await asyncio.create_subprocess_exec(
            *BART, "run", *options, env=CLEAN, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        await process.stdout.readline()
        ready = time.monotonic() - began
        for room in town.rooms:
            await town.jan.say(room, "wie heeft er een ladder te leen?")
        await asyncio.sleep(5)
        status = await asyncio.to_thread(Path(f"/proc/{process.pid}/status").read_text)
        process.terminate()
        await process.wait()
        rss = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return Rooms(rss_mb=rss / 1024, ready_seconds=ready, prompts=found)


async def throughput(seconds: float = SECONDS) -> Rates:
    """As many messages as the homeserver takes, over 200 rooms, read by BART meanwhile."""
    async with a_town(TALKING) as town, open_app(load(town.config, {})) as app:
        await _permit(app, [*town.rooms, *town.lonely])
        sent = [0]
        host = asyncio.create_task(app.host.run())
        until = time.monotonic() + seconds
        try:
            await asyncio.gather(*(_talk(town, start, until, sent) for start in range(SENDERS)))
            accepted, in_time = sent[0], _read(app)
        finally:
            host.cancel()
            await asyncio.gather(host, return_exceptions=True)
    return Rates(accepted=accepted / seconds, read=in_time / seconds, behind=accepted - in_time)


def _read(app: App) -> int:
    """Messages whose batch is on disk."""
    found = MESSAGES_READ.search(app.parts.metrics.render().decode())
    return int(float(found[1])) if found else 0


async def _talk(town: Town, start: int, until: float, sent: list[int]) -> None:
    number = start
    while time.monotonic() < until:
        await town.jan.say(town.rooms[number % len(town.rooms)], f"bericht {number}")
        sent[0] += 1
        number += SENDERS


async def _prompts(town: Town) -> Prompts:
    async with open_app(load(town.config, {})) as app:
        await _permit(app, [*town.rooms, *town.lonely])
        seen, posted = _note(app)
        host = asyncio.create_task(app.host.run())
        await asyncio.sleep(SETTLE * 5)
        taken = []
        for room in town.rooms:
            await asyncio.sleep(SETTLE)
            began = time.perf_counter()
            await town.jan.say(room, TEXT)
            taken.append(time.perf_counter() - began)
            async with asyncio.timeout(PATIENCE):
                await posted[room].wait()
        host.cancel()
        await asyncio.gather(host, return_exceptions=True)
        late = [posted[room].at - seen[room] for room in town.rooms]
    return Prompts(p50_ms=median(late[WARM:]) * 1000, homeserver_ms=median(taken[WARM:]) * 1000)


class _Posted(asyncio.Event):
    """BART's first post in a room; its digits come after it."""

    at = 0.0


def _note(app: App) -> tuple[dict[Room, float], dict[Room, _Posted]]:
    """When the first message of each room was read, and when the first post there had been taken."""
    seen: dict[Room, float] = {}
    posted: dict[Room, _Posted] = defaultdict(_Posted)
    _, channel = app.parts.channels[ACCOUNT]
    assert isinstance(channel, MatrixChannel)
    write, read = channel._speaker._write, channel._sync._read

    async def writing(room: Room, kind: str, content: Any, transaction: str) -> Any:
        ref = await write(room, kind, content, transaction)
        if not posted[room].is_set():
            posted[room].at = time.perf_counter()
            posted[room].set()
        return ref

    async def reading(since: str) -> Any:
        fresh, events = await read(since)
        for event in events:
            if isinstance(event, Said):
                seen.setdefault(event.room, time.perf_counter())
        return fresh, events

    channel._speaker._write = writing  # type: ignore[method-assign]
    channel._sync._read = reading  # type: ignore[method-assign]
    return seen, posted


@asynccontextmanager
async def a_town(shared: int, lonely: int = 0) -> AsyncIterator[Town]:
    """`shared` rooms with a resident in them, and `lonely` ones with BART alone."""
    with tempfile.TemporaryDirectory() as folder, synapse.running(Path(folder) / "synapse") as server:
        async with a_home(server) as home:
            bot, jan = await home.resident("bart"), await home.resident("jan")
            gate = asyncio.Semaphore(AT_ONCE)

            async def build(number: int) -> Room:
                async with gate:
                    if number < shared:
                        return await jan.open_room(f"Buurt {number}", bot)
                    return await bot.open_room(f"Buurt {number}")

            rooms = await asyncio.gather(*(build(number) for number in range(shared + lonely)))
            config = Path(folder) / "config.toml"
            channel = MATRIX.format(url=server.url, user=bot.user, token=bot.token)
            text = CONFIG.replace(TELEGRAM, channel).replace("{data}", f"{folder}/data")
            config.write_text(text, "utf-8")
            yield Town(home=home, bot=bot, jan=jan, rooms=rooms[:shared], lonely=rooms[shared:], config=config)


async def _permit(app: App, rooms: Sequence[Room]) -> None:
    """Every room's admin said yes."""
    now, admin = datetime.now(UTC), PersonKey("admin")
    groups = [
        Group(
            id=GroupId(f"b{number:015x}"),
            tenant_id=TenantId("bench"),
            account=ACCOUNT,
            room=room,
            name="Bench",
            created_at=now,
            state=GroupState.ON,
            permission=Permission(granted_by=admin, granted_at=now, text_version="bench"),
            settings=app.parts.settings,
        )
        for number, room in enumerate(rooms)
    ]
    proofs = [
        Evidence(tenant_id=g.tenant_id, group_id=g.id, incident_id=None, person=admin, at=now, act="granted")
        for g in groups
    ]
    expected = {group.id: -1 for group in groups}
    await app.database.store.commit(Commit(now=now, expected=expected, changes=(*groups, *proofs)))

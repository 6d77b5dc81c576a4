"""How soon a prompt is posted in a Telegram group once its message was seen: on the fake Bot API, over HTTP."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bot.app import App, open_app
from bot.config import load
from bot.model.consent import Evidence
from bot.model.group import Group, GroupState, Permission
from bot.model.ids import AccountName, GroupId, PersonKey, Room, TenantId
from bot.model.snapshot import Commit
from tests.fakes.telegram import BOT_ID, TOKEN, BotApi, Limits, World, serve

GROUPS, WARM = 60, 5
FIRST = -1001000000000
FREE = Limits(overall=0, chat=0, group=0)
TEXT = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"
PATIENCE = 10.0
SETTLE = 0.2
"""Seconds between two messages: what follows a prompt is done by then."""
CONFIG = """
[server]
data = "{data}"
[tenants.bench]
name = "Bench"
municipality = "Bench"
privacy_contact = "bench"
geocoder = "straten"
desk = "loket"
[channels.bench]
kind = "telegram"
tenant = "bench"
token = "{token}"
api = "{api}"
[desks.loket]
kind = "embedded"
tenant = "bench"
[geocoders.straten]
kind = "gazetteer"
file = "demo"
# BART waits on purpose before it asks; what is measured here is what it takes besides.
[group.quiet]
wait_min = 0
wait_max = 0
night_from = "00:00"
night_until = "00:00"
"""


async def prompt_p50_ms() -> float:
    """Milliseconds, one group after the other; the first few do not count."""
    world = World()
    for number in range(GROUPS):
        world.person(5000 + number, "Resident")
        world.group(FIRST - number, "Bench", {5000 + number: "member", BOT_ID: "member"})
    with tempfile.TemporaryDirectory() as folder:
        async with serve(BotApi(world, FREE)) as served:
            file = Path(folder) / "config.toml"
            file.write_text(CONFIG.format(data=f"{folder}/data", token=TOKEN, api=served.url), "utf-8")
            async with open_app(load(file, {})) as app:
                await _permit(app)
                host = asyncio.create_task(app.host.run())
                late = [await _prompt(world, number) for number in range(GROUPS)]
                host.cancel()
                await asyncio.gather(host, return_exceptions=True)
    return median(late[WARM:]) * 1000


async def _prompt(world: World, number: int) -> float:
    """Seconds from the message to the question below it."""
    await asyncio.sleep(SETTLE)
    world.spoke.clear()
    began = time.perf_counter()
    world.say(FIRST - number, 5000 + number, TEXT)
    async with asyncio.timeout(PATIENCE):
        await world.spoke.wait()
    return time.perf_counter() - began


async def _permit(app: App) -> None:
    """Every group's admin said yes."""
    now, admin = datetime.now(UTC), PersonKey("admin")
    groups = [
        Group(
            id=GroupId(f"b{number:015x}"),
            tenant_id=TenantId("bench"),
            account=AccountName("bench"),
            room=Room(str(FIRST - number)),
            name="Bench",
            created_at=now,
            state=GroupState.ON,
            permission=Permission(granted_by=admin, granted_at=now, text_version="bench"),
            settings=app.parts.settings,
        )
        for number in range(GROUPS)
    ]
    proofs = [
        Evidence(tenant_id=g.tenant_id, group_id=g.id, incident_id=None, person=admin, at=now, act="granted")
        for g in groups
    ]
    expected = {group.id: -1 for group in groups}
    await app.database.store.commit(Commit(now=now, expected=expected, changes=(*groups, *proofs)))

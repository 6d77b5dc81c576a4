"""A BART to measure: real SQLite on disk, rule interpreter, demo gazetteer; a channel and a desk without cost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from adapters.geocoders.gazetteer import geocoder
from adapters.photos import PillowPhotos
from bot.clock import SystemClock
from bot.host import Host, Parts
from bot.metrics import Metrics
from bot.model.channel import Batch, Capabilities, Person, Post, Said
from bot.model.consent import Evidence
from bot.model.group import Group, GroupSettings, GroupState, Permission
from bot.model.ids import AccountName, Address, GroupId, PersonKey, PostRef, Room, TenantId
from bot.model.snapshot import Commit
from bot.model.tenant import Route, Tenant
from bot.ports.fakes.desk import FakeDesk
from bot.ports.setup import Setup
from bot.texts import Catalogue
from nlp.rules import interpreter
from storage.sqlite import Database, open_database
from storage.vault import open_vault

ACCOUNT = AccountName("bench")
TENANT = TenantId("bench")
CORPUS = Path(__file__).parents[2] / "nlp" / "corpus" / "sample.jsonl"


@dataclass(slots=True)
class BenchChannel:
    """Hands out batches from a queue, and notes when each post of the bot arrived."""

    queue: asyncio.Queue[Batch | None] = field(default_factory=asyncio.Queue)
    posted: dict[Room, list[float]] = field(default_factory=dict)
    committed: int = 0

    async def __aenter__(self) -> BenchChannel:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        while (batch := await self.queue.get()) is not None:
            yield batch
            self.committed += len(batch.events)

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        self.posted.setdefault(room, []).append(time.time())
        return PostRef(key)

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        return None

    async def delete(self, room: Room, ref: PostRef) -> None:
        return None

    async def admins(self, room: Room) -> frozenset[Address]:
        return frozenset()

    def capabilities(self, room: Room) -> Capabilities:
        return Capabilities(idempotent_send=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a measurement works with."""

    host: Host
    channel: BenchChannel
    database: Database
    metrics: Metrics
    settings: GroupSettings


@asynccontextmanager
async def bench(folder: Path, settings: GroupSettings | None = None) -> AsyncIterator[Bench]:
    """A whole BART on a database in this folder."""
    clock, channel = SystemClock(), BenchChannel()
    settings = settings or GroupSettings()
    tenant = Tenant(id=TENANT, name="Bench", municipality="Bench", routes={"gemeente": Route(desk="desk")})
    place = geocoder(
        Setup(
            where="bench",
            name="bench",
            tenant_id=TENANT,
            data=folder,
            clock=clock,
            photos=PillowPhotos(),
            options={"file": "demo"},
        )
    )
    async with open_vault(folder) as vault, open_database(folder / "bart.db", vault, clock) as database:
        parts = Parts(
            tenants={TENANT: tenant},
            channels={ACCOUNT: (TENANT, channel)},
            desks={"desk": FakeDesk(clock=clock, tenant_id=TENANT)},
            geocoders={TENANT: place},
            store=database.store,
            work=database.work,
            views=database.views,
            nearby=database.nearby,
            housekeeping=database.housekeeping,
            person_key=vault.person_key,
            interpreter=interpreter(),
            texts=Catalogue.load(),
            photos=PillowPhotos(),
            clock=clock,
            metrics=Metrics(),
            settings=settings,
        )
        yield Bench(host=Host(parts), channel=channel, database=database, metrics=parts.metrics, settings=settings)


async def permit(bench: Bench, count: int, first: int = 0) -> None:
    """Groups whose admin said yes."""
    now = datetime.now(UTC)
    admin = PersonKey("admin")
    permission = Permission(granted_by=admin, granted_at=now, text_version="bench")
    for start in range(first, first + count, 2000):
        groups = [
            Group(
                id=group_id(number),
                tenant_id=TENANT,
                account=ACCOUNT,
                room=room(number),
                name="bench",
                created_at=now,
                state=GroupState.ON,
                permission=permission,
                settings=bench.settings,
            )
            for number in range(start, min(start + 2000, first + count))
        ]
        proofs = [
            Evidence(tenant_id=TENANT, group_id=group.id, incident_id=None, person=admin, at=now, act="granted")
            for group in groups
        ]
        expected = {group.id: -1 for group in groups}
        await bench.database.store.commit(Commit(now=now, expected=expected, changes=(*groups, *proofs)))


def group_id(number: int) -> GroupId:
    return GroupId(f"g{number:015x}")


def room(number: int) -> Room:
    return Room(f"room-{number}")


def texts(*intents: str) -> Iterator[str]:
    """Messages of the sample chats with these labels, for ever."""
    lines = CORPUS.read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return cycle([row["text"] for row in rows if row["intent"] in intents])


def said(number: int, group: int, text: str) -> Said:
    """Message `number`, from one of twenty residents of the group."""
    return Said(
        id=f"e{number}",
        room=room(group),
        at=datetime.now(UTC),
        person=Person(address=Address(f"resident-{number % 20}"), name="Resident"),
        post=PostRef(f"p{number}"),
        text=text,
    )

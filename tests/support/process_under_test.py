"""BART as a process of its own, on a network and a desk that live on in the test when it dies.

`python -m tests.support.process_under_test SOCKET DATA`: the real host, storage, interpreter and texts; only
the channel and the desk are far away, and there are points to die at (`tests.support.killpoints`).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from adapters.geocoders.gazetteer import geocoder
from adapters.photos import PillowPhotos
from bot import logs
from bot.clock import SystemClock
from bot.config import Config, load
from bot.host import Host, Parts
from bot.metrics import Metrics
from bot.model.channel import Batch, Capabilities, Post
from bot.model.desk import Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.ids import AccountName, Address, PostRef, Room, TenantId
from bot.model.incident import MediaRef
from bot.model.place import Point
from bot.ports.setup import Setup
from bot.texts import Catalogue
from bot.worker import Patience
from nlp.rules import interpreter
from storage.sqlite import Database, open_database
from storage.vault import Vault, open_vault
from tests.support.killpoints import KILL_AT, Fuse, FusedStore, FusedVault, FusedWork

TENANT = TenantId("parijsplein")
BACKOFF = timedelta(seconds=0.2)


class Remote:
    """Calls to the test, which plays network and desk. One connection a call: threads share nothing."""

    def __init__(self, address: str, fuse: Fuse) -> None:
        self._address = address
        self._fuse = fuse

    async def call(self, target: str, method: str, *args: Any) -> Any:
        """What the call returned there, or the error it raised there."""
        return await asyncio.to_thread(self._call, target, method, args)

    async def deed(self, target: str, method: str, *args: Any) -> Any:
        """A call with points around it."""
        with self._fuse.around(method):
            return await self.call(target, method, *args)

    def _call(self, target: str, method: str, args: tuple[Any, ...]) -> Any:
        with Client(self._address, "AF_UNIX") as connection:
            connection.send((target, method, args))
            error, value = connection.recv()
        if error is None:
            return value
        raised = error.__new__(error)
        raised.args, more = value
        raised.__dict__.update(more)
        raise raised


class FarChannel:
    """Implements `Channel` and what stands beside it."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._capabilities = Capabilities()

    async def __aenter__(self) -> FarChannel:
        self._capabilities = await self._remote.call("channel", "capabilities", "")
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Asks the network again and again; asking for the next batch acknowledges the last."""
        done = int(cursor or 0)
        while True:
            batch, done = await self._remote.call("platform", "deliver", done)
            if batch is None:
                continue
            yield batch
            await self._remote.deed("platform", "ack", done)

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        sent: PostRef = await self._remote.deed("channel", "send", room, post, key)
        return sent

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        await self._remote.deed("channel", "edit", room, ref, post)

    async def delete(self, room: Room, ref: PostRef) -> None:
        await self._remote.deed("channel", "delete", room, ref)

    async def admins(self, room: Room) -> frozenset[Address]:
        found: frozenset[Address] = await self._remote.call("channel", "admins", room)
        return found

    def capabilities(self, room: Room) -> Capabilities:
        return self._capabilities

    async def whisper(self, room: Room, to: Address, post: Post, key: str) -> None:
        await self._remote.deed("channel", "whisper", room, to, post, key)

    async def toast(self, room: Room, press: str, text: str) -> None:
        await self._remote.deed("channel", "toast", room, press, text)

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        fetched: bytes = await self._remote.call("channel", "fetch", room, media, limit)
        return fetched


class FarDesk:
    """Implements `Desk`."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def __aenter__(self) -> FarDesk:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def file(self, filing: Filing) -> Filed:
        filed: Filed = await self._remote.deed("desk", "file", filing)
        return filed

    async def find(self, own: str) -> Filed | None:
        found: Filed | None = await self._remote.call("desk", "find", own)
        return found

    async def add(self, reference: str, addition: Addition) -> None:
        await self._remote.deed("desk", "add", reference, addition)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        found: tuple[Similar, ...] = await self._remote.call("desk", "similar", category, near, radius_m)
        return found

    async def changes(self, cursor: str | None) -> Changes:
        changes: Changes = await self._remote.deed("desk", "changes", cursor)
        return changes

    def capabilities(self) -> DeskCapabilities:
        return DeskCapabilities(poll_seconds=0.3)


def parts_of(
    config: Config, database: Database, vault: Vault, fuse: Fuse, channel: FarChannel, desk: FarDesk
) -> Parts:
    """The real parts over a far channel and desk, with points to die at."""
    clock, photos = SystemClock(), PillowPhotos()
    data = config.server.data
    setup = Setup(
        where="geocoders.demo",
        name="demo",
        tenant_id=TENANT,
        data=data,
        clock=clock,
        photos=photos,
        options={"file": "demo"},
    )
    return Parts(
        tenants=config.tenant_records,
        channels={AccountName("buurt"): (TENANT, channel)},
        desks={"gemeente": desk},
        geocoders={TENANT: geocoder(setup)},
        store=FusedStore(database.store, fuse),
        work=FusedWork(database.work, fuse),
        views=database.views,
        nearby=database.nearby,
        housekeeping=database.housekeeping,
        person_key=vault.person_key,
        interpreter=interpreter(),
        texts=Catalogue.load(),
        photos=photos,
        clock=clock,
        metrics=Metrics(),
        settings=config.group,
        terms=config.retention.terms,
        patience=Patience(backoff=BACKOFF),
    )


async def run(address: str, data: Path) -> None:
    """Until killed."""
    settings = {key: value for key, value in os.environ.items() if key != KILL_AT}
    config = load(None, {**settings, "BART_SERVER__DATA": str(data)})
    logs.configure("warning", "console")
    fuse = Fuse(os.environ.get(KILL_AT, ""))
    remote = Remote(address, fuse)
    desk = FarDesk(remote)
    async with FarChannel(remote) as channel, open_vault(data) as opened:
        vault = FusedVault(opened, fuse)
        async with open_database(data / "bart.db", vault) as database:
            parts = parts_of(config, database, vault, fuse, channel, desk)
            await Host(parts).run()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2])))

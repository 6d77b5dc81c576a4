"""The composition root: config in, running app out. The only place that knows concrete classes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvicorn

from adapters import web
from adapters.photos import PillowPhotos
from adapters.web.record import no_streets
from bot.clock import SystemClock
from bot.config import AdapterSettings, Config
from bot.host import Host, Parts
from bot.metrics import Metrics
from bot.model.errors import StartError, StartTrouble
from bot.model.ids import AccountName, TenantId
from bot.ports.channel import Channel
from bot.ports.clock import Clock
from bot.ports.desk import Desk
from bot.ports.geocoder import DrawsMap, Geocoder
from bot.ports.office import Office
from bot.ports.setup import Setup
from bot.ports.webrooms import WebRooms
from bot.registry import AdapterGroup, Registry
from bot.texts import Catalogue
from bot.worker import Patience
from nlp.rules import interpreter
from storage.sqlite import Database, open_database
from storage.vault import Vault, open_vault

log = structlog.get_logger()

DATABASE = "bart.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything, opened. `serve` runs it; the parts are there for commands and tests."""

    config: Config
    database: Database
    vault: Vault
    parts: Parts
    host: Host
    site: web.Site

    async def serve(self) -> None:
        """The pages and the host, until a signal or a fault ends either; then both stop in order."""
        server = _Server(self.config, self.site)
        host = asyncio.create_task(self.host.run())
        pages = asyncio.create_task(server.serve())
        try:
            await asyncio.wait((host, pages), return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.stop()
            await asyncio.gather(pages, return_exceptions=True)
            host.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await host
        await pages


class _Server(uvicorn.Server):
    """uvicorn that says where the pages are once they answer, and ends live streams when told to stop."""

    def __init__(self, config: Config, site: web.Site) -> None:
        super().__init__(
            uvicorn.Config(
                web.site(site),
                host=config.server.host,
                port=config.server.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )
        self._public_url = config.server.public_url
        self._site = site

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Raises `StartError` when the address cannot be had."""
        await super().startup(sockets)
        if not self.started:
            raise StartError(StartTrouble.FOR_GOOD, f"cannot listen on {self.config.host}:{self.config.port}")
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        print(self._public_url or f"http://{host}:{port}", flush=True)  # noqa: T201 - what a person waits for
        log.info("app.ready", port=port)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: open streams would otherwise hold the server up."""
        self._site.stopping.set()
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """The same without a signal."""
        self._site.stopping.set()
        self.should_exit = True


@asynccontextmanager
async def open_app(
    config: Config, clock: Clock | None = None, registry: Registry | None = None
) -> AsyncIterator[App]:
    """Open everything this config names; closes it again in the opposite order."""
    clock = clock or SystemClock()
    registry = registry or Registry()
    async with AsyncExitStack() as stack:
        vault = await stack.enter_async_context(open_vault(config.server.data))
        database = await stack.enter_async_context(open_database(config.server.data / DATABASE, vault, clock))
        adapters = _Adapters(config, clock, registry, stack)
        channels = await adapters.channels()
        desks = await adapters.desks()
        geocoders = await adapters.geocoders()
        parts = Parts(
            tenants=config.tenant_records,
            channels=channels,
            desks=desks,
            geocoders=geocoders,
            store=database.store,
            work=database.work,
            views=database.views,
            housekeeping=database.housekeeping,
            person_key=vault.person_key,
            interpreter=interpreter(),
            texts=Catalogue.load(),
            photos=PillowPhotos(),
            clock=clock,
            metrics=Metrics(),
            settings=config.group,
            terms=config.retention.terms,
            patience=_patience(config),
        )
        yield App(
            config=config,
            database=database,
            vault=vault,
            parts=parts,
            host=Host(parts),
            site=_site(config, database, parts),
        )


class _Adapters:
    """Makes adapters through the registry and opens those that want opening."""

    def __init__(self, config: Config, clock: Clock, registry: Registry, stack: AsyncExitStack) -> None:
        self._config = config
        self._clock = clock
        self._registry = registry
        self._stack = stack
        self._photos = PillowPhotos()

    async def channels(self) -> dict[AccountName, tuple[TenantId, Channel]]:
        made: dict[AccountName, tuple[TenantId, Channel]] = {}
        for name, settings in self._config.channels.items():
            channel: Channel = await self._make(AdapterGroup.CHANNELS, "channels", name, settings)
            made[name] = (settings.tenant, channel)
        return made

    async def desks(self) -> dict[str, Desk]:
        return {
            name: await self._make(AdapterGroup.DESKS, "desks", name, settings)
            for name, settings in self._config.desks.items()
        }

    async def geocoders(self) -> dict[TenantId, Geocoder]:
        """One for each tenant, because an imported gazetteer is a tenant's own."""
        made: dict[TenantId, Geocoder] = {}
        for tenant, settings in self._config.tenants.items():
            chosen = self._config.geocoders[settings.geocoder]
            as_adapter = AdapterSettings(kind=chosen.kind, tenant=tenant, options=chosen.options)
            made[tenant] = await self._make(AdapterGroup.GEOCODERS, "geocoders", settings.geocoder, as_adapter)
        return made

    async def _make(self, group: AdapterGroup, section: str, name: str, settings: AdapterSettings) -> Any:
        where = self._config.where(f"{section}.{name}")
        factory = self._registry.find(group, settings.kind, f"{where}.kind")
        data = self._config.server.data / section / name
        await asyncio.to_thread(_folder, data)
        adapter = factory(
            Setup(
                where=where,
                name=name,
                tenant_id=settings.tenant,
                data=data,
                clock=self._clock,
                photos=self._photos,
                options=settings.options,
            )
        )
        if isinstance(adapter, AbstractAsyncContextManager):
            return await self._stack.enter_async_context(adapter)
        return adapter


def _folder(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)


def _patience(config: Config) -> Patience:
    return Patience(
        lease=timedelta(seconds=config.work.lease_seconds),
        attempts=config.work.attempts,
        backoff=timedelta(seconds=config.work.backoff_seconds),
        backoff_limit=timedelta(seconds=config.work.backoff_limit_seconds),
        concurrency=config.work.concurrency,
    )


def _site(config: Config, database: Database, parts: Parts) -> web.Site:
    offices: dict[TenantId, Office] = {}
    for name, desk in parts.desks.items():
        if isinstance(desk, Office):
            offices[config.desks[name].tenant] = desk
    rooms = next((c for _, c in parts.channels.values() if isinstance(c, WebRooms)), None)

    def streets(tenant: TenantId) -> Mapping[str, Any]:
        geocoder = parts.geocoders.get(tenant)
        return geocoder.map() if isinstance(geocoder, DrawsMap) else no_streets(tenant)

    async def ready() -> Mapping[str, bool]:
        figures = await parts.views.figures(parts.clock.moment().now)
        parts.metrics.show(figures)
        return {"database": True, "channels": bool(parts.channels), "work": figures.oldest_due_seconds < 600}

    return web.Site(
        views=database.views,
        staff=database.staff,
        audit=database.audit,
        clock=parts.clock,
        tenants=parts.tenants,
        offices=offices,
        ready=ready,
        metrics=parts.metrics.render,
        log=structlog.get_logger("bot.web"),
        rooms=rooms,
        streets=streets,
        demo=config.demo.enabled,
        demo_notice=(config.demo.notice,) if config.demo.enabled else (),
        tiles=config.map.tiles,
        tiles_credit=config.map.attribution,
    )

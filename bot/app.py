"""The composition root: config in, running app out. The only place that knows concrete classes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from adapters import web
from adapters.geocoders.gazetteer.adapter import IMPORTED, SAMPLE
from adapters.geocoders.gazetteer.importing import Imported, import_file
from adapters.photos import PillowPhotos
from adapters.web.accounts import make_account
from adapters.web.record import no_streets
from bot.clock import SystemClock
from bot.config import AdapterSettings, Config
from bot.host import Host, Parts
from bot.labelled import Row, masking, rows
from bot.metrics import Metrics
from bot.model.errors import StoreError
from bot.model.group import Group
from bot.model.ids import AccountName, TenantId
from bot.model.staff import StaffAccount, StaffRole
from bot.model.tenant import Tenant
from bot.ports.channel import Channel, TakesRequests
from bot.ports.clock import Clock
from bot.ports.desk import Desk
from bot.ports.geocoder import DrawsMap, Geocoder
from bot.ports.office import Office
from bot.ports.setup import Setup
from bot.ports.webrooms import WebRooms
from bot.process.flow import Context
from bot.registry import AdapterGroup, Registry
from bot.serving import Pages, listen
from bot.starting import start, until_started
from bot.tenancy import RegionSettings, check_outlines, outlines_in
from bot.texts import Catalogue
from bot.turn import Turns
from bot.worker import Patience
from nlp.interpreter import interpreter
from storage.sqlite import Database, open_database
from storage.sqlite.inspect import Versions, inspect
from storage.vault import Vault, open_vault

DATABASE = "bart.db"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
WORK_BEHIND = 600.0
"""Seconds the oldest due effect may wait before this process calls itself not ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything, opened. `serve` runs it; the parts are there for commands and tests."""

    config: Config
    database: Database
    vault: Vault
    parts: Parts
    host: Host
    site: web.Site

    async def serve(self, at: socket.socket | None = None) -> None:
        """The pages and the host, until a signal or a fault ends either; then both stop in order.

        `at` listens already (`bot.serving.listen`); without it the address of the settings is taken.
        """
        at = at or listen(self.config.server)
        server = Pages(web.site(self.site), self.site.stopping, self.config.server)
        host = asyncio.create_task(self.host.run())
        pages = asyncio.create_task(server.serve([at]))
        try:
            await asyncio.wait((host, pages), return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.stop()
            await asyncio.gather(pages, return_exceptions=True)
            host.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await host
        await pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """What rests on disk, opened: all that a command needs beside a server that runs, or without one."""

    config: Config
    clock: Clock
    vault: Vault
    database: Database

    def account(self, name: str, tenant: TenantId, roles: Collection[StaffRole], password: str) -> StaffAccount:
        """A new account, not saved yet; raises `InputError` naming what is wrong."""
        return make_account(name, tenant, roles, password, self.clock.moment().now)

    def turns(self) -> Turns:
        """For happenings that come from the operator. A running server sees each at its next look."""
        tenants, texts = self.config.tenant_records, Catalogue.load()

        def context(group: Group) -> Context:
            if group.tenant_id not in tenants:
                what = f'there is no tenant "{group.tenant_id}" any more, but group {group.id} belongs to it'
                raise self.config.source.error("tenants", what)
            return Context(tenant=tenants[group.tenant_id], texts=texts)

        return Turns(self.database.store, self.clock, context, Metrics(), lambda: None)


@asynccontextmanager
async def open_storage(config: Config, clock: Clock | None = None) -> AsyncIterator[Storage]:
    """Open the vault and the database, made or brought up to date first; no adapters."""
    clock = clock or SystemClock()
    data = config.server.data
    async with open_vault(data) as vault, open_database(data / DATABASE, vault, clock) as database:
        yield Storage(config=config, clock=clock, vault=vault, database=database)


@asynccontextmanager
async def open_app(
    config: Config, clock: Clock | None = None, registry: Registry | None = None
) -> AsyncIterator[App]:
    """Open everything this config names; closes it again in the opposite order."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(open_storage(config, clock))
        database = storage.database
        adapters = _Adapters(config, clock, registry or Registry(), stack)
        channels = await adapters.channels()
        geocoders = await adapters.geocoders()
        parts = Parts(
            tenants={name: placed(config, name, partial(geocoders.get, name)) for name in config.tenants},
            channels=channels,
            late=adapters.late,
            desks=await adapters.desks(),
            geocoders=geocoders,
            store=database.store,
            work=database.work,
            views=database.views,
            nearby=database.nearby,
            housekeeping=database.housekeeping,
            person_key=storage.vault.person_key,
            interpreter=interpreter(config.interpreter.kind, config.interpreter.entities),
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
            vault=storage.vault,
            parts=parts,
            host=Host(parts),
            site=_site(config, database, parts),
        )


async def labelled(storage: Storage, tenant: TenantId | None) -> list[Row]:
    """What residents allowed BART to learn from, masked once more by the interpreter of today."""
    config, database = storage.config, storage.database
    channels = {name: settings.kind for name, settings in config.channels.items()}
    groups = await database.views.groups(tenant)
    kinds = {one.id: channels[one.account] for one in groups if one.account in channels}
    examples = await database.examples.every(tenant)
    reads = interpreter(config.interpreter.kind, config.interpreter.entities)
    return rows(examples, config.tenant_records, kinds, masking(reads))


def versions(config: Config) -> Versions:
    """Of the database there is, and of the newest this program knows; changes nothing."""
    return inspect(config.server.data / DATABASE)


@asynccontextmanager
async def open_geocoder(
    config: Config, tenant: TenantId, registry: Registry | None = None
) -> AsyncIterator[Geocoder]:
    """The geocoder of one tenant, alone."""
    async with AsyncExitStack() as stack:
        yield await _Adapters(config, SystemClock(), registry or Registry(), stack).geocoder(tenant)


def adapters_of(config: Config, registry: Registry | None = None) -> Mapping[str, Callable[[], Any]]:
    """How to make each adapter, by what people call it, without opening it or writing anything."""
    fit = _Adapters(config, SystemClock(), registry or Registry(), AsyncExitStack())
    makers: dict[str, Callable[[], Any]] = {}
    for section, group in (("channels", AdapterGroup.CHANNELS), ("desks", AdapterGroup.DESKS)):
        for name, settings in getattr(config, section).items():
            makers[f"{section[:-1]} {name}"] = partial(fit.build, group, section, name, settings)
    for tenant in config.tenants:
        makers[f"geocoder of {tenant}"] = partial(fit.build, *fit.geocoder_settings(tenant))
    return makers


def placed(config: Config, tenant: TenantId, make: Callable[[], object]) -> Tenant:
    """The tenant with every area on the map; raises `ConfigError` for an outline that its geocoder has not. The
    geocoder is only made where an outline is named."""
    settings, key = config.tenants[tenant], f"tenants.{tenant}"
    named: dict[str, RegionSettings] = {f"{key}.border": settings.border}
    named |= {f"{key}.areas.{name}": area for name, area in settings.areas.items()}
    named |= {f"{key}.neighbours.{name}": one for name, one in settings.neighbours.items()}
    geocoder = make() if any(one.outline for one in named.values()) else None
    outlines = outlines_in(geocoder.map()) if isinstance(geocoder, DrawsMap) else {}
    check_outlines(named, outlines, config.source.file)
    return settings.record(tenant, config.retention.example_days, outlines)


def import_gazetteer(config: Config, tenant: TenantId, source: Path) -> Imported:
    """Raises `GazetteerError`, and `ConfigError` where the tenant has no gazetteer that would look at it."""
    name = config.tenants[tenant].geocoder
    chosen = config.geocoders[name]
    if chosen.kind != "gazetteer":
        raise config.source.error(f"geocoders.{name}.kind", f'is "{chosen.kind}": only a gazetteer takes imports')
    if chosen.options.get("file", SAMPLE) != SAMPLE:
        raise config.source.error(f"geocoders.{name}.file", "names the file to use: no import would be looked at")
    return import_file(source, _folder(config, "geocoders", name, tenant) / IMPORTED)


class _Adapters:
    """Makes adapters through the registry and opens those that want opening."""

    def __init__(self, config: Config, clock: Clock, registry: Registry, stack: AsyncExitStack) -> None:
        self._config = config
        self._clock = clock
        self._registry = registry
        self._stack = stack
        self._photos = PillowPhotos()
        self.late: dict[AccountName, Callable[[], Awaitable[None]]] = {}

    async def channels(self) -> dict[AccountName, tuple[TenantId, Channel]]:
        """Also those that cannot start yet; `late` says how to go on trying."""
        made: dict[AccountName, tuple[TenantId, Channel]] = {}
        for name, settings in self._config.channels.items():
            channel: Channel = await self._made(AdapterGroup.CHANNELS, "channels", name, settings)
            enter = partial(self._stack.enter_async_context, channel)
            if (trouble := await start(name, enter)) is not None:
                self.late[name] = partial(until_started, name, enter, trouble)
            made[name] = (settings.tenant, channel)
        return made

    async def desks(self) -> dict[str, Desk]:
        return {
            name: await self._make(AdapterGroup.DESKS, "desks", name, settings)
            for name, settings in self._config.desks.items()
        }

    async def geocoders(self) -> dict[TenantId, Geocoder]:
        return {tenant: await self.geocoder(tenant) for tenant in self._config.tenants}

    async def geocoder(self, tenant: TenantId) -> Geocoder:
        made: Geocoder = await self._make(*self.geocoder_settings(tenant))
        return made

    def geocoder_settings(self, tenant: TenantId) -> tuple[AdapterGroup, str, str, AdapterSettings]:
        """One for each tenant, because an imported gazetteer is a tenant's own."""
        name = self._config.tenants[tenant].geocoder
        chosen = self._config.geocoders[name]
        as_adapter = AdapterSettings(kind=chosen.kind, tenant=tenant, options=chosen.options)
        return AdapterGroup.GEOCODERS, "geocoders", name, as_adapter

    async def _made(self, group: AdapterGroup, section: str, name: str, settings: AdapterSettings) -> Any:
        data = _folder(self._config, section, name, settings.tenant)
        await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True, mode=0o700)
        return self.build(group, section, name, settings)

    async def _make(self, group: AdapterGroup, section: str, name: str, settings: AdapterSettings) -> Any:
        adapter = await self._made(group, section, name, settings)
        if isinstance(adapter, AbstractAsyncContextManager):
            return await self._stack.enter_async_context(adapter)
        return adapter

    def build(self, group: AdapterGroup, section: str, name: str, settings: AdapterSettings) -> Any:
        """The adapter as its factory makes it, not opened."""
        where = self._config.where(f"{section}.{name}")
        return self._registry.find(group, settings.kind, f"{where}.kind")(
            Setup(
                where=where,
                name=name,
                tenant_id=settings.tenant,
                data=_folder(self._config, section, name, settings.tenant),
                clock=self._clock,
                photos=self._photos,
                options=settings.options,
            )
        )


def _folder(config: Config, section: str, name: str, tenant: TenantId) -> Path:
    """An adapter's own. Tenants that name the same geocoder do not share it."""
    own = config.server.data / section / name
    return own / tenant if section == "geocoders" else own


def _patience(config: Config) -> Patience:
    return Patience(
        lease=timedelta(seconds=config.work.lease_seconds),
        attempts=config.work.attempts,
        backoff=timedelta(seconds=config.work.backoff_seconds),
        backoff_limit=timedelta(seconds=config.work.backoff_limit_seconds),
        concurrency=config.work.concurrency,
    )


def _hosts(config: Config) -> tuple[str, ...]:
    """Where the pages listen for one machine only, they answer to its own names only."""
    public = urlsplit(config.server.public_url).hostname
    if config.server.host not in LOOPBACK:
        return ()
    return (*LOOPBACK, public) if public else LOOPBACK


def _offices(config: Config, parts: Parts) -> dict[TenantId, Office]:
    """The staff side of the desk each tenant brings along."""
    offices: dict[TenantId, Office] = {}
    for name, desk in parts.desks.items():
        if isinstance(desk, Office):
            tenant = config.desks[name].tenant
            if tenant in offices:
                raise config.source.error(
                    f"desks.{name}.kind", f"{tenant} has a desk with pages already; one is all"
                )
            offices[tenant] = desk
    return offices


def _rooms(config: Config, parts: Parts) -> WebRooms | None:
    """The channel whose rooms are on the pages."""
    rooms: WebRooms | None = None
    for account, (_, channel) in parts.channels.items():
        if isinstance(channel, WebRooms):
            if rooms is not None:
                raise config.source.error(f"channels.{account}.kind", "there are pages for one such channel only")
            rooms = channel
    return rooms


def _doors(config: Config, parts: Parts) -> dict[AccountName, TakesRequests]:
    """Who others may push to, by the name in the config."""
    doors: dict[AccountName, TakesRequests] = {
        at: one for at, (_, one) in parts.channels.items() if isinstance(one, TakesRequests)
    }
    for name, desk in parts.desks.items():
        if isinstance(desk, TakesRequests):
            if AccountName(name) in doors:
                raise config.source.error(f"desks.{name}", "a channel of this name has its address: rename either")
            doors[AccountName(name)] = desk
    return doors


def _site(config: Config, database: Database, parts: Parts) -> web.Site:
    def streets(tenant: TenantId) -> Mapping[str, Any]:
        geocoder = parts.geocoders.get(tenant)
        return geocoder.map() if isinstance(geocoder, DrawsMap) else no_streets(tenant)

    async def ready() -> Mapping[str, bool]:
        try:
            figures = await parts.views.figures(parts.clock.moment().now)
        except StoreError:
            return {"database": False}
        return {"database": True, "work": figures.oldest_due_seconds < WORK_BEHIND}

    async def metrics() -> bytes:
        parts.metrics.show(await parts.views.figures(parts.clock.moment().now))
        return parts.metrics.render()

    return web.Site(
        views=database.views,
        staff=database.staff,
        audit=database.audit,
        clock=parts.clock,
        tenants=parts.tenants,
        offices=_offices(config, parts),
        ready=ready,
        metrics=metrics,
        log=structlog.get_logger("bot.web"),
        rooms=_rooms(config, parts),
        doors=_doors(config, parts),
        streets=streets,
        hosts=_hosts(config),
        demo=config.demo.enabled,
        demo_notice=(config.demo.notice,) if config.demo.enabled else (),
        tiles=config.map.tiles,
        tiles_credit=config.map.attribution,
    )

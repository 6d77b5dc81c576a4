"""A neighbourhood to play in: the whole host over fakes, with a clock that only moves when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from adapters.geocoders.gazetteer import Gazetteer
from adapters.geocoders.gazetteer.adapter import DEMO
from adapters.geocoders.gazetteer.features import read_geojson
from bot.host import Host, Parts
from bot.metrics import Metrics
from bot.model.channel import Batch, Capabilities, ChannelEvent
from bot.model.desk import DeskCapabilities
from bot.model.effect import Action
from bot.model.group import GroupSettings, GroupState, Role
from bot.model.happening import Happening, Steered
from bot.model.ids import AccountName, Address, GroupId, PersonKey, Room, TenantId
from bot.model.place import Point
from bot.model.region import Region
from bot.model.snapshot import Commit, Snapshot
from bot.model.tenant import Neighbour, Route, Tenant
from bot.ports.fakes.channel import FakeChannel
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.desk import FakeDesk
from bot.ports.fakes.network import CAN_ALL, FakeNetwork
from bot.ports.fakes.photos import FakePhotos
from bot.ports.geocoder import Geocoder
from bot.ports.interpreter import Interpreter
from bot.texts import Catalogue
from nlp.rules import interpreter
from tests.support.backends import Backend, open_backend

TENANT_ID = TenantId("parijsplein")
ACCOUNT = AccountName("buurt")
DESK = "gemeente"
PEOPLE: Mapping[str, Role] = {
    "fatima": Role.ADMIN,
    "jan": Role.MEMBER,
    "kees": Role.MEMBER,
    "samira": Role.MEMBER,
}
TENANT = Tenant(
    id=TENANT_ID,
    name="Gemeente Parijsplein",
    municipality="Parijsplein",
    privacy_contact="de gemeente Parijsplein",
    report_site="parijsplein.example/melden",
    routes={"gemeente": Route(desk=DESK)},
    learning_days=180,
)
MAANSTAD = Region(centre=Point(lat=52.0449, lon=4.3660), radius_m=150)
"""West of the Parijsplein, around the Londenlaan."""
MUNICIPALITIES = {
    "": TENANT,
    "met grens": replace(
        TENANT,
        routes={**TENANT.routes, "water": Route(who="het waterschap", number="070 111 11 11", key="routes.water")},
        border=Region(centre=Point(lat=52.0449, lon=4.3712), radius_m=250),
        neighbours=(
            Neighbour(route=Route(who="Maanstad", number="14 071", key="neighbours.maanstad"), region=MAANSTAD),
        ),
    ),
}
TEXTS = Catalogue.load()


def demo_gazetteer() -> Gazetteer:
    """The made-up neighbourhood of the demo."""
    return Gazetteer(read_geojson(DEMO))


@dataclass(slots=True, kw_only=True)
class Neighbourhood:
    """`settle` lets everything happen that is due; `wait` lets time pass, deadline by deadline."""

    backend: Backend
    network: FakeNetwork
    channel: FakeChannel
    desk: FakeDesk
    host: Host
    room: Room
    metrics: Metrics
    _read: int = 0
    _told: int = 0

    @property
    def clock(self) -> FakeClock:
        """The clock everything goes by."""
        return self.backend.time.clock

    async def settle(self) -> None:
        """Deliver what happened in the chat and run what is due, until nothing follows any more."""
        while True:
            upto = len(self.network.log)
            events = tuple(e for e in self.network.log[self._read : upto] if e is not None)
            if events:
                await self.deliver(*events, cursor=str(upto))
            self._read = upto
            if len(self.desk.told) > self._told:
                self._told = len(self.desk.told)
                await self.host.enqueue(Action.POLL, f"told-{self._told}", 1, desk=DESK)
            if not await self.host.worker.run_due() and len(self.network.log) == self._read:
                return

    async def deliver(self, *events: ChannelEvent, cursor: str = "again") -> None:
        """One batch of the channel, also one that was delivered before or comes in an odd order."""
        batch = Batch(cursor=cursor, events=events, deduplicate=self.network.deduplicate)
        await self.host.intakes[ACCOUNT].take(batch)

    async def wait(self, by: timedelta | float) -> None:
        """Time passes; everything that comes due on the way happens when it is due."""
        span = by if isinstance(by, timedelta) else timedelta(seconds=by)
        await self.wait_until(self.clock.now + span)

    async def wait_until(self, end: datetime) -> None:
        """The same, up to a moment."""
        await self.settle()
        while True:
            due = await self.backend.work.next_due(self.clock.now)
            if due is None or due > end:
                break
            self._go(max(due, self.clock.now + timedelta(milliseconds=1)))
            await self.settle()
        self._go(end)
        await self.settle()

    def _go(self, to: datetime) -> None:
        self.backend.time.go_by(max((to - self.clock.now) / timedelta(seconds=1), 0.0))

    async def happen(self, happening: Happening, room: Room | None = None) -> None:
        """Something happens that no resident did."""
        group = await self.group_id(room)
        await self.host.turns.one(group, happening, Commit(now=self.clock.now))
        await self.settle()

    async def steer(self, state: GroupState, room: Room | None = None) -> None:
        """The operator pauses the group, or lets it go on."""
        await self.happen(Steered(state=state), room)

    async def group_id(self, room: Room | None = None) -> GroupId:
        """The group of a room."""
        where = room or self.room
        return (await self.backend.store.groups(ACCOUNT, [where]))[where]

    async def known(self, room: Room | None = None) -> Snapshot:
        """What is known of a room's group."""
        group = await self.group_id(room)
        return (await self.backend.store.load([group]))[group]


def person_key(group: GroupId, address: Address) -> PersonKey:
    """A readable stand-in for the keyed hash."""
    return PersonKey(f"{group}/{address}")


@asynccontextmanager
async def open_neighbourhood(
    kind: str,
    folder: Path,
    *,
    settings: GroupSettings | None = None,
    capabilities: Capabilities = CAN_ALL,
    desk: DeskCapabilities | None = None,
    interprets: Interpreter | None = None,
    geocoder: Geocoder | None = None,
    people: Mapping[str, Role] = PEOPLE,
    now: datetime | None = None,
    tenant: Tenant = TENANT,
    desk_class: type[FakeDesk] = FakeDesk,
) -> AsyncIterator[Neighbourhood]:
    """A room that BART was just let into, on the store called `kind` ("fake" or "sqlite")."""
    async with open_backend(kind, folder) as backend:
        if now is not None:
            backend.time.clock.set(now)
        network = FakeNetwork(capabilities=capabilities, clock=backend.time.clock)
        channel = FakeChannel(network)
        takes = desk_class(clock=backend.time.clock, tenant_id=TENANT_ID, capabilities=desk)
        metrics = Metrics()
        parts = _parts(backend, channel, takes, tenant, metrics)
        parts = replace(
            parts,
            geocoders={TENANT_ID: geocoder or demo_gazetteer()},
            interpreter=interprets or interpreter(),
            settings=settings or GroupSettings(),
        )
        room = network.open_room("parijsplein", people, name="Buurtapp Parijsplein")
        yield Neighbourhood(
            backend=backend,
            network=network,
            channel=channel,
            desk=takes,
            host=Host(parts),
            room=room,
            metrics=metrics,
        )


def _parts(backend: Backend, channel: FakeChannel, desk: FakeDesk, tenant: Tenant, metrics: Metrics) -> Parts:
    return Parts(
        tenants={TENANT_ID: tenant},
        channels={ACCOUNT: (TENANT_ID, channel)},
        desks={DESK: desk},
        geocoders={},
        store=backend.store,
        work=backend.work,
        views=backend.views,
        nearby=backend.nearby,
        housekeeping=backend.housekeeping,
        person_key=person_key,
        interpreter=interpreter(),
        texts=TEXTS,
        photos=FakePhotos(),
        clock=backend.time.clock,
        metrics=metrics,
    )

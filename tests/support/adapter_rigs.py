"""Rigs of desks and geocoders for the checks of `adapters.testing`."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

import httpx

from adapters.desks.embedded import EmbeddedDesk
from adapters.geocoders.gazetteer import Gazetteer
from adapters.geocoders.gazetteer.adapter import DEMO
from adapters.geocoders.gazetteer.features import read_geojson
from adapters.geocoders.pdok import Pdok
from bot.model.desk import Case, CaseDeed
from bot.model.place import Place, Point
from bot.ports.desk import Desk
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.desk import FakeDesk
from bot.ports.fakes.geocoder import FakeGeocoder
from bot.ports.fakes.office import FakeOffice
from bot.ports.geocoder import Geocoder
from tests.fakes.pdok import FakePdok, doc
from tests.support.desks import HERE, embedded_desk

STREET = "Parijsplein"
AT = Point(lat=52.0442, lon=4.3698)


class EmbeddedDeskRig:
    """The desk that BART brings along, on a file; staff have a connection of their own."""

    tenant = HERE

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._clock = FakeClock()

    def desk(self) -> EmbeddedDesk:
        return embedded_desk(Path(self._folder.name), self._clock)

    async def cases(self) -> Sequence[Case]:
        async with self.desk() as desk:
            return [await desk.case(HERE, case.reference) for case in await desk.cases(HERE)]

    async def act(self, reference: str, deed: CaseDeed) -> None:
        async with self.desk() as desk:
            await desk.act(HERE, reference, deed)

    def pass_time(self, seconds: float) -> None:
        self._clock.advance(seconds)

    async def __aenter__(self) -> EmbeddedDeskRig:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._folder.cleanup()


class FakeDeskRig:
    """The fake, which keeps its cases over connections."""

    tenant = HERE

    def __init__(self) -> None:
        self._clock = FakeClock()
        self.fake = FakeDesk(clock=self._clock, tenant_id=HERE)
        self._office = FakeOffice(self.fake)

    def desk(self) -> AbstractAsyncContextManager[Desk]:
        return nullcontext(self.fake)

    async def cases(self) -> Sequence[Case]:
        return [await self._office.case(HERE, case.reference) for case in await self._office.cases(HERE)]

    async def act(self, reference: str, deed: CaseDeed) -> None:
        await self._office.act(HERE, reference, deed)

    def pass_time(self, seconds: float) -> None:
        self._clock.advance(seconds)


class StreetRig:
    """A geocoder that knows the made-up square."""

    street = STREET
    point = AT

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[Geocoder]]) -> None:
        self._make = make

    def geocoder(self) -> AbstractAsyncContextManager[Geocoder]:
        return self._make()


def gazetteer_rig() -> StreetRig:
    return StreetRig(lambda: nullcontext(Gazetteer(read_geojson(DEMO))))


def fake_geocoder_rig() -> StreetRig:
    square = Place(label=STREET, point=AT, source="fake")
    return StreetRig(lambda: nullcontext(FakeGeocoder({STREET.lower(): (square,)})))


def pdok_rig() -> StreetRig:
    server = FakePdok(docs=[doc(f"{STREET}, 's-Gravenhage", AT.lat, AT.lon)])

    @asynccontextmanager
    async def opened() -> AsyncIterator[Geocoder]:
        async with Pdok(transport=httpx.ASGITransport(server.app())) as pdok:
            yield pdok

    return StreetRig(opened)

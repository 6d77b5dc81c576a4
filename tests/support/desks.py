"""Desks opened for tests, and what goes into them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.desks.embedded import EmbeddedDesk
from adapters.desks.embedded import desk as embedded
from bot.model.desk import Addition, CaseAct, CaseDeed, Filing
from bot.model.ids import TenantId
from bot.model.place import Place, Point
from bot.model.report import ContributionKind
from bot.ports.desk import Desk
from bot.ports.fakes.clock import NOON, FakeClock
from bot.ports.fakes.desk import FakeDesk
from bot.ports.fakes.office import FakeOffice
from bot.ports.fakes.photos import CLEAN_PHOTO, FakePhotos
from bot.ports.office import Office
from bot.ports.setup import Setup

HERE = TenantId("parijsplein")
ELSEWHERE = TenantId("elders")
SQUARE = Point(lat=52.0390, lon=4.3700)
"""A made-up square."""
METRES_PER_DEGREE = 111_194.9
"""Of latitude, on the model's sphere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A desk of tenant `HERE`, the staff behind it, and the clock on its wall. `close` closes the desk."""

    desk: Desk
    office: Office
    clock: FakeClock
    close: Callable[[], Any]


def north(metres: float) -> Point:
    """A point so many metres north of the square."""
    return Point(lat=SQUARE.lat + metres / METRES_PER_DEGREE, lon=SQUARE.lon)


def filing(
    own: str = "own-1",
    text: str = "Er ligt glas bij de glasbak.",
    *,
    tenant: TenantId = HERE,
    point: Point | None = SQUARE,
    **more: Any,
) -> Filing:
    """Glass at the bottle bank, unless told otherwise."""
    values: dict[str, Any] = {
        "category": "zwerfvuil",
        "place": Place(label="glasbak, Parijsplein", point=point, source="gazetteer", score=0.9),
        "seen_at": NOON,
    }
    return Filing(own=own, tenant_id=tenant, text=text, **(values | more))


def addition(kind: ContributionKind, own: str = "add-1", text: str = "", **more: Any) -> Addition:
    """What a neighbour adds; a photo brings a picture, words bring words."""
    if kind is ContributionKind.PHOTO:
        more = {"photo": CLEAN_PHOTO} | more
    values: dict[str, Any] = {"at": NOON, **more}
    return Addition(own=own, kind=kind, text=text, **values)


def deed(act: CaseAct, text: str = "", *, by: str = "marieke", **more: Any) -> CaseDeed:
    """What Marieke of the municipality does."""
    return CaseDeed(act=act, by=by, text=text, **more)


def embedded_desk(folder: Path, clock: FakeClock, options: Mapping[str, Any] | None = None) -> EmbeddedDesk:
    """The embedded desk through its factory, as the host makes it; not open yet."""
    return embedded(
        Setup(
            where="desks.gemeente",
            name="gemeente",
            tenant_id=HERE,
            data=folder / "gemeente",
            clock=clock,
            photos=FakePhotos(),
            options=options or {},
        )
    )


@asynccontextmanager
async def open_embedded(folder: Path) -> AsyncIterator[Counter]:
    """The embedded desk on a fresh file."""
    clock = FakeClock()
    async with embedded_desk(folder, clock) as desk:
        yield Counter(desk=desk, office=desk, clock=clock, close=desk.__aexit__)


@asynccontextmanager
async def open_fake(folder: Path) -> AsyncIterator[Counter]:
    """The fake in memory; the folder stays empty."""
    clock = FakeClock()
    async with FakeDesk(clock=clock, tenant_id=HERE) as desk:
        office = FakeOffice(desk)

        async def close() -> None:
            office.close()

        yield Counter(desk=desk, office=office, clock=clock, close=close)


COUNTERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Counter]]] = {
    "embedded": open_embedded,
    "fake": open_fake,
}
"""Every desk that staff of ours stand behind; the contract tests run for each."""


def day(number: int) -> datetime:
    """Noon, so many days after the clock's start."""
    return NOON.replace(day=NOON.day + number)

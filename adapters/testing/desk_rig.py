"""What the author of a desk writes to have it checked: the people who work behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from bot.model.desk import Addition, Case, CaseAct, CaseDeed, Filing
from bot.model.ids import TenantId
from bot.model.place import Place, Point
from bot.model.report import ContributionKind
from bot.ports.desk import Desk
from bot.ports.fakes.clock import NOON
from bot.ports.fakes.photos import CLEAN_PHOTO

SQUARE = Point(lat=52.0390, lon=4.3700)
"""A made-up square."""
METRES_PER_DEGREE = 111_194.9
"""Of latitude, on the model's sphere."""
CATEGORY = "zwerfvuil"


class DeskRig(Protocol):
    """One desk with nothing in it yet, and its staff. A fresh rig is made for every check."""

    @property
    def tenant(self) -> TenantId:
        """Whose desk it is."""
        ...

    def desk(self) -> AbstractAsyncContextManager[Desk]:
        """BART's connection, entered before use."""
        ...

    async def cases(self) -> Sequence[Case]:
        """All that the desk has, as its staff see it; of a case only what the desk really holds is filled."""
        ...

    async def act(self, reference: str, deed: CaseDeed) -> None:
        """What staff do with a case, in the desk's own system."""
        ...

    def pass_time(self, seconds: float) -> None:
        """The desk's clock goes on."""
        ...


class Counter:
    """An entered desk and its rig, for the checks."""

    def __init__(self, rig: DeskRig, desk: Desk) -> None:
        self.rig = rig
        self.desk = desk
        self.can = desk.capabilities()

    async def case(self, reference: str) -> Case:
        """As staff see it now."""
        for case in await self.rig.cases():
            if case.reference == reference:
                return case
        raise AssertionError("the desk's staff do not see what was filed")

    async def do(self, reference: str, act: CaseAct, text: str = "", **more: Any) -> None:
        """Marieke of the municipality does something."""
        await self.rig.act(reference, CaseDeed(act=act, by="marieke", text=text, **more))

    def filing(self, own: str = "own-1", text: str = "Er ligt glas bij de glasbak.", **more: Any) -> Filing:
        """For this tenant."""
        return a_filing(own, text, tenant=self.rig.tenant, **more)


@asynccontextmanager
async def at_the_counter(rig: DeskRig) -> AsyncIterator[Counter]:
    """The rig's desk, entered."""
    async with rig.desk() as desk:
        yield Counter(rig, desk)


def north(metres: float) -> Point:
    """A point so many metres north of the square."""
    return Point(lat=SQUARE.lat + metres / METRES_PER_DEGREE, lon=SQUARE.lon)


def a_filing(
    own: str = "own-1",
    text: str = "Er ligt glas bij de glasbak.",
    *,
    tenant: TenantId,
    point: Point | None = SQUARE,
    **more: Any,
) -> Filing:
    """Glass at the bottle bank, unless told otherwise."""
    values: dict[str, Any] = {
        "category": CATEGORY,
        "place": Place(label="glasbak, Parijsplein", point=point, source="gazetteer", score=0.9),
        "seen_at": NOON,
    }
    return Filing(own=own, tenant_id=tenant, text=text, **(values | more))


def an_addition(kind: ContributionKind, own: str = "add-1", text: str = "", **more: Any) -> Addition:
    """What a neighbour adds; a photo brings a picture, words bring words."""
    if kind is ContributionKind.PHOTO:
        more = {"photo": CLEAN_PHOTO} | more
    values: dict[str, Any] = {"at": NOON, **more}
    return Addition(own=own, kind=kind, text=text, **values)

"""The site over fakes, and a browser's manners for talking to it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx

from adapters.web import Site, make_account, site
from bot.model.consent import Evidence
from bot.model.desk import Filing
from bot.model.ids import Address, GroupId, ReportId, Room, TenantId
from bot.model.place import Place, Point
from bot.model.report import Status
from bot.model.staff import StaffAccount, StaffRole
from bot.model.tenant import Tenant
from bot.model.view import Figures, GroupLine, ReportLine
from bot.model.webroom import Resident, WebRoom
from bot.ports.fakes.clock import NOON, FakeClock
from bot.ports.fakes.desk import FakeDesk
from bot.ports.fakes.memory import Memory
from bot.ports.fakes.office import FakeOffice
from bot.ports.fakes.staff import FakeAudit, FakeStaffBook
from bot.ports.fakes.webrooms import FakeWebRooms

TENANT = TenantId("parijsplein")
OTHER = TenantId("elders")
ROOM = Room("parijsplein")
JAN = Address("jan")
PASSWORD = "een lang wachtwoord"
HOME = "http://bart.test"

STREETS: Mapping[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "Parijsplein"},
            "geometry": {"type": "LineString", "coordinates": [[4.35, 52.05], [4.352, 52.051]]},
        }
    ],
}


class SmallViews:
    """Implements `Views` over a list of report lines."""

    def __init__(self) -> None:
        self.lines: list[ReportLine] = []
        self.failing: Exception | None = None

    async def groups(self, tenant: TenantId | None) -> list[GroupLine]:
        return []

    async def reports(
        self, tenant: TenantId | None, open_only: bool = False, limit: int = 500
    ) -> list[ReportLine]:
        if self.failing is not None:
            raise self.failing
        mine = [line for line in self.lines if tenant in (None, line.tenant_id)]
        return [line for line in mine if line.status.is_open or not open_only][:limit]

    async def report(self, tenant: TenantId | None, report: ReportId) -> ReportLine | None:
        return next((line for line in await self.reports(tenant) if line.id == report), None)

    async def evidence(self, group: GroupId) -> list[Evidence]:
        return []

    async def figures(self, now: datetime) -> Figures:
        return Figures(
            groups_by_state={},
            incidents_by_stage={},
            reports_by_status={},
            work_by_action={},
            parked=0,
            oldest_due_seconds=0.0,
        )


@dataclass(slots=True)
class LogBook:
    """Keeps what was logged."""

    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append(("info", event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append(("warning", event, fields))

    def error(self, event: str, **fields: Any) -> None:
        self.lines.append(("error", event, fields))


class AttentiveOffice(FakeOffice):
    """Says when somebody watches."""

    def __init__(self, desk: FakeDesk) -> None:
        super().__init__(desk)
        self.watched = asyncio.Event()

    def watch(self, tenant: TenantId) -> AsyncIterator[str]:
        heard = super().watch(tenant)
        self.watched.set()
        return heard


async def _metrics() -> bytes:
    return b"bart_up 1\n"


class Stage:
    """A site with everything behind it within a test's reach."""

    def __init__(self, *, demo: bool = False, chat: bool = True, **facts: Any) -> None:
        self.clock = FakeClock()
        self.memory = Memory(clock=self.clock)
        self.staff, self.audit = FakeStaffBook(self.memory), FakeAudit(self.memory)
        self.views, self.log = SmallViews(), LogBook()
        self.office = AttentiveOffice(FakeDesk(clock=self.clock))
        self.elsewhere = FakeOffice(FakeDesk(clock=self.clock))
        self.rooms = FakeWebRooms({ROOM: a_room()}, self.clock)
        self.checks = {"database": True, "work": True}

        async def ready() -> Mapping[str, bool]:
            return self.checks

        self.record = Site(
            views=self.views,
            staff=self.staff,
            audit=self.audit,
            clock=self.clock,
            tenants={
                each: Tenant(id=each, name=each.title(), municipality="Den Haag") for each in (TENANT, OTHER)
            },
            offices={TENANT: self.office, OTHER: self.elsewhere},
            ready=ready,
            metrics=_metrics,
            log=self.log,
            rooms=self.rooms if chat else None,
            streets=lambda tenant: STREETS,
            demo=demo,
            **facts,
        )
        self.app = site(self.record)

    def browser(self, home: str = HOME) -> httpx.AsyncClient:
        """A browser without cookies that does not follow redirects by itself."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=home)

    async def employ(self, name: str = "anna", tenant: TenantId = TENANT, *roles: StaffRole) -> StaffAccount:
        """An account with `PASSWORD`."""
        account = make_account(name, tenant, roles or (StaffRole.DESK,), PASSWORD, self.clock.now)
        await self.staff.save_account(account)
        return account

    async def file(self, text: str = "Glas op de stoep", **facts: Any) -> str:
        """A case at the office's desk; returns its reference."""
        return (await self.office.desk.file(a_filing(text, **facts))).reference


def a_room() -> WebRoom:
    """The demo's four residents."""
    names = (
        ("fatima", "Fatima", True),
        ("jan", "Jan", False),
        ("kees", "Kees", False),
        ("samira", "Samira", False),
    )
    residents = tuple(Resident(address=Address(at), name=name, admin=admin) for at, name, admin in names)
    return WebRoom(room=ROOM, name="Buurtgroep Parijsplein", residents=residents)


def a_filing(text: str, **facts: Any) -> Filing:
    """A filing on the Parijsplein."""
    base = Filing(
        own=f"own-{text}",
        tenant_id=TENANT,
        category="zwerfvuil",
        text=text,
        place=Place(label="glasbak, Parijsplein", point=Point(lat=52.05, lon=4.35)),
        seen_at=NOON,
    )
    return replace(base, **facts)


def a_line(id_: str = "r1", **facts: Any) -> ReportLine:
    """A report in the overview."""
    base = ReportLine(
        id=ReportId(id_),
        tenant_id=TENANT,
        desk="gemeente",
        reference="G-1",
        category="zwerfvuil",
        place=Place(label="glasbak, Parijsplein", point=Point(lat=52.05, lon=4.35)),
        status=Status.RECEIVED,
        filed_at=NOON,
        changed_at=NOON,
        neighbours=2,
        groups=1,
    )
    return replace(base, **facts)


def token(page: httpx.Response) -> str:
    """The form token on a page."""
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found, "the page has no form"
    return found.group(1)


async def log_in(
    browser: httpx.AsyncClient, name: str = "anna", password: str = PASSWORD, onward: str = "/loket"
) -> httpx.Response:
    """Fill in the login form and send it."""
    page = await browser.get("/inloggen")
    facts = {"token": token(page), "naam": name, "wachtwoord": password, "naar": onward}
    return await browser.post("/inloggen", data=facts, headers={"Origin": str(browser.base_url)})

"""A Signalen desk over the fake server, and the rigs for the checks of all desks."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from adapters.desks.signalen import SignalenDesk
from adapters.desks.signalen.options import read_options
from adapters.desks.signalen.wording import label_of, words_of
from bot.model.desk import Case, CaseAct, CaseDeed, CaseEntry
from bot.model.ids import TenantId
from bot.model.place import Place, Point
from bot.model.report import Status
from bot.ports.clock import Clock
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.signalen import TOKEN, FakeSignalen, Report, World
from tests.fakes.signalen.login import CLIENT, SECRET
from tests.fakes.signalen.workflow import CLOSED

TENANT = TenantId("parijsplein")
HOST = "http://127.0.0.1:8000"
PREFIX = "Vraag aan bewoner:"
ACCOUNT: Mapping[str, Any] = {"source": "BART", "client_id": CLIENT, "client_secret": SECRET}
ACTS: Mapping[CaseAct, str] = {
    CaseAct.START: "b",
    CaseAct.PLAN: "ingepland",
    CaseAct.FORWARD: "forward to external",
    CaseAct.CLOSE: "o",
    CaseAct.CANCEL: "a",
    CaseAct.REOPEN: "reopened",
}


def with_account(host: str = HOST, **more: Any) -> dict[str, Any]:
    """Options of a desk with a service account."""
    return {"url": host, "token_url": f"{host}{TOKEN}", **ACCOUNT, **more}


def in_public(host: str = HOST, **more: Any) -> dict[str, Any]:
    """Options of a desk without one."""
    return {"url": host, "source": "BART app", **more}


def signalen_desk(
    folder: Path, clock: Clock, options: Mapping[str, Any], server: FakeSignalen | None = None
) -> SignalenDesk:
    """As the host makes it; with a server, over no network."""
    setup = Setup(
        where="desks.gemeente",
        name="gemeente",
        tenant_id=TENANT,
        data=folder,
        clock=clock,
        photos=FakePhotos(),
        options=options,
    )
    transport = httpx.ASGITransport(server.app, client=("10.0.0.1", 1)) if server else None
    return SignalenDesk(setup, read_options(setup.where, setup.options), transport)


class SignalenRig:
    """Staff of a municipality at their own screens. Reports are anonymous: they ask by a note."""

    tenant = TENANT

    def __init__(self, *, account: bool = True, **options: Any) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.server = FakeSignalen(World(now=lambda: self.clock.now))
        self._account = account
        self._options = with_account(**options) if account else in_public(**options)

    @property
    def folder(self) -> Path:
        return Path(self._folder.name)

    @property
    def world(self) -> World:
        return self.server.world

    def desk(self, **more: Any) -> SignalenDesk:
        return signalen_desk(self.folder, self.clock, self._options | more, self.server)

    async def cases(self) -> Sequence[Case]:
        return [_case(report, self.world.prefix) for report in self.world.reports.values()]

    async def act(self, reference: str, deed: CaseDeed) -> None:
        number = int(reference.removeprefix(self.world.prefix))
        if deed.act is CaseAct.ASK:
            self.world.note(number, f"{PREFIX} {deed.text}")
        else:
            self.world.move(number, ACTS[deed.act], deed.text)
        if not self._account:
            # Without an account a report is looked at by itself, more seldom than the desk is polled.
            self.clock.advance(3600)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def __aenter__(self) -> SignalenRig:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._folder.cleanup()


def public_rig() -> SignalenRig:
    """The same municipality without an account for BART."""
    return SignalenRig(account=False, poll_seconds=10)


def _case(report: Report, prefix: str) -> Case:
    text = "\n\n".join(part for part in (report.body["text"], report.body.get("text_extra")) if part)
    lon, lat = report.point
    return Case(
        reference=f"{prefix}{report.number}",
        category=report.sub,
        text=words_of(text),
        place=Place(label=label_of(text), point=Point(lat=lat, lon=lon)),
        status=Status.CLOSED if report.status.state in CLOSED else Status.IN_PROGRESS,
        received_at=report.created,
        changed_at=report.updated,
        seen_at=report.created,
        neighbours=1,
        contact=report.email,
        thread=tuple(CaseEntry(at=note.at, kind="note", text=note.text, by=note.who) for note in report.notes),
        photos=tuple(photo.name for photo in report.attachments),
    )

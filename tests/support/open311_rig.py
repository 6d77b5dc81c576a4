"""The Open311 desk in front of the fake municipality, for the checks and for its own tests."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from adapters.desks.ledger import Ledger
from adapters.desks.open311 import Open311Desk
from adapters.desks.open311.client import Client
from adapters.desks.open311.options import read_options
from bot.model.desk import Case, CaseAct, CaseDeed, CaseEntry
from bot.model.place import Place, Point
from bot.model.report import Status
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.open311 import KEY, FakeOpen311, Held, Municipality, Service
from tests.support.desks import HERE

URL = "https://melden.test/open311/v2"
PUSH_KEY = "a-key-for-those-who-push"
SERVICES = {"zwerfvuil": "LITTER", "verlichting": "LAMP"}
ACTS = {
    CaseAct.START: "in_progress",
    CaseAct.PLAN: "planned",
    CaseAct.FORWARD: "internal_referral",
    CaseAct.CLOSE: "closed",
    CaseAct.CANCEL: "no_further_action",
    CaseAct.REOPEN: "reopen",
}


def a_world(clock: FakeClock) -> Municipality:
    return Municipality(clock, Service(code="LITTER"), Service(code="LAMP"))


def open311_desk(fake: FakeOpen311, folder: Path, **options: Any) -> Open311Desk:
    """As the factory makes it, but over no network and without pauses."""
    raw: Mapping[str, Any] = {
        "url": URL,
        "api_key": KEY,
        "services": SERVICES,
        "updates": fake.extension,
        **options,
    }
    setup = Setup(
        where="desks.meldingen",
        name="meldingen",
        tenant_id=HERE,
        data=folder,
        clock=fake.world.clock,
        photos=FakePhotos(),
        options=raw,
    )
    read = read_options(setup.where, raw)
    client = Client(read, httpx.ASGITransport(fake.app, raise_app_exceptions=False))
    return Open311Desk(setup, read, client, Ledger(folder / "ledger.db"), token_pause_s=0)


class Open311Rig:
    """Staff work in the municipality's own system. `extension`: mySociety's updates."""

    tenant = HERE

    def __init__(self, *, form: str = "json", extension: bool = True, **manners: Any) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._form = form
        self.clock = FakeClock()
        self.fake = FakeOpen311(a_world(self.clock), extension=extension, **manners)

    def desk(self) -> Open311Desk:
        return open311_desk(self.fake, Path(self._folder.name), format=self._form)

    async def cases(self) -> Sequence[Case]:
        return [as_case(one) for one in self.fake.world.requests.values()]

    async def act(self, reference: str, deed: CaseDeed) -> None:
        self.fake.world.decide(
            reference,
            ACTS[deed.act],
            deed.text,
            expected=deed.until,
            agency=deed.party,
            publish=self.fake.extension,
        )

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def __aenter__(self) -> Open311Rig:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._folder.cleanup()


def as_case(held: Held) -> Case:
    """As its staff see it; the words are the first line of the description."""
    ended = held.status in ("closed", "no_further_action")
    return Case(
        reference=held.id,
        category=held.service_code,
        text=held.fields["description"].partition("\n")[0],
        place=Place(
            label=held.fields.get("address_string", ""),
            point=Point(lat=float(held.fields["lat"]), lon=float(held.fields["long"])),
        ),
        status=Status.CLOSED if ended else Status.RECEIVED,
        received_at=held.at,
        changed_at=held.changed,
        seen_at=held.at,
        neighbours=1,
        contact=held.fields.get("email", ""),
        thread=tuple(CaseEntry(at=held.at, kind="update", text=one["description"]) for one in held.added),
    )

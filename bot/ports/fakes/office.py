"""The staff side of a `FakeDesk`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

from bot.model.desk import STATUS_AFTER, Case, CaseAct, CaseDeed, CaseEntry, CaseMark
from bot.model.errors import IllegalMove, InputError, UnknownReport
from bot.model.ids import TenantId
from bot.model.report import MOVES, Status, StatusChange
from bot.ports.fakes.desk import FakeDesk, Held


class FakeOffice:
    """Implements `Office` and `SharesWork` on the cases of a `FakeDesk` (default: one of its own, in `desk`)."""

    def __init__(self, desk: FakeDesk | None = None) -> None:
        self.desk = desk or FakeDesk()
        self.deeds: list[tuple[str, CaseDeed]] = []
        """What staff did, with the reference, refused deeds left out."""
        self._queues: list[asyncio.Queue[str | None]] = []

    async def cases(self, tenant: TenantId) -> list[Case]:
        """Newest first, without threads."""
        held = [held for held in self.desk.held.values() if held.filing.tenant_id == tenant]
        return [replace(each.case, thread=()) for each in reversed(held)]

    async def case(self, tenant: TenantId, reference: str) -> Case:
        """With its thread."""
        return self._held(tenant, reference).case

    async def act(self, tenant: TenantId, reference: str, deed: CaseDeed) -> Case:
        """Checks as the port says, then changes the status."""
        held = self._held(tenant, reference)
        now = self.desk.clock.moment().now
        if deed.act in (CaseAct.CLOSE, CaseAct.CANCEL, CaseAct.ASK) and not deed.text.strip():
            raise InputError("text", "Schrijf een toelichting.")
        if deed.act is CaseAct.FORWARD and not deed.party.strip():
            raise InputError("party", "Vul in wie het overneemt.")
        if deed.act is CaseAct.PLAN and deed.until is None:
            raise InputError("until", "Kies een datum.")
        if deed.until is not None and deed.until + timedelta(days=1) <= now:
            raise InputError("until", "Deze datum is al voorbij.")
        status = STATUS_AFTER[deed.act]
        if status not in MOVES[held.case.status] or held.case.merged_into:
            raise IllegalMove("case", held.case.status, status)
        party = deed.party if status is Status.FORWARDED else ""
        until = deed.until if status in (Status.PLANNED, Status.NEEDS_ANSWER) else None
        entry = CaseEntry(at=now, kind=status, text=deed.text, by=deed.by, party=party, until=until)
        held.case = replace(held.case, thread=(*held.case.thread, entry))
        self.deeds.append((reference, deed))
        self.desk.set_status(reference, status, note=deed.text, party=party, until=until)
        return held.case

    async def assign(self, tenant: TenantId, reference: str, to: str, by: str) -> Case:
        """Changes hands, once."""
        held = self._held(tenant, reference)
        if held.case.assigned != to:
            held.case = replace(held.case, assigned=to, changed_at=self.desk.clock.moment().now)
            self._mark(held, CaseMark.ASSIGNED, by, to)
        return held.case

    async def merge(self, tenant: TenantId, reference: str, into: str, by: str) -> Case:
        """Checks as the port says, then lets one go on as the other."""
        held = self._held(tenant, reference)
        if not held.case.status.is_open:
            raise IllegalMove("case", held.case.status, Status.CANCELLED)
        kept = self.desk.held.get(into)
        if kept is None or kept.filing.tenant_id != tenant or kept is held or not kept.case.status.is_open:
            raise InputError("into", "Kies een andere open melding.")
        now = self.desk.clock.moment().now
        self._mark(held, CaseMark.MERGED, by, into)
        self._mark(kept, CaseMark.ABSORBED, by, reference)
        held.case = replace(held.case, merged_into=into)
        both = kept.case.neighbours + held.case.neighbours
        kept.case = replace(kept.case, neighbours=both, changed_at=now)
        change = StatusChange(reference=reference, status=Status.CANCELLED, at=now, merged_into=into)
        self.desk.tell(change)
        return kept.case

    def _mark(self, held: Held, mark: CaseMark, by: str, party: str) -> None:
        entry = CaseEntry(at=self.desk.clock.moment().now, kind=mark, by=by, party=party)
        held.case = replace(held.case, thread=(*held.case.thread, entry))
        for watcher in self.desk.watchers:
            watcher(held.filing.tenant_id, held.case.reference)

    async def photo(self, tenant: TenantId, reference: str, photo: str) -> bytes:
        """As it was added."""
        photos = self._held(tenant, reference).photos
        if photo not in photos:
            raise UnknownReport(reference)
        return photos[photo]

    def watch(self, tenant: TenantId) -> AsyncIterator[str]:
        """From this call on, until `close`."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()

        def hear(whose: TenantId, reference: str) -> None:
            if whose == tenant:
                queue.put_nowait(reference)

        self._queues.append(queue)
        self.desk.watchers.append(hear)
        return _until_closed(queue)

    def close(self) -> None:
        """Every watcher ends."""
        for queue in self._queues:
            queue.put_nowait(None)

    def _held(self, tenant: TenantId, reference: str) -> Held:
        held = self.desk.held.get(reference)
        if held is None or held.filing.tenant_id != tenant:
            raise UnknownReport(reference)
        return held


async def _until_closed(queue: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    while (reference := await queue.get()) is not None:
        yield reference

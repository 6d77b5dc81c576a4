"""What is written about a case, inside one transaction each."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.desks.embedded import rules
from adapters.desks.embedded.database import Transaction
from adapters.desks.embedded.rows import addition_values, case_of, filing_values, maybe_ticks, ticks
from bot.model.desk import Addition, Case, CaseDeed, CaseEntry, CaseMark, Filed, Filing
from bot.model.errors import DeskRefused, UnknownReport
from bot.model.ids import Moment, TenantId
from bot.model.report import ContributionKind, Status, StatusChange


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A case changed; `status` says whether its status did, which is what groups hear of."""

    tenant: TenantId
    reference: str
    status: bool


def filed_of(row: sqlite3.Row) -> Filed:
    """What a case is to who filed it."""
    return Filed(reference=row["reference"], status=Status(row["status"]))


async def file(write: Transaction, filing: Filing, prefix: str, now: datetime) -> tuple[Filed, News | None]:
    """A new case, or the one that was filed under the same own reference."""
    known = await write.one("case_by_own", own=filing.own)
    if known is not None:
        if known["tenant_id"] != filing.tenant_id:
            raise DeskRefused("own", "belongs to another tenant")
        return filed_of(known), None
    counted = await write.one("next_number", year=now.year)
    number = counted["last"] if counted else 1
    reference = f"{prefix}-{now.year}-{number:05d}"
    values = filing_values(filing)
    await write.run("insert_case", **values, reference=reference, status=Status.RECEIVED, now=ticks(now))
    return Filed(reference=reference), News(tenant=filing.tenant_id, reference=reference, status=False)


async def add(write: Transaction, reference: str, addition: Addition, moment: Moment) -> News | None:
    """A line in the thread, and what follows from it; None when it was there already."""
    row = await _going_on(write, reference)
    # Who takes back what was merged leaves the report of others as it is.
    theirs = row["reference"] != reference and addition.kind is ContributionKind.WITHDRAWAL
    reference = row["reference"]
    if await write.one("entry_known", case_id=row["id"], own=addition.own) is not None:
        return None
    photo = ""
    if addition.photo is not None:
        photo = moment.fresh(f"photo:{addition.own}")
        await write.run("insert_photo", id=photo, case_id=row["id"], jpeg=addition.photo)
    await write.run("insert_entry", **addition_values(addition), case_id=row["id"], photo_id=photo)
    neighbours = rules.neighbours_after(addition, row["neighbours"])
    await write.run("touch_case", case_id=row["id"], now=ticks(moment.now), neighbours=neighbours)
    status = None if theirs else rules.move_by_resident(addition.kind, Status(row["status"]))
    if status is not None:
        note = rules.WITHDRAWN_NOTE if status is Status.CANCELLED else ""
        change = StatusChange(reference=reference, status=status, at=moment.now, note=note)
        await _move(write, row["id"], change)
    if addition.kind is ContributionKind.WITHDRAWAL and not theirs:
        await write.run("drop_contact", case_id=row["id"])
    return News(tenant=TenantId(row["tenant_id"]), reference=reference, status=status is not None)


async def _going_on(write: Transaction, reference: str) -> sqlite3.Row:
    """The case under a reference, or the one that took it over; raises `UnknownReport`."""
    while True:
        row = await write.one("case_by_reference", reference=reference)
        if row is None:
            raise UnknownReport(reference)
        if not row["merged_into"]:
            return row
        reference = row["merged_into"]


async def act(
    write: Transaction, tenant: TenantId, reference: str, deed: CaseDeed, now: datetime
) -> tuple[Case, News]:
    """An act of staff; the case after it."""
    row = await case_row(write, tenant, reference)
    status = rules.move_by_staff(deed, Status(row["status"]), now)
    rules.check_its_own(row["merged_into"], status)
    party = deed.party.strip() if status is Status.FORWARDED else ""
    until = deed.until if status in (Status.PLANNED, Status.NEEDS_ANSWER) else None
    text = deed.text.strip()
    entry = CaseEntry(at=now, kind=status, text=text, by=deed.by, party=party, until=until)
    await _write_down(write, row["id"], entry)
    change = StatusChange(reference=reference, status=status, at=now, note=text, party=party, until=until)
    await _move(write, row["id"], change)
    case = await read_case(write, tenant, reference)
    return case, News(tenant=tenant, reference=reference, status=True)


async def assign(
    write: Transaction, tenant: TenantId, reference: str, entry: CaseEntry
) -> tuple[Case, News | None]:
    """A case changes hands; nothing where it was in these hands already. The entry says whose."""
    row = await case_row(write, tenant, reference)
    news = None
    if row["assigned"] != entry.party:
        await write.run("assign_case", case_id=row["id"], now=ticks(entry.at), assigned=entry.party)
        await _write_down(write, row["id"], entry)
        news = News(tenant=tenant, reference=reference, status=False)
    return await read_case(write, tenant, reference), news


async def merge(
    write: Transaction, tenant: TenantId, reference: str, into: str, by: str, now: datetime
) -> tuple[Case, list[News]]:
    """One case goes on as another; the other after it."""
    row = await case_row(write, tenant, reference)
    rules.check_open(Status(row["status"]))
    kept = rules.kept(reference, await write.one("case_by_reference", reference=into), tenant)
    await _write_down(write, row["id"], CaseEntry(at=now, kind=CaseMark.MERGED, by=by, party=into))
    await _write_down(write, kept["id"], CaseEntry(at=now, kind=CaseMark.ABSORBED, by=by, party=reference))
    await write.run("merge_case", case_id=row["id"], into=into)
    neighbours = kept["neighbours"] + row["neighbours"]
    await write.run("touch_case", case_id=kept["id"], now=ticks(now), neighbours=neighbours)
    change = StatusChange(reference=reference, status=Status.CANCELLED, at=now, merged_into=into)
    await _move(write, row["id"], change)
    told = [News(tenant=tenant, reference=one, status=one == reference) for one in (reference, into)]
    return await read_case(write, tenant, into), told


async def _write_down(write: Transaction, case_id: int, entry: CaseEntry) -> None:
    """A line of staff's in the thread."""
    await write.run(
        "insert_entry",
        case_id=case_id,
        own=None,
        at=ticks(entry.at),
        kind=entry.kind,
        text=entry.text,
        staff=entry.by,
        party=entry.party,
        until=maybe_ticks(entry.until),
        photo_id="",
    )


async def case_row(read: Transaction, tenant: TenantId, reference: str) -> sqlite3.Row:
    """Raises `UnknownReport`, also for a case of another tenant."""
    row = await read.one("case_by_reference", reference=reference)
    if row is None or row["tenant_id"] != tenant:
        raise UnknownReport(reference)
    return row


async def read_case(read: Transaction, tenant: TenantId, reference: str) -> Case:
    """A case with its thread; raises `UnknownReport`."""
    row = await case_row(read, tenant, reference)
    photos = await read.all("photos_of_case", case_id=row["id"])
    entries = await read.all("entries_of_case", case_id=row["id"])
    return case_of(row, [photo["id"] for photo in photos], entries)


async def expire(write: Transaction, now: datetime, closed_for: timedelta) -> dict[str, int]:
    """Photos and contact details of cases closed for so long go; their cases leave the office's list."""
    before = ticks(now - closed_for)
    await write.run("expire_entries", before=before)
    return {
        "photos": await write.run("expire_photos", before=before),
        "cases": await write.run("expire_cases", before=before, now=ticks(now)),
    }


async def _move(write: Transaction, case_id: int, change: StatusChange) -> None:
    asks = change.status is Status.NEEDS_ANSWER
    at, until = ticks(change.at), maybe_ticks(change.until)
    await write.run(
        "move_case",
        case_id=case_id,
        status=change.status,
        now=at,
        closed_at=None if change.status.is_open else at,
        question_text=change.note if asks else None,
        question_at=at if asks else None,
        question_until=until if asks else None,
    )
    await write.run(
        "insert_change",
        case_id=case_id,
        status=change.status,
        at=at,
        note=change.note,
        party=change.party,
        until=until,
        merged_into=change.merged_into,
    )

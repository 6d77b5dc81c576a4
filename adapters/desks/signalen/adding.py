"""What residents add: notes, photos, answers, reopening, withdrawal. One at a time for each report."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters.desks.signalen.client import Client, Forbidden, Refusal
from adapters.desks.signalen.ledger import Kept, Ledger, News
from adapters.desks.signalen.private import LIST, PrivateFollowing
from adapters.desks.signalen.public import LIST as PUBLIC
from adapters.desks.signalen.rows import AttachmentPage, ReportRow
from adapters.desks.signalen.sending import Sending
from adapters.desks.signalen.states import CLOSED, REOPENS_FROM, status_of
from adapters.desks.signalen.wording import TEXT_LIMIT, has_mark, notes_of
from bot.model.desk import Addition
from bot.model.errors import DeskRefused, DeskUnsure, UnknownReport
from bot.model.report import ContributionKind, StatusChange
from bot.ports.clock import Clock

PAUSES_S = (0.1, 0.3, 0.9, 2.0)
"""Between attempts: whoever holds the lock of a report has it for some milliseconds."""
MOST_REFUSALS = 2
"""After so many the words go without the state: a municipality may have closed a way of the workflow."""
DONE = -1
WITHDRAWN = "Ingetrokken door de melder"


class Adding:
    """With an account: everything. Every attempt reads the report first, so nothing is added twice."""

    def __init__(
        self,
        *,
        client: Client,
        ledger: Ledger,
        clock: Clock,
        following: PrivateFollowing,
        sending: Sending,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._clock = clock
        self._following = following
        self._sending = sending

    async def add(self, kept: Kept, addition: Addition) -> None:
        """To the report that continues this one, where there is one."""
        kept = await self._ledger.successor(kept.reference) or kept
        if addition.photo is not None:
            await self._photo(kept, addition.own, addition.photo)
            if addition.kind is ContributionKind.PHOTO and not addition.text.strip():
                return
        refusals = 0
        for pause in (*PAUSES_S, None):
            try:
                done = await self._attempt(kept, addition, moves=refusals < MOST_REFUSALS)
            except (DeskUnsure, Refusal) as error:
                # A lock that does not wait answers 500, a state that moved meanwhile 400. The next look tells.
                if pause is None:
                    raise _last_word(error) from None
                refusals += isinstance(error, Refusal)
                await asyncio.sleep(pause)
                continue
            if done:
                return
        raise DeskUnsure("notes keep being missing")

    async def _attempt(self, kept: Kept, addition: Addition, *, moves: bool) -> bool:
        row = await self._following.row(kept.number)
        if row is None:
            raise UnknownReport("deleted there")
        there = "\n".join(note.text for note in row.notes)
        missing = [note for mark, note in notes_of(addition) if not has_mark(there, mark)]
        if not missing:
            return True
        body: dict[str, Any] = {"notes": [{"text": missing[0]}]}
        move = _move(row, addition)
        if move is not None and moves and len(missing) == 1:
            body["status"] = move
        try:
            await self._client.patch(f"{LIST}{row.id}", body)
        except Forbidden:
            if "status" not in body:
                raise
            await self._without_that_right(kept, row, addition, body)
        if addition.kind is ContributionKind.ANSWER and kept.asked:
            await self._answered(kept, row, addition)
        return len(missing) == 1

    async def _without_that_right(
        self, kept: Kept, row: ReportRow, addition: Addition, body: dict[str, Any]
    ) -> None:
        """The account may not move reports: staff get it as a note, a closed report goes on as a new one."""
        if addition.kind is ContributionKind.NOT_SOLVED:
            known = self._following.fresh(row, apart=kept.apart)
            await self._sending.continue_with(replace(kept, point=kept.point or known.point), addition)
        await self._client.patch(f"{LIST}{row.id}", {"notes": body["notes"]})

    async def _answered(self, kept: Kept, row: ReportRow, addition: Addition) -> None:
        """A note asked, so no state of theirs will say that it was answered."""
        at = max(self._clock.moment().now, kept.seen_at + timedelta(microseconds=1))
        change = StatusChange(reference=kept.tells, status=status_of(row.status.state), at=at)
        news: list[News] = [(f"{kept.number}:answer:{addition.own}", change)]
        await self._ledger.tell(news, [replace(kept, asked=False, seen_at=at)])

    async def _photo(self, kept: Kept, own: str, photo: bytes) -> None:
        """Photos carry no reference: whether one arrived is seen from how many there are."""
        before = await self._ledger.attempt(own)
        if before is not None and before.detail == DONE:
            return
        page = await self._client.get(f"{LIST}{kept.number}/attachments/", AttachmentPage)
        count, now = len(page.results), self._clock.moment().now
        if before is None or count <= before.detail:
            await self._ledger.begin(own, now, count)
            await upload(self._client, kept, photo)
        await self._ledger.begin(own, now, DONE)


class PublicAdding:
    """Without an account: photos, and a new report for a closed one that was not solved."""

    def __init__(self, *, client: Client, ledger: Ledger, clock: Clock, sending: Sending) -> None:
        self._client = client
        self._ledger = ledger
        self._clock = clock
        self._sending = sending

    async def add(self, kept: Kept, addition: Addition) -> None:
        """A photo whose answer got lost is sent again: two of the same harm nobody."""
        kept = await self._ledger.successor(kept.reference) or kept
        if await self._ledger.by_own(addition.own) is not None:
            return
        if addition.kind is ContributionKind.NOT_SOLVED and not kept.status.is_open:
            await self._sending.continue_with(kept, addition)
        elif addition.photo is not None:
            done = await self._ledger.attempt(addition.own)
            if done is None:
                await upload(self._client, kept, addition.photo)
                await self._ledger.begin(addition.own, self._clock.moment().now, DONE)
        else:
            raise DeskRefused(addition.kind.value, "cannot be added by the public API")


async def upload(client: Client, kept: Kept, photo: bytes) -> None:
    """By the public way in: the account needs no right for it."""
    try:
        await client.upload(f"{PUBLIC}{kept.uuid}/attachments/", photo)
    except Refusal as error:
        what = "is refused" if error.fields else "comes too late: the report is being worked on"
        raise DeskRefused("photo", what) from None


def _move(row: ReportRow, addition: Addition) -> dict[str, Any] | None:
    """The state that this brings about, if any."""
    state, text = row.status.state, addition.text.strip()
    if addition.kind is ContributionKind.WITHDRAWAL and state not in CLOSED:
        return {"state": "a", "text": WITHDRAWN}
    if addition.kind is ContributionKind.NOT_SOLVED and state in REOPENS_FROM:
        return {"state": "reopened", "text": text or "Een buurtbewoner zegt dat dit nog niet is opgelost."}
    if addition.kind is ContributionKind.ANSWER and state == "reaction requested":
        return {"state": "reaction received", "text": text[:TEXT_LIMIT]}
    return None


def _last_word(error: DeskUnsure | Refusal) -> Exception:
    if isinstance(error, Refusal):
        return DeskRefused(min(error.fields, default="request"), str(error))
    return error

"""New reports: once each, within the budget, looked up before anything is repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from adapters.desks.signalen.categories import path_of
from adapters.desks.signalen.client import Client, Refusal
from adapters.desks.signalen.ledger import Kept, Ledger
from adapters.desks.signalen.options import Options
from adapters.desks.signalen.pace import interval
from adapters.desks.signalen.private import STILL_THERE_S, PrivateFollowing
from adapters.desks.signalen.rows import MadeRow, utc
from adapters.desks.signalen.states import status_of
from adapters.desks.signalen.tree import Tree
from adapters.desks.signalen.wording import LEAD, iso, own_mark, report_body, text_body
from bot.model.desk import Addition, Filed, Filing
from bot.model.errors import DeskCredentials, DeskError, DeskLater, DeskRefused, DeskUnsure, UnknownReport
from bot.model.place import Point
from bot.model.report import Status, StatusChange
from bot.ports.clock import Clock

SKEW = timedelta(minutes=10)
"""Clocks differ; a search begins so much before our own attempt."""
LOOK_BACK = timedelta(days=7)
"""How far a search goes back where nothing is remembered of an attempt: this machine may be a new one."""
TRIES = 3
BY_MAIL = 1
FIELDS = {"location": "place", "reporter": "contact", "text_extra": "text"}
"""Their word for what is wrong, in ours."""

log = structlog.get_logger(__name__)


class Sending:
    """`following` is there where an account is."""

    def __init__(
        self,
        *,
        client: Client,
        ledger: Ledger,
        tree: Tree,
        clock: Clock,
        options: Options,
        following: PrivateFollowing | None,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._tree = tree
        self._clock = clock
        self._options = options
        self._following = following
        self._closed_until: datetime | None = None

    async def file(self, filing: Filing, point: Point) -> Filed:
        """A new report, unless it is known or found under `filing.own`."""
        kept = await self._ledger.by_own(filing.own)
        if kept is not None:
            return Filed(reference=kept.reference, status=kept.status)
        found = await self._found_after_all(filing.own)
        if found is not None:
            return found
        categories, refused = await self._tree.categories(), frozenset[str]()
        for _ in range(TRIES):
            category = categories.choose(filing.category, filing.text, refused)
            body = report_body(filing, point, path_of(category), self._options.source)
            try:
                made = await self._send(filing.own, body, category, point)
            except Refusal as error:
                refused = refused | {category} if "category" in error.fields else refused
                filing = self._without_what_was_wrong(error, filing, body)
                categories = await self._tree.categories(again="category" in error.fields)
                continue
            return Filed(reference=made.reference, status=made.status)
        raise DeskRefused("category", "is refused, and so is the last resort")

    def _without_what_was_wrong(self, error: Refusal, filing: Filing, body: dict[str, Any]) -> Filing:
        """What can be left out is; anything else is the end of it."""
        if "source" in error.fields:
            raise DeskCredentials("source: Signalen does not know it, or has it on the other side")
        if "location" in error.fields and "address" in body["location"]:
            # PDOK does not know it there. The pin and the words say the same.
            return replace(filing, place=replace(filing.place, source=""))
        if "category" in error.fields:
            return filing
        field = min(error.fields, default="request")
        raise DeskRefused(FIELDS.get(field, field), str(error)) from None

    async def _found_after_all(self, own: str) -> Filed | None:
        """What an earlier attempt left there, where one was made and it can be looked up."""
        if self._following is None or await self._ledger.attempt(own) is None:
            return None
        return await self.find(own)

    async def find(self, own: str) -> Filed | None:
        """What is there under our own reference. Raises `DeskLater` while it may still be on its way in."""
        if self._following is None:
            raise DeskUnsure("cannot be looked up", for_a_person=True)
        kept = await self._ledger.by_own(own)
        if kept is not None:
            row = await self._following.row(kept.number)
            return None if row is None else Filed(reference=kept.reference, status=status_of(row.status.state))
        attempt, now = await self._ledger.attempt(own), self._clock.moment().now
        since, until = attempt.at - SKEW if attempt else now - LOOK_BACK, now + SKEW
        if attempt is None:
            # Since this desk has its ledger, nothing was sent that is not in there.
            until = await self._ledger.born(now) + SKEW
            if until < since:
                return None
        # An address of the municipality's own domain turned the source into another one.
        by_mail = attempt is not None and attempt.detail == BY_MAIL
        row = await self._following.search(own, since, until, any_source=by_mail)
        if row is not None:
            elsewhere = row.source != self._options.source
            await self._ledger.keep(replace(self._following.fresh(row, apart=elsewhere), own=own))
            return Filed(reference=row.id_display, status=status_of(row.status.state))
        if attempt is not None:
            settled = attempt.at + timedelta(seconds=self._options.settle_seconds)
            if now < settled:
                raise DeskLater((settled - now).total_seconds(), "the last attempt may still be on its way in")
            await self._ledger.end(own)
        return None

    async def continue_with(self, old: Kept, addition: Addition) -> None:
        """A new report for one that cannot be reopened: it names the old one, and is told as the old one."""
        if old.point is None or await self._ledger.by_own(addition.own) is not None:
            return
        if await self._found_after_all(addition.own) is not None:
            return
        words = addition.text.strip() or "Dit is nog niet opgelost."
        below = f"Vervolg op melding {old.reference}.\nKenmerk: {own_mark(addition.own)}"
        body = text_body(f"{LEAD} {words}", below) | {
            "location": {"geometrie": {"type": "Point", "coordinates": [old.point.lon, old.point.lat]}},
            "category": {"sub_category": path_of(old.category)},
            "reporter": {},
            "incident_date_start": iso(addition.at),
            "source": self._options.source,
        }
        try:
            new = await self._send(addition.own, body, old.category, old.point, tells=old.tells)
        except Refusal as error:
            raise DeskRefused(min(error.fields, default="request"), str(error)) from None
        at = max(self._clock.moment().now, old.seen_at + timedelta(microseconds=1))
        change = StatusChange(reference=old.tells, status=Status.REOPENED, at=at)
        await self._ledger.tell([(f"{new.number}:continues", change)], [replace(new, status=Status.REOPENED)])

    async def _send(self, own: str, body: dict[str, Any], category: str, point: Point, tells: str = "") -> Kept:
        private = self._options.files_privately
        if not private:
            await self._within_budget()
        by_mail = BY_MAIL if "email" in body["reporter"] else 0
        await self._ledger.begin(own, self._clock.moment().now, by_mail)
        try:
            made = await self._client.post(f"/v1/{'private' if private else 'public'}/signals/", body, MadeRow)
        except DeskUnsure as error:
            raise DeskUnsure(str(error), for_a_person=self._following is None) from None
        except DeskLater as error:
            await self._ledger.end(own)
            if not private:
                # It was not counted there, and whoever comes next need not knock.
                await self._ledger.refund()
                self._closed_until = self._clock.moment().now + timedelta(seconds=error.seconds)
            raise
        except UnknownReport:
            await self._ledger.end(own)
            raise DeskLater(60.0, "the url has no Signalen behind it") from None
        except DeskError:
            await self._ledger.end(own)
            raise
        return await self._kept(own, made, category, point, tells, elsewhere=bool(by_mail))

    async def _kept(
        self, own: str, made: MadeRow, category: str, point: Point, tells: str, *, elsewhere: bool
    ) -> Kept:
        now = self._clock.moment().now
        # With an address of the municipality's own domain the list of our source does not have it.
        apart = self._following is None or (elsewhere and not self._options.files_privately)
        wait = interval(timedelta(0), self._options.poll_seconds) if apart else STILL_THERE_S
        kept = Kept(
            reference=made.id_display,
            number=made.id,
            uuid=made.signal_id,
            own=own,
            tells=tells or made.id_display,
            category=category,
            point=point,
            filed_at=now,
            seen_at=utc(made.created_at),
            apart=apart,
            due_at=now.timestamp() + wait,
        )
        try:
            await self._ledger.keep(kept)
        except DeskLater as error:
            raise DeskUnsure(str(error), for_a_person=self._following is None) from error
        return kept

    async def _within_budget(self) -> None:
        """One budget for all groups: so many POSTs in any hour, wrong ones too."""
        now = self._clock.moment().now
        if self._closed_until is not None and now < self._closed_until:
            raise DeskLater((self._closed_until - now).total_seconds(), "Signalen asked to wait")
        wait = await self._ledger.spend(now, self._options.posts_per_hour)
        if wait > 0:
            raise DeskLater(wait, "the budget of this hour is spent")

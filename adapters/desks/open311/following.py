"""What became of our reports: ids for tokens, the updates of the extension, and the state of the requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.desks.ledger import Entry, Ledger
from adapters.desks.open311.client import Client
from adapters.desks.open311.options import Options
from adapters.desks.open311.reading import moment, note, records, words
from adapters.desks.open311.statuses import NOTES, status_after, word
from bot.model.errors import UnknownReport
from bot.model.report import Status, StatusChange

AT_ONCE = 50
"""Ids in one question; the address has to fit."""
AFTER_END = timedelta(days=30)
"""A report that ended is looked at so much longer: staff reopen some."""
OVERLAP = timedelta(minutes=15)
"""Clocks differ, and an update may be written down later than it was made. Repeats are known by their id."""
WINDOW = timedelta(days=30)
"""Servers take at most 90 days at once."""
SURE_AGAIN = timedelta(hours=1)
"""With updates, the state itself is still read so often: an update may be lost."""
PATIENCE = 10
"""A token is looked at again after a tenth of its age: for minutes first, for days in the end."""


class Following:
    """Writes what it finds into the ledger; `look` is safe to repeat and to break off anywhere."""

    def __init__(self, client: Client, options: Options, ledger: Ledger) -> None:
        self._client = client
        self._options = options
        self._ledger = ledger

    async def look(self, now: datetime) -> None:
        """Ask everything that may have changed. Raises what `Client.get` raises."""
        watched = await self._ledger.watched(now - AFTER_END)
        for entry in watched:
            if entry.token and not entry.remote:
                await self._redeem(entry, now)
        traced = [entry for entry in watched if entry.remote]
        if not traced:
            return
        if self._options.updates:
            await self._updates(traced[0].begun_at - OVERLAP, now)
        if not self._options.updates or await self._is_due(now):
            await self._states(traced, now)

    async def redeem(self, token: str) -> str:
        """The id a token stands for; "" as long as there is none."""
        try:
            found = records(await self._client.get("tokens", token))
        except UnknownReport:
            # Servers that make ids in batches do not know a token at first either.
            return ""
        return words(found[0], "service_request_id") if found else ""

    async def take(self, update: Mapping[str, Any], now: datetime) -> bool:
        """One update, polled or pushed; False where it is about no report of ours."""
        entry = await self._ledger.by_remote(words(update, "service_request_id"))
        if entry is None:
            return False
        at = min(moment(update, "updated_datetime") or now, now)
        theirs = word(words(update, "status"))
        name = words(update, "update_id") or f"{theirs}:{at.isoformat()}"
        status = status_after(theirs, entry.status)
        if entry.word and at < entry.changed_at:
            status = None
        change = None
        if status is not None:
            change = await self._change(entry, status, theirs, at, words(update, "description"))
        await self._ledger.tell(f"update:{entry.remote}:{name}", change, now, theirs)
        return True

    async def _redeem(self, entry: Entry, now: datetime) -> None:
        wait = max(timedelta(seconds=self._options.poll_seconds), (entry.checked_at - entry.begun_at) / PATIENCE)
        if now - entry.checked_at < wait:
            return
        remote = await self.redeem(entry.token)
        if remote:
            await self._ledger.resolve(entry.own, remote)
        else:
            await self._ledger.checked(entry.own, now)

    async def _updates(self, since: datetime, now: datetime) -> None:
        known = await self._ledger.mark("updates")
        start = datetime.fromisoformat(known) - OVERLAP if known else since
        while True:
            end = min(start + WINDOW, now)
            answer = await self._client.get("servicerequestupdates", start_date=stamp(start), end_date=stamp(end))
            found = records(answer)
            for update in sorted(found, key=lambda one: moment(one, "updated_datetime") or now):
                await self.take(update, now)
            await self._ledger.set_mark("updates", end.isoformat())
            if end >= now:
                return
            start = end

    async def _is_due(self, now: datetime) -> bool:
        last = await self._ledger.mark("states")
        return not last or now - datetime.fromisoformat(last) >= SURE_AGAIN

    async def _states(self, entries: list[Entry], now: datetime) -> None:
        for begin in range(0, len(entries), AT_ONCE):
            by_remote = {entry.remote: entry for entry in entries[begin : begin + AT_ONCE]}
            answer = await self._client.get("requests", service_request_id=",".join(by_remote))
            for table in records(answer):
                # Some servers answer a list that they do not understand with everything they have.
                remote = words(table, "service_request_id")
                if remote in by_remote:
                    await self._state(remote, table, now)
        await self._ledger.set_mark("states", now.isoformat())

    async def _state(self, remote: str, table: Mapping[str, Any], now: datetime) -> None:
        # Fresh: an update of this very round may have told it already.
        entry = await self._ledger.by_remote(remote)
        theirs = word(words(table, "status"))
        if entry is None or theirs == entry.word:
            return
        status = status_after(theirs, entry.status)
        if status is None:
            return
        at = min(moment(table, "updated_datetime") or now, now)
        if entry.word and at < entry.changed_at:
            # A list may be older than what was pushed.
            return
        change = _worded(entry, status, theirs, at, words(table, "status_notes"))
        key = f"state:{remote}:{theirs}:{at.isoformat()}"
        await self._ledger.tell(key, _with_details(change, table), now, theirs)

    async def _change(self, entry: Entry, status: Status, theirs: str, at: datetime, text: str) -> StatusChange:
        """An update has no date and names nobody; the request itself may."""
        change = _worded(entry, status, theirs, at, text)
        if status not in (Status.PLANNED, Status.FORWARDED):
            return change
        try:
            found = records(await self._client.get("requests", entry.remote))
        except UnknownReport:
            return change
        return _with_details(change, found[0]) if found else change


def _worded(entry: Entry, status: Status, theirs: str, at: datetime, text: str) -> StatusChange:
    told = note(text) or NOTES.get(theirs, "")
    return StatusChange(reference=entry.reference, status=status, at=at, note=told)


def _with_details(change: StatusChange, table: Mapping[str, Any]) -> StatusChange:
    if change.status is Status.PLANNED:
        return replace(change, until=moment(table, "expected_datetime"))
    if change.status is Status.FORWARDED:
        return replace(change, party=note(words(table, "agency_responsible"))[:200])
    return change


def stamp(when: datetime) -> str:
    """A time as it stands in a question: a bare date is refused."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The desk: mails reports and additions, and reads what comes back."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog

from adapters.desks.ledger import Entry, Ledger, number_of
from adapters.desks.mail import letters
from adapters.desks.mail.inbox import Inbox
from adapters.desks.mail.letters import Names
from adapters.desks.mail.options import Options
from adapters.desks.mail.outbox import Outbox
from adapters.desks.mail.replies import Answer, Bounce, Why, read
from bot.model.desk import Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.errors import DeskError, DeskLater, DeskUnsure, UnknownReport
from bot.model.place import Point
from bot.model.report import MOVES, Status, StatusChange
from bot.ports.setup import Setup

log = structlog.get_logger(__name__)

AFTER_END = timedelta(days=90)
"""Answers about a report that ended are read so much longer."""
MARGIN = timedelta(days=2)
"""Mailboxes search by day, each in a zone of its own."""
BOUNCED = "De e-mail aan de gemeente is niet aangekomen. Meld het zelf bij de gemeente."


class MailDesk:
    """Implements `Desk`, `Checks` and `Expires`."""

    def __init__(self, setup: Setup, options: Options, outbox: Outbox, inbox: Inbox, ledger: Ledger) -> None:
        self._options = options
        self._clock = setup.clock
        self._outbox = outbox
        self._inbox = inbox
        self._ledger = ledger
        self._names: Names | None = None
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> MailDesk:
        await self._ledger.__aenter__()
        try:
            secret = await self._ledger.mark("secret")
            if not secret:
                secret = secrets.token_hex(32)
                await self._ledger.set_mark("secret", secret)
        except BaseException:
            await self._ledger.__aexit__()
            raise
        self._names = Names(
            secret=secret, prefix=self._options.prefix, sender=self._options.sender, to=self._options.to
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._names = None
        await self._ledger.__aexit__(*exc)

    async def check(self) -> str:
        """For `bart check`: logs in at both ends; mails nothing, reads nothing."""
        await self._outbox.check()
        await self._inbox.check()
        if self._options.imap is None:
            return "mail can be sent; nobody reads answers (no imap)"
        remark = "" if self._options.verified_by else "; senders are not verified (verified_by)"
        return f"mail can be sent and answers can be read{remark}"

    def capabilities(self) -> DeskCapabilities:
        """Staff move a report by answering; where nobody reads answers, nothing comes back."""
        answers = self._options.imap is not None
        return DeskCapabilities(
            photos=True,
            fine_states=answers,
            questions=answers,
            reopens=False,
            searches_own=True,
            withdraws=False,
            searches_near=False,
            poll_seconds=self._options.poll_seconds,
        )

    async def file(self, filing: Filing) -> Filed:
        """Once per `filing.own`. After an unknown outcome the same letter goes again under the same names: a
        report twice under one number is known as one, and one that never came is not known at all."""
        letters.check_filing(filing)
        async with self._alone(filing.own):
            known = await self._ledger.by_own(filing.own)
            if known is not None and known.arrived:
                return _filed(known)
            names, now = self._named(), self._clock.moment().now
            letter = letters.report(filing, names, now)
            await self._ledger.begin(filing.own, filing.category, now)
            try:
                await self._outbox.send(letter)
            except DeskUnsure:
                raise
            except DeskError:
                await self._ledger.forget(filing.own)
                raise
            reference = names.reference(filing.own)
            try:
                await self._ledger.settle(filing.own, reference, remote=names.message_id(filing.own))
            except DeskLater as error:
                raise DeskUnsure("mailed, and could not be written down") from error
            return Filed(reference=reference)

    async def find(self, own: str) -> Filed | None:
        """What was handed to the mail server, for all we know. None after an unknown outcome: `file` says why."""
        entry = await self._ledger.by_own(own)
        if entry is None or not entry.arrived:
            return None
        with suppress(DeskError):
            await self._open_mail(self._clock.moment().now)
            entry = await self._ledger.by_own(own) or entry
        return _filed(entry)

    async def add(self, reference: str, addition: Addition) -> None:
        """Once per `addition.own`; after an unknown outcome again under the same Message-ID."""
        letters.check_addition(addition)
        async with self._alone(f"report {reference}"):
            entry = await self._ledger.by_reference(reference)
            if entry is None:
                raise UnknownReport(reference)
            if await self._ledger.is_added(reference, addition.own):
                return
            names, now = self._named(), self._clock.moment().now
            letter = letters.supplement(addition, reference, entry.remote, names, now)
            await self._ledger.try_adding(reference, addition.own, now)
            await self._outbox.send(letter)
            await self._ledger.done_adding(reference, addition.own)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        """A mailbox cannot be searched by place."""
        return ()

    async def changes(self, cursor: str | None) -> Changes:
        """Reads the mailbox, then tells what the ledger has."""
        number_of(cursor)
        await self._open_mail(self._clock.moment().now)
        return await self._ledger.changes(cursor)

    async def expire(self, now: datetime) -> Mapping[str, int]:
        """The ledger forgets what ended a year ago; the mailbox is its owner's."""
        return await self._ledger.expire(now)

    async def _open_mail(self, now: datetime) -> None:
        """What is new in the mailbox goes into the ledger; broken off anywhere, it is read again."""
        watched = await self._ledger.watched(now - AFTER_END)
        if not watched or self._options.imap is None:
            return
        async with self._alone("mailbox"):
            look = await self._inbox.look(await self._ledger.mark("mailbox"), watched[0].begun_at - MARGIN)
            for raw in look.letters:
                await self._take(raw, now)
            await self._ledger.set_mark("mailbox", look.upto)

    async def _take(self, raw: bytes, now: datetime) -> None:
        letter = read(raw, self._options)
        if isinstance(letter, Why):
            log.info("mail.left", why=letter.value)
            return
        if isinstance(letter, Bounce):
            await self._bounced(letter, now)
            return
        entry = await self._ledger.by_reference(letter.reference)
        if entry is None:
            log.info("mail.left", why="unknown_report")
            return
        # Two letters without names are the same only where they are the same to the byte.
        name = letter.key or hashlib.sha256(raw).hexdigest()
        await self._ledger.tell(f"mail:{name}", _change(entry, letter, now), now)

    async def _bounced(self, bounce: Bounce, now: datetime) -> None:
        """The letter about a report came back: its group must not think that anybody has it."""
        entry = await self._ledger.by_remote(bounce.message_id)
        if entry is None:
            log.warning("mail.bounced", kind="addition")
            return
        log.error("mail.bounced", kind="report")
        change = StatusChange(reference=entry.reference, status=Status.CANCELLED, at=now, note=BOUNCED)
        await self._ledger.tell(f"bounce:{bounce.message_id}", change if entry.status.is_open else None, now)

    def _alone(self, name: str) -> asyncio.Lock:
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock

    def _named(self) -> Names:
        if self._names is None:
            raise RuntimeError("the desk is not open: use it inside `async with`")
        return self._names


def _filed(entry: Entry) -> Filed:
    return Filed(reference=entry.reference, link=entry.link, status=entry.status)


def _change(entry: Entry, answer: Answer, now: datetime) -> StatusChange | None:
    """None where it is no news. Clocks of senders are wrong: never before what is known, never after now."""
    was, status = entry.status, answer.status
    if not (status in MOVES[was] if was.is_open else status.is_open):
        return None
    return StatusChange(
        reference=entry.reference,
        status=status,
        at=min(max(answer.at or now, entry.changed_at), now),
        note=answer.note,
        party=answer.party,
        until=answer.until,
    )

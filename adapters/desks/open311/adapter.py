"""The desk: files once, adds, follows. What the other side cannot remember for us is in our own ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from weakref import WeakValueDictionary

import structlog

from adapters.desks.ledger import Entry, Ledger, number_of
from adapters.desks.open311 import push, sending
from adapters.desks.open311.checking import look_over
from adapters.desks.open311.client import Client
from adapters.desks.open311.following import Following, stamp
from adapters.desks.open311.nearby import similar_of
from adapters.desks.open311.options import Options
from adapters.desks.open311.reading import records, words
from adapters.desks.open311.services import Services
from adapters.desks.open311.statuses import WORDS, status_after, word
from bot.model.desk import Addition, Changes, DeskCapabilities, Filed, Filing, Similar
from bot.model.errors import DeskError, DeskLater, DeskRefused, DeskUnsure, UnknownReport
from bot.model.place import Point
from bot.model.report import Status
from bot.model.request import Answer, Request
from bot.ports.setup import Setup

log = structlog.get_logger(__name__)

READ_ONLY_S = 3600.0
TOKEN_TRIES = 3
TOKEN_PAUSE_S = 1.0
LISTED = timedelta(days=89)
"""Lists go back at most 90 days."""
SEARCHED = timedelta(days=1)
"""How long before we began an unknown report may have been dated: clocks and zones differ."""


class Open311Desk:
    """Implements `Desk`, `Checks`, `Expires`, `TellsChanges` and `TakesRequests`."""

    def __init__(
        self,
        setup: Setup,
        options: Options,
        client: Client,
        ledger: Ledger,
        *,
        token_pause_s: float = TOKEN_PAUSE_S,
    ) -> None:
        self._setup = setup
        self._options = options
        self._clock = setup.clock
        self._client = client
        self._ledger = ledger
        self._services = Services(client, options, setup.clock)
        self._following = Following(client, options, ledger)
        self._token_pause_s = token_pause_s
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._listeners: list[Callable[[], None]] = []

    async def __aenter__(self) -> Open311Desk:
        await self._ledger.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.close()
        await self._ledger.__aexit__(*exc)

    async def check(self) -> str:
        """For `bart check`: asks for services and definitions; files nothing."""
        try:
            return await look_over(self._setup.where, self._options, self._client, self._services)
        finally:
            await self._client.close()

    def capabilities(self) -> DeskCapabilities:
        """Own references are searched in the ledger, and at the desk where it lists them."""
        extended = self._options.updates
        return DeskCapabilities(
            photos=False,
            fine_states=extended,
            questions=False,
            reopens=extended,
            searches_own=True,
            withdraws=False,
            searches_near=True,
            poll_seconds=self._options.poll_seconds,
        )

    async def file(self, filing: Filing) -> Filed:
        """Once per `filing.own`. Whoever calls it again after `DeskUnsure` has looked, or is a person who did."""
        sending.check_filing(filing)
        async with self._alone(filing.own):
            known = await self._ledger.by_own(filing.own)
            if known is not None and known.arrived:
                return _filed(known)
            service = await self._services.service(filing.category)
            form = sending.report(filing, service.code, await self._services.answers(service, filing))
            now = self._clock.moment().now
            await self._ledger.begin(filing.own, filing.category, now)
            receipt = await self._send(filing.own, form)
            return await self._settle(filing.own, receipt)

    async def find(self, own: str) -> Filed | None:
        """What was never begun was not filed. What was begun and not answered is looked up in the desk's list,
        where that is known to show all; else only a person can find out."""
        entry = await self._ledger.by_own(own)
        if entry is None:
            return None
        if entry.arrived:
            return await self._as_it_is(entry)
        if not self._options.search:
            raise DeskUnsure("this desk's list need not show what was filed", for_a_person=True)
        code = self._options.service_of(entry.category)
        since = stamp(entry.begun_at - SEARCHED)
        mark = sending.mark_of(own)
        for table in records(await self._client.get("requests", service_code=code, start_date=since)):
            remote = words(table, "service_request_id")
            if mark in words(table, "description") and remote:
                return await self._settle(own, sending.Receipt(remote=remote))
        await self._ledger.forget(own)
        return None

    async def add(self, reference: str, addition: Addition) -> None:
        """Once per `addition.own`, known by its update_id at the desk and in the ledger here."""
        sending.check_addition(addition)
        async with self._alone(f"report {reference}"):
            entry = await self._ledger.by_reference(reference) or await self._join(reference)
            if not self._options.updates:
                raise DeskRefused("kind", "this desk takes no additions")
            if not entry.remote:
                if entry.token:
                    raise DeskLater(self._options.poll_seconds, "the desk has given no id yet")
                raise DeskRefused("reference", "this desk gives no ids")
            if await self._ledger.is_added(reference, addition.own):
                return
            tried = await self._ledger.try_adding(reference, addition.own, self._clock.moment().now)
            form = sending.update(addition, entry.remote, entry.word, entry.status)
            try:
                await self._client.post("servicerequestupdates", form=form)
            except DeskRefused as error:
                # A repeated update_id is refused: then it did arrive the first time.
                if not (tried and error.field == "update_id"):
                    raise
            await self._ledger.done_adding(reference, addition.own)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        """There is no search by place: the list of open requests of the service, measured here."""
        code = self._options.service_of(category)
        if not code or sum(self._options.service_of(one) == code for one in self._options.services) > 1:
            # One service for many things: what it lists need not be of this category.
            return ()
        since = stamp(self._clock.moment().now - LISTED)
        listed = records(await self._client.get("requests", service_code=code, status="open", start_date=since))
        return similar_of(listed, code, category, near, radius_m)

    async def changes(self, cursor: str | None) -> Changes:
        """Asks the desk, then tells what the ledger has; while the desk is away, what was pushed is told still."""
        number_of(cursor)
        try:
            await self._following.look(self._clock.moment().now)
        except DeskError as error:
            told = await self._ledger.changes(cursor)
            if not told.changes and isinstance(error, UnknownReport | DeskRefused):
                # Not about one report: the desk does not know the question itself.
                raise DeskLater(READ_ONLY_S, f"the desk refuses to tell what changed: {error}") from None
            if not told.changes:
                raise
            log.warning("open311.not_asked", error=type(error).__name__)
            return told
        return await self._ledger.changes(cursor)

    def on_change(self, call: Callable[[], None]) -> None:
        """`call` after every pushed update."""
        self._listeners.append(call)

    @property
    def request_limit(self) -> int:
        """Bytes of an update."""
        return push.LARGEST

    async def receive(self, request: Request) -> Answer:
        """An update that the desk pushes; answered when it is in the ledger."""
        try:
            update = push.update_of(request, self._options)
            if not await self._following.take(update, self._clock.moment().now):
                raise push.PushRefusedError(HTTPStatus.NOT_FOUND, "service_request_id is none of ours")
        except push.PushRefusedError as error:
            log.warning("open311.push_refused", status=error.status.value)
            return push.refused(request, error)
        for call in self._listeners:
            call()
        return push.taken(request, update["update_id"])

    async def expire(self, now: datetime) -> Mapping[str, int]:
        """The ledger forgets what ended a year ago."""
        return await self._ledger.expire(now)

    def _alone(self, name: str) -> asyncio.Lock:
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock

    async def _send(self, own: str, form: list[tuple[str, str]]) -> sending.Receipt:
        try:
            receipt = sending.receipt(await self._client.post("requests", form=form), sending.mark_of(own))
            if receipt.remote and await self._ledger.by_remote(receipt.remote) is not None:
                raise sending.ReadOnlyError
        except sending.ReadOnlyError:
            await self._ledger.forget(own)
            log.error("open311.read_only", desk=self._setup.name)
            raise DeskLater(READ_ONLY_S, "the address lists reports and takes none: it is read-only") from None
        except DeskUnsure:
            raise
        except DeskError:
            await self._ledger.forget(own)
            raise
        return receipt

    async def _settle(self, own: str, receipt: sending.Receipt) -> Filed:
        """Without an id yet, our own mark is the number: it stands in the description, so staff can search it."""
        mark = sending.mark_of(own)
        try:
            await self._ledger.settle(own, receipt.remote or mark, remote=receipt.remote, token=receipt.token)
            if receipt.token and (remote := await self._redeem(receipt.token)):
                await self._ledger.settle(own, remote, remote=remote, token=receipt.token)
                return Filed(reference=remote)
        except DeskLater as error:
            raise DeskUnsure("filed, and could not be written down") from error
        return Filed(reference=receipt.remote or mark)

    async def _redeem(self, token: str) -> str:
        for _ in range(TOKEN_TRIES):
            try:
                if remote := await self._following.redeem(token):
                    return remote
            except DeskError:
                return ""
            await asyncio.sleep(self._token_pause_s)
        return ""

    async def _as_it_is(self, entry: Entry) -> Filed:
        """With the status of now, where the desk says; what is news about it comes with `changes`."""
        if not entry.remote:
            return _filed(entry)
        try:
            found = records(await self._client.get("requests", entry.remote))
        except DeskError:
            return _filed(entry)
        status = status_after(word(words(found[0], "status")), entry.status) if found else None
        return Filed(reference=entry.reference, link=entry.link, status=status or entry.status)

    async def _join(self, reference: str) -> Entry:
        """Somebody else's report that a resident adds to is followed from now on as well."""
        found = records(await self._client.get("requests", reference))
        table = next((one for one in found if words(one, "service_request_id") == reference), None)
        if table is None:
            raise UnknownReport("the desk has no such report")
        own, now = f"joined:{reference}", self._clock.moment().now
        theirs = word(words(table, "status"))
        await self._ledger.begin(own, words(table, "service_code"), now)
        await self._ledger.settle(own, reference, remote=reference)
        status = WORDS.get(theirs, Status.RECEIVED)
        await self._ledger.stand(reference, Status.RECEIVED if status is Status.REOPENED else status, theirs, now)
        entry = await self._ledger.by_reference(reference)
        if entry is None:
            raise UnknownReport(reference)
        return entry


def _filed(entry: Entry) -> Filed:
    return Filed(reference=entry.reference, link=entry.link, status=entry.status)

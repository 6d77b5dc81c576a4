"""A desk in memory, with a call log and switches for everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.model.desk import (
    CONTRIBUTION_TEXT_LIMIT,
    KINDS_WITH_WORDS,
    Addition,
    Case,
    CaseEntry,
    Changes,
    DeskCapabilities,
    Filed,
    Filing,
    Similar,
)
from bot.model.errors import DeskError, DeskLater, DeskRefused, UnknownReport
from bot.model.ids import TenantId
from bot.model.place import Point
from bot.model.report import ContributionKind, Question, Status, StatusChange
from bot.ports.clock import Clock
from bot.ports.fakes.clock import FakeClock


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCall:
    """One call as it came in, whether it succeeded or not. `subject` is `own`, a reference or a cursor."""

    name: str
    subject: str


@dataclass(slots=True, kw_only=True)
class Held:
    """A case as the fake holds it."""

    filing: Filing
    case: Case
    additions: dict[str, Addition] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    error: DeskError
    after: bool
    only: str


class FakeDesk:
    """Implements `Desk` and `TellsChanges`. `tenant_id` None: `similar` looks at everybody's reports."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        tenant_id: TenantId | None = None,
        capabilities: DeskCapabilities | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self.calls: list[DeskCall] = []
        self.held: dict[str, Held] = {}
        self.told: list[StatusChange] = []
        self.down_until: datetime | None = None
        """Until then every call raises `DeskLater`."""
        self._tenant_id = tenant_id
        self._capabilities = capabilities or DeskCapabilities(poll_seconds=60.0)
        self._failures: list[_Failure] = []
        self._listeners: list[Callable[[], None]] = []
        self.watchers: list[Callable[[TenantId, str], None]] = []

    async def __aenter__(self) -> FakeDesk:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    def fail_next(self, error: DeskError, times: int = 1, *, after: bool = False, only: str = "") -> None:
        """Let the next calls (`only`: of this method) raise; `after`: once they took effect."""
        self._failures += [_Failure(error=error, after=after, only=only)] * times

    def set_status(
        self,
        reference: str,
        status: Status,
        *,
        note: str = "",
        party: str = "",
        until: datetime | None = None,
    ) -> None:
        """The desk decides; any move is possible, as with a desk that has rules of its own."""
        now = self.clock.moment().now
        self.tell(StatusChange(reference=reference, status=status, at=now, note=note, party=party, until=until))

    def tell(self, change: StatusChange) -> None:
        """The same with every field, `merged_into` too."""
        held = self.held[change.reference]
        asks = change.status is Status.NEEDS_ANSWER
        question = Question(text=change.note, asked_at=change.at, until=change.until) if asks else None
        held.case = replace(held.case, status=change.status, changed_at=change.at, question=question)
        self.told.append(change)
        self._spread(held, moved=True)

    async def file(self, filing: Filing) -> Filed:
        """Once per `filing.own` where the capabilities say that own references can be searched."""
        failure = self._enter("file", filing.own)
        _check_filing(filing)
        known = self._by_own(filing.own) if self._capabilities.searches_own else None
        held = known or self._take(filing)
        _leave(failure)
        return Filed(reference=held.case.reference, status=held.case.status)

    async def find(self, own: str) -> Filed | None:
        """What was filed under `own`."""
        failure = self._enter("find", own)
        held = self._by_own(own)
        _leave(failure)
        return Filed(reference=held.case.reference, status=held.case.status) if held else None

    async def add(self, reference: str, addition: Addition) -> None:
        """Once per `addition.own`."""
        failure = self._enter("add", addition.own)
        _check_addition(addition)
        if reference not in self.held:
            raise UnknownReport(reference)
        named = reference
        while (into := self.held[reference].case.merged_into) in self.held:
            reference = into
        if addition.own not in self.held[reference].additions:
            self._append(self.held[reference], addition, theirs=reference != named)
        _leave(failure)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        """Open ones within the radius, nearest first."""
        failure = self._enter("similar", category)
        found = [
            (held.case.place.point.metres_to(near), held.case)
            for held in self.held.values()
            if held.case.place.point
            and held.case.category == category
            and held.case.status.is_open
            and self._tenant_id in (None, held.filing.tenant_id)
        ]
        _leave(failure)
        return tuple(
            Similar(
                reference=case.reference,
                category=case.category,
                place=case.place,
                filed_at=case.received_at,
                status=case.status,
            )
            for distance, case in sorted(found, key=lambda pair: pair[0])
            if distance <= radius_m
        )

    async def changes(self, cursor: str | None) -> Changes:
        """The cursor counts changes."""
        failure = self._enter("changes", cursor or "")
        if cursor is not None and not cursor.isdecimal():
            raise DeskRefused("cursor", "is not one of this desk")
        number = int(cursor or 0)
        number = 0 if number > len(self.told) else number
        _leave(failure)
        return Changes(cursor=str(len(self.told)), changes=tuple(self.told[number:]))

    def capabilities(self) -> DeskCapabilities:
        """As given."""
        return self._capabilities

    def on_change(self, call: Callable[[], None]) -> None:
        """`call` after every status change."""
        self._listeners.append(call)

    def _enter(self, name: str, subject: str) -> _Failure | None:
        """Log the call; raise what must fail before it takes effect, return what must fail after."""
        self.calls.append(DeskCall(name=name, subject=subject))
        now = self.clock.moment().now
        if self.down_until is not None and now < self.down_until:
            raise DeskLater((self.down_until - now) / timedelta(seconds=1))
        failure = next((each for each in self._failures if each.only in ("", name)), None)
        if failure is None:
            return None
        self._failures.remove(failure)
        if not failure.after:
            raise failure.error
        return failure

    def _by_own(self, own: str) -> Held | None:
        return next((held for held in self.held.values() if held.filing.own == own), None)

    def _take(self, filing: Filing) -> Held:
        now = self.clock.moment().now
        case = Case(
            reference=f"FAKE-{len(self.held) + 1}",
            category=filing.category,
            text=filing.text,
            place=filing.place,
            status=Status.RECEIVED,
            received_at=now,
            changed_at=now,
            seen_at=filing.seen_at,
            neighbours=filing.neighbours,
            contact=filing.contact,
            about=filing.about,
        )
        held = Held(filing=filing, case=case)
        self.held[case.reference] = held
        self._spread(held, moved=False)
        return held

    def _append(self, held: Held, addition: Addition, *, theirs: bool) -> None:
        held.additions[addition.own] = addition
        case, kind = held.case, addition.kind
        photo = ""
        if addition.photo is not None:
            photo = f"photo-{len(held.photos) + 1}"
            held.photos[photo] = addition.photo
        held.case = replace(
            case,
            changed_at=self.clock.moment().now,
            neighbours=max(case.neighbours + (kind is ContributionKind.STILL), addition.neighbours),
            contact="" if kind is ContributionKind.WITHDRAWAL and not theirs else case.contact,
            photos=(*case.photos, photo) if photo else case.photos,
            thread=(
                *case.thread,
                CaseEntry(at=addition.at, kind=kind, text=addition.text, photo=photo),
            ),
        )
        if theirs and kind is ContributionKind.WITHDRAWAL:
            self._spread(held, moved=False)
        else:
            self._follow(held, kind)

    def _follow(self, held: Held, kind: ContributionKind) -> None:
        reference, status = held.case.reference, held.case.status
        if kind is ContributionKind.NOT_SOLVED and not status.is_open:
            self.set_status(reference, Status.REOPENED)
        elif kind is ContributionKind.ANSWER and status is Status.NEEDS_ANSWER:
            self.set_status(reference, Status.RECEIVED)
        elif kind is ContributionKind.WITHDRAWAL and status.is_open:
            self.set_status(reference, Status.CANCELLED, note="Ingetrokken door de melder")
        else:
            self._spread(held, moved=False)

    def _spread(self, held: Held, *, moved: bool) -> None:
        for watcher in self.watchers:
            watcher(held.filing.tenant_id, held.case.reference)
        for call in self._listeners if moved else ():
            call()


def _leave(failure: _Failure | None) -> None:
    if failure is not None:
        raise failure.error


def _check_filing(filing: Filing) -> None:
    if not filing.own:
        raise DeskRefused("own", "is missing")
    _check_text(filing.text, required=True)


def _check_addition(addition: Addition) -> None:
    _check_text(addition.text, required=addition.kind in KINDS_WITH_WORDS and addition.photo is None)
    if addition.photo is None and addition.kind is ContributionKind.PHOTO:
        raise DeskRefused("photo", "is missing")
    if addition.photo is not None and not addition.photo.startswith(b"\xff\xd8\xff"):
        raise DeskRefused("photo", "is no JPEG")


def _check_text(text: str, *, required: bool) -> None:
    if required and not text.strip():
        raise DeskRefused("text", "is empty")
    if len(text) > CONTRIBUTION_TEXT_LIMIT or "\x00" in text:
        raise DeskRefused("text", "is too long or unreadable")

"""What a Signalen holds, what its staff do, and what can go wrong with it."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes.signalen.workflow import ALWAYS_MAILED, STATES

RIGHTS = frozenset(
    {
        "sia_read",
        "sia_write",
        "sia_signal_create_initial",
        "sia_signal_create_note",
        "sia_signal_change_status",
        "sia_can_view_all_categories",
        "sia_can_view_contact_details",
    }
)
BOT = "bart@gemeente.example"
STAFF = "marieke@gemeente.example"
MICROSECOND = timedelta(microseconds=1)


class Crash(Exception):
    """Answered with the HTML page of 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    main: str
    sub: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One status, or one note, of the history."""

    number: int
    at: datetime
    who: str
    state: str = ""
    text: str = ""
    send_email: bool = False

    @property
    def what(self) -> str:
        return "UPDATE_STATUS" if self.state else "CREATE_NOTE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str
    content: bytes
    at: datetime


@dataclass(slots=True, kw_only=True)
class Report:
    number: int
    uuid: str
    body: dict[str, Any]
    source: str
    main: str
    sub: str
    created: datetime
    updated: datetime
    statuses: list[Step] = field(default_factory=list)
    notes: list[Step] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    feedback_asked: bool = False
    locked: bool = False

    @property
    def status(self) -> Step:
        return self.statuses[-1]

    @property
    def point(self) -> tuple[float, float]:
        """Longitude, latitude."""
        lon, lat = self.body["location"]["geometrie"]["coordinates"]
        return lon, lat

    @property
    def email(self) -> str:
        return self.body["reporter"].get("email") or ""


def tree() -> list[Category]:
    """The categories it is delivered with."""
    found = []
    for line in Path(__file__).with_name("tree.txt").read_text("utf-8").splitlines()[1:]:
        path, name, *rest = line.split(" | ")
        main, sub = path.split("/")
        found.append(Category(main=main, sub=sub, name=name, active=not rest))
    return found


@dataclass(slots=True, kw_only=True)
class World:
    """`pdok` are the addresses it knows, as (street, number); None: PDOK cannot be reached."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    version: str = "2.50.12"
    prefix: str = "SIG-"
    bbox: tuple[float, float, float, float] = (3.3, 50.7, 7.3, 53.6)
    categories: list[Category] = field(default_factory=tree)
    sources: dict[str, bool] = field(default_factory=lambda: {"BART": False, "BART app": True})
    """Active sources and whether each is public."""
    rights: set[str] = field(default_factory=lambda: set(RIGHTS))
    users: set[str] = field(default_factory=lambda: {BOT})
    own_domain: str = "@amsterdam.nl"
    pdok: set[tuple[str, str]] | None = field(default_factory=set)
    posts_per_hour: int = 60
    lock_seconds: float = 0.0
    delay_seconds: float = 0.0
    down: bool = False
    maintenance: bool = False
    faults: deque[str] = field(default_factory=deque)
    """What happens to the next calls: "" nothing, "500" before, "lost" after it was done, "503" before."""
    fault: Callable[[str, str], str] = lambda method, path: ""
    """The same, asked for each call."""
    reports: dict[int, Report] = field(default_factory=dict)
    posted: dict[str, list[float]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _numbers: int = 0
    _reports: int = 0
    _last: datetime = datetime.min.replace(tzinfo=UTC)

    def tick(self) -> datetime:
        """Now, later than ever before: PostgreSQL's microseconds tell everything apart."""
        self._last = max(self.now(), self._last + MICROSECOND)
        return self._last

    def next(self) -> int:
        self._numbers += 1
        return self._numbers

    def create(self, body: dict[str, Any], source: str, main: str, sub: str, who: str = "") -> Report:
        at = self.tick()
        self._reports += 1
        report = Report(
            number=self._reports,
            uuid=str(uuid.uuid4()),
            body=body,
            source=source,
            main=main,
            sub=sub,
            created=at,
            updated=at,
        )
        report.statuses.append(Step(number=self.next(), at=at, who=who, state="m"))
        self.reports[report.number] = report
        if report.email:
            self.note(report.number, "Automatische e-mail bij registratie van de melding is verzonden.", who="")
        return report

    def by_uuid(self, wanted: str) -> Report | None:
        return next((report for report in self.reports.values() if report.uuid == wanted), None)

    def note(self, number: int, text: str, who: str = STAFF) -> None:
        report = self.reports[number]
        report.updated = self.tick()
        report.notes.append(Step(number=self.next(), at=report.updated, who=who, text=text))

    def move(self, number: int, state: str, text: str = "", *, send_email: bool = False, who: str = STAFF) -> None:
        """Staff set a state, by the rules."""
        report = self.reports[number]
        if state not in STATES[report.status.state].then:
            raise AssertionError(f"no move from {report.status.state} to {state}")
        if state == "reaction requested" and not report.email:
            raise AssertionError("nobody can be asked without an e-mail address")
        self.put(report, state, text, send_email=send_email, who=who)

    def put(self, report: Report, state: str, text: str, *, send_email: bool, who: str) -> None:
        report.updated = self.tick()
        report.statuses.append(
            Step(number=self.next(), at=report.updated, who=who, state=state, text=text, send_email=send_email)
        )
        if report.email and (send_email or state in ALWAYS_MAILED):
            self.note(report.number, "Automatische e-mail bij wijziging van de status is verzonden.", who="")
        if state == "o":
            report.feedback_asked = bool(report.email)

    def sweep(self) -> None:
        """What the server does by itself: a question that got no reaction for five days is over."""
        for report in self.reports.values():
            late = report.status.at + timedelta(days=5) < self.now()
            if report.status.state == "reaction requested" and late:
                self.put(report, "reaction received", "Geen reactie ontvangen.", send_email=False, who="")

    def react(self, number: int, text: str) -> None:
        """The reporter answered by the link in the mail."""
        self.put(self.reports[number], "reaction received", text, send_email=False, who="")

    def delete(self, number: int) -> None:
        """Retention there."""
        del self.reports[number]

    def wait_for_post(self, who: str) -> int:
        """Counts a public POST; seconds to wait when there were too many."""
        now = self.now().timestamp()
        times = [at for at in self.posted.get(who, []) if at > now - 3600]
        self.posted[who] = times
        if len(times) >= self.posts_per_hour:
            return max(1, round(times[0] + 3600 - now))
        times.append(now)
        return 0

    def find(self, main: str, sub: str) -> Category | None:
        return next((one for one in self.categories if (one.main, one.sub) == (main, sub)), None)

    def texts(self) -> Sequence[str]:
        return [report.body["text"] for report in self.reports.values()]

    async def pause(self) -> None:
        """A slow server."""
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)

"""Real mail on loopback: aiosmtpd takes letters, pymap is the mailbox; and the desk between them."""

from __future__ import annotations

import asyncio
import imaplib
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from aiosmtpd import smtp as aiosmtpd
from aiosmtpd.smtp import AuthResult, Envelope, Session

from adapters.desks.mail import MailDesk
from adapters.desks.mail import desk as make
from bot.model.desk import Case, CaseAct, CaseDeed, CaseEntry
from bot.model.place import Place
from bot.model.report import Status
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.support.desks import HERE

TO, SENDER = "meldingen@delft.example", "bart@bart.example"
USER, PASSWORD = "bart", "a-password-of-the-mailbox"
MONTHS = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober")
WORDS = {
    CaseAct.START: "BEZIG",
    CaseAct.CLOSE: "KLAAR",
    CaseAct.CANCEL: "AFGEWEZEN",
    CaseAct.REOPEN: "HEROPEND",
}
PATIENCE_S = 30.0
START = "import sys; from pymap.main import main; sys.exit(main())"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """An IMAP server that runs, with a folder of its own for each test."""

    port: int

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            imap.login(USER, PASSWORD)
            yield imap
        finally:
            imap.logout()

    def folder(self, name: str) -> str:
        with self.opened() as imap:
            imap.create(name)
        return name

    def deliver(self, folder: str, raw: bytes) -> None:
        with self.opened() as imap:
            status, _ = imap.append(folder, "", imaplib.Time2Internaldate(datetime.now(UTC)), raw)
        assert status == "OK"

    def flags(self, folder: str) -> list[bytes]:
        with self.opened() as imap:
            imap.select(folder, readonly=True)
            return [part for part in imap.fetch("1:*", "(FLAGS)")[1] if isinstance(part, bytes)]


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """pymap in a process of its own, in memory."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", START, "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    command += ["--no-service", "admin", "--no-service", "managesieve"]
    command += ["dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE_S
        while True:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            assert process.poll() is None, "pymap did not start"
            assert time.monotonic() < until, "pymap does not answer"
            time.sleep(0.05)
        yield Mailbox(port=port)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@dataclass(slots=True)
class PostOffice:
    """The municipality's mail server. `refuse` answers at a step ("RCPT", "DATA", …); `hang_up` closes the line
    right after the words, without (`lost`) or with the letter kept."""

    letters: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    hang_up: str = ""
    logins: list[bytes] = field(default_factory=list)
    port: int = 0

    async def _mail(
        self, server: aiosmtpd.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.refuse.get("MAIL", "250 OK")

    async def _rcpt(
        self, server: aiosmtpd.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.refuse.get("RCPT", "250 OK")

    async def _data(self, server: aiosmtpd.SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        assert isinstance(envelope.content, bytes)
        if self.hang_up != "lost":
            letter = message_from_bytes(envelope.content, policy=default)
            assert isinstance(letter, EmailMessage)
            assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [TO])
            self.letters.append(letter)
        if self.hang_up:
            server.transport.abort()
        return "250 OK"

    def login(
        self, server: aiosmtpd.SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        self.logins.append(data.login)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PostOffice]:
        def protocol() -> aiosmtpd.SMTP:
            return aiosmtpd.SMTP(self, hostname="delft.example", auth_require_tls=False, authenticator=self.login)

        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()


# aiosmtpd looks for its steps under these names.
for _name, _step in (("MAIL", PostOffice._mail), ("RCPT", PostOffice._rcpt), ("DATA", PostOffice._data)):
    setattr(PostOffice, f"handle_{_name}", _step)


def mail_desk(office: PostOffice, folder: Path, clock: FakeClock, imap: dict[str, Any], **more: Any) -> MailDesk:
    """As the registry makes it."""
    smtp = {"host": "127.0.0.1", "port": office.port, "security": "none", **more.pop("smtp", {})}
    options = {"to": TO, "sender": SENDER, "smtp": smtp, "imap": imap, **more}
    setup = Setup(
        where="desks.postbus",
        name="postbus",
        tenant_id=HERE,
        data=folder,
        clock=clock,
        photos=FakePhotos(),
        options=options,
    )
    return make(setup)


def imap_of(box: Mailbox, folder: str) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": box.port,
        "security": "none",
        "user": USER,
        "password": PASSWORD,
        "folder": folder,
    }


def answer(
    text: str,
    *,
    to: EmailMessage | None = None,
    subject: str = "",
    sender: str = f"Marieke <{TO}>",
    at: datetime | None = None,
    **headers: str,
) -> EmailMessage:
    """A letter of staff, as their mail program writes it: what they typed, and the original below it."""
    letter = EmailMessage(SMTP)
    letter["From"] = sender
    letter["To"] = SENDER
    letter["Subject"] = subject or (f"Re: {to['Subject']}" if to else "")
    letter["Date"] = format_datetime(at or datetime.now(UTC))
    letter["Message-ID"] = f"<{time.monotonic_ns()}@delft.example>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    quoted = ""
    if to is not None:
        body = to.get_body(("plain",))
        assert body is not None
        quoted = "\n".join(f"> {line}" for line in str(body.get_content()).splitlines())
        quoted = f"\n\nMet vriendelijke groet,\nMarieke\n\nOp za 21 nov 2026 schreef BART <{SENDER}>:\n{quoted}\n"
    letter.set_content(f"{text}\n{quoted}")
    return letter


def json_of(letter: EmailMessage) -> dict[str, Any]:
    (part,) = [one for one in letter.iter_attachments() if one.get_content_type() == "application/json"]
    content = part.get_content()
    data: dict[str, Any] = json.loads(content)
    return data


def typed(deed: CaseDeed) -> str:
    """What staff type for a deed."""
    if deed.act is CaseAct.PLAN:
        assert deed.until is not None
        return f"GEPLAND: {deed.until:%d-%m-%Y}\n{deed.text}"
    if deed.act is CaseAct.FORWARD:
        return f"DOORGESTUURD: {deed.party}\n{deed.text}"
    if deed.act is CaseAct.ASK:
        return f"VRAAG: {deed.text}"
    return f"{WORDS[deed.act]}\n{deed.text}"


class MailRig:
    """Staff read the letters that arrived and answer them."""

    tenant = HERE

    def __init__(self, box: Mailbox, folder: str, data: Path) -> None:
        self.clock = FakeClock()
        self.office = PostOffice()
        self._box = box
        self._folder = box.folder(folder)
        self._data = data
        self._stack: Any = None

    def desk(self) -> MailDesk:
        return mail_desk(self.office, self._data, self.clock, imap_of(self._box, self._folder))

    async def cases(self) -> Sequence[Case]:
        cases: dict[str, Case] = {}
        for letter in self.office.letters:
            data = json_of(letter)
            reference = data["kenmerk"]
            if data["soort"] == "melding":
                cases[reference] = Case(
                    reference=reference,
                    category=data["categorie"],
                    text=data["tekst"],
                    place=Place(label=data["plaats"]),
                    status=Status.RECEIVED,
                    received_at=self.clock.now,
                    changed_at=self.clock.now,
                    seen_at=self.clock.now,
                    neighbours=data["bewoners"],
                    contact=data["contact"],
                )
                continue
            case = cases[reference]
            entry = CaseEntry(at=self.clock.now, kind=data["aanvulling"], text=data["tekst"])
            photos = tuple(
                one.get_filename() or "" for one in letter.iter_attachments() if "image" in one.get_content_type()
            )
            cases[reference] = replace(case, thread=(*case.thread, entry), photos=(*case.photos, *photos))
        return list(cases.values())

    async def act(self, reference: str, deed: CaseDeed) -> None:
        letter = next(one for one in self.office.letters if reference in str(one["Subject"]))
        raw = answer(typed(deed), to=letter, at=self.clock.now).as_bytes()
        await asyncio.to_thread(self._box.deliver, self._folder, raw)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def __aenter__(self) -> MailRig:
        self._stack = self.office.open()
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.__aexit__(*exc)

"""Letters go over a private line, or not at all."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.desks.mail import letters
from adapters.desks.mail.inbox import Inbox
from adapters.desks.mail.letters import Names
from adapters.desks.mail.options import read_options
from adapters.desks.mail.outbox import Outbox
from bot.model.errors import DeskLater
from bot.ports.fakes.clock import NOON
from tests.support.desks import filing
from tests.support.post import SENDER, TO, PostOffice

LETTER = letters.report(filing(), Names(secret="s", prefix="BART", sender=SENDER, to=TO), NOON)


def certificate(folder: Path) -> Path:
    """Of this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@asynccontextmanager
async def mail_server(office: PostOffice, pem: Path, security: str) -> AsyncIterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)

    def protocol() -> SMTP:
        starts = context if security == "starttls" else None
        return SMTP(office, hostname="delft.example", tls_context=starts, require_starttls=starts is not None)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def outbox(port: int, security: str, tls: ssl.SSLContext | None) -> Outbox:
    smtp = {"host": "127.0.0.1", "port": port, "security": security}
    return Outbox(read_options("desks.x", {"to": TO, "sender": SENDER, "smtp": smtp, "timeout_s": 5}), tls)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_letter_goes_over_a_private_line(pem: Path, security: str) -> None:
    office = PostOffice()
    async with mail_server(office, pem, security) as port:
        await outbox(port, security, ssl.create_default_context(cafile=str(pem))).send(LETTER)
    assert len(office.letters) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_that_nobody_vouches_for_gets_no_letter(pem: Path, security: str) -> None:
    office = PostOffice()
    async with mail_server(office, pem, security) as port:
        with pytest.raises(DeskLater):
            await outbox(port, security, None).send(LETTER)
    assert office.letters == []


async def test_a_server_that_offers_no_private_line_gets_no_letter() -> None:
    async with PostOffice().open() as office:
        with pytest.raises(DeskLater):
            await outbox(office.port, "starttls", None).send(LETTER)
        assert office.letters == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_mailbox_that_nobody_vouches_for_gets_no_password(pem: Path, security: str) -> None:
    said: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
        while line := await reader.readline():
            said.append(line)
            writer.write(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + line.split(b" ")[0] + b" OK\r\n")
            if b"STARTTLS" in line:
                break
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    imap = {"host": "127.0.0.1", "port": port, "security": security, "user": "bart", "password": "geheim"}
    raw = {"to": TO, "sender": SENDER, "smtp": {"host": "x.example"}, "imap": imap, "timeout_s": 2}
    try:
        with pytest.raises((DeskLater, imaplib.IMAP4.error)):
            await Inbox(read_options("desks.x", raw)).look("", NOON)
    finally:
        server.close()
        await server.wait_closed()
    assert not any(b"geheim" in line for line in said)

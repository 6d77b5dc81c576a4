"""The config of a desk by e-mail.

[desks.postbus]
kind = "email"
to = "meldingen@delft.example"
sender = "bart@bart.example"
smtp.host = "smtp.bart.example"
smtp.user = "bart@bart.example"
smtp.password = "..."
imap.host = "imap.bart.example"
imap.user = "bart@bart.example"
imap.password = "..."
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from bot.model.errors import ConfigError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FIELD = re.compile(r"(?:missing required|unknown) field `([^`]+)`")
_PATH = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+")


class Security(StrEnum):
    """How the line is kept private."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"
    """On this machine only."""


class RawServer(msgspec.Struct, forbid_unknown_fields=True):
    """`smtp` or `imap` as it stands there. Port 0 is the usual one."""

    host: str = ""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    security: Security = Security.TLS
    user: str = ""
    password: str = ""
    folder: str = "INBOX"


class Raw(msgspec.Struct, forbid_unknown_fields=True):
    """`[desks.<name>]` as it stands there."""

    to: str
    sender: str
    smtp: RawServer
    imap: RawServer = msgspec.field(default_factory=RawServer)
    answers_from: list[str] = []
    verified_by: str = ""
    prefix: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2,8}$")] = "BART"
    poll_seconds: Annotated[float, msgspec.Meta(ge=30, le=86400)] = 120.0
    timeout_s: Annotated[float, msgspec.Meta(ge=1, le=120)] = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One mail server. `password` is never shown."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the config says, checked.

    `answers_from`: addresses, and domains with all below them, whose answers are read. `imap` None: nobody reads
    answers. `verified_by`: the mail server whose word is taken that a sender is who it says.
    """

    to: str
    sender: str
    smtp: Server
    imap: Server | None
    answers_from: frozenset[str]
    verified_by: str = ""
    prefix: str = "BART"
    poll_seconds: float = 120.0
    timeout_s: float = 20.0

    @property
    def domain(self) -> str:
        """Where our letters come from."""
        return self.sender.rpartition("@")[2]

    def may_answer(self, address: str) -> bool:
        """Is this one of those whose answers are read?"""
        address = address.lower()
        domain = address.rpartition("@")[2]
        return address in self.answers_from or any(
            domain == one or domain.endswith(f".{one}") for one in self.answers_from if "@" not in one
        )


def read_options(where: str, raw: Mapping[str, Any]) -> Options:
    """Raises `ConfigError` whose `where` is the exact key. No password is ever in its words."""
    table = _convert(where, raw)
    _check_address(f"{where}.to", table.to)
    _check_address(f"{where}.sender", table.sender)
    for one in table.answers_from:
        if "@" in one:
            _check_address(f"{where}.answers_from", one)
        elif not _DOMAIN.fullmatch(one.lower()):
            raise ConfigError(f"{where}.answers_from", f'"{one}" is no address and no domain')
    if not table.smtp.host:
        raise ConfigError(f"{where}.smtp.host", "is required")
    return Options(
        to=table.to,
        sender=table.sender,
        smtp=_server(f"{where}.smtp", table.smtp, {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}),
        imap=_server(f"{where}.imap", table.imap, {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143})
        if table.imap.host
        else None,
        answers_from=frozenset(one.lower() for one in table.answers_from or [table.to]),
        verified_by=table.verified_by.lower(),
        prefix=table.prefix,
        poll_seconds=table.poll_seconds,
        timeout_s=table.timeout_s,
    )


def _convert(where: str, raw: Mapping[str, Any]) -> Raw:
    try:
        return msgspec.convert(dict(raw), Raw, strict=False)
    except msgspec.ValidationError as error:
        words = str(error)
        path, named = _PATH.search(words), _FIELD.search(words)
        key = ".".join(part for part in (where, path and path[1], named and named[1]) if part)
        raise ConfigError(key, _PATH.sub("", words)) from None


def _server(where: str, raw: RawServer, ports: Mapping[Security, int]) -> Server:
    if raw.security is Security.NONE and raw.host not in LOOPBACK:
        raise ConfigError(
            f"{where}.security", 'is "none": residents\' words would go over the line for all to read'
        )
    if raw.user and not raw.password:
        raise ConfigError(f"{where}.password", "is required with user")
    return Server(
        host=raw.host,
        port=raw.port or ports[raw.security],
        security=raw.security,
        user=raw.user,
        password=raw.password,
        folder=raw.folder,
    )


def _check_address(where: str, text: str) -> None:
    try:
        address = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError):
        raise ConfigError(where, f'"{text}" is no e-mail address') from None
    if not text.isascii() or not address.username or not _DOMAIN.fullmatch(address.domain.lower()):
        raise ConfigError(where, f'"{text}" is no e-mail address')

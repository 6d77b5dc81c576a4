"""Handing a letter to the mail server, and what its answer means."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

import aiosmtplib

from adapters.desks.mail.options import Options, Security
from bot.model.errors import DeskCredentials, DeskError, DeskLater, DeskRefused, DeskUnsure

LATER_S = 60.0
FOR_GOOD = 500


class Outbox:
    """A connection for each letter: they are few."""

    def __init__(self, options: Options, tls: ssl.SSLContext | None = None) -> None:
        self._options = options
        self._tls = tls

    async def send(self, letter: EmailMessage) -> None:
        """Raises `DeskUnsure` only once the words are on their way: before that, surely nothing was sent."""
        options = self._options
        async with self._connected() as smtp:
            try:
                await smtp.mail(options.sender)
                await smtp.rcpt(options.to)
            except aiosmtplib.SMTPException as error:
                raise _before(error) from None
            try:
                await smtp.data(letter.as_bytes())
            except aiosmtplib.SMTPResponseException as error:
                raise _answered(error) from None
            except (aiosmtplib.SMTPException, OSError) as error:
                raise DeskUnsure(f"the mail server went away: {type(error).__name__}") from None

    async def check(self) -> None:
        """Log in and leave."""
        async with self._connected():
            return

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = self._options.smtp
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=self._tls,
            timeout=self._options.timeout_s,
            local_hostname=self._options.domain,
        )
        try:
            try:
                await smtp.connect()
                if server.user:
                    await smtp.login(server.user, server.password)
            except (aiosmtplib.SMTPException, OSError) as error:
                raise _before(error) from None
            yield smtp
        finally:
            # A server that is told nothing notices by itself; one that hangs must not hold us up.
            smtp.close()


def _before(error: Exception) -> DeskError:
    """Nothing was sent. Credentials and addresses are for the operator to put right, whatever the letter."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return DeskCredentials("the mail server refuses user or password")
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return DeskCredentials("the mail server knows no way to log in")
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= FOR_GOOD:
        return DeskCredentials(f"the mail server refuses sender or addressee with {error.code}")
    return DeskLater(LATER_S, f"the mail server: {type(error).__name__}")


def _answered(error: aiosmtplib.SMTPResponseException) -> DeskError:
    if error.code >= FOR_GOOD:
        return DeskRefused("letter", f"the mail server refuses it with {error.code}")
    if error.code < 0:
        return DeskUnsure("the mail server broke off its answer")
    return DeskLater(LATER_S, f"the mail server answered {error.code}")

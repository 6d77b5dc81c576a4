"""The mailbox that answers come to. Read only: nothing is marked, moved or thrown away there."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.desks.mail.options import Options, Security, Server
from bot.model.errors import DeskCredentials, DeskLater

LATER_S = 60.0
AT_ONCE = 100
"""Letters of one look; the next goes on from there."""
LARGEST = 2 * 1024 * 1024
"""Bytes of a letter that are fetched. Words come first; what is cut off is an attachment."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Raw letters in the order they came, and the place to go on from."""

    letters: tuple[bytes, ...]
    upto: str


class Inbox:
    """imaplib in a thread of its own for each look."""

    def __init__(self, options: Options, tls: ssl.SSLContext | None = None) -> None:
        self._options = options
        self._tls = tls

    async def look(self, after: str, since: datetime) -> Look:
        """Letters after that place that came on the day of `since` or later. Raises `DeskLater`,
        `DeskCredentials`."""
        if self._options.imap is None:
            return Look(letters=(), upto=after)
        return await asyncio.to_thread(self._look, self._options.imap, after, since)

    async def check(self) -> None:
        """Log in, open the folder, leave."""
        if self._options.imap is not None:
            await asyncio.to_thread(self._try, self._options.imap)

    def _try(self, server: Server) -> None:
        with self._opened(server):
            return

    def _look(self, server: Server, after: str, since: datetime) -> Look:
        with self._opened(server) as imap:
            validity = _validity(imap)
            known, _, last = after.partition(":")
            # Another validity: the numbers mean nothing any more, and repeats are known by their ids.
            number = int(last) if known == validity and last.isdigit() else 0
            day = f"{since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
            found = _ok(imap.uid("SEARCH", f"UID {number + 1}:*", "SINCE", day))
            # "n:*" always has the last letter in it, also when that came before.
            uids = sorted(uid for uid in map(int, (found[0] or b"").split()) if uid > number)[:AT_ONCE]
            letters = tuple(letter for uid in uids for letter in _fetched(imap, uid))
        return Look(letters=letters, upto=f"{validity}:{uids[-1] if uids else number}")

    @contextmanager
    def _opened(self, server: Server) -> Iterator[imaplib.IMAP4]:
        try:
            imap = self._connect(server)
        except (OSError, imaplib.IMAP4.error) as error:
            raise DeskLater(LATER_S, f"the mailbox cannot be reached: {type(error).__name__}") from None
        try:
            try:
                imap.login(server.user, server.password)
            except imaplib.IMAP4.abort as error:
                raise DeskLater(LATER_S, f"the mailbox: {type(error).__name__}") from None
            except imaplib.IMAP4.error:
                raise DeskCredentials("the mailbox refuses user or password") from None
            status, _ = imap.select(f'"{server.folder}"', readonly=True)
            if status != "OK":
                raise DeskCredentials(f'the mailbox has no folder "{server.folder}"')
            yield imap
        except (OSError, imaplib.IMAP4.error) as error:
            raise DeskLater(LATER_S, f"the mailbox: {type(error).__name__}") from None
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                imap.logout()

    def _connect(self, server: Server) -> imaplib.IMAP4:
        timeout = self._options.timeout_s
        context = self._tls or ssl.create_default_context()
        if server.security is Security.TLS:
            return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=timeout)
        imap = imaplib.IMAP4(server.host, server.port, timeout=timeout)
        if server.security is Security.STARTTLS:
            imap.starttls(context)
        return imap


def _validity(imap: imaplib.IMAP4) -> str:
    """What the numbers of letters are good for; another folder under the same name has another."""
    told: Any = imap.response("UIDVALIDITY")[1]
    return told[-1].decode("ascii") if told and told[-1] else "0"


def _fetched(imap: imaplib.IMAP4, uid: int) -> Iterator[bytes]:
    """Nothing for a letter that went away in between."""
    for part in _ok(imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST}>)")):
        if isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], bytes):
            yield part[1]


def _ok(answer: tuple[str, Any]) -> Any:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"answered {status}")
    return data

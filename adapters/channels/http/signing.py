"""Who sent this, is it fresh, and was it sent before? The same signature goes both ways.

`Bart-Signature` is the HMAC-SHA256, in hex, under one of the app's keys, of

    method, newline, path with query, newline, timestamp, newline, body
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping

from bot.model.errors import Later

KEY, TIMESTAMP, SIGNATURE = "bart-key", "bart-timestamp", "bart-signature"
WINDOW_S = 300
"""How far the app's clock may be off, and how long a signature is worth anything."""
REMEMBERED = 100_000
"""Signatures of one window; an app that sends more in ten minutes is told to wait."""
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class NotSignedError(Exception):
    """`header` is what is wrong with it, in words for the maker of the app; nothing in them is secret."""

    def __init__(self, header: str, what: str) -> None:
        super().__init__(f"{header}: {what}")
        self.header = header
        self.what = what


def signature(secret: str, method: str, target: str, timestamp: str, body: bytes) -> str:
    """64 hex characters."""
    head = f"{method}\n{target}\n{timestamp}\n".encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), head + body, hashlib.sha256).hexdigest()


def signed(key: str, secret: str, method: str, target: str, now: int, body: bytes) -> dict[str, str]:
    """The three headers."""
    made = signature(secret, method, target, str(now), body)
    return {"Bart-Key": key, "Bart-Timestamp": str(now), "Bart-Signature": made}


def check(
    keys: Mapping[str, str], headers: Mapping[str, str], head: tuple[str, str], body: bytes, now: int
) -> str:
    """The signature, when it is right; `head` is method and target. Raises `NotSignedError`."""
    for header in (KEY, TIMESTAMP, SIGNATURE):
        if not headers.get(header):
            raise NotSignedError(header, "is missing")
    timestamp, given = headers[TIMESTAMP], headers[SIGNATURE]
    if not _TIMESTAMP.fullmatch(timestamp):
        raise NotSignedError(TIMESTAMP, "is not a number of seconds since 1970")
    if abs(now - int(timestamp)) > WINDOW_S:
        raise NotSignedError(TIMESTAMP, f"is more than {WINDOW_S} seconds from the clock here, which says {now}")
    if not _SIGNATURE.fullmatch(given):
        raise NotSignedError(SIGNATURE, "is not 64 hex characters in lower case")
    secret = keys.get(headers[KEY])
    if secret is None:
        raise NotSignedError(KEY, "is not a key of this app")
    if not hmac.compare_digest(signature(secret, *head, timestamp, body), given):
        raise NotSignedError(SIGNATURE, "does not fit method, path, timestamp and body")
    return given


class Used:
    """Signatures that were used. Each works once: an app that sends something again signs it again."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._until: OrderedDict[str, int] = OrderedDict()

    def use(self, given: str, now: int) -> None:
        """Raises `NotSignedError` for one that was used, `Later` where too many are remembered."""
        while self._until and next(iter(self._until.values())) < now:
            self._until.popitem(last=False)
        if given in self._until:
            raise NotSignedError(SIGNATURE, "was used before; sign again with a fresh timestamp")
        if len(self._until) >= self._limit:
            raise Later(60.0, "too many requests")
        # A timestamp may lie a window ahead of this clock and stays worth something a window longer.
        self._until[given] = now + 2 * WINDOW_S

    def forget(self, given: str) -> None:
        """What it came with was not taken: the same may come again."""
        self._until.pop(given, None)

"""Calling the app: signed, tried again after a fault that may pass, and its answers as the errors of a channel."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from secrets import SystemRandom
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina
import structlog

from adapters.channels.http import posts
from adapters.channels.http.options import Options
from adapters.channels.http.signing import signed
from bot.model.errors import Gone, Later, MovedTo, Refused

ATTEMPTS = 3
AWAY_S = 30.0
"""How long the host waits at least when the app is away and does not say; a third more or less, by chance."""
UNKNOWN_S = 300.0
"""The same where the app does not know our key: somebody has to mend that."""
LONGEST_WAIT_S = 3600.0
LARGEST_ANSWER = 64 * 1024
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]]{1,60}")
_SECONDS = re.compile(r"[0-9]{1,6}")

log = structlog.get_logger(__name__)


class UnknownKey(Later):
    """The app does not take our signature: waiting helps only if somebody mends that."""


class _AwayError(Exception):
    """One attempt failed in a way that may pass."""


class Webhook:
    """Opened and closed by the channel. `now` gives seconds since 1970."""

    def __init__(
        self, options: Options, now: Callable[[], int], transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._options = options
        self._now = now
        parts = urlsplit(options.webhook)
        self._target = parts.path or "/"
        # httpx logs whole addresses at INFO, and an app may have put people's names in those of photos.
        logger = logging.getLogger("httpx")
        logger.setLevel(max(logger.level, logging.WARNING))
        self.client = httpx.AsyncClient(
            timeout=options.timeout_s, transport=transport, follow_redirects=False, trust_env=False
        )

    async def close(self) -> None:
        """Close connections."""
        await self.client.aclose()

    async def call(self, what: posts.Out) -> bytes:
        """The body of the app's answer. The same call again changes nothing there, so it is simply made again."""
        body = msgspec.json.encode(what)
        try:
            async for attempt in stamina.retry_context(
                on=_AwayError,
                attempts=ATTEMPTS,
                timeout=3 * self._options.timeout_s,
                wait_initial=0.2,
                wait_max=2.0,
            ):
                with attempt:
                    response = await self._send(body)
        except _AwayError as error:
            raise Later(_spread(AWAY_S), f"the app is away: {error}") from None
        return _taken(response)

    async def _send(self, body: bytes) -> httpx.Response:
        options = self._options
        headers = signed(options.signs, options.keys[options.signs], "POST", self._target, self._now(), body)
        headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            response = await self.client.post(options.webhook, content=body, headers=headers)
        except httpx.TransportError as error:
            raise _AwayError(type(error).__name__) from None
        if response.is_server_error and not response.headers.get("Retry-After"):
            raise _AwayError(f"answered {response.status_code}")
        return response


def _taken(response: httpx.Response) -> bytes:
    code = response.status_code
    if response.is_success:
        if len(response.content) > LARGEST_ANSWER:
            raise Refused("the app's answer is too long")
        return response.content
    if code in (404, 410):
        if to := _told(response, "moved_to"):
            raise MovedTo(to)
        raise Gone("the app has no such room, post or person any more")
    if code in (401, 403):
        log.error("http.unknown_key", code=code)
        raise UnknownKey(_spread(UNKNOWN_S), f"the app does not take our signature: it answered {code}")
    if code in (408, 425, 429) or response.is_server_error:
        raise Later(_wait(response), f"the app answered {code}")
    field = _told(response, "field")
    log.warning("http.refused", code=code, field=field if _FIELD.fullmatch(field) else "")
    raise Refused(f"the app answered {code}" + (f" about {field}" if _FIELD.fullmatch(field) else ""))


def admins(answer: bytes) -> list[str]:
    """What the app says to `admins`; an answer that is none means that it cannot say now."""
    try:
        return msgspec.json.decode(answer, type=posts.AdminsAre).admins
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Later(_spread(AWAY_S), "the app's answer about admins cannot be read") from None


def _told(response: httpx.Response, name: str) -> str:
    try:
        told = json.loads(response.content[:LARGEST_ANSWER])
    except (ValueError, RecursionError):
        return ""
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) and 0 < len(value) <= 128 and value.isprintable() else ""


def _wait(response: httpx.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT_S) if _SECONDS.fullmatch(value) else _spread(AWAY_S)


def _spread(seconds: float) -> float:
    # So that everything that waits for one app does not come back in the same second.
    return seconds * SystemRandom().uniform(0.67, 1.33)

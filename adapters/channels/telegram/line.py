"""The line to Telegram: the library's HTTP, careful about what comes back, and its two voices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from adapters.channels.telegram.errors import Flooded

POOL = 16
READ_SECONDS = 15.0
DEFAULT_WAIT = 5.0
"""Seconds to wait after a 429 that does not say how long."""


class CarefulRequest(HTTPXRequest):
    """Turns what is no answer of the Bot API (a proxy's page, half a line) into a `NetworkError` before the
    library logs its words, and a 429 into `Flooded`."""

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """As the library's."""
        try:
            code, payload = await super().do_request(url, method, *args, **kwargs)
        except TelegramError:
            raise
        except Exception as error:
            raise NetworkError(type(error).__name__) from error
        # Downloads are GETs and are bytes of any kind.
        if method != "POST":
            return code, payload
        try:
            answer = json.loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or "ok" not in answer:
            raise NetworkError(f"an answer that is none of the Bot API ({code})")
        if code == 429:
            raise Flooded(_seconds(answer))
        return code, payload


def _seconds(answer: dict[str, Any]) -> float:
    told = answer.get("parameters")
    seconds = told.get("retry_after") if isinstance(told, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else DEFAULT_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`asking` is never held up; `saying` keeps to Telegram's limits: 30 posts a second, 20 a minute a group."""

    asking: Bot
    saying: ExtBot[Any]
    request: CarefulRequest

    async def close(self) -> None:
        """Ends all connections."""
        await self.request.shutdown()


def connect(token: str, api: str) -> Line:
    """Nothing is sent yet."""
    request = CarefulRequest(connection_pool_size=POOL, read_timeout=READ_SECONDS, pool_timeout=READ_SECONDS)
    base, files = f"{api}/bot", f"{api}/file/bot"
    asking = Bot(token, base, files, request=request, get_updates_request=request)
    saying: ExtBot[Any] = ExtBot(
        token, base, files, request=request, get_updates_request=request, rate_limiter=AIORateLimiter()
    )
    return Line(asking=asking, saying=saying, request=request)

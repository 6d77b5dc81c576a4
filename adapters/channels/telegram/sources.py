"""Where updates come from: asked for with a long poll, or pushed to a webhook.

Nothing is confirmed before the host has committed it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from telegram import Bot

from adapters.channels.telegram.mapping import UPDATES
from bot.model.errors import InputError, Later
from bot.model.request import Answer, Request

POLL_SECONDS = 50
LIMIT = 100
ALBUM_SECONDS = 0.6
"""How long to wait for the rest of an album."""
HEADER = "x-telegram-bot-api-secret-token"
CONNECTIONS = 20
"""Deliveries at once; with one alone the rest of an album could not come before its first part is answered."""
PENDING = 2_000
HOOK = "/telegram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`offset`: the update to go on from. `handed` names the delivery to the host, where updates are pushed."""

    offset: int | None = None
    handed: str = ""

    def __str__(self) -> str:
        return f"{self.offset or 0}.{self.handed}" if self.handed else str(self.offset or 0)


def read_cursor(text: str | None) -> Cursor:
    """What is no cursor of ours means: from the oldest that Telegram still has."""
    offset, _, handed = (text or "").partition(".")
    return Cursor(offset=int(offset) if offset.isdecimal() and int(offset) else None, handed=handed)


class Source(Protocol):
    """One way in."""

    @property
    def repeats(self) -> bool:
        """May an update come again after it was committed?"""
        ...

    async def open(self, bot: Bot) -> None:
        """Tell Telegram how updates should come."""
        ...

    async def next(self, bot: Bot, done: Cursor) -> tuple[list[Any], str]:
        """Updates after what is done, oldest first, and a name for this delivery; none after a while."""
        ...

    async def more(self, bot: Bot, done: Cursor) -> tuple[list[Any], str]:
        """The same delivery again, with what has come since."""
        ...


class Polling:
    """Asks Telegram. Asking with an offset confirms everything below it."""

    repeats = False

    async def open(self, bot: Bot) -> None:
        """A webhook of before would be a conflict. What waits there is kept."""
        await bot.delete_webhook(drop_pending_updates=False)

    async def next(self, bot: Bot, done: Cursor) -> tuple[list[Any], str]:
        """Waits up to `POLL_SECONDS`."""
        return await self._ask(bot, done, POLL_SECONDS), ""

    async def more(self, bot: Bot, done: Cursor) -> tuple[list[Any], str]:
        """At once."""
        return await self._ask(bot, done, 0), ""

    async def _ask(self, bot: Bot, done: Cursor, seconds: int) -> list[Any]:
        wishes: dict[str, Any] = {"timeout": seconds, "limit": LIMIT, "allowed_updates": list(UPDATES)}
        if done.offset is not None:
            wishes["offset"] = done.offset
        # `Bot.get_updates` raises for the whole batch when one update cannot be read, for ever. Telegram reads
        # names of methods in any case; under this one the library hands out what came.
        found = await bot.do_api_request("GetUpdates", api_kwargs=wishes, read_timeout=seconds + 10.0)
        return list(found) if isinstance(found, list) else []


class Webhook:
    """Telegram pushes. Each delivery is answered when the host has committed it."""

    repeats = True

    def __init__(self, token: str, address: str, epoch: str) -> None:
        self._secret = hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()
        self._address = address
        self._epoch = epoch
        self._waiting: dict[int, tuple[Any, asyncio.Future[None]]] = {}
        self._handed: tuple[str, frozenset[int]] = ("", frozenset())
        self._count = 0
        self._arrived = asyncio.Event()
        self._closed = False

    async def open(self, bot: Bot) -> None:
        """Where to push, and with which secret."""
        await bot.set_webhook(
            self._address, allowed_updates=UPDATES, secret_token=self._secret, max_connections=CONNECTIONS
        )

    async def next(self, bot: Bot, done: Cursor) -> tuple[list[Any], str]:
        """Waits up to `POLL_SECONDS`."""
        self._settle(done.handed)
        if not self._waiting:
            self._arrived.clear()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._arrived.wait()
            except TimeoutError:
                return [], ""
        return await self.more(bot, done)

    async def more(self, bot: Bot, done: Cursor) -> tuple[list[Any], str]:
        """At once; in the order of their numbers, since they may overtake each other on the way."""
        numbers = sorted(self._waiting)[:LIMIT]
        self._count += 1
        self._handed = (f"{self._epoch}-{self._count}", frozenset(numbers))
        return [self._waiting[number][0] for number in numbers], self._handed[0]

    async def receive(self, request: Request) -> Answer:
        """One delivery; returns when it is committed."""
        if request.path != HOOK or request.method != "POST":
            return Answer(status=404)
        if not _same(request.headers, self._secret):
            return Answer(status=403)
        if self._closed or len(self._waiting) >= PENDING:
            raise Later(5.0, "the channel takes nothing now")
        update = _update(request.body)
        number = update["update_id"]
        if number not in self._waiting:
            self._waiting[number] = (update, asyncio.get_running_loop().create_future())
            self._arrived.set()
        committed = self._waiting[number][1]
        await asyncio.shield(committed)
        return Answer(body=b"{}")

    def close(self) -> None:
        """Who waits hears that nothing was committed, and pushes again."""
        self._closed = True
        for _, committed in self._waiting.values():
            if not committed.done():
                committed.set_exception(Later(1.0, "the channel is closing"))
                committed.exception()

    def _settle(self, handed: str) -> None:
        if not handed or handed != self._handed[0]:
            return
        for number in self._handed[1]:
            _, committed = self._waiting.pop(number)
            committed.set_result(None)


def _same(headers: Mapping[str, str], secret: str) -> bool:
    return hmac.compare_digest(headers.get(HEADER, "").encode(), secret.encode())


def _update(body: bytes) -> dict[str, Any]:
    """Raises `InputError` for what is no update at all; a strange update is no error."""
    try:
        update = json.loads(body)
    except ValueError:
        raise InputError("body", "is no JSON") from None
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise InputError("update_id", "is missing")
    return update

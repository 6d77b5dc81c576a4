"""The way in: the homeserver's log from a cursor on, room by room, as batches for the host.

The cursor is the homeserver's own token. The next sync is asked for when the host has committed the last batch.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog

from adapters.channels.matrix.account import Account
from adapters.channels.matrix.line import NoAccess, path
from adapters.channels.matrix.reading import Raw, objects, table, text
from adapters.channels.matrix.roomlog import RoomLog
from adapters.channels.matrix.rooms import STATE_TYPES, Facts
from bot.model.channel import Batch, BotChanged, ChannelEvent, Gap
from bot.model.errors import Gone, Later, Refused, StartError
from bot.model.ids import Address, Room

POLL = 30.0
"""Seconds a sync may wait for news."""
BACKOFF_FIRST, BACKOFF_LIMIT = 1.0, 60.0
ACCOUNT_LIMIT = 600.0
"""Seconds between tries while the account is refused: somebody has to do something first."""
COMMIT_EVERY = timedelta(minutes=10)
"""Without any event the cursor is still committed so often, so that a start does not begin long ago."""
_NOTHING: Mapping[str, Any] = {"types": []}
_QUIET = {"presence": _NOTHING, "account_data": _NOTHING}
FIRST = {"room": {"timeline": {"limit": 1}, "state": {"types": [*STATE_TYPES]}, "ephemeral": _NOTHING}, **_QUIET}
NEXT = {
    "room": {
        "timeline": {"limit": 100},
        "state": {"lazy_load_members": True},
        "ephemeral": _NOTHING,
        "account_data": _NOTHING,
    },
    **_QUIET,
}

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Sync:
    """Reads for one account."""

    def __init__(self, account: Account, rooms: RoomLog) -> None:
        self._account = account
        self._rooms = rooms
        self._invited: dict[Room, str] = {}
        """Rooms that BART could not join yet, and the homeserver of who asked it in."""

    async def begin(self) -> None:
        """Learn which rooms there are, and where in the log "now" is. Nothing said before that is heard."""
        account = self._account
        # Synapse remembers answers for minutes by all parameters. A first sync never waits, so this one is free to
        # be different each time, and what it says is of now.
        fresh = int(account.clock.moment().fresh("sync")[:6], 16)
        first = await account.line.get(path("sync", timeout=fresh, filter=json.dumps(FIRST)), POLL * 4)
        account.rooms.clear()
        for room, part in table(first, "rooms", "join").items():
            facts = account.rooms[Room(room)] = Facts(room=Room(room))
            for event in [*objects(part, "state", "events"), *objects(part, "timeline", "events")]:
                if isinstance(event.get("state_key"), str):
                    facts.learn(event)
        await account.keys.follow(first, [room for room, facts in account.rooms.items() if facts.encrypted])
        for room, part in table(first, "rooms", "invite").items():
            self._note_invitation(Room(room), part)
        account.start = text(first, "next_batch")
        log.info("matrix.opened", account=account.name, rooms=len(account.rooms))

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """For ever. What fails for now is tried again here, so that the host hears of events only."""
        account = self._account
        if not account.start:
            await self._patiently(self._enter)
        account.keys.news = True
        since = cursor or account.start
        if cursor is None:
            yield Batch(cursor=since, events=await self._present())
        committed = account.now
        while True:
            fresh, events = await self._patiently(partial(self._read, since))
            if events or account.now - committed > COMMIT_EVERY:
                yield Batch(cursor=fresh, events=tuple(events))
                account.keys.settle()
                committed = account.now
            since = fresh

    async def _enter(self) -> None:
        await self._account.enter()
        await self.begin()

    async def _present(self) -> tuple[ChannelEvent, ...]:
        """Where BART is already."""
        now = self._account.now
        found = []
        for facts in self._account.rooms.values():
            if not self._account.withheld(facts):
                event_id = f"{facts.room}#present"
                found.append(BotChanged(id=event_id, room=facts.room, at=now, present=True, room_name=facts.title))
        return tuple(found)

    async def _read(self, since: str) -> tuple[str, list[ChannelEvent]]:
        """One sync: where the log is now, and what happened since then."""
        account = self._account
        await self._join_invited()
        await self._rooms.ask_everywhere()
        where = path("sync", since=since, timeout=int(POLL * 1000), filter=json.dumps(NEXT))
        try:
            found = await account.line.get(where, POLL * 2)
        except (Refused, Gone) as error:
            return await self._begin_again(error)
        joined, left = table(found, "rooms", "join"), table(found, "rooms", "leave")
        await account.keys.follow(found, self._rooms.encrypted(joined))
        events = await self._rooms.waited() if account.keys.news else []
        # A room that went on elsewhere first, so that what is said there is known to be of the same group.
        for room in sorted(joined, key=lambda room: not _went_on(joined[room])):
            events += await self._rooms.joined(Room(room), table(joined[room]), since)
        for room in left:
            events += await self._rooms.left(Room(room), table(left[room]))
        for room, part in table(found, "rooms", "invite").items():
            self._note_invitation(Room(room), table(part))
        await self._join_invited()
        return text(found, "next_batch") or since, events

    async def _begin_again(self, error: Exception) -> tuple[str, list[ChannelEvent]]:
        """The homeserver does not know the cursor: what was said since then is lost, and the host is told."""
        log.error("matrix.cursor_refused", account=self._account.name, error=type(error).__name__)
        await self.begin()
        now, start = self._account.now, self._account.start
        gaps: list[ChannelEvent] = [
            Gap(id=f"{room}#gap#{start}", room=room, at=now) for room in self._account.rooms
        ]
        return start, gaps

    # Invitations

    def _note_invitation(self, room: Room, part: Raw) -> None:
        """Come in, or stay away where messages are encrypted and that is not wanted."""
        facts = Facts(room=room)
        inviter = Address("")
        for event in objects(part, "invite_state", "events"):
            facts.learn(event)
            if text(event, "type") == "m.room.member" and text(event, "state_key") == self._account.me:
                inviter = Address(text(event, "sender"))
        self._rooms.invited_by[room] = inviter
        refuses = facts.encrypted and self._account.options.encrypted_rooms == "never"
        self._invited[room] = "" if refuses else inviter.partition(":")[2] or room.partition(":")[2] or "?"

    async def _join_invited(self) -> None:
        for room, server in list(self._invited.items()):
            try:
                if server:
                    await self._account.line.ask("POST", path("join", room, via=server), {})
                else:
                    await self._account.line.ask("POST", path("rooms", room, "leave"), {})
            except (Refused, Gone) as error:
                log.warning("matrix.invitation_void", account=self._account.name, error=type(error).__name__)
            except NoAccess:
                raise
            except Later as error:
                log.warning("matrix.invitation_waits", account=self._account.name, why=type(error).__name__)
                continue
            del self._invited[room]

    # Patience

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Until it works: what the homeserver asks for, or longer and longer, and never all accounts at once."""
        tries = 0
        while True:
            try:
                return await ask()
            except NoAccess as error:
                wait = self._wait(tries, error.seconds, ACCOUNT_LIMIT)
                log.error(
                    "matrix.account_refused", account=self._account.name, seconds=round(wait), code=error.code
                )
                await asyncio.sleep(wait)
                await self._enter_again()
            except Later as error:
                wait = self._wait(tries, error.seconds, BACKOFF_LIMIT)
                why = re.sub(r"\W+", "_", str(error))
                log.warning("matrix.away", account=self._account.name, seconds=round(wait, 1), why=why)
                await asyncio.sleep(wait)
            except StartError as error:
                wait = self._wait(tries, BACKOFF_FIRST, ACCOUNT_LIMIT)
                log.error("matrix.not_in", account=self._account.name, seconds=round(wait), why=error.trouble)
                await asyncio.sleep(wait)
            tries += 1

    async def _enter_again(self) -> None:
        """The secret may have been changed meanwhile, and a password gives a new session."""
        try:
            await self._account.enter()
        except StartError as error:
            log.error("matrix.not_in", account=self._account.name, why=error.trouble)

    def _wait(self, tries: int, asked: float, limit: float) -> float:
        """Seconds, with up to half as many again by chance."""
        chance = int(self._account.clock.moment().fresh("jitter"), 16) / 2**64
        return max(asked, min(BACKOFF_FIRST * 2.0 ** min(tries, 20), limit)) * (1 + chance / 2)


def _went_on(part: object) -> bool:
    events = [*objects(part, "state", "events"), *objects(part, "timeline", "events")]
    return any(text(event, "type") == "m.room.tombstone" for event in events)

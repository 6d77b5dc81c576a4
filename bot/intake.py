"""Takes batches from channels: interpret in memory, one transaction per batch, the cursor inside it.

Asking the channel for its next batch is the acknowledgement, so a crash before the commit makes the network
deliver again and one after it finds the cursor moved. An ordinary message never touches the disk.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.hearing import Hearing, needs_role
from bot.metrics import Metrics
from bot.model.channel import Batch, BotChanged, ChannelEvent, Chose, Edited, MemberChanged, Moved, Said
from bot.model.errors import ChannelError, Later, StoreError
from bot.model.group import Group, GroupSettings, Role
from bot.model.ids import AccountName, Address, GroupId, PersonKey, Room, TenantId
from bot.model.snapshot import Commit, CountTraffic, Snapshot
from bot.ports.channel import Channel
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.turn import Happened, Turns

log = structlog.get_logger()

FLUSH_TRAFFIC = timedelta(minutes=1)
"""Counts of messages are written at most this often; what a crash loses makes BART quieter, never louder."""
ROOMS = 200_000
"""So many rooms are remembered before all are forgotten: a few dozen megabytes."""
AGAIN_FIRST, AGAIN_LIMIT = 1.0, 60.0
"""Seconds between tries when a channel or the database is away."""


class _RoomsChanged(Exception):
    """A group that a room was known to be is not there any more."""


@dataclass(slots=True, kw_only=True)
class Intake:
    """One channel account's way in. New groups start with `settings`."""

    account: AccountName
    tenant: TenantId
    channel: Channel
    store: Store
    turns: Turns
    hearing: Hearing
    clock: Clock
    metrics: Metrics
    person_key: Callable[[GroupId, Address], PersonKey]
    settings: GroupSettings
    _traffic: Counter[GroupId] = field(default_factory=Counter)
    _rooms: dict[Room, GroupId] = field(default_factory=dict)
    _flushed: dict[GroupId, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """For ever: batches, and again from the committed cursor after any fault."""
        wait = AGAIN_FIRST
        while True:
            try:
                cursor = await self.store.cursor("channel", self.account)
                async for batch in self.channel.batches(cursor):
                    await self.take(batch)
                    wait = AGAIN_FIRST
                return
            except (ChannelError, StoreError) as error:
                pause = _pause(wait, error)
                log.warning("intake.interrupted", account=self.account, error=type(error).__name__, seconds=pause)
                self.metrics.channel_failed(self.account, error)
                await asyncio.sleep(pause)
                wait = min(wait * 2, AGAIN_LIMIT)

    async def take(self, batch: Batch) -> None:
        """Handle one batch and commit it; returns when it is on disk."""
        began = time.monotonic()
        events = await self._fresh(batch)
        try:
            await self._commit(batch, events)
        except _RoomsChanged:
            self._rooms.clear()
            await self._commit(batch, events)
        self.metrics.messages_read(sum(isinstance(e, Said) for e in events))
        self.metrics.batch_committed(time.monotonic() - began)

    async def _commit(self, batch: Batch, events: Sequence[ChannelEvent]) -> None:
        moment = self.clock.moment()
        places, new = await self._groups(events, moment.now)
        keyed = self._keyed(events, places, await self._admins(events))

        async def happen(known: Mapping[GroupId, Snapshot]) -> Happened:
            if len(known) < len({*places.values()}):
                raise _RoomsChanged
            return await self.hearing.listen(keyed, known, moment.now)

        deliveries = tuple((self.account, e.id) for e in events) if batch.deduplicate else ()
        await self.turns.take(
            frozenset(places.values()),
            happen,
            Commit(
                now=moment.now,
                cursor=(self.account, batch.cursor),
                deliveries=deliveries,
                changes=self._due_traffic(keyed, moment.now),
            ),
            new,
            isolate=True,
        )
        if new or any(isinstance(event, Moved) for event in events):
            self._rooms.clear()

    async def _fresh(self, batch: Batch) -> Sequence[ChannelEvent]:
        if not batch.deduplicate or not batch.events:
            return batch.events
        known = await self.store.handled(self.account, [e.id for e in batch.events])
        fresh, seen = [], set(known)
        for event in batch.events:
            if event.id not in seen:
                seen.add(event.id)
                fresh.append(event)
        return fresh

    async def _groups(
        self, events: Sequence[ChannelEvent], now: datetime
    ) -> tuple[dict[Room, GroupId], dict[GroupId, Group]]:
        """The groups of these events; a room met for the first time gets a group that reads nothing yet. What is
        said in a room that a group has just moved to is of that group; a move told again changes nothing."""
        goals = {event.to for event in events if isinstance(event, Moved)}
        found = await self._known_rooms({event.room for event in events} | goals)
        new: dict[GroupId, Group] = {}
        for event in events:
            if isinstance(event, Moved):
                if event.room in found:
                    found.setdefault(event.to, found[event.room])
                continue
            if event.room in found or (isinstance(event, BotChanged) and not event.present):
                continue
            group_id = GroupId(self.clock.moment().fresh("group"))
            found[event.room] = group_id
            new[group_id] = Group(
                id=group_id,
                tenant_id=self.tenant,
                account=self.account,
                room=event.room,
                name=event.room_name if isinstance(event, BotChanged) else "",
                created_at=now,
                settings=self.settings,
                version=-1,
            )
        return found, new

    async def _known_rooms(self, rooms: Collection[Room]) -> dict[Room, GroupId]:
        """Which group a room is hardly ever changes, so it is asked once, and again when a turn finds the group
        gone or the room moved."""
        strange = [room for room in rooms if room not in self._rooms]
        if strange:
            if len(self._rooms) > ROOMS:
                self._rooms.clear()
            self._rooms.update(await self.store.groups(self.account, strange))
        return {room: self._rooms[room] for room in rooms if room in self._rooms}

    async def _admins(self, events: Sequence[ChannelEvent]) -> Mapping[Room, frozenset[Address]]:
        """Rights are asked afresh where they decide something. If the network cannot say, nobody is an admin."""
        admins: dict[Room, frozenset[Address]] = {}
        for room in {event.room for event in events if needs_role(event)}:
            try:
                admins[room] = await self.channel.admins(room)
            except ChannelError as error:
                log.warning("intake.admins_unknown", account=self.account, error=type(error).__name__)
                admins[room] = frozenset()
        return admins

    def _keyed(
        self,
        events: Sequence[ChannelEvent],
        groups: Mapping[Room, GroupId],
        admins: Mapping[Room, frozenset[Address]],
    ) -> list[tuple[GroupId, ChannelEvent]]:
        keyed: list[tuple[GroupId, ChannelEvent]] = []
        for event in events:
            group = groups.get(event.room)
            if group is None or (isinstance(event, Moved) and groups.get(event.to) != group):
                # BART was in the other room before: it has a group, and its own permission, already.
                continue
            if isinstance(event, Said | Edited | Chose | MemberChanged):
                person = replace(event.person, key=self.person_key(group, event.person.address))
                if needs_role(event):
                    is_admin = person.address in admins.get(event.room, frozenset())
                    person = replace(person, role=Role.ADMIN if is_admin else Role.MEMBER)
                keyed.append((group, replace(event, person=person)))
            else:
                keyed.append((group, event))
        return keyed

    def _due_traffic(
        self, keyed: Sequence[tuple[GroupId, ChannelEvent]], now: datetime
    ) -> tuple[CountTraffic, ...]:
        said = Counter(group for group, event in keyed if isinstance(event, Said) and not event.private)
        due = []
        for group, count in said.items():
            self._traffic[group] += count
            if now - self._flushed.setdefault(group, now) >= FLUSH_TRAFFIC:
                self._flushed[group] = now
                due.append(
                    CountTraffic(group_id=group, day=now.date().isoformat(), messages=self._traffic.pop(group))
                )
        return tuple(due)


def _pause(wait: float, error: Exception) -> float:
    """At least as long as the network asks, and up to a quarter more: many that lost it together should not come
    back together."""
    asked = error.seconds if isinstance(error, Later) else 0.0
    return round(max(wait, asked) * (1 + secrets.randbelow(256) / 1024), 2)

"""From updates to batches: albums as one message, private chats given to their group, a cut where a room moves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog
from telegram import ChatMember
from telegram.error import BadRequest, ChatMigrated, Forbidden

from adapters.channels.telegram import albums
from adapters.channels.telegram.line import Line
from adapters.channels.telegram.mapping import Heard, Me, hear, is_present
from adapters.channels.telegram.sources import ALBUM_SECONDS, Cursor, Source
from bot.model.channel import Batch, BotChanged, ChannelEvent, Chose, Edited, Moved, Said
from bot.model.errors import Later
from bot.model.ids import Address, Room

log = structlog.get_logger(__name__)

UNREADABLE_SECONDS = 5.0


class Memory(Protocol):
    """What the channel remembers of rooms and people."""

    def note_title(self, room: Room, title: str) -> bool: ...

    def note_rights(self, room: Room, admin: bool) -> None: ...

    def last_room(self, who: Address) -> Room | None: ...

    def note_last_room(self, who: Address, room: Room) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One batch, what is done when it is committed, and who wrote privately without a group."""

    batch: Batch
    done: Cursor
    strangers: tuple[int, ...] = ()


@dataclass(slots=True)
class Reception:
    """Takes one delivery of updates."""

    line: Line
    source: Source
    memory: Memory
    me: Me

    async def next(self, done: Cursor, now: datetime) -> list[Taken]:
        """Batches in order; none after a quiet while. Raises the library's errors."""
        raws, handed = await self.source.next(self.line.asking, done)
        heard = [hear(raw, self.me, now) for raw in raws]
        if albums.may_go_on(heard):
            await asyncio.sleep(ALBUM_SECONDS)
            raws, handed = await self.source.more(self.line.asking, done)
            heard = [hear(raw, self.me, now) for raw in raws]
        self._tell_unreadable(heard)
        if heard and all(one.id is None for one in heard):
            raise Later(UNREADABLE_SECONDS, "no update has a number")
        known = [one for one in heard if one.id is not None]
        return await self._batches(albums.gathered(known), done, handed)

    def _tell_unreadable(self, heard: Sequence[Heard]) -> None:
        count = sum(one.unreadable for one in heard)
        if count:
            log.warning("telegram.unreadable", count=count)

    async def _batches(self, heard: Sequence[Heard], done: Cursor, handed: str) -> list[Taken]:
        """A batch ends where a room moves: what follows must find the group in its new room."""
        taken: list[Taken] = []
        events: list[ChannelEvent] = []
        strangers: list[int] = []
        for number, one in enumerate(heard):
            found = await self._events(one)
            if one.private and one.events and not found:
                strangers += _writers(one)
            events += found
            done = Cursor(offset=max(done.offset or 0, (one.id or 0) + 1), handed=done.handed)
            last = number == len(heard) - 1
            if last or any(isinstance(event, Moved) for event in found):
                # Pushed updates are settled together, by the last of their batches.
                done = replace(done, handed=handed if last else "")
                batch = Batch(cursor=str(done), events=tuple(events), deduplicate=self.source.repeats)
                taken.append(Taken(batch=batch, done=done, strangers=tuple(strangers)))
                events, strangers = [], []
        return taken

    async def _events(self, one: Heard) -> list[ChannelEvent]:
        if one.private:
            return await self._of_a_group(one)
        events = list(one.events)
        for event in one.events:
            new = self.memory.note_title(event.room, one.title) if one.title else False
            if one.bot_is_admin is not None:
                self.memory.note_rights(event.room, one.bot_is_admin)
            if isinstance(event, Said) and new:
                # The update that let the bot in may be a day old and gone; the host knows what is not new.
                seen = f"{event.id}.seen"
                events.insert(
                    0, BotChanged(id=seen, room=event.room, at=event.at, present=True, room_name=one.title)
                )
        return events

    async def _of_a_group(self, one: Heard) -> list[ChannelEvent]:
        """Words said privately belong to a group of which who says them is a member now."""
        told: list[ChannelEvent] = []
        for event in one.events:
            if not isinstance(event, Said | Edited | Chose):
                continue
            who = event.person.address
            room = one.about or self.memory.last_room(who)
            if room is not None:
                room = await self._home(room, who, one.proven or one.about is None)
            if room is None:
                continue
            self.memory.note_last_room(who, room)
            told.append(replace(event, room=room))
        return told

    async def _home(self, room: Room, who: Address, proven: bool) -> Room | None:
        """The group, as it is called now, if this person is in it. Where Telegram does not say who is in a group,
        it counts that the bot wrote to this person about it."""
        try:
            member = await self.line.asking.get_chat_member(int(room), int(who))
        except ChatMigrated as moved:
            # A private post of before the move names the old group for ever.
            return await self._home(Room(str(moved.new_chat_id)), who, proven)
        except Forbidden:
            return None
        except BadRequest as error:
            hidden = "inaccessible" in error.message.lower() or "admin_required" in error.message.lower()
            return room if hidden and proven else None
        return room if member.status != ChatMember.BANNED and is_present(member) else None


def _writers(one: Heard) -> list[int]:
    return [int(event.person.address) for event in one.events if isinstance(event, Said)]

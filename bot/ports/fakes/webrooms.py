"""Browser rooms in memory, without a bot behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from bot.model.channel import Choice, Span
from bot.model.errors import Gone, InputError
from bot.model.ids import Address, PostRef, Room
from bot.model.webroom import ChatEntry, Utterance, WebRoom
from bot.ports.clock import Clock
from bot.ports.fakes.clock import FakeClock

TEXT_LIMIT = 4096


class FakeWebRooms:
    """Implements `WebRooms`. What residents said is in `said` and `pressed`; `bot_says` speaks for the bot."""

    def __init__(self, rooms: Mapping[Room, WebRoom], clock: Clock | None = None) -> None:
        self._rooms = rooms
        self._clock = clock or FakeClock()
        self._entries: dict[tuple[Room, PostRef], tuple[ChatEntry, Address | None, Address | None]] = {}
        self._posts: dict[tuple[Room, str], PostRef] = {}
        self._photos: dict[tuple[Room, str], bytes] = {}
        self._serial = 0
        self._changed = asyncio.Event()
        self._closed = False
        self.said: list[tuple[Room, Address, Utterance]] = []
        self.pressed: list[tuple[Room, Address, str]] = []
        self._presses: set[tuple[Room, str]] = set()
        self.failing: Exception | None = None
        """Raised by the next `say` or `press`, once."""

    @property
    def rooms(self) -> Mapping[Room, WebRoom]:
        return self._rooms

    async def say(self, room: Room, who: Address, utterance: Utterance) -> PostRef:
        """Once per client id; an edit or deletion changes the author's own post only."""
        name = self._name(room, who)
        self._fail()
        known = self._posts.get((room, utterance.client_id))
        if known is not None:
            return known
        if len(utterance.text) > TEXT_LIMIT:
            raise InputError("text", f"is longer than {TEXT_LIMIT} characters")
        post = utterance.edits or PostRef(f"post-{len(self._entries) + 1}")
        if utterance.edits is None:
            entry = self._entry(post, name, utterance)
        else:
            entry = self._edited(room, who, utterance)
        if utterance.photo is not None:
            self._photos[room, entry.photo] = utterance.photo
        self._posts[room, utterance.client_id] = post
        self.said.append((room, who, utterance))
        self._put(room, entry, who, who if utterance.private else None)
        return post

    async def press(self, room: Room, who: Address, client_id: str, choice: str) -> None:
        """Once per client id."""
        self._name(room, who)
        self._fail()
        if (room, client_id) not in self._presses:
            self._presses.add((room, client_id))
            self.pressed.append((room, who, choice))

    def history(self, room: Room, who: Address, after: int = 0) -> list[ChatEntry]:
        """In the order of the last change."""
        self._name(room, who)
        seen = [
            replace(entry, mine=by == who)
            for (where, _), (entry, by, only) in self._entries.items()
            if where == room and entry.serial > after and only in (None, who)
        ]
        return sorted(seen, key=lambda entry: entry.serial)

    async def watch(self, room: Room, who: Address, after: int = 0) -> AsyncIterator[ChatEntry]:
        """Until `close`."""
        while True:
            changed = self._changed
            for entry in self.history(room, who, after):
                after = entry.serial
                yield entry
            if self._closed:
                return
            await changed.wait()

    async def photo(self, room: Room, who: Address, ref: str) -> bytes:
        """As it was sent."""
        self._name(room, who)
        if (room, ref) not in self._photos:
            raise Gone("no such photo")
        return self._photos[room, ref]

    def bot_says(
        self, room: Room, text: str, *choices: str, post: str = "", to: Address | None = None, **facts: Any
    ) -> PostRef:
        """A new post, or with `post` an edit of it; `facts` are other fields. Between asterisks is strong."""
        ref = PostRef(post or f"post-{len(self._entries) + 1}")
        parts = text.split("*")
        entry = ChatEntry(
            post=ref,
            serial=0,
            at=self._entries[room, ref][0].at if post else self._clock.moment().now,
            author="BART",
            by_bot=True,
            mine=False,
            spans=tuple(Span(text=part, strong=bool(nth % 2)) for nth, part in enumerate(parts) if part),
            choices=tuple(Choice(key=f"i1:{nth}", label=label) for nth, label in enumerate(choices)),
            private=to is not None,
            edited=bool(post),
        )
        self._put(room, replace(entry, **facts), None, to)
        return ref

    def close(self) -> None:
        """Every watcher ends."""
        self._closed = True
        self._changed.set()

    def _name(self, room: Room, who: Address) -> str:
        found = self._rooms.get(room)
        for resident in found.residents if found else ():
            if resident.address == who:
                return resident.name
        raise Gone("no such seat")

    def _entry(self, post: PostRef, name: str, utterance: Utterance) -> ChatEntry:
        return ChatEntry(
            post=post,
            serial=0,
            at=self._clock.moment().now,
            author=name,
            by_bot=False,
            mine=True,
            spans=(Span(text=utterance.text),) if utterance.text else (),
            reply_to=utterance.reply_to,
            photo=f"photo-{post}" if utterance.photo is not None else "",
            private=utterance.private,
        )

    def _edited(self, room: Room, who: Address, utterance: Utterance) -> ChatEntry:
        entry, by, _ = self._entries.get((room, utterance.edits or PostRef("")), (None, None, None))
        if entry is None or by != who:
            raise Gone("no such post of this resident")
        deleted = not utterance.text and utterance.photo is None
        return replace(entry, spans=(Span(text=utterance.text),), edited=True, deleted=deleted)

    def _put(self, room: Room, entry: ChatEntry, by: Address | None, only: Address | None) -> None:
        self._serial += 1
        self._entries[room, entry.post] = (replace(entry, serial=self._serial), by, only)
        self._changed.set()
        self._changed = asyncio.Event()

    def _fail(self) -> None:
        error, self.failing = self.failing, None
        if error is not None:
            raise error

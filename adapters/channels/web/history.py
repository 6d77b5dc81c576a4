"""What was said in one room: in memory, bounded, gone with the process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.channel import Post, Span
from bot.model.ids import Address, PostRef
from bot.model.webroom import ChatEntry

TOASTS = 100
PHOTO_BYTES = 64 * 1024 * 1024
"""Photos a room remembers together; the oldest go first."""


@dataclass(slots=True, kw_only=True)
class Kept:
    """An entry and who may see it: everybody, or `only` one resident. `by` is "" for the bot."""

    entry: ChatEntry
    by: Address
    only: Address | None = None

    def shown_to(self, who: Address) -> ChatEntry | None:
        """The entry as this resident sees it."""
        if self.only not in {None, who}:
            return None
        return replace(self.entry, mine=True) if self.by == who else self.entry


class History:
    """Entries in the order they came, each with the serial of its last change.

    Serials start at the wall clock in milliseconds, so that they go up over restarts as well.
    """

    def __init__(self, limit: int, started: datetime) -> None:
        self._limit = limit
        self._kept: OrderedDict[PostRef, Kept] = OrderedDict()
        self._toasts: deque[Kept] = deque(maxlen=TOASTS)
        self._photos: OrderedDict[str, bytes] = OrderedDict()
        self._photo_bytes = 0
        self._serial = int(started.timestamp() * 1000)
        self._changed = asyncio.Event()
        self._closed = False

    def find(self, ref: PostRef) -> Kept | None:
        """The post, deleted or not, if it is remembered."""
        return self._kept.get(ref)

    def add(self, kept: Kept, photo: bytes | None = None) -> None:
        """A new post, at the end; `photo` is kept under the entry's own `photo`."""
        if photo is not None:
            self._photos[kept.entry.photo] = photo
            self._photo_bytes += len(photo)
        self._kept[kept.entry.post] = kept
        self._stamp(kept)
        while len(self._kept) > self._limit:
            self._drop_photo(self._kept.popitem(last=False)[1].entry.photo)
        while self._photo_bytes > PHOTO_BYTES:
            self._drop_photo(next(iter(self._photos)))

    def change(self, kept: Kept, entry: ChatEntry) -> None:
        """Other words in the same place."""
        kept.entry = replace(entry, edited=True)
        self._stamp(kept)

    def delete(self, kept: Kept) -> None:
        """The words, choices and photo go; that there was a post stays, so that browsers take it away."""
        old = kept.entry
        self._drop_photo(old.photo)
        kept.entry = replace(
            old, spans=(), choices=(), reply_to=None, photo="", link="", link_label="", deleted=True
        )
        self._stamp(kept)

    def toast(self, kept: Kept) -> None:
        """Show something once; the same post twice is shown once."""
        if all(one.entry.post != kept.entry.post for one in self._toasts):
            self._toasts.append(kept)
            self._stamp(kept)

    def photo(self, ref: str) -> bytes | None:
        """A photo that is still remembered."""
        return self._photos.get(ref)

    def shows_photo(self, who: Address, ref: str) -> bool:
        """Is it on a post that this resident may see?"""
        return any(kept.entry.photo == ref and kept.only in {None, who} for kept in self._kept.values())

    def seen_by(self, who: Address, after: int) -> list[ChatEntry]:
        """What changed after this serial, by serial; toasts only to who was there already."""
        if after > self._serial:
            after = 0
        changed = [kept for kept in self._kept.values() if kept.entry.serial > after]
        if after:
            changed += [kept for kept in self._toasts if kept.entry.serial > after]
        changed.sort(key=lambda kept: kept.entry.serial)
        return [entry for kept in changed if (entry := kept.shown_to(who))]

    async def watch(self, who: Address, after: int) -> AsyncIterator[ChatEntry]:
        """The same, until the room closes. A slow reader skips versions it was too late for."""
        if after > self._serial:
            after = 0
        while not self._closed:
            changed, upto = self._changed, self._serial
            for entry in self.seen_by(who, after):
                yield entry
            after = upto
            await changed.wait()

    def close(self) -> None:
        """End every watch."""
        self._closed = True
        self._wake()

    def _stamp(self, kept: Kept) -> None:
        self._serial += 1
        kept.entry = replace(kept.entry, serial=self._serial)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _drop_photo(self, ref: str) -> None:
        photo = self._photos.pop(ref, None)
        if photo is not None:
            self._photo_bytes -= len(photo)


def bot_entry(ref: PostRef, at: datetime, post: Post, private: bool = False) -> ChatEntry:
    """What the bot says, as browsers show it."""
    return ChatEntry(
        post=ref,
        serial=0,
        at=at,
        author="BART",
        by_bot=True,
        mine=False,
        spans=post.spans,
        choices=post.choices,
        reply_to=post.reply_to,
        private=private,
        link=post.link,
        link_label=post.link_label,
    )


def toast_entry(ref: PostRef, at: datetime, text: str) -> ChatEntry:
    """A short answer to a press."""
    post = Post(spans=(Span(text=text),))
    return replace(bot_entry(ref, at, post, private=True), toast=True)

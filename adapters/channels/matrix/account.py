"""What both ways of a Matrix account share: the connection, the rooms BART is in, and the posts it knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nio import AsyncClient

from adapters.channels.matrix import files, login
from adapters.channels.matrix.events import is_redacted, offered
from adapters.channels.matrix.keys import Keys
from adapters.channels.matrix.line import Line, path
from adapters.channels.matrix.options import Options
from adapters.channels.matrix.reading import Raw, number, table, text
from adapters.channels.matrix.rooms import Facts, Post, Posts
from bot.model.errors import Gone, Later, MovedTo, Refused
from bot.model.ids import Address, PostRef, Room
from bot.ports.clock import Clock

PERMITS = "permits.json"


class Permits:
    """Encrypted rooms whose admin said yes, and where that is being asked. On disk, since a yes is given once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / PERMITS
        self._yes: set[str] = set()
        self._asked: dict[str, str] = {}

    def open(self) -> None:
        """Take up what was decided before."""
        saved = files.load(self._file)
        self._yes = {room for room, ref in saved.items() if ref is True}
        self._asked = {room: ref for room, ref in saved.items() if isinstance(ref, str)}

    def given(self, room: Room) -> bool:
        """Did an admin say yes?"""
        return room in self._yes

    def question(self, room: Room) -> PostRef | None:
        """The post that asks for it."""
        return PostRef(self._asked[room]) if room in self._asked else None

    def ask(self, room: Room, ref: PostRef) -> None:
        """The question stands there."""
        self._asked[room] = ref
        self._save()

    def give(self, room: Room) -> None:
        """An admin said yes."""
        self._asked.pop(room, None)
        self._yes.add(room)
        self._save()

    def drop(self, room: Room) -> None:
        """BART is not there any more; who lets it in again is asked again."""
        if room in self._yes or room in self._asked:
            self._yes.discard(room)
            self._asked.pop(room, None)
            self._save()

    def _save(self) -> None:
        files.save(self._file, {**self._asked, **dict.fromkeys(self._yes, True)})


@dataclass(slots=True, kw_only=True)
class Account:
    """One bot account. `start` is the place in the network's log where BART began to listen; "" until it is in."""

    name: str
    options: Options
    data: Path
    clock: Clock
    client: AsyncClient
    line: Line
    keys: Keys
    permits: Permits
    rooms: dict[Room, Facts] = field(default_factory=dict)
    posts: Posts = field(default_factory=Posts)
    start: str = ""

    @property
    def me(self) -> Address:
        """BART's own address."""
        return Address(self.options.user)

    @property
    def now(self) -> datetime:
        """UTC."""
        return self.clock.moment().now

    async def enter(self) -> None:
        """Log in, again where that is needed; raises `StartError`."""
        await login.enter(self.client, self.options, self.data)
        self.keys.open()
        self.permits.open()

    async def room(self, room: Room) -> Facts:
        """A room BART is in; `Gone`, or `MovedTo` where it went on elsewhere."""
        if not self.start:
            raise Later(1.0, "not connected yet")
        facts = self.rooms.get(room) or await self.look(room)
        if facts is None:
            raise Gone("the bot is not in such a room")
        if facts.moved_to is not None:
            raise MovedTo(facts.moved_to)
        return facts

    async def look(self, room: Room) -> Facts | None:
        """A room that no sync has told of yet, if BART is in it."""
        try:
            member = await self.line.get(path("rooms", room, "state", "m.room.member", self.me))
            if text(member, "membership") != "join":
                return None
            found = Facts(room=room)
            for event in await self.line.objects(path("rooms", room, "state")):
                found.learn(event)
        except (Gone, Refused):
            return None
        return self.rooms.setdefault(room, found)

    def withheld(self, facts: Facts) -> bool:
        """An encrypted room where nobody has said yes: nothing in it is read."""
        return facts.encrypted and not self.permits.given(facts.room)

    async def known(self, room: Room, ref: PostRef) -> Post:
        """A post, asked of the homeserver where it is not remembered."""
        post = self.posts.find(room, ref)
        if post is None:
            post = self._post(await self.event(room, ref), room)
            self.posts.note(room, ref, post)
        return post

    async def event(self, room: Room, ref: PostRef) -> Raw:
        """An event in clear as far as possible; empty when it is not there for us."""
        try:
            found = await self.line.get(path("rooms", room, "event", ref))
        except (Gone, Refused):
            return {}
        return self.opened(room, found)

    def opened(self, room: Room, event: Raw) -> Raw:
        """The event in clear, or as it is."""
        sealed = text(event, "type") == "m.room.encrypted" and bool(table(event, "content"))
        return (self.keys.read(room, event) or event) if sealed else event

    def _post(self, event: Raw, room: Room) -> Post:
        author = Address(text(event, "sender"))
        if author != self.me:
            return Post(author=author, reaction=text(event, "type") == "m.reaction", gone=not event)
        latest = self.opened(room, table(event, "unsigned", "m.relations", "m.replace"))
        shown = table(latest, "content", "m.new_content") or table(event, "content")
        return Post(
            author=author,
            choices=offered(shown),
            at=(number(event, "origin_server_ts") or 0) / 1000,
            reaction=text(event, "type") == "m.reaction",
            gone=is_redacted(event) or not table(event, "content"),
        )

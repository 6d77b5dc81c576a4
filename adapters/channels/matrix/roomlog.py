"""One room's part of a sync: what is missing is fetched, what was before BART came is cut, the rest is read."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from adapters.channels.matrix import events as mapping
from adapters.channels.matrix.account import Account
from adapters.channels.matrix.events import View, own_move, target
from adapters.channels.matrix.line import path
from adapters.channels.matrix.reading import Raw, moment, objects, table, text
from adapters.channels.matrix.rooms import Facts, Post
from adapters.channels.matrix.speaking import Speaker
from adapters.channels.matrix.words import ENCRYPTED_CHOICES
from bot.model.channel import BotChanged, ChannelEvent, Gap, MemberChanged, Moved, Person
from bot.model.errors import ChannelError, Gone, Later, Refused
from bot.model.ids import Address, PostRef, Room

PAGE = 100
PAGES = 20
"""So much of a cut timeline is fetched; what is older is known to be missing, and too old to answer."""

log = structlog.get_logger(__name__)


class RoomLog:
    """Reads rooms for one account."""

    def __init__(self, account: Account, speaker: Speaker) -> None:
        self._account = account
        self._speaker = speaker
        self._to_ask: set[Room] = set()
        self.invited_by: dict[Room, Address] = {}

    def encrypted(self, joined: Mapping[str, object]) -> list[Room]:
        """Which of these rooms are encrypted, also since just now."""
        found = []
        for room, part in joined.items():
            facts = self._account.rooms.get(Room(room))
            fresh = [*objects(part, "state", "events"), *objects(part, "timeline", "events")]
            if (facts is not None and facts.encrypted) or any(
                text(e, "type") == "m.room.encryption" for e in fresh
            ):
                found.append(Room(room))
        return found

    async def joined(self, room: Room, part: Raw, since: str) -> list[ChannelEvent]:
        """A room BART is in."""
        account = self._account
        is_new = room not in account.rooms
        facts = account.rooms.setdefault(room, Facts(room=room))
        state, timeline = objects(part, "state", "events"), objects(part, "timeline", "events")
        complete = True
        if table(part, "timeline").get("limited") is True:
            older, complete = await self._missed(room, text(part, "timeline", "prev_batch"), since)
            timeline = older + timeline
        came = max((at for at, event in enumerate(timeline) if own_move(event, account.me) == "in"), default=None)
        # What was said before BART came is nobody's business; how the room was set up then still holds.
        for event in [*state, *timeline[: came or 0]]:
            if isinstance(event.get("state_key"), str):
                facts.learn(event)
        found: list[ChannelEvent] = []
        if came is None and is_new:
            # The arrival may be older than what was fetched. In a known room this only names who posted: BART.
            for event in state:
                if own_move(event, account.me) == "in":
                    found += await self._arrived(facts, event)
        if not complete and not account.withheld(facts):
            found.append(Gap(id=f"{room}#gap#{since}", room=room, at=account.now))
        for event in timeline[came or 0 :]:
            found += await self._one(facts, event)
        return found

    async def left(self, room: Room, part: Raw) -> list[ChannelEvent]:
        """A room BART left, was put out of, or did not want to come into."""
        account = self._account
        facts = account.rooms.get(room)
        found: list[ChannelEvent] = []
        timeline = objects(part, "timeline", "events")
        gone = [at for at, event in enumerate(timeline) if own_move(event, account.me) == "out"]
        for event in timeline[: gone[-1]] if gone and facts is not None else []:
            found += await self._one(facts, event) if facts is not None else []
        last = timeline[gone[-1]] if gone else {}
        account.rooms.pop(room, None)
        account.permits.drop(room)
        account.keys.forget(room)
        self._to_ask.discard(room)
        by = Address(text(last, "sender"))
        person = Person(address=by) if by and by != account.me else None
        event_id = text(last, "event_id") or f"{room}#left"
        at = moment(last, account.now)
        return [*found, BotChanged(id=event_id, room=room, at=at, present=False, by=person)]

    async def waited(self) -> list[ChannelEvent]:
        """Messages whose key has come meanwhile."""
        account = self._account
        found: list[ChannelEvent] = []
        for room, ref in account.keys.waiting(account.now):
            facts = account.rooms.get(room)
            event = await account.event(room, ref) if facts is not None else {}
            if facts is None or not event:
                account.keys.found(ref)
            elif text(event, "type") != "m.room.encrypted" or not table(event, "content"):
                account.keys.found(ref)
                found += await self._one(facts, event)
        return found

    async def ask_everywhere(self) -> None:
        """Ask in every encrypted room where nobody was asked yet."""
        account = self._account
        asking = [
            f.room for f in account.rooms.values() if account.withheld(f) and not account.permits.question(f.room)
        ]
        for room in {*asking, *self._to_ask}:
            facts = account.rooms.get(room)
            self._to_ask.discard(room)
            if facts is None:
                continue
            try:
                if account.options.encrypted_rooms == "never":
                    await self._speaker.leave(room)
                    log.info("matrix.encrypted_left", account=account.name)
                else:
                    await self._speaker.ask_for_encrypted(facts)
            except (Gone, Refused) as error:
                log.warning("matrix.encrypted_unasked", account=account.name, error=type(error).__name__)
            except Later as error:
                self._to_ask.add(room)
                log.info("matrix.encrypted_asks_later", account=account.name, error=type(error).__name__)

    # One event

    async def _one(self, facts: Facts, event: Raw) -> list[ChannelEvent]:
        """What it means to the host. Whatever is wrong with it stays with it."""
        try:
            return await self._read(facts, event)
        except ChannelError:
            raise
        except Exception as error:
            log.error("matrix.event_unreadable", account=self._account.name, error=type(error).__name__)
            return []

    async def _read(self, facts: Facts, event: Raw) -> list[ChannelEvent]:
        account = self._account
        kind = text(event, "type")
        if isinstance(event.get("state_key"), str):
            facts.learn(event)
        if own_move(event, account.me) == "in":
            return await self._arrived(facts, event)
        if kind == "m.room.tombstone":
            return await self._went_on(facts, event)
        if account.withheld(facts):
            return await self._permitted(facts, event) if kind == "m.reaction" else self._membership(facts, event)
        if kind == "m.room.encrypted":
            clear = account.keys.read(facts.room, event)
            if clear is None:
                if table(event, "content") and text(event, "sender") != account.me:
                    account.keys.wait_for(facts.room, event, account.now)
                return []
            event = clear
        return await self._heard(facts, event)

    async def _heard(self, facts: Facts, event: Raw) -> list[ChannelEvent]:
        account, room = self._account, facts.room
        wanted = target(event)
        if wanted is not None:
            await account.known(room, wanted)
        found = mapping.read(event, self._view(facts))
        ref, kind = PostRef(text(event, "event_id")), text(event, "type")
        if kind == "m.room.redaction":
            self._taken_away(room, PostRef(text(event, "redacts") or text(event, "content", "redacts")))
        elif account.posts.find(room, ref) is None and text(event, "sender") != account.me:
            author = Address(text(event, "sender"))
            account.posts.note(room, ref, Post(author=author, reaction=kind == "m.reaction"))
        return found

    def _view(self, facts: Facts) -> View:
        account = self._account
        return View(facts=facts, posts=account.posts, me=account.me, now=account.now)

    def _membership(self, facts: Facts, event: Raw) -> list[ChannelEvent]:
        """Who may decide is told also where nothing else is read: a permission ends with its admin."""
        return [one for one in mapping.read(event, self._view(facts)) if isinstance(one, MemberChanged)]

    def _taken_away(self, room: Room, ref: PostRef) -> None:
        known = self._account.posts.find(room, ref)
        if known is not None:
            self._account.posts.note(room, ref, Post(author=known.author, reaction=known.reaction, gone=True))

    # Coming, going on, and encrypted rooms

    async def _arrived(self, facts: Facts, event: Raw) -> list[ChannelEvent]:
        account, room = self._account, facts.room
        moved = self._moved(facts.predecessor, facts, event)
        if account.withheld(facts):
            self._to_ask.add(room)
            return moved
        return moved or [self._present(facts, event)]

    def _present(self, facts: Facts, event: Raw) -> BotChanged:
        by = self.invited_by.pop(facts.room, Address(""))
        return BotChanged(
            id=text(event, "event_id"),
            room=facts.room,
            at=moment(event, self._account.now),
            present=True,
            room_name=facts.title,
            by=Person(address=by) if by else None,
        )

    def _moved(self, predecessor: Room | None, facts: Facts, event: Raw) -> list[ChannelEvent]:
        """The old room must say that it went on here, and this one that it came from there."""
        old = self._account.rooms.get(predecessor) if predecessor is not None else None
        if old is None or old.successor != facts.room or old.moved_to == facts.room:
            return []
        old.moved_to = facts.room
        at = moment(event, self._account.now)
        log.info("matrix.room_moved", account=self._account.name)
        return [Moved(id=f"{text(event, 'event_id')}#moved", room=old.room, at=at, to=facts.room)]

    async def _went_on(self, facts: Facts, event: Raw) -> list[ChannelEvent]:
        """The room was upgraded. A private new room invites BART later; then this is done on arrival."""
        account, new = self._account, facts.successor
        if new is None or text(event, "state_key") or not new.startswith("!"):
            return []
        there = account.rooms.get(new)
        if there is None:
            server = text(event, "sender").partition(":")[2]
            try:
                await account.line.ask("POST", path("join", new, via=server or None), {})
            except (Gone, Refused):
                log.info("matrix.successor_closed", account=account.name)
                return []
            there = await account.look(new)
        if there is None or there.predecessor != facts.room:
            log.warning("matrix.successor_denies", account=account.name)
            return []
        return self._moved(facts.room, there, event)

    async def _permitted(self, facts: Facts, event: Raw) -> list[ChannelEvent]:
        """A digit under the question about encryption. Reactions are never encrypted: nothing was read for it."""
        account, room = self._account, facts.room
        question = account.permits.question(room)
        relation = table(event, "content", "m.relates_to")
        who = Address(text(event, "sender"))
        if question is None or text(relation, "event_id") != question or who == account.me:
            return []
        picked = mapping.digit_of(text(relation, "key"))
        if picked not in {1, 2} or who not in await self._speaker.admins(room):
            return []
        if ENCRYPTED_CHOICES[picked - 1] == ENCRYPTED_CHOICES[1]:
            log.info("matrix.encrypted_refused", account=account.name)
            await self._speaker.leave(room)
            return []
        account.permits.give(room)
        log.info("matrix.encrypted_allowed", account=account.name)
        return [self._present(facts, event)]

    async def _missed(self, room: Room, at: str, since: str) -> tuple[list[Raw], bool]:
        """What a cut timeline left out, oldest first, back to BART's arrival; False where there is still more."""
        found: list[Raw] = []
        page: str = at
        for _ in range(PAGES):
            if not page:
                break
            where = path("rooms", room, "messages", dir="b", limit=PAGE, to=since, **{"from": page})
            answer = await self._account.line.get(where)
            chunk = objects(answer, "chunk")
            found += chunk
            if any(own_move(event, self._account.me) == "in" for event in chunk):
                break
            page = text(answer, "end") if chunk else ""
        else:
            log.warning("matrix.gap", account=self._account.name)
            return found[::-1], False
        return found[::-1], True

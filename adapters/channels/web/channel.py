"""The web channel: the bot's side and the residents' side of the same rooms."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import structlog

from adapters.channels.inbox import Delivery, Inbox
from adapters.channels.web import events, words
from adapters.channels.web.history import History, Kept, bot_entry, toast_entry
from adapters.channels.web.options import Options
from bot.model.channel import (
    Batch,
    BotChanged,
    Capabilities,
    Chose,
    Deleted,
    Edited,
    Post,
    Private,
    Span,
)
from bot.model.errors import Gone, InputError, Refused
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.webroom import ChatEntry, Resident, Utterance, WebRoom
from bot.ports.setup import Setup

CAPABILITIES = Capabilities(
    choices="buttons",
    private=Private.ALWAYS,
    toasts=True,
    idempotent_send=True,
    keeps_history=False,
    longest_text=words.LONGEST_TEXT,
    largest_photo=words.LARGEST_PHOTO,
)
PRESSES = 5_000
"""Presses that a toast can still answer."""
CLEANERS = 2
"""Photos cleaned at once: decoding one takes tens of megabytes."""
LOCATION_SHOWN = "📍 Locatie gedeeld"

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Place:
    """A room with its memory. `present`: is the bot in it?"""

    web: WebRoom
    history: History
    people: Mapping[Address, Resident]
    present: bool = True

    @property
    def room(self) -> Room:
        """Its address."""
        return self.web.room


class WebChannel:
    """Implements `Channel`, `SpeaksPrivately`, `AnswersPresses`, `FetchesMedia`, `LeavesRooms` and `WebRooms`."""

    def __init__(self, setup: Setup, options: Options) -> None:
        self._clock = setup.clock
        self._photos = setup.photos
        self._options = options
        self._places: dict[Room, Place] = {}
        self._inbox = Inbox("", closed=True)
        self._presses: OrderedDict[str, tuple[Room, Address]] = OrderedDict()
        self._cleaners = asyncio.Semaphore(CLEANERS)

    async def __aenter__(self) -> WebChannel:
        moment = self._clock.moment()
        self._inbox = Inbox(moment.fresh("epoch"))
        for room, web in self._options.rooms.items():
            self._places[room] = Place(
                web=web,
                history=History(self._options.history, moment.now),
                people={resident.address: resident for resident in web.residents},
            )
            for event in events.announcements(web, moment.now):
                self._inbox.put(event)
        log.info("web.opened", rooms=len(self._places))
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._inbox.close()
        for place in self._places.values():
            place.history.close()
        log.info("web.closed")

    # The bot's side

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Events not yet acknowledged. `say` and `press` return when the next batch is asked for."""
        self._inbox.acknowledge(cursor)
        while (batch := await self._inbox.next_batch()) is not None:
            yield batch
            self._inbox.acknowledge(batch.cursor)

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        """The same key gives the same post, after a restart as well."""
        place = self._bot_in(room)
        return self._show(place, words.bot_ref(room, key), post, None)

    async def edit(self, room: Room, ref: PostRef, post: Post) -> None:
        """What it answers stays. A post of before a restart is shown again at the end."""
        place = self._bot_in(room)
        kept = place.history.find(ref)
        if not words.is_of_bot(ref) or (kept is None and words.is_private(ref)):
            raise Gone("no such post of the bot")
        if kept is not None and kept.entry.deleted:
            raise Gone("no such post of the bot")
        if kept is None:
            self._show(place, ref, post, None)
            return
        _check_post(post)
        fresh = bot_entry(ref, kept.entry.at, post, kept.entry.private)
        place.history.change(kept, replace(fresh, reply_to=post.reply_to or kept.entry.reply_to))

    async def delete(self, room: Room, ref: PostRef) -> None:
        """Only the bot's own posts; residents' posts are `Refused`."""
        place = self._bot_in(room)
        kept = place.history.find(ref)
        if kept is None or kept.entry.deleted:
            return
        if not kept.entry.by_bot:
            raise Refused("not a post of the bot")
        place.history.delete(kept)

    async def admins(self, room: Room) -> frozenset[Address]:
        """From the config."""
        people = self._bot_in(room).people.values()
        return frozenset(resident.address for resident in people if resident.admin)

    def capabilities(self, room: Room) -> Capabilities:
        """The same in every room."""
        return CAPABILITIES

    async def whisper(self, room: Room, to: Address, post: Post, key: str) -> None:
        """An entry that only this resident sees."""
        place = self._bot_in(room)
        if to not in place.people:
            raise Gone("no such resident")
        self._show(place, words.bot_ref(room, key, to), post, to)

    async def toast(self, room: Room, press: str, text: str) -> None:
        """`Gone` for presses of before a restart."""
        place = self._bot_in(room)
        home, who = self._presses.get(press, (None, None))
        if home != room or who is None:
            raise Gone("no such press")
        ref = PostRef(f"t.{press}")
        entry = toast_entry(ref, self._clock.moment().now, text)
        place.history.toast(Kept(entry=entry, by=Address(""), only=who))

    async def fetch(self, room: Room, media: MediaRef, limit: int) -> bytes:
        """A cleaned photo, while its post is remembered."""
        photo = self._bot_in(room).history.photo(media.ref)
        if photo is None:
            raise Gone("no such photo")
        if len(photo) > limit:
            raise Refused("the photo is larger than asked for")
        return photo

    async def leave(self, room: Room) -> None:
        """The chat goes on without the bot, until an admin names it or the process starts again."""
        place = self._bot_in(room)
        place.present = False
        moment = self._clock.moment()
        event_id = f"room:{room}:left:{moment.fresh('left')}"
        self._inbox.put(BotChanged(id=event_id, room=room, at=moment.now, present=False))

    # The residents' side

    @property
    def rooms(self) -> Mapping[Room, WebRoom]:
        """From the config."""
        return self._options.rooms

    async def say(self, room: Room, who: Address, utterance: Utterance) -> PostRef:
        """`Later` when the channel closes before the host has committed it: the browser sends it again."""
        place, resident = self._resident(room, who)
        words.check_client_id(utterance.client_id)
        if utterance.edits is not None:
            return await self._change(place, resident, utterance, utterance.edits)
        utterance = _checked(utterance)
        ref = words.resident_ref(room, who, utterance.client_id, utterance.private)
        if not self._is_known(place, ref):
            self._inbox.check_room()
            photo = await self._clean(utterance.photo)
            # The same browser may have sent it again while the photo was being cleaned.
            if not self._is_known(place, ref):
                self._post(place, resident, utterance, ref, photo)
        delivery = self._inbox.find(events.said_id(ref))
        if delivery is not None:
            await delivery.committed()
        return ref

    async def press(self, room: Room, who: Address, client_id: str, choice: str) -> None:
        """`Gone` where the bot has left."""
        place, resident = self._resident(room, who)
        words.check_client_id(client_id)
        words.check_choice(choice)
        if not place.present:
            raise Gone("the bot is not in this room")
        event_id = f"chose:{words.digest(24, room, who, client_id)}"
        delivery = self._inbox.find(event_id)
        if delivery is None:
            self._inbox.check_room()
            moment = self._clock.moment()
            press = moment.fresh("press")
            self._presses[press] = (room, who)
            while len(self._presses) > PRESSES:
                self._presses.popitem(last=False)
            chose = Chose(
                id=event_id, room=room, at=moment.now, person=events.person(resident), choice=choice, press=press
            )
            delivery = self._inbox.put(chose)
        await delivery.committed()

    def history(self, room: Room, who: Address, after: int = 0) -> list[ChatEntry]:
        """By serial, so an edited post comes late: `at` is its place. Toasts only when `after` is given."""
        return self._resident(room, who)[0].history.seen_by(who, after)

    def watch(self, room: Room, who: Address, after: int = 0) -> AsyncIterator[ChatEntry]:
        """A slow browser gets the newest version of what it missed. Ends when the channel closes."""
        return self._resident(room, who)[0].history.watch(who, after)

    async def photo(self, room: Room, who: Address, ref: str) -> bytes:
        """`Gone` unless it is on a post that this resident may see."""
        history = self._resident(room, who)[0].history
        photo = history.photo(ref)
        if photo is None or not history.shows_photo(who, ref):
            raise Gone("no such photo")
        return photo

    # Inside

    def _bot_in(self, room: Room) -> Place:
        place = self._places.get(room)
        if place is None or not place.present:
            raise Gone("the bot is not in such a room")
        return place

    def _resident(self, room: Room, who: Address) -> tuple[Place, Resident]:
        place = self._places.get(room)
        if place is None or who not in place.people:
            raise Gone("no such room or resident")
        return place, place.people[who]

    def _show(self, place: Place, ref: PostRef, post: Post, only: Address | None) -> PostRef:
        _check_post(post)
        if place.history.find(ref) is None:
            entry = bot_entry(ref, self._clock.moment().now, post, private=only is not None)
            place.history.add(Kept(entry=entry, by=Address(""), only=only))
        return ref

    def _is_known(self, place: Place, ref: PostRef) -> bool:
        return place.history.find(ref) is not None or self._inbox.find(events.said_id(ref)) is not None

    async def _clean(self, photo: bytes | None) -> bytes | None:
        if photo is None:
            return None
        async with self._cleaners:
            return await asyncio.to_thread(self._photos.clean, photo)

    def _post(self, place: Place, resident: Resident, said: Utterance, ref: PostRef, photo: bytes | None) -> None:
        self._inbox.check_room()
        now = self._clock.moment().now
        shown = said.text or (LOCATION_SHOWN if said.location else "")
        entry = ChatEntry(
            post=ref,
            serial=0,
            at=now,
            author=resident.name,
            by_bot=False,
            mine=False,
            spans=(Span(text=shown),) if shown else (),
            reply_to=said.reply_to,
            photo=words.digest(24, "photo", ref) if photo is not None else "",
            private=said.private,
        )
        only = resident.address if said.private else None
        place.history.add(Kept(entry=entry, by=resident.address, only=only), photo)
        if place.present:
            self._inbox.put(events.said(place.web, resident, said, entry))
        elif resident.admin and events.is_to_bot(said):
            place.present = True
            self._inbox.put(events.let_in(place.web, resident, entry))

    async def _change(self, place: Place, resident: Resident, utterance: Utterance, ref: PostRef) -> PostRef:
        words.check_ref("edits", ref)
        if not words.is_of_resident(ref, place.room, resident.address):
            raise InputError("edits", "Dit is niet jouw bericht.")
        if utterance.photo is not None:
            raise InputError("photo", "Stuur de foto in een nieuw bericht.")
        text = words.clean_text(utterance.text)
        event_id = f"changed:{words.digest(24, place.room, resident.address, utterance.client_id)}"
        delivery = self._inbox.find(event_id) or self._apply(place, resident, ref, text, event_id)
        if delivery is not None:
            await delivery.committed()
        return ref

    def _apply(self, place: Place, resident: Resident, ref: PostRef, text: str, event_id: str) -> Delivery | None:
        """A deletion reaches the host although the post is no longer remembered: it takes back a consent."""
        self._inbox.check_room()
        kept, now = place.history.find(ref), self._clock.moment().now
        event: Edited | Deleted
        if text:
            if kept is None or kept.entry.deleted:
                raise Gone("no such post any more")
            place.history.change(kept, replace(kept.entry, spans=(Span(text=text),)))
            person = events.person(resident)
            event = Edited(id=event_id, room=place.room, at=now, person=person, post=ref, text=text)
        else:
            if kept is not None:
                place.history.delete(kept)
            event = Deleted(id=event_id, room=place.room, at=now, post=ref)
        return self._inbox.put(event) if place.present else None


def _checked(utterance: Utterance) -> Utterance:
    """With clean text; raises `InputError` naming the field."""
    text = words.clean_text(utterance.text)
    words.check_photo(utterance.photo)
    words.check_location(utterance.location)
    if utterance.reply_to is not None:
        words.check_ref("reply_to", utterance.reply_to)
    if not text and utterance.photo is None and utterance.location is None:
        raise InputError("text", "Typ eerst een bericht.")
    return replace(utterance, text=text)


def _check_post(post: Post) -> None:
    if len(post.text) > words.LONGEST_TEXT:
        raise Refused("the text is too long")
    if any(len(choice.key.encode()) > words.LONGEST_KEY for choice in post.choices):
        raise Refused("a choice key is too long")

"""From what an app sends to events for the host. Nothing is taken over that the app's agreement does not allow."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

from adapters.channels.http import deliveries as app
from adapters.channels.http.photos import Inline, check_url
from adapters.channels.http.posts import is_ours
from adapters.channels.plain import names_bart, plain
from bot.model import channel as model
from bot.model.errors import InputError
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.place import Point

ROOMS = 50_000
"""Rooms of which it is remembered since when the bot is in them."""


class Reader:
    """Reads whole deliveries: either every event of one is right, or nothing of it is taken."""

    def __init__(self, photos: str) -> None:
        self._photos = photos
        self.inline = Inline()
        self._since: OrderedDict[Room, datetime] = OrderedDict()

    def read(self, delivery: app.Delivery, now: datetime) -> list[model.ChannelEvent]:
        """Events with ids of their own; raises `InputError` naming the field."""
        events: list[model.ChannelEvent] = []
        photos: list[bytes] = []
        for number, event in enumerate(delivery.events):
            where = f"events[{number}]"
            head = {
                "id": f"{delivery.delivery}#{number}",
                "room": Room(event.room),
                "at": min(event.at.astimezone(UTC), now),
            }
            events.append(self._event(where, event, head, photos))
        for photo in photos:
            self.inline.keep(photo)
        return [event for event in events if self._is_of_our_time(event)]

    def _event(
        self, where: str, event: app.Event, head: dict[str, Any], photos: list[bytes]
    ) -> model.ChannelEvent:
        match event:
            case app.Said():
                return self._said(where, event, head, photos)
            case app.Edited():
                post, text = _theirs(f"{where}.id", event.id), plain(event.text)
                return model.Edited(**head, person=_person(event.person), post=post, text=text)
            case app.Deleted():
                return model.Deleted(**head, post=_theirs(f"{where}.id", event.id))
            case app.Chose():
                return model.Chose(**head, person=_person(event.person), choice=event.choice, press=event.press)
            case app.Member():
                who = _person(event.person)
                return model.MemberChanged(**head, person=who, present=event.present, role=event.role)
            case app.Bot():
                by = _person(event.by) if event.by else None
                return model.BotChanged(**head, present=event.present, room_name=plain(event.room_name), by=by)
            case app.Moved():
                return model.Moved(**head, to=Room(event.to))
            case app.Gap():
                return model.Gap(**head)

    def _said(self, where: str, said: app.Said, head: dict[str, Any], photos: list[bytes]) -> model.Said:
        text = plain(said.text)
        if not text and not said.photos and said.location is None:
            raise InputError(f"{where}.text", "is empty, and there is no photo or location either")
        media = tuple(
            MediaRef(ref=self._photo(f"{where}.photos[{number}]", photo, photos))
            for number, photo in enumerate(said.photos)
        )
        ours = said.reply_to is not None and is_ours(said.reply_to)
        return model.Said(
            **head,
            person=_person(said.person),
            post=_theirs(f"{where}.id", said.id),
            text=text,
            reply_to=PostRef(said.reply_to) if said.reply_to else None,
            media=media,
            location=Point(lat=said.location.lat, lon=said.location.lon) if said.location else None,
            private=said.private,
            to_bot=said.to_bot or ours or names_bart(text),
        )

    def _photo(self, where: str, photo: app.Photo, photos: list[bytes]) -> str:
        if bool(photo.url) == bool(photo.data):
            raise InputError(where, "needs one of url and data")
        if photo.url:
            return check_url(f"{where}.url", photo.url, self._photos)
        raw = self.inline.read(f"{where}.data", photo.data)
        photos.append(raw)
        return Inline.address(raw)

    def _is_of_our_time(self, event: model.ChannelEvent) -> bool:
        """An app that sends what was said before the bot came would break its members' trust: it is not heard."""
        if isinstance(event, model.BotChanged):
            self._since.pop(event.room, None)
            if event.present:
                self._since[event.room] = event.at
            while len(self._since) > ROOMS:
                self._since.popitem(last=False)
            return True
        since = self._since.get(event.room)
        return since is None or event.at >= since or not isinstance(event, model.Said)


def _person(person: app.Person) -> model.Person:
    return model.Person(address=Address(person.id), name=plain(person.name), role=person.role)


def _theirs(where: str, post: str) -> PostRef:
    if post.startswith(app.OURS):
        raise InputError(where, f'begins with "{app.OURS}": those are the bot\'s posts')
    return PostRef(post)

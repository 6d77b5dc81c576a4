"""From channel events to happenings: who said it, what it means, and where that is.

Runs before the process, in memory: what may not be read is not interpreted, and nothing is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.memory import Memory
from bot.model.channel import BotChanged, ChannelEvent, Chose, Edited, MemberChanged, Said
from bot.model.errors import Later
from bot.model.group import GroupState
from bot.model.happening import Happening, Heard, Revised
from bot.model.ids import GroupId, IncidentId, PostRef, TenantId
from bot.model.incident import Incident, Stage
from bot.model.place import Place
from bot.model.reading import NOTHING, Area, Intent, Interpretation, Line, OpenReport, Reading
from bot.model.snapshot import Snapshot
from bot.ports.geocoder import Geocoder
from bot.ports.interpreter import Interpreter
from bot.process import commands, enrich, monitor
from bot.process.phrases import point_in, spoken

SMALL = 4
"""Up to so many messages are interpreted without a thread: handing them over would cost more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """One event with the reading that belongs to it, if it may be read."""

    group: GroupId
    event: ChannelEvent
    reading: Reading | None = None


class Hearing:
    """`geocoders` by tenant; only local ones are asked here, before any consent."""

    def __init__(self, interpreter: Interpreter, geocoders: Mapping[TenantId, Geocoder], memory: Memory) -> None:
        self._interpreter = interpreter
        self._geocoders = geocoders
        self._memory = memory

    async def listen(
        self, events: Sequence[tuple[GroupId, ChannelEvent]], known: Mapping[GroupId, Snapshot], now: datetime
    ) -> list[tuple[GroupId, Happening]]:
        """The happenings of one batch, in order."""
        here = [(group, event) for group, event in events if group in known]
        for group, event in here:
            self._meet(group, event, known[group])
        meant = [self._read(group, event, known[group], now) for group, event in here]
        meanings = await self._interpret([m.reading for m in meant if m.reading is not None])
        happened: list[tuple[GroupId, Happening]] = []
        following = iter(meanings)
        for one in meant:
            meaning = next(following) if one.reading is not None else NOTHING
            snapshot = known[one.group]
            if isinstance(one.event, Said | Edited) and one.reading is not None:
                meaning = await self._resolve(one.event, one.reading.text, meaning, snapshot)
            happened.append((one.group, _happening(one.event, meaning)))
        return happened

    def _meet(self, group: GroupId, event: ChannelEvent, known: Snapshot) -> None:
        """Names help to mask names: of members too who never say a word, once an admin let BART read along."""
        if known.group.state is not GroupState.ON or (isinstance(event, BotChanged) and not event.present):
            self._memory.forget(group)
        elif isinstance(event, MemberChanged) and not event.present:
            self._memory.rosters.part(group, event.person.key)
        elif known.group.reads_all and isinstance(event, MemberChanged | Chose | Edited):
            self._memory.rosters.meet(group, event.person)

    def _read(self, group: GroupId, event: ChannelEvent, known: Snapshot, now: datetime) -> Meant:
        if isinstance(event, Said):
            text = commands.listen(event).text
            may = monitor.may_read(known, event) and (text or event.media or event.location)
            if not may:
                return Meant(group=group, event=event)
            if not event.private:
                self._memory.hear(group, event)
            return Meant(group=group, event=event, reading=self._reading(group, event, text, known, now))
        if isinstance(event, Edited) and self._awaited(known, event.post):
            said = Said(
                id=event.id, room=event.room, at=event.at, person=event.person, post=event.post, text=event.text
            )
            if monitor.may_read(known, said):
                reading = self._reading(group, said, event.text, known, now)
                return Meant(group=group, event=event, reading=reading)
        return Meant(group=group, event=event)

    def _awaited(self, known: Snapshot, post: PostRef) -> bool:
        return any(post in i.sources and i.stage.is_unfiled for i in known.incidents.values())

    def _reading(self, group: GroupId, said: Said, text: str, known: Snapshot, now: datetime) -> Reading:
        incidents = known.incidents
        return Reading(
            text=text,
            author=said.person.key,
            at=said.at,
            photo=bool(said.media),
            reply_to=self._replied_to(group, said.reply_to, known) if said.reply_to else None,
            reply_about=_about(known, said.reply_to) if said.reply_to and incidents else None,
            context=tuple(
                line
                for line in self._memory.context(group, said.post, now)
                if not monitor.is_opted_out(known, line.author)
            ),
            open_reports=tuple(
                _open(i, known)
                for i in incidents.values()
                # An edited message is not about what it began itself.
                if not i.stage.is_over and said.post not in i.sources
            )
            if incidents
            else (),
            roster=self._memory.roster(group),
        )

    def _replied_to(self, group: GroupId, post: PostRef, known: Snapshot) -> Line | None:
        """What somebody replies to, unless its author has opted out since."""
        line = self._memory.line(group, post)
        return None if line is None or monitor.is_opted_out(known, line.author) else line

    async def _interpret(self, readings: list[Reading]) -> list[Interpretation]:
        if not readings:
            return []
        if len(readings) <= SMALL:
            return self._interpreter.interpret(readings)
        return await asyncio.to_thread(self._interpreter.interpret, readings)

    async def _resolve(
        self, event: Said | Edited, text: str, meaning: Interpretation, known: Snapshot
    ) -> Interpretation:
        """Places by the geocoder that runs here; also when the words are the answer to "where is it?". A shared
        location, or coordinates, are a place already; a geocoder on the network is asked nothing."""
        geocoder = self._geocoders.get(known.group.tenant_id)
        here = geocoder if geocoder is not None and geocoder.local else None
        location = (event.location if isinstance(event, Said) else None) or point_in(text)
        if location is not None:
            place = await here.nearest(location) if here else None
            label = place.label if place else f"{location.lat:.5f}, {location.lon:.5f}"
            shared = Place(label=label, point=location, home=place.home if place else False, source="shared")
            return replace(meaning, resolved=(shared,))
        if here is None:
            return meaning
        words = spoken(text, meaning.places)
        asked = _asked_where(known, event)
        if asked and not words:
            words = (text,)
        if not words or (meaning.intent is Intent.NONE and not asked and not _held(known, event)):
            return meaning
        area = Area(centre=known.group.centre)
        for phrase in words[:3]:
            try:
                places = await here.find(phrase[:100], area)
            except Later:
                return meaning
            if places:
                return replace(meaning, resolved=places)
        return meaning


def _happening(event: ChannelEvent, meaning: Interpretation) -> Happening:
    if isinstance(event, Said):
        return Heard(said=event, meaning=meaning)
    if isinstance(event, Edited):
        return Revised(edited=event, meaning=meaning)
    return event


def needs_role(event: ChannelEvent) -> bool:
    """Must the host ask afresh whether this person is an admin?"""
    if isinstance(event, Chose):
        return True
    return isinstance(event, Said) and event.text.startswith(("/start", "/stop", "/leren"))


def _about(known: Snapshot, post: PostRef) -> IncidentId | None:
    for incident in known.incidents.values():
        if incident.card == post or post in incident.sources:
            return incident.id
    return None


def _open(incident: Incident, known: Snapshot) -> OpenReport:
    content = known.contents.get(incident.id)
    return OpenReport(
        id=incident.id,
        category=incident.category,
        place=incident.place.label if incident.place else "",
        text=(content.text or content.outgoing) if content else "",
        at=incident.began_at,
    )


def _asked_where(known: Snapshot, event: Said | Edited) -> bool:
    return any(i.stage is Stage.LOCATING and i.yes_by == event.person.key for i in known.incidents.values())


def _held(known: Snapshot, event: Said | Edited) -> bool:
    """Has this person begun something that a place may still be said for?"""
    who = event.person.key
    return any(
        (i.stage is Stage.HELD and i.author == who) or enrich.may_tell_where(i, who)
        for i in known.incidents.values()
    )

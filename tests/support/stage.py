"""Where stories are played: what can happen in one line of Dutch, and what people then see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.labelled import rows
from bot.model.channel import Capabilities, Post, Private
from bot.model.desk import DeskCapabilities, Filing
from bot.model.errors import DeskLater, DeskRefused
from bot.model.group import Deadlines, GroupSettings, GroupState, Policy, QuietLimits, Role
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point
from bot.model.reading import Area
from bot.model.report import Status
from bot.ports.fakes.clock import NOON
from bot.ports.fakes.network import CAN_ALL, FakePost
from bot.ports.fakes.office import FakeOffice
from tests.support.neighbourhood import (
    MUNICIPALITIES,
    PEOPLE,
    TENANT_ID,
    Neighbourhood,
    demo_gazetteer,
    open_neighbourhood,
)

ZONE = ZoneInfo("Europe/Amsterdam")
UNITS = {"seconde": 1, "minuut": 60, "minuten": 60, "uur": 3600, "dag": 86400, "dagen": 86400}
CHANNELS: dict[str, Callable[[Capabilities], Capabilities]] = {
    "nooit privé": lambda c: replace(c, private=Private.NEVER),
    "privé na start": lambda c: replace(c, private=Private.AFTER_START),
    "zonder korte antwoorden": lambda c: replace(c, toasts=False),
    "zonder knoppen": lambda c: replace(c, choices="text", toasts=False),
}
DESKS: dict[str, Callable[[DeskCapabilities], DeskCapabilities]] = {
    "niet intrekken": lambda c: replace(c, withdraws=False),
}
STATUSES = {"in behandeling": Status.IN_PROGRESS, "gepland": Status.PLANNED, "opnieuw": Status.REOPENED}
WITH_NOTE = {"klaar": Status.CLOSED, "niet opgepakt": Status.CANCELLED, "vraag": Status.NEEDS_ANSWER}


@dataclass(slots=True)
class Seen:
    """What was visible at the last look."""

    versions: dict[PostRef, int] = field(default_factory=dict)
    deleted: set[PostRef] = field(default_factory=set)
    whispers: int = 0
    toasts: int = 0
    filed: int = 0
    added: dict[str, int] = field(default_factory=dict)
    learned: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Stage:
    """Plays acts and tells what became visible."""

    place: Neighbourhood
    here: Room
    elsewhere: str = ""
    """The name of the second group, if there is one."""
    said: dict[str, PostRef] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    async def act(self, line: str) -> list[str]:
        """Do what the line says and return what people then see."""
        where, _, act = line.partition(" | ")
        if act and where == self.elsewhere:
            home, self.here = self.here, Room(where.lower())
            try:
                return await self.act(act)
            finally:
                self.here = home
        for pattern, do in ACTS:
            if found := re.fullmatch(pattern, line):
                await do(self, *(group or "" for group in found.groups()))
                await self.place.settle()
                return [*self.look(), *await self._learned()]
        raise ValueError(f"no such act: {line}")

    def look(self) -> list[str]:
        """What became visible since the last look."""
        return [*self._posts(), *self._whispers(), *self._toasts(), *self._desk()]

    async def _learned(self) -> list[str]:
        """What an export would write that it would not have written before, and how much less."""
        examples = await self.place.backend.examples.every(None)
        now = [
            f"{_line(row['text'])} ({row['intent']}, {row['category'] or '-'})" for row in rows(examples, {}, {})
        ]
        new, gone = Counter(now) - self.seen.learned, self.seen.learned - Counter(now)
        self.seen.learned = Counter(now)
        told = [f"BART leert: {one}" for one in new.elements()]
        return [*told, *(f"BART wist: {one}" for one in gone.elements())]

    def _posts(self) -> list[str]:
        acts = []
        for ref, post in self.place.network.posts.items():
            shown = self.seen.versions.get(ref, 0)
            if shown == 0:
                acts.append(f"{self._in(post.room)}BART: {told(post.versions[0])}")
            changes = pairwise(post.versions[max(shown - 1, 0) :])
            where = self._in(post.room)
            acts += [f"{where}kaartje: {told(after)}" for before, after in changes if told(before) != told(after)]
            self.seen.versions[ref] = len(post.versions)
            if post.deleted and ref not in self.seen.deleted:
                self.seen.deleted.add(ref)
                acts.append(f"{self._in(post.room)}kaartje weg")
        return acts

    def _in(self, room: Room) -> str:
        return "" if room == self.place.room else f"{self.elsewhere} | "

    def _whispers(self) -> list[str]:
        new = self.place.network.whispers[self.seen.whispers :]
        self.seen.whispers += len(new)
        return [f"{self._in(one.room)}BART > {str(one.to).title()} (privé): {told(one.now)}" for one in new]

    def _toasts(self) -> list[str]:
        new = self.place.network.toasts[self.seen.toasts :]
        self.seen.toasts += len(new)
        return [f"BART > {str(who).title()} (kort): {_line(text)}" for _, who, text in new]

    def _desk(self) -> list[str]:
        acts = []
        for number, (reference, held) in enumerate(self.place.desk.held.items()):
            if number >= self.seen.filed:
                case = held.filing
                extra = "".join((f" Contact: {case.contact}." if case.contact else "",))
                text = _line(case.text)
                acts.append(f"loket krijgt {reference}: {text} ({case.category}, {case.place.label}){extra}")
            thread = held.case.thread
            for entry in (one for one in thread[self.seen.added.get(reference, 0) :] if not one.by):
                text = "een foto" if entry.photo else _line(entry.text)
                acts.append(f"loket krijgt bij {reference}: {entry.kind}: {text}")
            self.seen.added[reference] = len(thread)
        self.seen.filed = len(self.place.desk.held)
        return acts

    def newest(self, fits: Callable[[Post], bool], who: str = "", once: bool = False) -> tuple[FakePost, Post]:
        """The newest post this person can see that fits; with `once` also as it was before."""
        mine = [one for one in self.place.network.whispers if one.to == Address(who.lower())]
        every = (*self.place.network.posts.values(), *mine)
        posts = [one for one in every if one.room == self.here and (once or not one.deleted)]
        for one in sorted(posts, key=lambda post: int(post.ref.split("-")[1]), reverse=True):
            for version in reversed(one.versions if once else one.versions[-1:]):
                if fits(version):
                    return one, version
        raise LookupError("nobody sees such a post")


def told(post: Post) -> str:
    """A post in one line, with its buttons."""
    buttons = "".join(f" [{choice.label}]" for choice in post.choices)
    return _line(post.text) + buttons


def _line(text: str) -> str:
    return text.replace("\n", " / ")


# --- acts ---


async def _say(stage: Stage, who: str, how: str, text: str) -> None:
    more: dict[str, Any] = {}
    for one in filter(None, how.split(", ")):
        if one == "privé":
            more["private"] = True
        elif one == "antwoord":
            more["reply_to"] = stage.newest(lambda post: True)[0].ref
        elif one == "foto":
            more["photo"] = b"\xff\xd8photo"
        elif one.startswith("deelt "):
            lat, lon = one.removeprefix("deelt ").split(" ")
            more["location"] = Point(lat=float(lat), lon=float(lon))
        else:
            more["reply_to"] = stage.said[one.removeprefix("antwoord op ")]
    stage.said[text] = stage.place.network.say(stage.here, who.lower(), text, **more)


async def _press(stage: Stage, who: str, once: str, label: str, where: str) -> None:
    def fits(post: Post) -> bool:
        return any(choice.label == label for choice in post.choices) and where in post.text

    _, post = stage.newest(fits, who, once=bool(once))
    choice = next(choice for choice in post.choices if choice.label == label)
    stage.place.network.press(stage.here, who.lower(), choice.key)


async def _change(stage: Stage, who: str, old: str, new: str) -> None:
    stage.said[new] = stage.said.pop(old)
    stage.place.network.edit(stage.here, stage.said[new], new)


async def _delete(stage: Stage, who: str, text: str) -> None:
    stage.place.network.delete(stage.here, stage.said[text])


async def _later(stage: Stage, number: str, unit: str) -> None:
    await stage.place.wait(float(number) * UNITS[unit.removesuffix("n") if unit.startswith("sec") else unit])


async def _until(stage: Stage, clock: str) -> None:
    now = stage.place.clock.now
    at = datetime.combine(now.astimezone(ZONE).date(), time.fromisoformat(clock), ZONE)
    await stage.place.wait_until((at if at > now else at + timedelta(days=1)).astimezone(UTC))


async def _desk_says(stage: Stage, reference: str, word: str, note: str) -> None:
    desk = stage.place.desk
    about = reference.strip(" ()") or list(desk.held)[-1]
    if word in STATUSES:
        until = datetime.combine(date.fromisoformat(note), time(12), ZONE) if note else None
        desk.set_status(about, STATUSES[word], until=until)
    elif word == "doorgestuurd":
        desk.set_status(about, Status.FORWARDED, party=note)
    else:
        until = stage.place.clock.now + timedelta(days=5) if word == "vraag" else None
        desk.set_status(about, WITH_NOTE[word], note=note, until=until)


async def _desk_merges(stage: Stage, reference: str, into: str) -> None:
    await FakeOffice(stage.place.desk).merge(TENANT_ID, reference, into, "anna")


async def _desk_down(stage: Stage, minutes: str) -> None:
    stage.place.desk.down_until = stage.place.clock.now + timedelta(minutes=float(minutes))


async def _desk_refuses(stage: Stage) -> None:
    stage.place.desk.fail_next(DeskRefused("category", "is not ours"), only="file")


async def _desk_cannot_search(stage: Stage) -> None:
    stage.place.desk.fail_next(DeskLater(60), 1000, only="similar")


async def _somebody_else(stage: Stage, category: str, where: str) -> None:
    """Somebody without BART reports at the desk."""
    (place, *_) = await demo_gazetteer().find(where, Area())
    now = stage.place.clock.now
    filing = Filing(
        own=f"other-{len(stage.place.desk.held)}",
        tenant_id=TENANT_ID,
        category=category,
        text="gemeld aan de balie",
        place=place,
        seen_at=now,
    )
    await stage.place.desk.file(filing)


async def _member(stage: Stage, who: str, what: str) -> None:
    network, room, name = stage.place.network, stage.here, who.lower()
    match what:
        case "gaat weg":
            network.leave(room, name)
        case "komt erbij":
            network.join(room, name)
        case "wordt beheerder":
            network.promote(room, name)
        case "is geen beheerder meer":
            network.promote(room, name, Role.MEMBER)
        case "drukt op Start":
            network.started.add(Address(name))


async def _operator(stage: Stage, what: str) -> None:
    await stage.place.steer(GroupState.PAUSED if what == "pauze" else GroupState.ON)


async def _bot(stage: Stage, what: str) -> None:
    if what == "verwijderd":
        stage.place.network.kick(stage.here)
    else:
        stage.place.network.invite(stage.here)


async def _chatter(stage: Stage, count: str) -> None:
    for number in range(int(count)):
        stage.place.network.say(stage.here, "samira" if number % 2 else "kees", f"gezellig hoor {number}")


async def _look(stage: Stage) -> None:
    """Nothing happens: let what is due be seen."""


ACTS: Sequence[tuple[str, Callable[..., Awaitable[None]]]] = (
    (r"… (\d+) (\w+) later", _later),
    (r"… tot (\d\d:\d\d)", _until),
    (r"… BART komt binnen", _look),
    (r"loket( \(.+?\))?: (in behandeling|gepland|opnieuw)(?: op (\S+))?", _desk_says),
    (r"loket( \(.+?\))?: (klaar|niet opgepakt|vraag)(?:, “(.*)”)?", _desk_says),
    (r"loket( \(.+?\))?: (doorgestuurd) naar (.+)", _desk_says),
    (r"loket voegt (\S+) bij (\S+)", _desk_merges),
    (r"loket is (\d+) minuten weg", _desk_down),
    (r"loket weigert de volgende", _desk_refuses),
    (r"loket kan niet zoeken", _desk_cannot_search),
    (r"iemand meldt bij het loket zelf: (\w+), (.+)", _somebody_else),
    (r"beheer: (pauze|verder)", _operator),
    (r"BART wordt (verwijderd|toegevoegd)", _bot),
    (r"de buren kletsen (\d+) keer", _chatter),
    (r"(\w+) drukt (nog )?\[(.+?)\](?: bij “(.+)”)?", _press),
    (r"(\w+) verandert “(.+)” in “(.+)”", _change),
    (r"(\w+) wist “(.+)”", _delete),
    (r"(\w+) (gaat weg|komt erbij|wordt beheerder|is geen beheerder meer|drukt op Start)", _member),
    (r"(\w+)(?: \((.+?)\))?: ?(.*)", _say),
)
"""What can happen, by its line."""


# --- settings ---


def group_settings(pairs: Sequence[tuple[str, str]]) -> GroupSettings:
    """From lines such as `policy = admin` and `quiet.prompt_gap = 0`."""
    settings = GroupSettings()
    for name, value in pairs:
        part, _, key = name.rpartition(".")
        if part == "quiet":
            settings = replace(settings, quiet=replace(settings.quiet, **{key: _value(QuietLimits(), key, value)}))
        elif part == "deadlines":
            changed = replace(settings.deadlines, **{key: _value(Deadlines(), key, value)})
            settings = replace(settings, deadlines=changed)
        elif key == "policy":
            settings = replace(settings, policy=Policy(value))
        elif key == "learning":
            settings = replace(settings, learning=value == "ja")
        else:
            settings = replace(settings, topics_off=frozenset(value.split()))
    return settings


def _value(defaults: object, key: str, value: str) -> Any:
    kind: Any = type(getattr(defaults, key))
    return time.fromisoformat(value) if kind is time else kind(value)


@asynccontextmanager
async def open_stage(settings: Sequence[tuple[str, str]], kind: str, folder: Path) -> AsyncIterator[Stage]:
    """A stage with the story's settings; BART is on, unless the story begins before that."""
    pairs, channel, desk, now, once = [], CAN_ALL, DeskCapabilities(), NOON, dict(settings)
    tenant, second = MUNICIPALITIES[once.get("gemeente", "")], once.get("tweede", "")
    for name, value in settings:
        match name:
            case "instelling":
                key, _, what = value.partition(" = ")
                pairs.append((key, what))
            case "kanaal":
                channel = CHANNELS[value](channel)
            case "loketkan":
                desk = DESKS[value](desk)
            case "om":
                now = datetime.combine(NOON.date(), time.fromisoformat(value), ZONE)
    opened = open_neighbourhood(
        kind,
        folder,
        settings=group_settings(pairs),
        capabilities=channel,
        desk=desk,
        now=now,
        tenant=tenant,
    )
    async with opened as place:
        stage = Stage(place=place, here=place.room, elsewhere=second)
        if second:
            place.network.open_room(second.lower(), PEOPLE, name=f"Buurtapp {second}")
        if once.get("begin") != "uit":
            await place.settle()
            stage.place.network.started.add(Address("fatima"))
            for where in ("", f"{second} | ") if second else ("",):
                await stage.act(f"{where}Fatima drukt [Ik ben beheerder]")
                await stage.act(f"{where}Fatima drukt [Ja, zet aan]")
        yield stage

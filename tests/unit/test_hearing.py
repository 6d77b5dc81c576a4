"""What the interpreter is given beside a message, and what it is never given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing import Hearing
from bot.memory import CONTEXT, LINES, REMEMBERS, Memory, Rosters
from bot.model.channel import BotChanged, ChannelEvent, Chose, MemberChanged, Person
from bot.model.group import GroupState, Member, Role
from bot.model.happening import Heard
from bot.model.ids import Address, GroupId, IncidentId, PersonKey, PostRef
from bot.model.place import Place, Point
from bot.model.reading import NOTHING, Area, Extent, Intent, Interpretation, Reading
from bot.model.snapshot import Snapshot
from bot.ports.fakes.interpreter import FakeInterpreter
from tests.support.flows import said
from tests.support.records import JAN, KEES, NOON, a_group, an_incident

GROUP = a_group()
KNOWN = Snapshot(group=GROUP)
LAST = "en nu?"


class Room:
    """A hearing of one group, and what the interpreter was given for `LAST`."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.given: list[Reading] = []
        self.hearing = Hearing(FakeInterpreter({LAST: self._read}), {}, self.memory)

    def _read(self, reading: Reading) -> Interpretation:
        self.given.append(reading)
        return NOTHING

    async def hears(self, *events: ChannelEvent, known: Snapshot = KNOWN) -> None:
        for event in events:
            await self.hearing.listen([(GROUP.id, event)], {GROUP.id: known}, event.at)

    def context(self) -> list[str]:
        return [line.text for line in self.given[-1].context]


def skipping(key: PersonKey) -> Snapshot:
    """The same group where this person opted out."""
    return Snapshot(group=GROUP, members={key: Member(group_id=GROUP.id, key=key, opted_out=True)})


async def test_the_last_messages_come_along_oldest_first() -> None:
    room = Room()
    many = [said(KEES, f"bericht {n}", f"p{n}") for n in range(CONTEXT + 2)]
    await room.hears(*many, said(JAN, LAST, "last", reply_to=PostRef("p0")))
    assert room.context() == [one.text for one in many[2:]]
    reply = room.given[-1].reply_to
    assert reply is not None
    assert reply.text == "bericht 0"


async def test_what_is_older_than_a_quarter_of_an_hour_is_not_remembered() -> None:
    room = Room()
    later = NOON + REMEMBERS + timedelta(seconds=1)
    await room.hears(said(KEES, "oud nieuws", "p1"), said(JAN, LAST, "last", at=later))
    assert room.context() == []


async def test_who_opted_out_is_no_context_either_not_even_with_what_was_said_before() -> None:
    room = Room()
    await room.hears(said(KEES, "bij de bak", "p1"))
    after = skipping(KEES)
    await room.hears(said(KEES, "nog meer", "p2"), said(JAN, LAST, "last", reply_to=PostRef("p1")), known=after)
    assert room.context() == []
    assert room.given[-1].reply_to is None


async def test_before_the_permission_nothing_is_interpreted_or_remembered() -> None:
    room = Room()
    waiting = Snapshot(group=a_group(state=GroupState.WAITING, permission=None))
    await room.hears(said(JAN, LAST, "p1"), known=waiting)
    assert room.given == []
    assert room.memory.context(GROUP.id, PostRef("other"), NOON) == ()


async def test_a_private_message_is_never_context_for_the_group() -> None:
    room = Room()
    await room.hears(said(KEES, "onder ons", "p1", private=True), said(JAN, LAST, "last"))
    assert room.context() == []


async def test_a_group_keeps_its_last_messages_only() -> None:
    room = Room()
    await room.hears(*(said(KEES, "x", f"p{n}") for n in range(LINES + 1)))
    assert room.memory.line(GROUP.id, PostRef("p0")) is None
    assert room.memory.line(GROUP.id, PostRef("p1")) is not None


async def test_names_and_heat_are_of_who_spoke_lately() -> None:
    room = Room()
    await room.hears(said(KEES, "een", "p1"), said(JAN, "twee", "p2"), said(JAN, "twee", "p2"))
    assert room.memory.roster(GROUP.id) == {"Kees", "Jan"}
    assert room.memory.heat(GROUP.id, NOON) == 2
    assert room.memory.heat(GROUP.id, NOON + timedelta(seconds=61)) == 0


def member(name: str, present: bool = True) -> MemberChanged:
    """Somebody who has never said a word comes, or goes."""
    person = Person(address=Address(name.lower()), name=name, key=PersonKey(f"key of {name}"))
    at = {"id": f"{name}-{present}", "room": GROUP.room, "at": NOON}
    return MemberChanged(**at, person=person, present=present, role=Role.MEMBER)


async def test_who_never_says_a_word_is_known_by_name_until_they_leave() -> None:
    room = Room()
    await room.hears(member("Xanthippe de Wit"), member("Truus"), said(JAN, LAST, "last"))
    assert room.given[-1].roster >= {"Xanthippe", "Truus"}
    await room.hears(member("Truus", present=False), said(JAN, LAST, "p2"))
    assert "Truus" not in room.given[-1].roster
    assert "Xanthippe" in room.given[-1].roster


async def test_who_presses_a_button_is_known_by_name_too() -> None:
    room = Room()
    person = replace(member("Truus").person)
    await room.hears(Chose(id="c", room=GROUP.room, at=NOON, person=person, choice="x:yes"))
    assert room.memory.roster(GROUP.id) == {"Truus"}


@pytest.mark.parametrize("state", [one for one in GroupState if one is not GroupState.ON])
async def test_without_a_permission_nobody_is_known_and_who_was_known_is_forgotten(state: GroupState) -> None:
    room = Room()
    await room.hears(member("Truus"), said(KEES, "hoi", "p1"))
    off = Snapshot(group=replace(GROUP, state=state))
    await room.hears(member("Xanthippe"), known=off)
    assert room.memory.roster(GROUP.id) == frozenset()
    assert room.memory.line(GROUP.id, PostRef("p1")) is None


async def test_when_the_bot_is_put_out_everything_in_memory_goes() -> None:
    room = Room()
    await room.hears(member("Truus"), said(KEES, "hoi", "p1"))
    await room.hears(BotChanged(id="b", room=GROUP.room, at=NOON, present=False))
    assert room.memory.roster(GROUP.id) == frozenset()
    assert room.memory.heat(GROUP.id, NOON) == 0


# The roster itself


def a_person(number: int, name: str = "") -> Person:
    return Person(address=Address(str(number)), name=name or f"Naam{number}", key=PersonKey(str(number)))


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Fatima El Amrani", {"Fatima"}),
        ("  Jan ", {"Jan"}),
        ("+31 6 12345678", set()),
        ("🌷", set()),
        ("", set()),
        (" \n\t", set()),
        ("X" * 1000, {"X" * 100}),
    ],
)
def test_a_first_name_has_a_letter_and_an_end(name: str, first: set[str]) -> None:
    rosters = Rosters()
    rosters.meet(GROUP.id, replace(a_person(1), name=name))
    assert rosters.of(GROUP.id) == first


def test_a_new_name_takes_the_place_of_the_old_one() -> None:
    rosters = Rosters()
    rosters.meet(GROUP.id, a_person(1, "Jan"))
    assert rosters.of(GROUP.id) == {"Jan"}
    rosters.meet(GROUP.id, a_person(1, "Johanna"))
    assert rosters.of(GROUP.id) == {"Johanna"}


def test_a_group_keeps_the_names_of_who_was_there_last() -> None:
    rosters = Rosters(names=2)
    for number in (1, 2, 1, 3):
        rosters.meet(GROUP.id, a_person(number))
    assert rosters.of(GROUP.id) == {"Naam1", "Naam3"}


STEPS = st.lists(st.tuples(st.sampled_from("mpf"), st.integers(0, 4), st.integers(0, 8)), max_size=60)


@given(STEPS)
def test_however_people_come_and_go_the_names_stay_within_their_bounds(steps: list[tuple[str, int, int]]) -> None:
    rosters = Rosters(names=3, in_all=7)
    groups = [GroupId(f"g{number}") for number in range(5)]
    for step, group, number in steps:
        if step == "m":
            rosters.meet(groups[group], a_person(number))
            assert f"Naam{number}" in rosters.of(groups[group])
        elif step == "p":
            rosters.part(groups[group], a_person(number).key)
            assert f"Naam{number}" not in rosters.of(groups[group])
        else:
            rosters.forget(groups[group])
            assert rosters.of(groups[group]) == frozenset()
        assert all(len(rosters.of(one)) <= 3 for one in groups)
        assert sum(len(rosters.of(one)) for one in groups) <= 7


class Street:
    """A geocoder that runs here, knows these phrases, and remembers what it was asked."""

    local = True

    def __init__(self, *known: str) -> None:
        self.known = known
        self.asked: list[str] = []

    async def find(self, words: str, area: Area) -> tuple[Place, ...]:
        self.asked.append(words)
        return (Place(label=words),) if words in self.known else ()

    async def nearest(self, point: Point) -> Place | None:
        return Place(label="Laan")


def meant(text: str, *pieces: str) -> Interpretation:
    """A report in which these pieces say a place."""
    spots = tuple(Extent(start=text.index(one), end=text.index(one) + len(one), kind="place") for one in pieces)
    return Interpretation(intent=Intent.REPORT, p_report=0.9, places=spots)


async def resolved(
    street: Street, text: str, meaning: Interpretation, known: Snapshot = KNOWN
) -> tuple[Place, ...]:
    hearing = Hearing(FakeInterpreter({text: lambda _: meaning}), {GROUP.tenant_id: street}, Memory())
    ((_, heard),) = await hearing.listen([(GROUP.id, said(JAN, text))], {GROUP.id: known}, NOON)
    assert isinstance(heard, Heard)
    return heard.meaning.resolved


async def test_the_most_exact_phrase_of_a_message_is_looked_up_first() -> None:
    street, text = Street("lamp 1017", "op de Laan"), "op de Laan is lamp 1017 uit"
    assert [place.label for place in await resolved(street, text, meant(text, "op de Laan"))] == ["lamp 1017"]
    assert street.asked == ["lamp 1017"]


async def test_house_numbers_after_the_marked_words_are_looked_up_with_them() -> None:
    street, text = Street("Laan 12 t/m 20"), "glas voor Laan 12 t/m 20"
    assert await resolved(street, text, meant(text, "Laan 12"))


async def test_coordinates_in_the_words_are_a_place_that_is_named_by_its_street() -> None:
    street, text = Street(), "glas op 52.0405, 4.3712"
    (place,) = await resolved(street, text, meant(text))
    assert (place.label, place.point, place.source) == ("Laan", Point(lat=52.0405, lon=4.3712), "shared")
    assert street.asked == []


@pytest.mark.parametrize(("place", "looked_up"), [(None, True), (Place(label="Plein"), False)])
async def test_ordinary_words_of_an_author_are_looked_up_while_the_proposal_has_no_place(
    place: Place | None, looked_up: bool
) -> None:
    street, text = Street("bij de Laan"), "bij de Laan"
    known = Snapshot(group=GROUP, incidents={IncidentId("i1"): an_incident(author=JAN, place=place)})
    meaning = replace(meant(text, text), intent=Intent.NONE)
    assert bool(await resolved(street, text, meaning, known)) is looked_up

"""What the interpreter is given beside a message, and what it is never given."""

from __future__ import annotations

from datetime import timedelta

from bot.hearing import Hearing
from bot.memory import CONTEXT, LINES, REMEMBERS, Memory
from bot.model.channel import Said
from bot.model.group import GroupState, Member
from bot.model.ids import PersonKey, PostRef
from bot.model.reading import NOTHING, Interpretation, Reading
from bot.model.snapshot import Snapshot
from bot.ports.fakes.interpreter import FakeInterpreter
from tests.support.flows import said
from tests.support.records import JAN, KEES, NOON, a_group

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

    async def hears(self, *events: Said, known: Snapshot = KNOWN) -> None:
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

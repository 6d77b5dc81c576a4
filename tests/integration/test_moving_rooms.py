"""A room that goes on as another room keeps its group, whatever order and how often that is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model.channel import BotChanged, ChannelEvent, Moved, Person, Said
from bot.model.ids import Address, PostRef, Room
from tests.support.neighbourhood import ACCOUNT, Neighbourhood, open_neighbourhood

NEW = Room("parijsplein-2")


@pytest.fixture(params=["fake", "sqlite"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Neighbourhood]:
    async with open_neighbourhood(request.param, tmp_path) as opened:
        await opened.settle()
        yield opened


def moved(place: Neighbourhood) -> Moved:
    return Moved(id="moved-1", room=place.room, at=place.clock.now, to=NEW)


def said_there(place: Neighbourhood, text: str = "hallo") -> Said:
    jan = Person(address=Address("jan"))
    return Said(id=f"there-{text}", room=NEW, at=place.clock.now, person=jan, post=PostRef(text), text=text)


def arrived(place: Neighbourhood) -> BotChanged:
    return BotChanged(id="arrived", room=NEW, at=place.clock.now, present=True, room_name="Nieuw")


async def groups(place: Neighbourhood) -> set[str]:
    found = await place.backend.store.groups(ACCOUNT, [place.room, NEW])
    return set(found.values())


@pytest.mark.parametrize("together", [True, False])
async def test_what_is_said_in_the_new_room_is_of_the_same_group(place: Neighbourhood, together: bool) -> None:
    group = await place.group_id()
    events: tuple[ChannelEvent, ...] = (moved(place), arrived(place), said_there(place))
    if together:
        await place.deliver(*events)
    else:
        for event in events:
            await place.deliver(event)
    assert await groups(place) == {group}
    assert await place.group_id(NEW) == group


async def test_a_move_that_is_told_again_makes_no_second_group(place: Neighbourhood) -> None:
    group = await place.group_id()
    await place.deliver(moved(place))
    await place.deliver(moved(place), said_there(place))
    assert await groups(place) == {group}
    assert (await place.known(NEW)).group.room == NEW


async def test_a_move_of_a_room_nobody_knows_says_nothing(place: Neighbourhood) -> None:
    await place.deliver(Moved(id="m", room=Room("onbekend"), at=place.clock.now, to=NEW))
    assert await place.backend.store.groups(ACCOUNT, [Room("onbekend"), NEW]) == {}


async def test_a_move_to_a_room_that_has_a_group_already_leaves_both_as_they_are(place: Neighbourhood) -> None:
    old = await place.group_id()
    await place.deliver(arrived(place))
    new = await place.group_id(NEW)
    await place.deliver(moved(place), said_there(place))
    assert (await place.group_id(), await place.group_id(NEW)) == (old, new)
    assert old != new

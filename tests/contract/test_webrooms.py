"""Browser rooms, real or fake, keep the contract of `bot.ports.webrooms`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from bot.model.errors import Gone, InputError
from bot.model.ids import Address, PostRef, Room
from bot.model.webroom import ChatEntry, Utterance
from bot.ports.fakes.webrooms import FakeWebRooms
from bot.ports.webrooms import WebRooms
from tests.support.channel_rigs import PHOTO, web_channel

PLEIN, FATIMA, JAN, KEES = Room("plein"), Address("fatima"), Address("jan"), Address("kees")


@pytest.fixture(params=["web", "fake"])
async def rooms(request: pytest.FixtureRequest) -> AsyncIterator[WebRooms]:
    """Rooms whose host commits everything at once."""
    web = web_channel()
    if request.param == "fake":
        yield FakeWebRooms(web.rooms)
        return
    async with web:
        host = asyncio.create_task(_commit_all(web.batches(None)))
        yield web
        host.cancel()
        with suppress(asyncio.CancelledError):
            await host


async def _commit_all(batches: AsyncIterator[object]) -> None:
    async for _ in batches:
        pass


def spoken(text: str, client_id: str = "c1", **more: Any) -> Utterance:
    return Utterance(client_id=client_id, text=text, **more)


def texts(entries: list[ChatEntry]) -> list[str]:
    return ["".join(span.text for span in entry.spans) for entry in entries]


async def test_rooms_say_who_one_can_be(rooms: WebRooms) -> None:
    plein = rooms.rooms[PLEIN]
    assert plein.name == "Buurtapp Parijsplein"
    assert [(one.address, one.admin) for one in plein.residents] == [
        ("fatima", True),
        ("jan", False),
        ("kees", False),
    ]


async def test_everybody_in_the_room_sees_a_post_and_its_author_as_own(rooms: WebRooms) -> None:
    ref = await rooms.say(PLEIN, JAN, spoken("hoi"))
    for who in (FATIMA, JAN, KEES):
        (entry,) = rooms.history(PLEIN, who)
        assert (entry.post, entry.author, entry.by_bot) == (ref, "Jan", False)
        assert entry.mine is (who == JAN)
        assert texts([entry]) == ["hoi"]
    assert rooms.history(Room("laan"), JAN) == []


async def test_the_same_client_id_posts_once(rooms: WebRooms) -> None:
    first = await rooms.say(PLEIN, JAN, spoken("hoi"))
    assert await rooms.say(PLEIN, JAN, spoken("hoi")) == first
    assert len(rooms.history(PLEIN, JAN)) == 1


async def test_a_private_post_is_on_its_authors_screen_only(rooms: WebRooms) -> None:
    await rooms.say(PLEIN, JAN, spoken("/mijngegevens", private=True))
    assert [entry.private for entry in rooms.history(PLEIN, JAN)] == [True]
    assert rooms.history(PLEIN, KEES) == []


async def test_an_own_post_can_be_changed_and_deleted(rooms: WebRooms) -> None:
    ref = await rooms.say(PLEIN, JAN, spoken("glas"))
    assert await rooms.say(PLEIN, JAN, spoken("glas overal", "c2", edits=ref)) == ref
    (entry,) = rooms.history(PLEIN, KEES)
    assert (texts([entry]), entry.edited, entry.deleted) == (["glas overal"], True, False)
    await rooms.say(PLEIN, JAN, spoken("", "c3", edits=ref))
    (entry,) = rooms.history(PLEIN, KEES)
    assert entry.deleted
    assert "".join(texts([entry])) == ""


async def test_anothers_post_cannot_be_changed(rooms: WebRooms) -> None:
    ref = await rooms.say(PLEIN, JAN, spoken("van jan"))
    for post in (ref, PostRef("no-such-post")):
        with pytest.raises((Gone, InputError)):
            await rooms.say(PLEIN, KEES, spoken("gekaapt", "c2", edits=post))
    assert texts(rooms.history(PLEIN, JAN)) == ["van jan"]


async def test_a_text_that_is_far_too_long_is_refused_by_name(rooms: WebRooms) -> None:
    with pytest.raises(InputError) as caught:
        await rooms.say(PLEIN, JAN, spoken("x" * 5000))
    assert caught.value.where == "text"
    assert rooms.history(PLEIN, JAN) == []


async def test_history_after_a_serial_is_what_changed_since(rooms: WebRooms) -> None:
    first = await rooms.say(PLEIN, JAN, spoken("een", "c1"))
    second = await rooms.say(PLEIN, JAN, spoken("twee", "c2"))
    serials = [entry.serial for entry in rooms.history(PLEIN, KEES)]
    assert serials == sorted(set(serials))
    assert rooms.history(PLEIN, KEES, after=serials[-1]) == []
    await rooms.say(PLEIN, JAN, spoken("een, nee drie", "c3", edits=first))
    assert [entry.post for entry in rooms.history(PLEIN, KEES, after=serials[-1])] == [first]
    assert [entry.post for entry in rooms.history(PLEIN, KEES, after=serials[0])] == [second, first]


async def test_a_watch_tells_what_was_and_then_what_comes(rooms: WebRooms) -> None:
    await rooms.say(PLEIN, JAN, spoken("een", "c1"))
    watching = rooms.watch(PLEIN, KEES)
    first = await asyncio.wait_for(anext(watching), 5)
    await rooms.say(PLEIN, FATIMA, spoken("geheim", "c2", private=True))
    await rooms.say(PLEIN, JAN, spoken("twee", "c3"))
    second = await asyncio.wait_for(anext(watching), 5)
    assert texts([first, second]) == ["een", "twee"]
    assert second.serial > first.serial
    resumed = await asyncio.wait_for(anext(rooms.watch(PLEIN, KEES, after=first.serial)), 5)
    assert resumed == second


async def test_a_photo_can_be_looked_at_by_the_room(rooms: WebRooms) -> None:
    await rooms.say(PLEIN, JAN, spoken("", photo=PHOTO))
    (entry,) = rooms.history(PLEIN, KEES)
    assert await rooms.photo(PLEIN, KEES, entry.photo)
    with pytest.raises(Gone):
        await rooms.photo(PLEIN, KEES, "no-such-photo")


async def test_a_press_returns_also_the_second_time(rooms: WebRooms) -> None:
    for _ in range(2):
        async with asyncio.timeout(5):
            await rooms.press(PLEIN, JAN, "p1", "i1:yes")


@pytest.mark.parametrize(("room", "who"), [(Room("elders"), JAN), (PLEIN, Address("vreemde"))])
async def test_who_does_not_live_there_finds_nothing(rooms: WebRooms, room: Room, who: Address) -> None:
    with pytest.raises(Gone):
        await rooms.say(room, who, spoken("hoi"))
    with pytest.raises(Gone):
        await rooms.press(room, who, "p1", "i1:yes")
    with pytest.raises(Gone):
        rooms.history(room, who)
    with pytest.raises(Gone):
        await anext(rooms.watch(room, who))
    with pytest.raises(Gone):
        await rooms.photo(room, who, "photo")

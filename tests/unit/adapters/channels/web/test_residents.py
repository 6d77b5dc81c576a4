"""What residents do in their browser, and when the channel answers them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from adapters.channels.web import WebChannel
from adapters.testing.host import Host
from bot.model.channel import BotChanged, Choice, Chose, Deleted, Edited, Post, Said, Span
from bot.model.errors import Gone, InputError, Later, PhotoError
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point
from bot.model.webroom import ChatEntry, Utterance
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import CLEAN_PHOTO
from tests.support.channel_rigs import BROKEN_PHOTO, PACE, PHOTO, web_channel

PLEIN, FATIMA, JAN, KEES = Room("plein"), Address("fatima"), Address("jan"), Address("kees")

T = TypeVar("T")


@asynccontextmanager
async def opened(clock: FakeClock | None = None) -> AsyncIterator[tuple[WebChannel, Host]]:
    """A channel whose host has read where the bot is."""
    async with web_channel(clock=clock) as web:
        host = Host(web, PACE)
        await host.hush()
        yield web, host
        await host.stop()


async def committed(host: Host, request: Coroutine[Any, Any, T]) -> T:
    """What a browser gets back while the host goes on reading."""
    task = asyncio.ensure_future(request)
    while not task.done():
        await host.hush()
    return await task


def spoken(text: str, client_id: str = "c1", **more: Any) -> Utterance:
    return Utterance(client_id=client_id, text=text, **more)


def texts(entries: list[ChatEntry]) -> list[str]:
    return ["".join(span.text for span in entry.spans) for entry in entries]


async def test_a_post_is_on_every_screen_at_once_and_returns_when_committed() -> None:
    async with opened() as (web, host):
        saying = asyncio.create_task(web.say(PLEIN, JAN, spoken("hoi")))
        await asyncio.sleep(0)
        assert texts(web.history(PLEIN, KEES)) == ["hoi"]
        batch = await host.batch()
        assert [event.text for event in batch.events if isinstance(event, Said)] == ["hoi"]
        await asyncio.sleep(0.01)
        assert not saying.done(), "the host has it, but has not committed it"
        await host.hush()
        assert await saying == web.history(PLEIN, KEES)[0].post


async def test_the_same_post_again_waits_for_the_same_commit_and_is_posted_once() -> None:
    async with opened() as (web, host):
        first = asyncio.create_task(web.say(PLEIN, JAN, spoken("hoi")))
        again = asyncio.create_task(web.say(PLEIN, JAN, spoken("hoi")))
        await host.batch()
        assert not first.done()
        assert not again.done()
        await host.hush()
        assert await first == await again == await web.say(PLEIN, JAN, spoken("hoi"))
        assert texts(web.history(PLEIN, JAN)) == ["hoi"]
        assert len(host.heard(Said)) == 1


async def test_a_browser_that_went_away_loses_nothing() -> None:
    async with opened() as (web, host):
        gone = asyncio.create_task(web.say(PLEIN, JAN, spoken("hoi")))
        await asyncio.sleep(0)
        gone.cancel()
        back = asyncio.create_task(web.say(PLEIN, JAN, spoken("hoi")))
        await host.hush()
        assert await back
        assert [said.text for said in host.heard(Said)] == ["hoi"]


async def test_the_same_id_of_two_residents_makes_two_posts() -> None:
    async with opened() as (web, host):
        jan = await committed(host, web.say(PLEIN, JAN, spoken("van jan")))
        kees = await committed(host, web.say(PLEIN, KEES, spoken("van kees")))
        assert jan != kees
        assert texts(web.history(PLEIN, FATIMA)) == ["van jan", "van kees"]


async def test_a_post_sent_again_after_a_restart_is_the_same_post_and_event() -> None:
    clock = FakeClock()
    async with opened(clock) as (web, host):
        before = await committed(host, web.say(PLEIN, JAN, spoken("hoi")))
        event = (await host.hear(Said)).id
    async with opened(clock) as (web, host):
        after = await committed(host, web.say(PLEIN, JAN, spoken("hoi")))
        assert after == before
        assert (await host.hear(Said)).id == event


async def test_a_browser_hears_later_when_the_channel_closes_before_the_commit() -> None:
    async with web_channel() as web:
        saying = asyncio.create_task(web.say(PLEIN, JAN, spoken("hoi")))
        await asyncio.sleep(0)
    with pytest.raises(Later):
        await saying
    with pytest.raises(Later):
        await web.say(PLEIN, JAN, spoken("nog een", "c2"))
    assert texts(web.history(PLEIN, JAN)) == ["hoi"]


async def test_the_role_of_who_speaks_comes_with_every_message() -> None:
    async with opened() as (web, host):
        await committed(host, web.say(PLEIN, FATIMA, spoken("ik")))
        await committed(host, web.say(PLEIN, JAN, spoken("en ik")))
        assert [(said.person.name, said.person.role) for said in host.heard(Said)] == [
            ("Fatima", Role.ADMIN),
            ("Jan", Role.MEMBER),
        ]


async def test_naming_bart_or_answering_it_is_to_the_bot() -> None:
    async with opened() as (web, host):
        card = await web.send(PLEIN, Post(spans=(Span(text="Gemeld"),)), "card")
        mine = await committed(host, web.say(PLEIN, JAN, spoken("@bart help", "1")))
        await committed(host, web.say(PLEIN, JAN, spoken("dank", "2", reply_to=card)))
        await committed(host, web.say(PLEIN, KEES, spoken("ja", "3", reply_to=mine)))
        assert [said.to_bot for said in host.heard(Said)] == [True, True, False]


async def test_a_private_message_is_on_no_other_screen() -> None:
    async with opened() as (web, host):
        await committed(host, web.say(PLEIN, JAN, spoken("/mijngegevens", private=True)))
        assert (await host.hear(Said)).private
        assert [entry.private for entry in web.history(PLEIN, JAN)] == [True]
        assert web.history(PLEIN, FATIMA) == []


async def test_a_location_alone_is_a_message() -> None:
    async with opened() as (web, host):
        point = Point(lat=52.1, lon=5.1)
        await committed(host, web.say(PLEIN, JAN, spoken("", location=point)))
        said = await host.hear(Said)
        assert (said.text, said.location) == ("", point)
        assert texts(web.history(PLEIN, KEES)) == ["📍 Locatie gedeeld"]


async def test_a_photo_is_cleaned_before_anybody_sees_it() -> None:
    async with opened() as (web, host):
        await committed(host, web.say(PLEIN, JAN, spoken("kijk", photo=PHOTO)))
        (entry,) = web.history(PLEIN, KEES)
        assert await web.photo(PLEIN, KEES, entry.photo) == CLEAN_PHOTO
        said = await host.hear(Said)
        assert await web.fetch(PLEIN, said.media[0], 1000) == CLEAN_PHOTO


async def test_a_photo_sent_twice_at_once_is_posted_once() -> None:
    async with opened() as (web, host):
        both = [asyncio.create_task(web.say(PLEIN, JAN, spoken("", photo=PHOTO))) for _ in range(2)]
        await host.hear(Said)
        await host.hush()
        assert await both[0] == await both[1]
        assert len(host.heard(Said)) == len(web.history(PLEIN, KEES)) == 1


async def test_a_broken_photo_is_refused_and_nothing_is_posted() -> None:
    async with opened() as (web, host):
        with pytest.raises(PhotoError):
            await web.say(PLEIN, JAN, spoken("kijk", photo=BROKEN_PHOTO))
        await host.hush()
        assert web.history(PLEIN, JAN) == []
        assert host.heard(Said) == []


async def test_a_photo_of_a_private_or_deleted_post_is_gone_for_others() -> None:
    async with opened() as (web, host):
        ref = await committed(host, web.say(PLEIN, JAN, spoken("", photo=PHOTO, private=True)))
        photo = web.history(PLEIN, JAN)[0].photo
        assert await web.photo(PLEIN, JAN, photo)
        with pytest.raises(Gone):
            await web.photo(PLEIN, KEES, photo)
        await committed(host, web.say(PLEIN, JAN, spoken("", "c2", edits=ref)))
        with pytest.raises(Gone):
            await web.photo(PLEIN, JAN, photo)


@pytest.mark.parametrize(
    ("utterance", "where"),
    [
        (spoken(""), "text"),
        (spoken(" \x00\n"), "text"),
        (spoken("x" * 4001), "text"),
        (spoken("hoi", ""), "client_id"),
        (spoken("hoi", reply_to=PostRef("b.1")), "reply_to"),
        (spoken("hoi", edits=PostRef("r.1")), "edits"),
        (spoken("hoi", location=Point(lat=100, lon=0)), "location"),
        (spoken("hoi", photo=bytes(20 * 1024 * 1024 + 1)), "photo"),
    ],
    ids=["empty", "blank", "long", "no id", "reply to nothing", "edit of nothing", "off earth", "large photo"],
)
async def test_input_that_cannot_be_taken_names_the_field_and_leaves_nothing(
    utterance: Utterance, where: str
) -> None:
    async with opened() as (web, host):
        with pytest.raises(InputError) as caught:
            await web.say(PLEIN, JAN, utterance)
        await host.hush()
        assert caught.value.where == where
        assert web.history(PLEIN, JAN) == []
        assert host.heard(Said) == []


async def test_an_edit_changes_the_words_on_every_screen_and_tells_the_host() -> None:
    async with opened() as (web, host):
        ref = await committed(host, web.say(PLEIN, JAN, spoken("glas")))
        assert await committed(host, web.say(PLEIN, JAN, spoken("glas\x07 overal", "c2", edits=ref))) == ref
        assert [(one.edited, one.mine) for one in web.history(PLEIN, KEES)] == [(True, False)]
        assert texts(web.history(PLEIN, KEES)) == ["glas overal"]
        assert (await host.hear(Edited)).text == "glas overal"


async def test_a_repeated_edit_is_told_once() -> None:
    async with opened() as (web, host):
        ref = await committed(host, web.say(PLEIN, JAN, spoken("een")))
        for _ in range(2):
            await committed(host, web.say(PLEIN, JAN, spoken("twee", "c2", edits=ref)))
        assert len(host.heard(Edited)) == 1


async def test_an_edit_without_words_deletes() -> None:
    async with opened() as (web, host):
        ref = await committed(host, web.say(PLEIN, JAN, spoken("toch niet")))
        await committed(host, web.say(PLEIN, JAN, spoken("", "c2", edits=ref)))
        assert [entry.deleted for entry in web.history(PLEIN, KEES)] == [True]
        assert (await host.hear(Deleted)).post == ref
        with pytest.raises(Gone):
            await web.say(PLEIN, JAN, spoken("terug", "c3", edits=ref))


async def test_nobody_changes_anothers_post_or_the_bots() -> None:
    async with opened() as (web, host):
        jans = await committed(host, web.say(PLEIN, JAN, spoken("van jan")))
        bots = await web.send(PLEIN, Post(spans=(Span(text="van bart"),)), "card")
        for ref in (jans, bots):
            for text in ("gekaapt", ""):
                with pytest.raises(InputError) as caught:
                    await web.say(PLEIN, KEES, spoken(text, "c9", edits=ref))
                assert caught.value.where == "edits"
        assert texts(web.history(PLEIN, KEES)) == ["van jan", "van bart"]


async def test_an_edit_brings_no_photo() -> None:
    async with opened() as (web, host):
        ref = await committed(host, web.say(PLEIN, JAN, spoken("hoi")))
        with pytest.raises(InputError) as caught:
            await web.say(PLEIN, JAN, spoken("met foto", "c2", edits=ref, photo=PHOTO))
        assert caught.value.where == "photo"


async def test_a_deletion_after_a_restart_still_reaches_the_host() -> None:
    clock = FakeClock()
    async with opened(clock) as (web, host):
        ref = await committed(host, web.say(PLEIN, JAN, spoken("toch niet")))
    async with opened(clock) as (web, host):
        with pytest.raises(Gone):
            await web.say(PLEIN, JAN, spoken("andere woorden", "c2", edits=ref))
        await committed(host, web.say(PLEIN, JAN, spoken("", "c3", edits=ref)))
        assert [deleted.post for deleted in host.heard(Deleted)] == [ref]


async def test_a_press_returns_when_committed_and_is_told_once() -> None:
    async with opened() as (web, host):
        await web.send(PLEIN, Post(spans=(Span(text="?"),), choices=(Choice(key="i:yes", label="Ja"),)), "ask")
        pressing = asyncio.create_task(web.press(PLEIN, JAN, "p1", "i:yes"))
        chose = await host.hear(Chose)
        await asyncio.sleep(0.01)
        assert not pressing.done()
        await host.hush()
        await pressing
        await web.press(PLEIN, JAN, "p1", "i:yes")
        await host.hush()
        assert len(host.heard(Chose)) == 1
        assert chose.press


async def test_unknown_rooms_and_strangers_are_gone() -> None:
    async with opened() as (web, _):
        for room, who in ((Room("elders"), JAN), (PLEIN, Address("vreemde"))):
            with pytest.raises(Gone):
                await web.say(room, who, spoken("hoi"))
            with pytest.raises(Gone):
                await web.press(room, who, "p1", "i:yes")
            with pytest.raises(Gone):
                web.history(room, who)
            with pytest.raises(Gone):
                web.watch(room, who)
            with pytest.raises(Gone):
                await web.photo(room, who, "x")


async def test_neighbours_go_on_chatting_when_the_bot_has_left_and_an_admin_brings_it_back() -> None:
    async with opened() as (web, host):
        await web.leave(PLEIN)
        assert not (await host.hear(BotChanged, lambda bot: not bot.present)).present
        ref = await web.say(PLEIN, JAN, spoken("onder ons"))
        await web.say(PLEIN, JAN, spoken("@bart kom terug", "c2"))
        await web.say(PLEIN, JAN, spoken("", "c3", edits=ref))
        with pytest.raises(Gone):
            await web.press(PLEIN, JAN, "p1", "i:yes")
        await committed(host, web.say(PLEIN, FATIMA, spoken("@bart kom terug", "c4")))
        back = [bot for bot in host.heard(BotChanged) if bot.present and bot.by]
        assert [bot.by and bot.by.address for bot in back] == [FATIMA]
        assert host.heard(Said) == []
        assert host.heard(Deleted) == []
        assert len(web.history(PLEIN, KEES)) == 3

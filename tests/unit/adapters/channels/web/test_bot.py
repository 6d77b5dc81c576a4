"""What the bot does in the web rooms, and what is left of it after a restart."""

from __future__ import annotations

import asyncio

import pytest

from adapters.testing.host import Host
from bot.model.channel import BotChanged, Choice, Chose, MemberChanged, Post, Private, Span
from bot.model.errors import Gone, Refused
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.model.webroom import Utterance
from bot.ports.channel import AnswersPresses, FetchesMedia, LeavesRooms, SpeaksPrivately
from bot.ports.fakes.clock import FakeClock
from bot.ports.webrooms import WebRooms
from tests.support.channel_rigs import PACE, web_channel

PLEIN, LAAN = Room("plein"), Room("laan")
FATIMA, JAN, KEES = Address("fatima"), Address("jan"), Address("kees")


def post(text: str, *choices: str) -> Post:
    return Post(spans=(Span(text=text),), choices=tuple(Choice(key=key, label=key) for key in choices))


def test_the_web_channel_offers_everything_a_channel_can() -> None:
    web = web_channel()
    for offer in (SpeaksPrivately, AnswersPresses, FetchesMedia, LeavesRooms, WebRooms):
        assert isinstance(web, offer)
    can = web.capabilities(PLEIN)
    assert can.private is Private.ALWAYS
    assert (can.choices, can.toasts, can.idempotent_send, can.keeps_history) == ("buttons", True, True, False)


async def test_every_room_and_its_admins_are_told_first_with_ids_that_stay_the_same() -> None:
    clock = FakeClock()
    told = []
    for _ in range(2):
        async with web_channel(clock=clock) as web:
            host = Host(web, PACE)
            batch = await host.batch()
            await host.stop()
            assert batch.deduplicate
            told.append([(event.id, type(event), event.room) for event in batch.events])
            rooms = [one for one in batch.events if isinstance(one, BotChanged)]
            assert [(one.room, one.present, one.room_name, one.by) for one in rooms] == [
                (PLEIN, True, "Buurtapp Parijsplein", None),
                (LAAN, True, "Buurtapp Romelaan", None),
            ]
            admins = [one for one in batch.events if isinstance(one, MemberChanged)]
            assert [(one.person.address, one.role, one.present) for one in admins] == [
                (FATIMA, Role.ADMIN, True)
            ] * 2
    assert told[0] == told[1]


async def test_reading_ends_when_the_channel_closes() -> None:
    web = web_channel()
    await web.__aenter__()
    batches = web.batches(None)
    await anext(batches)
    waiting = asyncio.ensure_future(anext(batches, None))
    await asyncio.sleep(0)
    await web.__aexit__(None, None, None)
    assert await asyncio.wait_for(waiting, 5) is None


async def test_a_watch_ends_when_the_channel_closes() -> None:
    async with web_channel() as web:
        watching = asyncio.ensure_future(anext(web.watch(PLEIN, JAN), None))
        await asyncio.sleep(0)
    assert await asyncio.wait_for(watching, 5) is None


async def test_a_key_gives_the_same_post_after_a_restart_and_it_is_shown_again() -> None:
    clock = FakeClock()
    async with web_channel(clock=clock) as web:
        before = await web.send(PLEIN, post("Gemeld"), "card-1")
    async with web_channel(clock=clock) as web:
        assert web.history(PLEIN, JAN) == []
        assert await web.send(PLEIN, post("Gemeld"), "card-1") == before
        assert [entry.post for entry in web.history(PLEIN, JAN)] == [before]


async def test_an_edited_card_still_shows_what_it_answers() -> None:
    async with web_channel() as web:
        host = Host(web, PACE)
        await host.batch()
        glass = await web.send(PLEIN, post("glas"), "a")
        asked = Post(spans=(Span(text="Wil je dit melden?"),), reply_to=glass)
        card = await web.send(PLEIN, asked, "b")
        await web.edit(PLEIN, card, post("Gemeld"))
        shown = web.history(PLEIN, JAN)[-1]
        assert (shown.spans[0].text, shown.reply_to) == ("Gemeld", glass)
        await host.stop()


async def test_an_edit_of_a_card_from_before_a_restart_shows_it_again() -> None:
    clock = FakeClock()
    async with web_channel(clock=clock) as web:
        card = await web.send(PLEIN, post("Gemeld", "i:still"), "card-1")
    async with web_channel(clock=clock) as web:
        await web.edit(PLEIN, card, post("In behandeling", "i:still"))
        (entry,) = web.history(PLEIN, KEES)
        assert (entry.post, entry.spans[0].text) == (card, "In behandeling")
        assert [choice.key for choice in entry.choices] == ["i:still"]
        await web.edit(PLEIN, card, post("Opgelost"))
        assert len(web.history(PLEIN, KEES)) == 1


async def test_a_whisper_from_before_a_restart_is_never_shown_to_all() -> None:
    clock = FakeClock()
    async with web_channel(clock=clock) as web:
        await web.whisper(PLEIN, JAN, post("alleen jan"), "w1")
        (whispered,) = web.history(PLEIN, JAN)
    async with web_channel(clock=clock) as web:
        with pytest.raises(Gone):
            await web.edit(PLEIN, whispered.post, post("nog steeds alleen jan"))
        assert web.history(PLEIN, KEES) == []


async def test_the_same_whisper_to_two_people_is_two_whispers() -> None:
    async with web_channel() as web:
        for who in (JAN, KEES):
            await web.whisper(PLEIN, who, post(f"voor {who}"), "w1")
        assert [entry.spans[0].text for entry in web.history(PLEIN, JAN)] == ["voor jan"]
        assert [entry.spans[0].text for entry in web.history(PLEIN, KEES)] == ["voor kees"]
        with pytest.raises(Gone):
            await web.whisper(PLEIN, Address("vreemde"), post("x"), "w2")


async def test_the_bot_cannot_delete_a_residents_post() -> None:
    async with web_channel() as web:
        saying = asyncio.create_task(web.say(PLEIN, JAN, Utterance(client_id="1", text="van jan")))
        await asyncio.sleep(0)
        (entry,) = web.history(PLEIN, JAN)
        with pytest.raises(Refused):
            await web.delete(PLEIN, entry.post)
        assert not web.history(PLEIN, JAN)[0].deleted
        saying.cancel()


async def test_a_post_shows_link_reply_and_emphasis_as_given() -> None:
    async with web_channel() as web:
        first = await web.send(PLEIN, post("eerst"), "1")
        spans = (Span(text="Kijk "), Span(text="hier", strong=True))
        rich = Post(spans=spans, reply_to=first, link="https://example.nl/m/1", link_label="Bekijk de melding")
        await web.send(PLEIN, rich, "2")
        entry = web.history(PLEIN, JAN)[-1]
        assert (entry.author, entry.by_bot, entry.mine) == ("BART", True, False)
        assert (entry.spans, entry.reply_to) == (spans, first)
        assert (entry.link, entry.link_label) == (rich.link, rich.link_label)


async def test_a_toast_belongs_to_one_press_in_one_room() -> None:
    async with web_channel() as web:
        host = Host(web, PACE)
        await host.hush()
        await web.send(PLEIN, post("?", "i:yes"), "ask")
        serial = web.history(PLEIN, JAN)[-1].serial
        pressing = asyncio.create_task(web.press(PLEIN, JAN, "p1", "i:yes"))
        press = (await host.hear(Chose)).press
        await host.hush()
        await pressing
        for room, handle in ((LAAN, press), (PLEIN, "made-up")):
            with pytest.raises(Gone):
                await web.toast(room, handle, "x")
        await web.toast(PLEIN, press, "Genoteerd")
        await web.toast(PLEIN, press, "Genoteerd")
        assert [entry.toast for entry in web.history(PLEIN, JAN, after=serial)] == [True]
        assert web.history(PLEIN, KEES, after=serial) == []
        await host.stop()


async def test_photos_that_are_not_there_are_gone() -> None:
    async with web_channel() as web:
        with pytest.raises(Gone):
            await web.fetch(PLEIN, MediaRef(ref="nothing"), 1000)


async def test_leaving_twice_is_gone() -> None:
    async with web_channel() as web:
        await web.leave(PLEIN)
        with pytest.raises(Gone):
            await web.leave(PLEIN)
        assert await web.admins(LAAN) == {FATIMA}


async def test_a_post_that_is_no_post_of_ours_is_gone() -> None:
    async with web_channel() as web:
        for ref in ("", "b.", "b.x.y", "r." + "0" * 16 + "." + "0" * 24):
            with pytest.raises(Gone):
                await web.edit(PLEIN, PostRef(ref), post("x"))
            await web.delete(PLEIN, PostRef(ref))
        assert web.history(PLEIN, JAN) == []

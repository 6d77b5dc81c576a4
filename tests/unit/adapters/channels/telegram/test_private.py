"""The private chat: whose group it is about, and who may speak about a group."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model.channel import Choice, Chose, Post, Said, Span
from bot.model.errors import Refused
from bot.model.ids import Address, Room
from tests.fakes.telegram import BOT_ID
from tests.fakes.telegram.refusal import bad
from tests.support.telegram_rig import FATIMA, JAN, KEES, LAAN, PLEIN, two_groups
from tests.unit.adapters.channels.telegram.test_channel import Scene, scene

ROOM, OTHER = Room(str(PLEIN)), Room(str(LAAN))
JAN_ = Address(str(JAN))
STRANGER = 9001


def post(text: str, *choices: Choice) -> Post:
    return Post(spans=(Span(text=text),), choices=choices)


def private_posts(there: Scene, who: int) -> list[dict[str, Any]]:
    return [one for one in there.world.chats[who].messages.values() if one["from"]["id"] == BOT_ID]


async def test_who_never_pressed_start_is_refused_and_a_press_opens_the_private_chat() -> None:
    async with scene() as there:
        press = there.world.press(PLEIN, JAN, "g:admin")
        await there.host.hear(Chose)
        await there.host.hush()
        with pytest.raises(Refused):
            await there.channel.whisper(ROOM, JAN_, post("alleen voor jou"), "k")
        assert there.world.opened == [(JAN, f"https://t.me/bart_proef_bot?start=g{PLEIN}")]
        assert press in there.world.answered
        with pytest.raises(Refused):
            await there.channel.whisper(ROOM, JAN_, post("nog eens"), "k")


async def test_start_from_a_group_is_about_that_group_and_what_follows_too() -> None:
    async with scene() as there:
        there.world.start(JAN, f"g{PLEIN}")
        there.world.say(JAN, JAN, "/status")
        await there.host.hear(Said, lambda said: said.text == "/status")
        said = there.host.heard(Said)
        assert [(one.text, one.room, one.private) for one in said] == [
            ("/start", ROOM, True),
            ("/status", ROOM, True),
        ]


async def test_a_private_post_says_which_group_and_an_answer_or_press_under_it_is_about_that_one() -> None:
    async with scene() as there:
        there.world.start(JAN, f"g{LAAN}")
        await there.host.hear(Said)
        await there.channel.whisper(ROOM, JAN_, post("Waar?", Choice(key="i:dontknow", label="Weet ik niet")), "k")
        await there.channel.whisper(OTHER, JAN_, post("Iets anders"), "k")
        first, second = private_posts(there, JAN)
        assert first["text"] == "Buurtapp Parijsplein\nWaar?"
        assert second["text"] == "Buurtapp Romelaan\nIets anders"
        there.world.say(JAN, JAN, "bij de linker", reply_to=first["message_id"])
        answer = await there.host.hear(Said, lambda said: said.text == "bij de linker")
        there.world.press(JAN, JAN, "i:dontknow", first["message_id"])
        chose = await there.host.hear(Chose)
        assert (answer.room, answer.to_bot, chose.room) == (ROOM, True, ROOM)
        await there.channel.toast(chose.room, chose.press, "Dank je")
        assert there.world.toasts == [(JAN, JAN, "Dank je")]


async def test_after_a_restart_an_answer_under_a_post_still_belongs_to_its_group() -> None:
    world = two_groups()
    async with scene(world) as there:
        there.world.start(JAN, f"g{PLEIN}")
        await there.host.hear(Said)
        await there.channel.whisper(ROOM, JAN_, post("Waar?"), "k")
    async with scene(world) as again:
        (asked,) = private_posts(again, JAN)
        world.say(JAN, JAN, "bij de linker", reply_to=asked["message_id"])
        assert (await again.host.hear(Said)).room == ROOM


async def test_who_is_not_in_the_group_cannot_speak_about_it() -> None:
    world = two_groups()
    world.person(STRANGER, "Vreemde")
    async with scene(world) as there:
        world.start(STRANGER, f"g{PLEIN}")
        world.say(STRANGER, STRANGER, "/buurt")
        world.say(PLEIN, JAN, "en ik?")
        await there.host.hear(Said, lambda said: said.text == "en ik?")
        await there.host.hush()
        assert len(there.host.heard(Said)) == 1
        assert len(private_posts(there, STRANGER)) == 2
        assert "Ik werk in buurtgroepen" in private_posts(there, STRANGER)[0]["text"]


async def test_who_has_left_the_group_is_heard_about_it_no_more() -> None:
    async with scene() as there:
        there.world.start(KEES, f"g{PLEIN}")
        await there.host.hear(Said)
        there.world.change(PLEIN, KEES, "kicked", FATIMA)
        there.world.say(KEES, KEES, "/buurt")
        there.world.press(KEES, KEES, "i:solved")
        await there.host.hush()
        assert [one.text for one in there.host.heard(Said)] == ["/start"]
        assert not there.host.heard(Chose)


async def test_who_writes_out_of_the_blue_hears_how_to_get_on() -> None:
    async with scene() as there:
        there.world.start(JAN)
        await there.host.hush()
        assert not there.host.heard(Said)
        (told,) = private_posts(there, JAN)
        assert told["text"].startswith("Hoi, ik ben BART.")


async def test_who_blocked_the_bot_is_refused() -> None:
    async with scene() as there:
        there.world.start(JAN, f"g{PLEIN}")
        there.world.change(JAN, BOT_ID, "kicked", JAN)
        with pytest.raises(Refused):
            await there.channel.whisper(ROOM, JAN_, post("hoor je mij?"), "k")


async def test_a_private_post_of_before_the_group_moved_is_about_the_group_as_it_is_now() -> None:
    world = two_groups()
    world.group(-4100, "Klein", {FATIMA: "creator", JAN: "member"}, kind="group")
    world.change(-4100, BOT_ID, "member", FATIMA)
    async with scene(world) as there:
        world.start(JAN, "g-4100")
        await there.host.hear(Said)
        await there.channel.whisper(Room("-4100"), JAN_, post("Waar?"), "k")
        world.migrate(-4100, -1001000000077)
        world.say(JAN, JAN, "bij de linker", reply_to=private_posts(there, JAN)[0]["message_id"])
        said = await there.host.hear(Said, lambda said: said.text == "bij de linker")
        assert said.room == "-1001000000077"


@pytest.mark.parametrize(("says", "answered"), [("member list is inaccessible", True), ("USER_ID_INVALID", False)])
async def test_where_telegram_does_not_say_who_is_in_a_group_the_bot_s_own_posts_count(
    says: str, answered: bool
) -> None:
    async with scene() as there:
        there.world.start(JAN, f"g{PLEIN}")
        await there.host.hear(Said)
        await there.channel.whisper(ROOM, JAN_, post("Waar?"), "k")

        def refuse(params: dict[str, Any]) -> None:
            raise bad(says)

        there.served.api._methods["getchatmember"] = refuse
        there.world.start(JAN, f"g{PLEIN}")
        there.world.say(JAN, JAN, "hier", reply_to=private_posts(there, JAN)[0]["message_id"])
        there.world.say(PLEIN, KEES, "klaar")
        await there.host.hear(Said, lambda said: said.text == "klaar")
        told = [said.text for said in there.host.heard(Said) if said.private]
        assert told == (["/start", "hier"] if answered else ["/start"])

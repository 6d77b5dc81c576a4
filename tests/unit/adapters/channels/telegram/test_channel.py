"""The channel beyond the checks of every channel: what is Telegram's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.channels.telegram import TelegramChannel
from adapters.testing import Pace
from adapters.testing.host import Host
from bot.model.channel import BotChanged, Choice, Chose, MemberChanged, Moved, Post, Said, Span
from bot.model.errors import ChannelError, Gone, Later, MovedTo, Refused
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from tests.fakes.telegram import BOT_ID, BotApi, Limits, Served, World, serve
from tests.support.telegram_rig import (
    FATIMA,
    FREE,
    JAN,
    KEES,
    LAAN,
    PHOTO,
    PLEIN,
    ref,
    telegram_channel,
    two_groups,
)

ROOM, JAN_, KEES_ = Room(str(PLEIN)), Address(str(JAN)), Address(str(KEES))
PACE = Pace(quiet=0.15)
TOPIC = 7


@dataclass(slots=True)
class Scene:
    """A channel on its Telegram, with a host on it."""

    world: World
    served: Served
    channel: TelegramChannel
    host: Host

    def posts(self, chat: int = PLEIN) -> list[dict[str, Any]]:
        return [one for one in self.world.chats[chat].messages.values() if one["from"]["id"] == BOT_ID]


@asynccontextmanager
async def scene(world: World | None = None, limits: Limits = FREE) -> AsyncIterator[Scene]:
    world = world or two_groups()
    async with serve(BotApi(world, limits)) as served, telegram_channel(served.url) as channel:
        assert isinstance(channel, TelegramChannel)
        host = Host(channel, PACE)
        if world.updates:
            await host.batch()
        await host.hush()
        host.events.clear()
        try:
            yield Scene(world, served, channel, host)
        finally:
            await host.stop()


def say(text: str, **more: Any) -> Post:
    return Post(spans=(Span(text=text),), **more)


def calls(there: Scene, method: str) -> list[dict[str, Any]]:
    return [params for name, params in there.served.api.calls if name == method]


# --- topics and answers ---


async def test_an_answer_goes_into_the_topic_of_what_it_answers() -> None:
    async with scene() as there:
        message = there.world.say(PLEIN, JAN, "lamp stuk", topic=TOPIC)
        said = await there.host.hear(Said)
        assert said.post == f"{ref(message)}.{TOPIC}"
        sent = await there.channel.send(ROOM, say("Melden?", reply_to=said.post), "k")
        (post,) = there.posts()
        assert (post["message_thread_id"], post["reply_to_message"]["message_id"]) == (
            TOPIC,
            message["message_id"],
        )
        assert sent.endswith(f".{TOPIC}")
        await there.channel.edit(ROOM, sent, say("Gemeld."))
        assert there.posts()[0]["text"] == "Gemeld."


async def test_a_topic_that_is_gone_does_not_lose_the_post() -> None:
    async with scene() as there:
        await there.channel.send(ROOM, say("Melden?", reply_to=PostRef(f"{PLEIN}.99.{TOPIC}")), "k")
        assert "message_thread_id" not in there.posts()[0]


async def test_an_answer_to_what_was_deleted_or_stands_in_the_old_group_is_a_post_of_its_own() -> None:
    async with scene() as there:
        for gone in (PostRef(f"{PLEIN}.99"), PostRef("-4100.3"), PostRef("elsewhere")):
            await there.channel.send(ROOM, say("Melden?", reply_to=gone), "k")
        assert ["reply_to_message" in post for post in there.posts()] == [False] * 3


async def test_silent_posts_make_no_noise_and_links_no_preview() -> None:
    async with scene() as there:
        await there.channel.send(ROOM, say("stil", silent=True), "k")
        (sent,) = calls(there, "sendMessage")
        assert sent["disable_notification"] == "true"
        assert "is_disabled" in str(sent["link_preview_options"])


# --- edits and deletions ---


async def test_an_edit_that_changes_nothing_is_fine() -> None:
    async with scene() as there:
        sent = await there.channel.send(ROOM, say("zelfde"), "k")
        await there.channel.edit(ROOM, sent, say("zelfde"))
        assert there.posts()[0]["text"] == "zelfde"


async def test_what_telegram_does_not_delete_any_more_says_that_it_is_over() -> None:
    async with scene() as there:
        choices = (Choice(key="k", label="Ja"),)
        sent = await there.channel.send(ROOM, say("Melden?", choices=choices), "k")
        there.posts()[0]["date"] -= 3 * 86400
        await there.channel.delete(ROOM, sent)
        (post,) = there.posts()
        assert (post["text"], "reply_markup" in post) == ("Dit bericht is vervallen.", False)


# --- moving, leaving ---


async def test_a_group_that_becomes_a_supergroup_is_followed_and_a_batch_ends_there() -> None:
    world = two_groups()
    world.group(-4100, "Klein", {FATIMA: "creator", JAN: "member"}, kind="group")
    world.change(-4100, BOT_ID, "member", FATIMA)
    async with scene(world) as there:
        old = await there.channel.send(Room("-4100"), say("kaartje"), "k")
        new = -1001000000077
        world.migrate(-4100, new)
        world.say(new, JAN, "we zijn verhuisd")
        batches = [await there.host.batch() for _ in range(3)]
        assert [[type(e) for e in batch.events] for batch in batches] == [[Moved], [Moved], [BotChanged, Said]]
        moved = batches[0].events[0]
        assert isinstance(moved, Moved)
        assert (moved.room, moved.to) == ("-4100", str(new))
        with pytest.raises(MovedTo) as caught:
            await there.channel.send(Room("-4100"), say("nog een"), "k")
        assert caught.value.room == str(new)
        with pytest.raises(Gone):
            await there.channel.edit(Room(str(new)), old, say("kaartje, veranderd"))
        await there.channel.delete(Room(str(new)), old)


async def test_a_room_met_through_a_message_is_announced_with_its_name() -> None:
    world = two_groups()
    world.updates.clear()
    async with scene(world) as there:
        for _ in range(2):
            world.say(PLEIN, JAN, "hoi")
        await there.host.hush()
        first = there.host.events[0]
        assert isinstance(first, BotChanged)
        assert (first.room_name, [type(e) for e in there.host.events]) == (
            "Buurtapp Parijsplein",
            [BotChanged, Said, Said],
        )


async def test_a_kick_is_heard_and_everything_there_is_gone() -> None:
    async with scene() as there:
        there.world.change(PLEIN, BOT_ID, "kicked", FATIMA)
        assert (await there.host.hear(BotChanged)).present is False
        with pytest.raises(Gone):
            await there.channel.send(ROOM, say("hoort iemand mij?"), "k")


async def test_people_who_come_go_and_become_admin_are_told_where_the_bot_is_admin() -> None:
    async with scene() as there:
        assert there.channel.capabilities(ROOM).sees_members is False
        there.world.change(PLEIN, BOT_ID, "administrator", FATIMA)
        there.world.change(PLEIN, JAN, "administrator", FATIMA)
        there.world.change(PLEIN, KEES, "left", KEES)
        await there.host.hush()
        told = {(e.person.address, e.present, e.role) for e in there.host.heard(MemberChanged)}
        assert told == {(JAN_, True, Role.ADMIN), (KEES_, False, Role.MEMBER)}
        assert there.channel.capabilities(ROOM).sees_members is True


# --- who is who ---


async def test_an_anonymous_admin_is_nobody_in_particular_but_presses_as_himself() -> None:
    async with scene() as there:
        there.world.chats[PLEIN].anonymous.add(FATIMA)
        there.world.say(PLEIN, FATIMA, "graag netjes blijven")
        said = await there.host.hear(Said)
        assert (said.person.anonymous, said.person.address) == (True, f"chat:{PLEIN}")
        there.world.press(PLEIN, FATIMA, "g:grant")
        assert (await there.host.hear(Chose)).person.address == str(FATIMA)
        assert await there.channel.admins(ROOM) == {str(FATIMA)}
        with pytest.raises(Refused):
            await there.channel.whisper(ROOM, said.person.address, say("wie?"), "k")


async def test_privacy_mode_is_known_per_room_and_ends_when_the_bot_becomes_admin() -> None:
    world = two_groups(reads_all=False)
    async with scene(world) as there:
        assert there.channel.capabilities(ROOM).hears_all is False
        world.say(PLEIN, JAN, "hoort hij dit?")
        world.change(PLEIN, BOT_ID, "administrator", FATIMA)
        await there.host.hush()
        assert not there.host.heard(Said)
        assert there.channel.capabilities(ROOM).hears_all is True
        assert there.channel.capabilities(Room(str(LAAN))).hears_all is False
    async with serve(BotApi(world, FREE)) as served, telegram_channel(served.url) as again:
        assert again.capabilities(ROOM).hears_all is False
        await again.admins(ROOM)
        assert again.capabilities(ROOM).hears_all is True


# --- albums ---


async def test_an_album_of_which_a_part_comes_later_is_one_message() -> None:
    async with scene() as there:
        for number in range(3):
            there.world.photo(PLEIN, JAN, "drie kanten" if number == 1 else None, PHOTO, album="a")
        said = await there.host.hear(Said)
        assert (said.text, len(said.media), len(there.host.heard(Said))) == ("drie kanten", 3, 1)
        assert [await there.channel.fetch(ROOM, media, 1000) for media in said.media] == [PHOTO] * 3


async def test_a_photo_that_is_gone_or_too_large_is_told_apart() -> None:
    async with scene() as there:
        with pytest.raises(Gone):
            await there.channel.fetch(ROOM, MediaRef(ref="weg"), 1000)
        there.world.files["groot"] = b"x" * (20 * 1024 * 1024 + 1)
        with pytest.raises(Refused):
            await there.channel.fetch(ROOM, MediaRef(ref="groot"), 10**9)


# --- presses ---


async def test_a_press_without_an_answer_is_released_and_a_late_toast_is_gone() -> None:
    async with scene() as there:
        press = there.world.press(PLEIN, JAN, "x:yes")
        await there.host.hear(Chose)
        await there.channel.toast(ROOM, press, "Dank je" + "!" * 300)
        there.channel._presses._patience = 0.01
        second = there.world.press(PLEIN, KEES, "x:yes")
        await there.host.hear(Chose, lambda chose: chose.press == second)
        await there.host.hush()
        async with asyncio.timeout(10):
            while second not in there.world.answered:
                await there.host.hush()
        ((_, who, text),) = there.world.toasts
        assert (who, len(text)) == (JAN, 200)
        for late in (press, second, "no-such-press"):
            with pytest.raises(Gone):
                await there.channel.toast(ROOM, late, "te laat")


# --- limits ---


async def test_too_much_at_once_is_later_with_the_seconds_telegram_names() -> None:
    async with scene(limits=Limits(overall=0, chat=1, group=0)) as there:
        await there.channel.send(ROOM, say("een"), "1")
        with pytest.raises(Later) as caught:
            await there.channel.send(ROOM, say("twee"), "2")
        assert caught.value.seconds == 1.0
        there.served.faults.append("429:60")
        with pytest.raises(Later) as caught:
            await there.channel.admins(ROOM)
        assert caught.value.seconds == 60.0


@pytest.mark.parametrize("fault", ["502", "half", "garbage", "done-drop"])
async def test_a_broken_line_is_later_and_at_most_one_post_more(fault: str) -> None:
    async with scene() as there:
        await there.host.stop()
        there.served.faults.append(fault)
        with pytest.raises(Later):
            await there.channel.send(ROOM, say("gezegd?"), "k")
        await there.channel.send(ROOM, say("gezegd?"), "k")
        assert len(there.posts()) == (2 if fault == "done-drop" else 1)


async def test_what_the_group_does_not_allow_is_refused() -> None:
    async with scene() as there:
        for wrong in (say(""), say("x", choices=(Choice(key="k", label=""),))):
            with pytest.raises(ChannelError) as caught:
                await there.channel.send(ROOM, wrong, "k")
            assert type(caught.value) is Refused


async def test_the_commands_are_registered_in_dutch() -> None:
    async with scene() as there:
        listed = {one["command"]: one["description"] for one in there.served.api.commands["default"]}
        assert listed["meld"].startswith("Meld iets")
        assert len(listed) == 10

"""What happens to rooms on a real homeserver, as the Matrix channel hears it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.testing.host import Host, listening
from bot.model.channel import BotChanged, Choice, Chose, Deleted, MemberChanged, Moved, Post, Said, Span
from bot.model.errors import Gone, MovedTo
from bot.model.group import Role
from bot.model.ids import PostRef, Room
from tests.support.matrix import MatrixRig, Resident, a_rig, matrix_channel
from tests.support.synapse import Synapse

pytestmark = pytest.mark.synapse

YES = Choice(key="9f2c41d07b6ae853:yes", label="Ja")
NO = Choice(key="9f2c41d07b6ae853:no", label="Nee")


@pytest.fixture
async def rig(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixRig]:
    async with a_rig(synapse, tmp_path) as made:
        yield made


def admin(rig: MatrixRig) -> Resident:
    return rig.people[rig.admin]


def jan(rig: MatrixRig) -> Resident:
    return rig.people[rig.member]


def asks(*choices: Choice) -> Post:
    return Post(spans=(Span(text="Melden?"),), choices=choices)


async def until_heard(host: Host, rig: MatrixRig) -> list[str]:
    """Everything said up to now, by hearing one more message."""
    await rig.say(rig.room, rig.neighbour, "klaar")
    await host.hear(Said, lambda said: said.text == "klaar")
    return [said.text for said in host.heard(Said)][:-1]


async def test_bart_comes_into_a_room_it_is_asked_into_and_says_who_asked(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        room = await admin(rig).open_room("Buurtapp Rome", jan(rig))
        await jan(rig).say(room, "van voor jouw tijd")
        await admin(rig).invite(room, rig.bot.user)
        came = await host.hear(BotChanged, lambda event: event.room == room)
        await jan(rig).say(room, "welkom")
        said = await host.hear(Said)
        assert (came.present, came.room_name) == (True, "Buurtapp Rome")
        assert came.by is not None
        assert came.by.address == rig.admin
        assert said.text == "welkom"
        assert await host.channel.admins(room) == {rig.admin}


@pytest.mark.parametrize("how", ["kick", "ban"])
async def test_being_put_out_is_told_and_the_room_is_gone(rig: MatrixRig, how: str) -> None:
    async with listening(rig) as host:
        await rig.say(rig.room, rig.member, "nog net gehoord")
        await admin(rig).ask("POST", "rooms", rig.room, how, body={"user_id": rig.bot.user})
        out = await host.hear(BotChanged, lambda event: not event.present)
        assert out.room == rig.room
        assert [said.text for said in host.heard(Said)] == ["nog net gehoord"]
        with pytest.raises(Gone):
            await host.channel.send(rig.room, asks(), "k")


async def test_of_a_long_absence_every_message_is_fetched_once_and_in_order(rig: MatrixRig) -> None:
    texts = [f"gemist {number}" for number in range(130)]
    async with listening(rig) as host:
        cursor = host.cursor
    for text in texts:
        await rig.say(rig.room, rig.member, text)
    async with rig.channel() as channel:
        host = Host(channel, rig.pace, cursor)
        await host.hear(Said, lambda said: said.text == texts[-1])
        assert [said.text for said in host.heard(Said)] == texts
        await host.stop()


async def test_being_let_in_again_during_an_absence_cuts_what_was_said_before(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        cursor = host.cursor
    await rig.bring_in(rig.room, [f"zonder BART {number}" for number in range(120)])
    await rig.say(rig.room, rig.member, "met BART")
    async with rig.channel() as channel:
        host = Host(channel, rig.pace, cursor)
        await host.hear(Said, lambda said: said.text == "met BART")
        assert [said.text for said in host.heard(Said)] == ["met BART"]
        assert host.heard(BotChanged)[-1].present
        await host.stop()


async def test_an_upgraded_room_goes_on_as_the_new_one(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        upgraded = await admin(rig).ask("POST", "rooms", rig.room, "upgrade", body={"new_version": "11"})
        new = Room(upgraded["replacement_room"])
        # The replacement of a private room is private: BART is not asked in by the upgrade itself.
        await admin(rig).invite(new, rig.bot.user)
        moved = await host.hear(Moved)
        assert (moved.room, moved.to) == (rig.room, new)
        with pytest.raises(MovedTo) as told:
            await host.channel.send(rig.room, asks(), "k")
        assert told.value.room == new
        await host.channel.send(new, asks(YES), "k")
        await admin(rig).say(new, "hier verder")
        assert (await host.hear(Said)).room == new
        assert len(host.heard(Moved)) == 1


async def test_a_room_that_denies_its_predecessor_takes_no_permission_over(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        other = await admin(rig).open_room("Nep", rig.bot)
        await admin(rig).set_state(rig.room, "m.room.tombstone", {"body": "weg", "replacement_room": other})
        await until_heard(host, rig)
        assert host.heard(Moved) == []


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_who_is_an_admin_is_right_in_every_room_version(rig: MatrixRig, version: str) -> None:
    async with listening(rig) as host:
        levels = {"users": {rig.member: 50}}
        if version != "12":
            levels["users"][rig.admin] = 100
        room = await admin(rig).open_room(
            "Versie", jan(rig), rig.bot, room_version=version, power_level_content_override=levels
        )
        await host.hear(BotChanged, lambda event: event.room == room)
        assert await host.channel.admins(room) == {rig.admin, rig.member}
        await jan(rig).ask("POST", "rooms", room, "leave", body={})
        assert await host.channel.admins(room) == {rig.admin}
        left = await host.hear(MemberChanged)
        assert (left.person.address, left.present) == (rig.member, False)


async def test_a_new_moderator_and_one_who_is_no_longer_are_told(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        levels = await admin(rig).state(rig.room, "m.room.power_levels")
        for level in (50, 0):
            levels["users"] = {**levels.get("users", {}), rig.member: level}
            await admin(rig).set_state(rig.room, "m.room.power_levels", levels)
        await until_heard(host, rig)
        roles = [(event.person.address, event.role) for event in host.heard(MemberChanged)]
        assert roles == [(rig.member, Role.ADMIN), (rig.member, Role.MEMBER)]


async def test_a_tap_taken_back_takes_no_message_away_and_a_new_tap_counts_again(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, asks(YES, NO), "ask")
        tap = await jan(rig).react(rig.room, ref, "2️⃣")
        await host.hear(Chose)
        await jan(rig).redact(rig.room, tap)
        await jan(rig).react(rig.room, ref, "1️⃣")
        await jan(rig).react(rig.room, ref, "❤️")
        await until_heard(host, rig)
        assert [chose.choice for chose in host.heard(Chose)] == [NO.key, YES.key]
        assert host.heard(Deleted) == []


async def test_a_tap_on_a_post_of_before_a_restart_is_understood_by_its_newest_choices(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, asks(YES), "ask")
        await host.channel.edit(rig.room, ref, asks(NO, YES))
        cursor = host.cursor
    async with rig.channel() as channel:
        host = Host(channel, rig.pace, cursor)
        await jan(rig).say(rig.room, "1", reply_to=ref)
        await jan(rig).react(rig.room, ref, "2️⃣")
        await host.hear(Chose, lambda chose: chose.choice == YES.key)
        assert [chose.choice for chose in host.heard(Chose)] == [NO.key, YES.key]
        assert host.heard(Said) == []
        await host.stop()


async def test_every_choice_has_a_digit_to_tap_and_digits_of_choices_that_are_over_go(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, asks(YES, NO), "ask")
        assert await digits(rig, ref) == ["1️⃣", "2️⃣"]
        await host.channel.edit(rig.room, ref, asks(YES))
        assert await digits(rig, ref) == ["1️⃣"]
        await host.channel.edit(rig.room, ref, asks())
        assert await digits(rig, ref) == []


async def digits(rig: MatrixRig, ref: PostRef) -> list[str]:
    events = await jan(rig).timeline(rig.room)
    taps = [e["content"]["m.relates_to"] for e in events if e["type"] == "m.reaction" and e["content"]]
    return [tap["key"] for tap in taps if tap["event_id"] == ref]


async def test_nothing_of_a_deleted_post_can_be_read_any_more_not_even_its_earlier_words(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, Post(spans=(Span(text="geheim een"),)), "secret")
        await host.channel.edit(rig.room, ref, Post(spans=(Span(text="geheim twee"),)))
        await host.channel.delete(rig.room, ref)
        assert "geheim" not in str(await jan(rig).timeline(rig.room))


async def test_a_post_is_not_said_twice_by_a_process_that_starts_again(rig: MatrixRig, tmp_path: Path) -> None:
    async with rig.channel() as channel:
        first = await channel.send(rig.room, asks(YES), "card:1")
    async with matrix_channel(rig.home.server, rig.bot, tmp_path) as channel:
        again = await channel.send(rig.room, asks(YES), "card:1")
    assert first == again
    assert len(await rig.screen(rig.room, rig.member)) == 1


async def test_barts_own_posts_do_not_make_it_arrive_again(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        before = len(host.heard(BotChanged))
        await host.channel.send(rig.room, asks(YES), "ask")
        await until_heard(host, rig)
        assert len(host.heard(BotChanged)) == before == 2


async def test_somebody_elses_edit_changes_nothing(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        ref = await rig.say(rig.room, rig.member, "van Jan")
        await rig.edit(rig.room, rig.neighbour, ref, "niet van Jan")
        await until_heard(host, rig)
        assert not [event for event in host.events if type(event).__name__ == "Edited"]


async def test_an_answer_in_a_thread_answers_what_the_thread_is_about(rig: MatrixRig) -> None:
    async with listening(rig) as host:
        ref = await host.channel.send(rig.room, asks(), "waar")
        relation = {
            "rel_type": "m.thread",
            "event_id": ref,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": ref},
        }
        content = {"msgtype": "m.text", "body": "bij de glasbak", "m.relates_to": relation}
        await jan(rig).send(rig.room, "m.room.message", content)
        said = await host.hear(Said)
        assert (said.text, said.reply_to, said.to_bot) == ("bij de glasbak", ref, True)


async def test_a_cursor_the_homeserver_does_not_know_begins_anew_and_tells_the_gap(rig: MatrixRig) -> None:
    async with rig.channel() as channel:
        host = Host(channel, rig.pace, "van-een-andere-server")
        first = await host.batch()
        assert {event.room for event in first.events} == {rig.room, rig.second_room}
        assert {type(event).__name__ for event in first.events} == {"Gap"}
        await rig.say(rig.room, rig.member, "hallo")
        assert (await host.hear(Said)).text == "hallo"
        await host.stop()

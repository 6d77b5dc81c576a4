"""The scripted network tells, keeps and refuses what a real one does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.testing import Pace
from adapters.testing.host import Host
from bot.model.channel import (
    BotChanged,
    Capabilities,
    ChannelEvent,
    Choice,
    Chose,
    Gap,
    MemberChanged,
    Moved,
    Post,
    Private,
    Said,
    Span,
)
from bot.model.errors import Gone, Later, MovedTo, Refused
from bot.model.group import Role
from bot.model.ids import Address, PostRef, Room
from bot.model.place import Point
from bot.ports.channel import AnswersPresses, FetchesMedia, LeavesRooms, SpeaksPrivately
from bot.ports.fakes.channel import FakeChannel
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.network import FakeNetwork

PACE = Pace(quiet=0.03)
PEOPLE = {"fatima": Role.ADMIN, "jan": Role.MEMBER}


def post(text: str, *labels: str) -> Post:
    choices = tuple(Choice(key=f"i:{label.lower()}", label=label) for label in labels)
    return Post(spans=(Span(text=text),), choices=choices)


async def heard(network: FakeNetwork, cursor: str | None = None) -> list[ChannelEvent]:
    """All that a host hears from this cursor on."""
    async with FakeChannel(network) as channel:
        host = Host(channel, PACE, cursor)
        await host.hush()
        await host.stop()
        return host.events


def test_the_fake_offers_everything_a_channel_can() -> None:
    for offer in (SpeaksPrivately, AnswersPresses, FetchesMedia, LeavesRooms):
        assert isinstance(FakeChannel(), offer)


async def test_the_log_is_replayed_from_a_cursor_after_a_restart() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    for number in range(5):
        network.say(room, "jan", str(number))
    async with FakeChannel(network, batch=3) as channel:
        host = Host(channel, PACE)
        await host.batch()
        cursor = (await host.batch()).cursor
        await host.stop()
    again = await heard(network, cursor)
    assert [event.text for event in again if isinstance(event, Said)] == ["4"]
    assert len(await heard(network)) == len(network.log)


async def test_opening_a_room_tells_the_bot_and_its_admins() -> None:
    network = FakeNetwork()
    network.open_room("plein", PEOPLE, name="Buurtapp")
    joined, admin = await heard(network)
    assert isinstance(joined, BotChanged)
    assert (joined.room_name, joined.by) == ("Buurtapp", None)
    assert isinstance(admin, MemberChanged)
    assert (admin.person.address, admin.person.name, admin.role) == ("fatima", "Fatima", Role.ADMIN)


async def test_who_let_the_bot_in_or_put_it_out_is_told() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE, bot=False)
    network.invite(room, by="fatima")
    network.kick(room, by="jan")
    network.say(room, "jan", "onder ons")
    told = [event for event in await heard(network) if isinstance(event, BotChanged)]
    assert [(event.present, event.by and event.by.address) for event in told] == [
        (True, "fatima"),
        (False, "jan"),
    ]
    assert not [event for event in network.log if isinstance(event, Said)]


async def test_people_come_go_and_change_role() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    network.join(room, "kees")
    network.promote(room, "kees")
    network.promote(room, "fatima", Role.MEMBER)
    network.leave(room, "jan")
    changes = [event for event in await heard(network) if isinstance(event, MemberChanged)][1:]
    assert [(event.person.address, event.role, event.present) for event in changes] == [
        ("kees", Role.MEMBER, True),
        ("kees", Role.ADMIN, True),
        ("fatima", Role.MEMBER, True),
        ("jan", Role.MEMBER, False),
    ]
    async with FakeChannel(network) as channel:
        assert await channel.admins(room) == {"kees"}


async def test_a_message_carries_photo_place_and_to_whom_it_is_said() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    point = Point(lat=52.1, lon=5.1)
    network.say(room, "jan", "kijk", photo=b"raw", location=point, private=True, to_bot=True)
    said = (await heard(network))[-1]
    assert isinstance(said, Said)
    assert (said.location, said.private, said.to_bot) == (point, True, True)
    assert said.person.role is Role.MEMBER
    async with FakeChannel(network) as channel:
        assert await channel.fetch(room, said.media[0], 10) == b"raw"


async def test_an_event_can_be_delivered_twice_with_the_same_id() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    network.say(room, "jan", "hoi")
    network.repeat()
    async with FakeChannel(network) as channel:
        host = Host(channel, PACE)
        batch = await host.batch()
        await host.stop()
    assert batch.deduplicate
    assert batch.events[-1].id == batch.events[-2].id


async def test_a_moved_room_says_where_it_is() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    to = network.move(room, "plein-2")
    network.say(to, "jan", "hier nu")
    moved, said = (await heard(network))[-2:]
    assert isinstance(moved, Moved)
    assert (moved.room, moved.to) == (room, to)
    assert said.room == to
    async with FakeChannel(network) as channel:
        with pytest.raises(MovedTo) as caught:
            await channel.send(room, post("x"), "k")
        assert caught.value.room == to
        await channel.send(to, post("x"), "k")
    assert [one.text for one in network.shown(to)] == ["x"]


async def test_missing_messages_are_a_gap() -> None:
    network = FakeNetwork()
    network.lose(network.open_room("plein", PEOPLE))
    assert isinstance((await heard(network))[-1], Gap)


async def test_the_next_calls_fail_as_told_and_then_work_again() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    network.fail_next(Later(3.0), times=2)
    network.fail_next(Refused("no"))
    async with FakeChannel(network) as channel:
        for error in (Later, Later, Refused):
            with pytest.raises(error):
                await channel.send(room, post("x"), "k")
        assert network.shown(room) == []
        await channel.send(room, post("x"), "k")
    assert len(network.shown(room)) == 1


async def test_every_version_of_a_post_is_kept_for_the_test_to_read() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    async with FakeChannel(network) as channel:
        ref = await channel.send(room, post("Melden?", "Ja", "Nee"), "card")
        assert network.choice(room, "Nee").key == "i:nee"
        await channel.edit(room, ref, post("Gemeld"))
        assert [version.text for version in network.posts[ref].versions] == ["Melden?", "Gemeld"]
        with pytest.raises(KeyError):
            network.choice(room, "Nee")
        await channel.delete(room, ref)
    assert network.shown(room) == []
    assert network.posts[ref].deleted


async def test_posts_survive_a_restart_of_the_bot() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    async with FakeChannel(network) as channel:
        ref = await channel.send(room, post("Gemeld"), "card")
    async with FakeChannel(network) as channel:
        await channel.edit(room, ref, post("Opgelost"))
        assert await channel.send(room, post("Gemeld"), "card") == ref
    assert [one.text for one in network.shown(room)] == ["Opgelost"]


async def test_private_messages_wait_for_a_start_where_the_network_wants_one() -> None:
    network = FakeNetwork(capabilities=Capabilities(private=Private.AFTER_START))
    room = network.open_room("plein", PEOPLE)
    async with FakeChannel(network) as channel:
        with pytest.raises(Refused):
            await channel.whisper(room, Address("jan"), post("voor jan"), "w")
        network.started.add(Address("jan"))
        await channel.whisper(room, Address("jan"), post("voor jan"), "w")
        network.started.add(Address("vreemde"))
        with pytest.raises(Gone):
            await channel.whisper(room, Address("vreemde"), post("x"), "w")
    assert [(one.to, one.now.text) for one in network.whispers] == [("jan", "voor jan")]


async def test_a_toast_answers_a_press_that_was_made() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    press = network.press(room, "jan", "i:ja")
    chose = (await heard(network))[-1]
    assert isinstance(chose, Chose)
    assert chose.press == press
    async with FakeChannel(network) as channel:
        await channel.toast(room, press, "Genoteerd")
        with pytest.raises(Gone):
            await channel.toast(room, "made-up", "x")
    assert network.toasts == [(room, "jan", "Genoteerd")]


async def test_a_test_can_wait_until_the_host_has_committed_everything() -> None:
    network = FakeNetwork()
    room = network.open_room("plein", PEOPLE)
    network.say(room, "jan", "hoi")
    async with FakeChannel(network) as channel:
        batches = channel.batches(None)
        await anext(batches)
        settling = asyncio.create_task(network.settled())
        await asyncio.sleep(0)
        assert not settling.done()
        asking = asyncio.ensure_future(anext(batches, None))
        await asyncio.wait_for(settling, 5)
    assert await asyncio.wait_for(asking, 5) is None


async def test_times_come_from_the_clock_or_tick_by_themselves() -> None:
    clock = FakeClock()
    network = FakeNetwork(clock=clock)
    room = network.open_room("plein", PEOPLE)
    clock.advance(60)
    network.say(room, "jan", "later")
    first, *_, last = await heard(network)
    assert last.at - first.at == timedelta(seconds=60)
    ticking = FakeNetwork()
    ticking.open_room("plein", PEOPLE)
    times = [event.at for event in await heard(ticking)]
    assert times == sorted(set(times))


async def test_unknown_rooms_are_gone_for_every_call() -> None:
    async with FakeChannel() as channel:
        nowhere = Room("nergens")
        for call in (
            channel.send(nowhere, post("x"), "k"),
            channel.edit(nowhere, PostRef("1"), post("x")),
            channel.delete(nowhere, PostRef("1")),
            channel.admins(nowhere),
            channel.whisper(nowhere, Address("jan"), post("x"), "k"),
            channel.toast(nowhere, "p", "x"),
            channel.leave(nowhere),
        ):
            with pytest.raises(Gone):
                await call

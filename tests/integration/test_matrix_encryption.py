"""Encrypted rooms on a real homeserver: nothing is read before a yes, and nothing is lost for want of a key."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.channels.matrix.words import ENCRYPTED
from adapters.testing import Pace
from adapters.testing.host import Host
from bot.model.channel import BotChanged, Choice, Chose, Post, Said, Span
from bot.model.errors import Gone
from bot.model.ids import PostRef, Room
from tests.support.matrix import PHOTO, Home, MatrixRig, Resident, a_home, a_rig, matrix_channel, shown
from tests.support.matrix_sealed import SealedResident, sealed
from tests.support.synapse import Synapse

pytestmark = pytest.mark.synapse

ENCRYPTION: Any = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
PACE = Pace(quiet=1.5, patience=30.0)
"""Giving keys to every device takes a few calls."""
YES = Choice(key="9f2c41d07b6ae853:yes", label="Ja")


@dataclass(slots=True, kw_only=True)
class Sealed:
    """An encrypted room with BART asked in."""

    rig: MatrixRig
    room: Room
    fatima: Resident
    jan: SealedResident

    async def question(self) -> PostRef:
        """BART's question about encryption, once it stands there."""
        async with asyncio.timeout(30):
            while True:
                events = await self.jan.timeline(self.room)
                for ref, _, content in shown(events):
                    if content["body"].startswith(ENCRYPTED):
                        return ref
                await asyncio.sleep(0.2)


@asynccontextmanager
async def a_sealed_room(server: Synapse, data: Path) -> AsyncIterator[Sealed]:
    async with a_rig(server, data) as rig:
        fatima, plain_jan, _ = rig.people.values()
        async with sealed(plain_jan, server.url) as jan:
            room = await fatima.open_room("Stille buurt", plain_jan, initial_state=[ENCRYPTION])
            yield Sealed(rig=rig, room=room, fatima=fatima, jan=jan)


@pytest.fixture
async def place(synapse: Synapse, tmp_path: Path) -> AsyncIterator[Sealed]:
    async with a_sealed_room(synapse, tmp_path) as made:
        yield made


@asynccontextmanager
async def hosting(place: Sealed, cursor: str | None = None) -> AsyncIterator[Host]:
    async with place.rig.channel() as channel:
        host = Host(channel, PACE, cursor)
        try:
            yield host
        finally:
            await host.stop()


async def allowed(place: Sealed, host: Host) -> None:
    """BART is in, and an admin said yes."""
    await host.hush()
    await place.fatima.invite(place.room, place.rig.bot.user)
    await host.hush()
    await place.fatima.react(place.room, await place.question(), "1️⃣")
    await host.hear(BotChanged, lambda event: event.room == place.room)


async def test_nothing_is_heard_before_an_admin_says_yes(place: Sealed) -> None:
    async with hosting(place) as host:
        await host.hush()
        await place.fatima.invite(place.room, place.rig.bot.user)
        await host.hush()
        await place.jan.say(place.room, "nog niet voor BART")
        await place.jan.resident.react(place.room, await place.question(), "1️⃣")
        await host.hush()
        assert not [event for event in host.events if event.room == place.room]
        await place.fatima.react(place.room, await place.question(), "1️⃣")
        came = await host.hear(BotChanged, lambda event: event.room == place.room)
        assert came.room_name == "Stille buurt"
        await place.jan.say(place.room, "nu wel")
        assert (await host.hear(Said)).text == "nu wel"
        assert [said.text for said in host.heard(Said)] == ["nu wel"]


async def test_after_a_no_bart_is_gone(place: Sealed) -> None:
    async with hosting(place) as host:
        await host.hush()
        await place.fatima.invite(place.room, place.rig.bot.user)
        await host.hush()
        await place.fatima.react(place.room, await place.question(), "2️⃣")
        await host.hush()
        with pytest.raises(Gone):
            await host.channel.send(place.room, Post(spans=(Span(text="x"),)), "k")
        joined = await place.fatima.ask("GET", "rooms", place.room, "joined_members")
        assert place.rig.bot.user not in joined["joined"]


async def test_where_encrypted_rooms_are_not_wanted_bart_does_not_come(place: Sealed, tmp_path: Path) -> None:
    rig = place.rig
    async with matrix_channel(rig.home.server, rig.bot, tmp_path, encrypted_rooms="never") as channel:
        host = Host(channel, PACE)
        await host.hush()
        await place.fatima.invite(place.room, rig.bot.user)
        await host.hush()
        member = await place.fatima.state(place.room, "m.room.member", rig.bot.user)
        assert member["membership"] == "leave"
        await host.stop()


async def test_posts_edits_taps_and_photos_work_and_the_yes_and_keys_survive_a_restart(place: Sealed) -> None:
    async with hosting(place) as host:
        await allowed(place, host)
        ref = await host.channel.send(place.room, Post(spans=(Span(text="Melden?"),), choices=(YES,)), "ask")
        await place.jan.resident.react(place.room, ref, "1️⃣")
        assert (await host.hear(Chose)).choice == YES.key
        await place.jan.say(place.room, "gezegd terwijl BART dood was")
        cursor = host.cursor
        await place.jan.send_photo(place.room, PHOTO, "kijk")
    async with hosting(place, cursor) as host:
        said = await host.hear(Said, lambda said: bool(said.media))
        assert "gezegd terwijl BART dood was" in [one.text for one in host.heard(Said)]
        assert await host.channel.fetch(place.room, said.media[0], 1000) == PHOTO
        await host.channel.edit(place.room, ref, Post(spans=(Span(text="Gemeld."),), choices=(YES,)))
        bodies = [content["body"] for _, _, content in shown(await place.jan.timeline(place.room))]
        assert any(body.startswith("Gemeld.") for body in bodies)
        await place.jan.say(place.room, "1", reply_to=ref)
        assert (await host.hear(Chose)).choice == YES.key


async def test_a_crash_between_the_keys_and_the_hosts_commit_loses_no_message(place: Sealed) -> None:
    async with hosting(place) as host:
        await allowed(place, host)
        before = host.cursor
        await place.jan.say(place.room, "een")
        await host.hear(Said)
    # The keys of this message are stored, the host's cursor is not: it is delivered once more.
    async with hosting(place, before) as host:
        await place.jan.say(place.room, "twee")
        await host.hear(Said, lambda said: said.text == "twee")
        assert [said.text for said in host.heard(Said)] == ["een", "twee"]


async def test_a_message_whose_key_comes_later_is_heard_then_also_after_a_restart(place: Sealed) -> None:
    async with hosting(place) as host:
        await allowed(place, host)
        await place.jan.say(place.room, "met sleutel")
        await host.hear(Said)
        client = place.jan.client
        client.rooms[place.room].users.pop(place.rig.bot.user)
        client.invalidate_outbound_session(place.room)
        client.olm.create_outbound_group_session(place.room)
        key = client.olm.outbound_group_sessions[place.room].session_key
        late = await client.room_send(
            place.room, "m.room.message", {"msgtype": "m.text", "body": "te vroeg"}, ignore_unverified_devices=True
        )
        await host.hush()
        assert [said.text for said in host.heard(Said)] == ["met sleutel"]
        cursor = host.cursor
    assert late.event_id in (place.rig.data / "waiting.json").read_text()
    async with hosting(place, cursor) as host:
        await give_key(place, client, key)
        said = await host.hear(Said)
        assert (said.text, said.post) == ("te vroeg", late.event_id)
        await host.hush()
        await place.jan.resident.say(place.room, "nog een")
        await host.hush()
    assert late.event_id not in (place.rig.data / "waiting.json").read_text()


async def give_key(place: Sealed, client: Any, key: str) -> None:
    """Jan's client gives BART's device the key it held back."""
    device = client.device_store[place.rig.bot.user][place.rig.bot.device]
    if not client.olm.session_store.get(device.curve25519):
        await client.keys_claim({place.rig.bot.user: [device.id]})
    olm = client.olm.session_store.get(device.curve25519)
    told = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "room_id": place.room,
        "session_id": client.olm.outbound_group_sessions[place.room].id,
        "session_key": key,
    }
    sealed_key = client.olm._olm_encrypt(olm, device, "m.room_key", told)
    messages = {"messages": {place.rig.bot.user: {device.id: sealed_key}}}
    await place.jan.resident.ask("PUT", "sendToDevice", "m.room.encrypted", "late-key", body=messages)


async def test_only_bart_can_read_its_keys_and_its_session(synapse: Synapse, tmp_path: Path) -> None:
    async with a_home(synapse) as home:
        bot = await home.resident("bart")
        await entered(home, bot, tmp_path)
        for name in ("keys.db", "session.json"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert bot.token not in (tmp_path / "session.json").read_text()


async def entered(home: Home, bot: Resident, data: Path) -> None:
    async with matrix_channel(home.server, bot, data) as channel:
        assert channel.capabilities(Room("!x")).idempotent_send

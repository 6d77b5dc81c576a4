"""Becoming the bot's account by its password, on a real Synapse: one device, whatever happens to its token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.channels.matrix.login import SESSION
from adapters.testing import Pace
from adapters.testing.host import Host
from bot.model.channel import Post, Said, Span
from bot.model.errors import ConfigError, StartTrouble
from bot.model.ids import PostRef, Room
from tests.support.matrix import PASSWORD, Home, Resident, a_home, matrix_channel
from tests.support.synapse import Synapse

pytestmark = pytest.mark.synapse
PACE = Pace(quiet=0.3, patience=20.0)
WORDS = Post(spans=(Span(text="Goedemorgen"),))


def session(data: Path) -> dict[str, str]:
    """What BART remembers of its login."""
    found: dict[str, str] = json.loads((data / SESSION).read_text("utf-8"))
    return found


async def post(home: Home, bot: Resident, data: Path, room: Room, key: str = "k") -> PostRef:
    """A process that starts by the password, posts once and ends."""
    async with matrix_channel(home.server, bot, data, password=PASSWORD) as channel:
        host = Host(channel, PACE)
        try:
            await host.hush()
            return await channel.send(room, WORDS, key)
        finally:
            await host.stop()


async def devices(home: Home, bot: Resident) -> set[str]:
    """Of the account."""
    return {one["device_id"] for one in (await bot.ask("GET", "devices"))["devices"]}


async def test_the_password_is_needed_once_and_a_restart_uses_the_same_session(
    synapse: Synapse, tmp_path: Path
) -> None:
    async with a_home(synapse) as home:
        jan, bot = await home.resident("jan"), await home.resident("bart")
        room = await jan.open_room("Plein", bot)
        others = await devices(home, bot)
        first = await post(home, bot, tmp_path, room)
        before = session(tmp_path)
        assert before["user"] == bot.user
        assert PASSWORD not in (tmp_path / SESSION).read_text("utf-8")
        assert (tmp_path / SESSION).stat().st_mode & 0o077 == 0
        # The same token, so the same post is said once although another process says it.
        assert await post(home, bot, tmp_path, room) == first
        assert session(tmp_path) == before
        assert await devices(home, bot) == others | {before["device"]}


async def test_a_session_that_is_over_is_begun_again_on_the_same_device_with_the_same_keys(
    synapse: Synapse, tmp_path: Path
) -> None:
    async with a_home(synapse) as home:
        jan, bot = await home.resident("jan"), await home.resident("bart")
        room = await jan.open_room("Plein", bot)
        others = await devices(home, bot)
        await post(home, bot, tmp_path, room)
        before = session(tmp_path)
        # As after a move to another homeserver's database, or a token that has run out.
        (tmp_path / SESSION).write_text(json.dumps(before | {"token": "voorbij"}), "utf-8")
        with capture_logs() as logs:
            await post(home, bot, tmp_path, room, "k2")
        assert [line["account"] for line in logs if line["event"] == "matrix.session_over"] == ["matrix"]
        after = session(tmp_path)
        assert after["token"] not in {before["token"], "voorbij"}
        assert {key: after[key] for key in ("user", "device", "pickle")} == {
            key: before[key] for key in ("user", "device", "pickle")
        }
        assert await devices(home, bot) == others | {before["device"]}


async def test_after_logging_in_again_it_reads_on_from_where_it_was(synapse: Synapse, tmp_path: Path) -> None:
    async with a_home(synapse) as home:
        jan, bot = await home.resident("jan"), await home.resident("bart")
        room = await jan.open_room("Plein", bot)
        async with matrix_channel(synapse, bot, tmp_path, password=PASSWORD) as channel:
            host = Host(channel, PACE)
            await host.hush()
            cursor = host.cursor
            await host.stop()
        await jan.say(room, "terwijl de bot weg was")
        (tmp_path / SESSION).write_text(json.dumps(session(tmp_path) | {"token": "voorbij"}), "utf-8")
        async with matrix_channel(synapse, bot, tmp_path, password=PASSWORD) as channel:
            host = Host(channel, PACE, cursor)
            await host.hear(Said, lambda said: said.text == "terwijl de bot weg was")
            await host.stop()


async def test_a_password_that_is_wrong_is_told_by_check_and_run_as_credentials(
    synapse: Synapse, tmp_path: Path
) -> None:
    async with a_home(synapse) as home:
        bot = await home.resident("bart")
        assert synapse.url in await matrix_channel(synapse, bot, tmp_path, password=PASSWORD).check()
        assert list(tmp_path.iterdir()) == []
        with capture_logs() as logs:
            async with matrix_channel(synapse, bot, tmp_path, password="een-ander-wachtwoord") as channel:
                host = Host(channel, PACE)
                await host.hush()
                await host.stop()
        told = [line["why"] for line in logs if line["event"] == "matrix.not_in"]
        assert set(told) == {StartTrouble.CREDENTIALS}
        assert "een-ander-wachtwoord" not in str(logs)
        with pytest.raises(ConfigError, match=r"channels\.matrix\.password_file"):
            await matrix_channel(synapse, bot, tmp_path, password_file=str(tmp_path / "nergens")).check()

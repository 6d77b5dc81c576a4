"""Telegram away, refusing, or speaking nonsense: told in the log, waited for, and nobody else's trouble."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from adapters.channels.telegram import TelegramChannel
from adapters.testing.host import Host
from bot.app import open_app
from bot.config import load
from bot.model.channel import Post, Said, Span
from bot.model.errors import Later, StartError, StartTrouble
from bot.model.ids import Room
from tests.fakes.telegram import TOKEN, BotApi, serve
from tests.fakes.telegram.refusal import bad
from tests.support.demo import GLASS, JAN, eventually, let_in, press, running, say
from tests.support.telegram_rig import FREE, PLEIN, telegram_channel, two_groups
from tests.support.telegram_rig import JAN as TELEGRAM_JAN
from tests.unit.adapters.channels.telegram.test_channel import PACE

DEMO = Path(__file__).parents[2] / "bot" / "demo.toml"
NOBODY = "http://127.0.0.1:9"


@asynccontextmanager
async def behind_a_strange_certificate() -> AsyncIterator[str]:
    """An address whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        private = serialization.PrivateFormat.PKCS8
        file.write(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
        file.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def heard(channel: TelegramChannel, text: str) -> Said:
    host = Host(channel, PACE)
    try:
        return await host.hear(Said, lambda said: said.text == text)
    finally:
        await host.stop()


# --- starting ---


async def test_a_token_that_telegram_does_not_know_ends_the_start_and_names_the_key() -> None:
    async with serve(BotApi(two_groups(), FREE)) as served:
        served.token = TOKEN[:-1] + "X"
        for attempt in (telegram_channel(served.url).__aenter__, telegram_channel(served.url).check):
            with pytest.raises(StartError) as caught:
                await attempt()
            assert caught.value.trouble is StartTrouble.CREDENTIALS
            assert "channels.wijk.token" in str(caught.value)
            assert TOKEN not in str(caught.value)


async def test_settings_that_telegram_refuses_end_the_start_for_good() -> None:
    async with serve(BotApi(two_groups(), FREE)) as served:
        served.api._methods["setwebhook"] = lambda params: _refuse()
        with pytest.raises(StartError) as caught:
            await telegram_channel(served.url, webhook="https://bart.example").__aenter__()
        assert caught.value.trouble is StartTrouble.FOR_GOOD


def _refuse() -> bool:
    raise bad("bad webhook: Failed to resolve host: Name or service not known")


async def test_check_says_who_the_bot_is_and_what_it_hears() -> None:
    async with serve(BotApi(two_groups(), FREE)) as served:
        assert await telegram_channel(served.url).check() == "@bart_proef_bot hears everything"
        served.api.world.reads_all = False
        served.api.webhook = {"url": "https://elsewhere.example/x"}
        told = await telegram_channel(served.url).check()
        assert told == "@bart_proef_bot hears all only where it is an admin; has a webhook"
        assert [name for name, _ in served.api.calls] == ["getMe", "getWebhookInfo"] * 2


async def test_check_tells_a_network_that_is_away_from_a_certificate_that_is_strange() -> None:
    with pytest.raises(StartError, match=r"channels\.wijk\.api: Telegram cannot be reached"):
        await telegram_channel(NOBODY).check()
    async with behind_a_strange_certificate() as url:
        with pytest.raises(StartError, match=r"channels\.wijk\.api: the certificate of the other side") as caught:
            await telegram_channel(url).check()
        assert caught.value.trouble is StartTrouble.FOR_NOW


# --- while it runs ---


@pytest.mark.parametrize("fault", ["502", "half", "garbage", "429:7"])
async def test_a_fault_on_the_way_in_is_later_and_nothing_is_lost(fault: str) -> None:
    world = two_groups()
    async with serve(BotApi(world, FREE)) as served, telegram_channel(served.url) as channel:
        world.say(PLEIN, TELEGRAM_JAN, "hoor je mij nog?")
        served.faults.append(fault)
        with capture_logs() as logged, pytest.raises(Later) as caught:
            await anext(channel.batches(None))
        assert [(one["event"], one["account"]) for one in logged] == [("telegram.away", "wijk")]
        assert caught.value.seconds == (7.0 if fault[:3] == "429" else 2.0)
        assert await heard(channel, "hoor je mij nog?")


async def test_a_token_that_is_revoked_while_it_runs_is_told_and_asked_again_later() -> None:
    world = two_groups()
    async with serve(BotApi(world, FREE)) as served, telegram_channel(served.url) as channel:
        served.token = "1:other"
        with capture_logs() as logged, pytest.raises(Later) as caught:
            await anext(channel.batches(None))
        assert [one["event"] for one in logged] == ["telegram.credentials"]
        assert caught.value.seconds == 60.0
        with pytest.raises(Later):
            await channel.send(Room(str(PLEIN)), Post(spans=(Span(text="x"),)), "k")
        served.token = TOKEN
        world.say(PLEIN, TELEGRAM_JAN, "weer terug")
        assert await heard(channel, "weer terug")


async def test_a_second_reader_of_the_same_bot_is_told_and_waited_for() -> None:
    world = two_groups()
    world.updates.clear()
    async with serve(BotApi(world, FREE)) as served, telegram_channel(served.url) as channel:
        first = asyncio.ensure_future(anext(channel.batches(None)))
        await asyncio.sleep(0.2)
        async with telegram_channel(served.url) as other:
            second = asyncio.ensure_future(anext(other.batches(None)))
            with capture_logs() as logged, pytest.raises(Later):
                await first
            assert logged[0]["error"] == "Conflict"
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)


async def test_a_poisoned_update_is_counted_in_the_log_and_the_next_is_heard() -> None:
    world = two_groups()
    world.deliver_raw({"message": {"message_id": "gif", "text": ["geheim"]}})
    world.say(PLEIN, TELEGRAM_JAN, "gewoon verder")
    async with serve(BotApi(world, FREE)) as served, telegram_channel(served.url) as channel:
        with capture_logs() as logged:
            assert await heard(channel, "gewoon verder")
        assert {"event": "telegram.unreadable", "count": 1, "log_level": "warning"} in logged
        assert "geheim" not in str(logged)


async def test_the_same_update_twice_is_told_with_one_id() -> None:
    world = two_groups()
    async with serve(BotApi(world, FREE)) as served, telegram_channel(served.url) as channel:
        world.say(PLEIN, TELEGRAM_JAN, "eens")
        ids = [(await heard(channel, "eens")).id for _ in range(2)]
        assert len(set(ids)) == 1


# --- beside others ---


def both(folder: Path, api: str) -> Any:
    """The demo with a Telegram account beside it."""
    table = f'\n[channels.wijk]\nkind = "telegram"\ntenant = "parijsplein"\ntoken = "{TOKEN}"\napi = "{api}"\n'
    file = folder / "config.toml"
    file.write_text(DEMO.read_text("utf-8") + table, "utf-8")
    quick = {"BART_GROUP__DEADLINES__RELEASE": "1", "BART_GROUP__QUIET__WAIT_MIN": "0"}
    return load(file, {"BART_SERVER__DATA": str(folder / "data"), **quick})


async def test_while_telegram_is_away_other_channels_go_on_and_later_it_joins(tmp_path: Path) -> None:
    world = two_groups()
    async with serve(BotApi(world, FREE)) as served:
        served.down = "502"
        async with open_app(both(tmp_path, served.url)) as app, running(app):
            await let_in(app)
            await say(app, "glass", GLASS)
            await press(app, "Ja, melden", JAN)
            served.down = ""

            async def is_introduced() -> bool:
                return any("BART" in str(one.get("text")) for one in world.chats[PLEIN].messages.values())

            await eventually(is_introduced)
            assert len(await app.parts.views.groups(None)) == 3

"""A homeserver on its bad days: BART says what is wrong, waits, loses nothing, and other channels go on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from adapters.channels.matrix import MatrixChannel, channel
from adapters.testing import Pace
from adapters.testing.host import Host
from bot.app import open_app
from bot.clock import SystemClock
from bot.config import load
from bot.model.channel import Post, Said, Span
from bot.model.errors import Later, StartError, StartTrouble
from bot.model.ids import Room, TenantId
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.homeserver import BOT, ROOM, BadHomeserver, a_bad_homeserver
from tests.support.demo import GLASS, JAN, eventually, let_in, press, running, say

DEMO = Path(__file__).parents[2] / "bot" / "demo.toml"
PACE = Pace(quiet=0.3, patience=20.0)
Trouble = Callable[[str, str], web.StreamResponse | None]


@pytest.fixture
async def server() -> AsyncIterator[BadHomeserver]:
    async with a_bad_homeserver() as made:
        yield made


def a_channel(url: str, data: Path, **options: Any) -> MatrixChannel:
    made = channel(
        Setup(
            where="channels.wijk",
            name="wijk",
            tenant_id=TenantId("demo"),
            data=data,
            clock=SystemClock(),
            photos=FakePhotos(),
            options={"homeserver": url, "user": BOT, "token": "geheim-token", **options},
        )
    )
    assert isinstance(made, MatrixChannel)
    return made


@asynccontextmanager
async def hosting(server: BadHomeserver, data: Path, **options: Any) -> AsyncIterator[Host]:
    async with a_channel(server.url, data, **options) as made:
        host = Host(made, PACE)
        try:
            yield host
        finally:
            await host.stop()


def times(count: int, where: str, trouble: Callable[[], web.StreamResponse]) -> Trouble:
    """This trouble for the next so many requests under such a path."""
    left = [count]

    def next_one(method: str, path: str) -> web.StreamResponse | None:
        if not path.endswith(where) or left[0] <= 0:
            return None
        left[0] -= 1
        return trouble()

    return next_one


def limited() -> web.Response:
    return web.json_response({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 300}, status=429)


def refused() -> web.Response:
    return web.json_response({"errcode": "M_UNKNOWN_TOKEN", "error": "unknown"}, status=401)


def a_page(status: int) -> Callable[[], web.Response]:
    return lambda: web.Response(status=status, text="<html>Bad Gateway</html>", content_type="text/html")


def half() -> web.Response:
    return web.Response(text='{"next_batch": "s1", "rooms": {"joi', content_type="application/json")


TROUBLES: Sequence[tuple[str, Callable[[], web.StreamResponse]]] = (
    ("429", limited),
    ("502", a_page(502)),
    ("half an answer", half),
    ("a proxy's 404", a_page(404)),
    ("token refused for a moment", refused),
)


@pytest.mark.parametrize("trouble", [one for _, one in TROUBLES], ids=[name for name, _ in TROUBLES])
async def test_what_is_said_meanwhile_is_heard_once_when_it_is_over(
    server: BadHomeserver, tmp_path: Path, trouble: Callable[[], web.StreamResponse]
) -> None:
    async with hosting(server, tmp_path) as host:
        await host.hush()
        server.trouble = times(1, "/sync", trouble)
        with capture_logs() as logs:
            # The sync under way brings the first; the next one meets the trouble.
            server.say()
            await host.hear(Said)
            server.say()
            await host.hear(Said, lambda said: said.text == "bericht 2")
        assert [said.text for said in host.heard(Said)] == ["bericht 1", "bericht 2"]
        (line,) = [line for line in logs if line["event"] in {"matrix.away", "matrix.account_refused"}]
        assert line["seconds"] >= 0.3
        assert line["account"] == "wijk"
        assert "geheim-token" not in str(logs)


async def test_waits_grow_and_have_chance_in_them(server: BadHomeserver, tmp_path: Path) -> None:
    made = a_channel(server.url, tmp_path)._sync
    waits = [[made._wait(tries, 0.0, 60.0) for tries in (0, 3, 20)] for _ in range(5)]
    for first, fourth, last in waits:
        assert 1.0 <= first <= 1.5
        assert 8.0 <= fourth <= 12.0
        assert 60.0 <= last <= 90.0
    assert len({one[0] for one in waits}) == 5
    assert made._wait(0, 30.0, 60.0) >= 30.0


async def test_a_homeserver_that_is_away_at_the_start_is_tried_again(
    server: BadHomeserver, tmp_path: Path
) -> None:
    server.trouble = times(1, "/versions", a_page(503))
    with capture_logs() as logs:
        async with hosting(server, tmp_path) as host:
            with pytest.raises(Later):
                await host.channel.send(Room(ROOM), Post(spans=(Span(text="x"),)), "k")
            await host.batch()
            assert {event.room for event in host.events} == {ROOM}
    assert [line["why"] for line in logs if line["event"] == "matrix.not_in"] == [StartTrouble.FOR_NOW]


async def test_a_refused_account_opens_and_says_so_until_the_secret_is_right(
    server: BadHomeserver, tmp_path: Path
) -> None:
    server.trouble = times(1, "/whoami", refused)
    with capture_logs() as logs:
        async with hosting(server, tmp_path) as host:
            await host.batch()
    (line,) = [line for line in logs if line["event"] == "matrix.not_in"]
    assert (line["why"], line["log_level"]) == (StartTrouble.CREDENTIALS, "error")


async def test_what_is_no_homeserver_stops_the_start_for_good(server: BadHomeserver, tmp_path: Path) -> None:
    server.trouble = times(9, "/versions", a_page(404))
    with pytest.raises(StartError) as told:
        async with a_channel(server.url, tmp_path):
            pass
    assert told.value.trouble is StartTrouble.FOR_GOOD
    assert server.url in str(told.value)


@pytest.mark.parametrize(
    ("where", "trouble", "kind"),
    [
        ("/versions", a_page(404), StartTrouble.FOR_GOOD),
        ("/versions", a_page(502), StartTrouble.FOR_NOW),
        ("/whoami", refused, StartTrouble.CREDENTIALS),
        ("/whoami", limited, StartTrouble.FOR_NOW),
    ],
)
async def test_a_check_names_what_is_wrong_and_writes_nothing(
    server: BadHomeserver,
    tmp_path: Path,
    where: str,
    trouble: Callable[[], web.StreamResponse],
    kind: StartTrouble,
) -> None:
    assert server.url in await a_channel(server.url, tmp_path).check()
    server.trouble = times(1, where, trouble)
    with pytest.raises(StartError) as told:
        await a_channel(server.url, tmp_path).check()
    assert told.value.trouble is kind
    assert "geheim-token" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


async def test_a_token_of_somebody_else_is_named(server: BadHomeserver, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"channels\.wijk\.user is not whose token this is"):
        await a_channel(server.url, tmp_path, user="@ander:example.nl").check()


async def test_a_homeserver_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be reached"):
        await a_channel("http://127.0.0.1:9", tmp_path).check()


async def test_a_poisoned_event_is_left_out_and_the_next_is_heard(server: BadHomeserver, tmp_path: Path) -> None:
    async with hosting(server, tmp_path) as host:
        await host.hush()
        for content in (None, [], "x", {"body": 5}, {"m.relates_to": [[[]]], "body": "x", "msgtype": {}}):
            server.say(content=content)
        server.say(origin_server_ts="morgen", sender=None)
        server.say(type="m.room.encrypted", content={"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": [1]})
        server.say(type="m.room.power_levels", state_key="", content={"users": {"@jan:example.nl": "veel"}})
        server.say(content={"msgtype": "m.text", "body": "gaat het nog?"})
        await host.hear(Said, lambda said: said.text == "gaat het nog?")


async def test_a_limit_on_sending_is_told_with_its_seconds_and_nothing_is_slept_away(
    server: BadHomeserver, tmp_path: Path
) -> None:
    async with hosting(server, tmp_path) as host:
        await host.hush()
        server.trouble = lambda method, path: limited() if "/send/" in path else None
        with pytest.raises(Later) as told:
            await host.channel.send(Room(ROOM), Post(spans=(Span(text="x"),)), "k")
        assert told.value.seconds == 0.3
        server.trouble = lambda method, path: None
        await host.channel.send(Room(ROOM), Post(spans=(Span(text="x"),)), "k")
        assert len(server.sent) == 1


async def test_keys_of_another_login_stop_the_start(server: BadHomeserver, tmp_path: Path) -> None:
    async with a_channel(server.url, tmp_path):
        pass
    (tmp_path / "session.json").write_text('{"device": "ANDER", "user": "@bart:example.nl"}', "utf-8")
    with pytest.raises(StartError, match="belongs to another login"):
        async with a_channel(server.url, tmp_path):
            pass


# --- beside others ---


def both(folder: Path, url: str) -> Any:
    """The demo with a Matrix account beside it."""
    account = f'homeserver = "{url}"\nuser = "{BOT}"\ntoken = "geheim-token"\n'
    file = folder / "config.toml"
    table = f'\n[channels.wijk]\nkind = "matrix"\ntenant = "parijsplein"\n{account}'
    file.write_text(DEMO.read_text("utf-8") + table, "utf-8")
    quick = {"BART_GROUP__DEADLINES__RELEASE": "1", "BART_GROUP__QUIET__WAIT_MIN": "0"}
    return load(file, {"BART_SERVER__DATA": str(folder / "data"), **quick})


@pytest.mark.parametrize("trouble", [a_page(502), refused], ids=["away", "token refused"])
async def test_while_matrix_is_in_trouble_from_the_start_other_channels_go_on_and_later_it_joins(
    server: BadHomeserver, tmp_path: Path, trouble: Callable[[], web.StreamResponse]
) -> None:
    server.trouble = lambda method, path: trouble()
    async with open_app(both(tmp_path, server.url)) as app, running(app):
        await let_in(app)
        await say(app, "glass", GLASS)
        await press(app, "Ja, melden", JAN)
        assert not server.sent
        if trouble is refused:
            # Who must act is a person, so BART asks only once in a while.
            assert 1 <= len(server.asked) <= 3
            return
        server.trouble = lambda method, path: None
        await eventually(lambda: bool(server.sent))


@pytest.mark.parametrize("trouble", [a_page(502), refused], ids=["away", "token revoked"])
async def test_when_matrix_gets_into_trouble_while_it_runs_other_channels_go_on(
    server: BadHomeserver, tmp_path: Path, trouble: Callable[[], web.StreamResponse]
) -> None:
    async with open_app(both(tmp_path, server.url)) as app, running(app):
        # It has told the room that it is there, so it reads along.
        await eventually(lambda: bool(server.sent))
        asked, server.trouble = len(server.asked), lambda method, path: trouble()
        server.say()
        await let_in(app)
        await say(app, "glass", GLASS)
        await press(app, "Ja, melden", JAN)
        await eventually(lambda: len(server.asked) > asked)

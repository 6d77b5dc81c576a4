"""Updates that Telegram pushes: only with the secret, answered only when committed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.channels.telegram import TelegramChannel
from adapters.channels.telegram.sources import Cursor, read_cursor
from adapters.testing.host import Host
from bot.model.channel import BotChanged, Chose, Said
from bot.model.errors import InputError, Later
from bot.model.request import Answer, Request
from tests.fakes.telegram import BotApi, Served, serve
from tests.support.telegram_rig import FREE, JAN, PHOTO, PLEIN, telegram_channel, two_groups
from tests.unit.adapters.channels.telegram.test_channel import PACE

PUBLIC = "https://bart.example"


class Pusher:
    """Telegram's side of a webhook."""

    def __init__(self, served: Served, channel: TelegramChannel) -> None:
        self.served, self.channel, self.world = served, channel, served.api.world
        self.secret = served.api.webhook["secret_token"]

    def push(self, update: Any, path: str = "/telegram", secret: str | None = None) -> asyncio.Task[Answer]:
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        headers = {"x-telegram-bot-api-secret-token": self.secret if secret is None else secret}
        request = Request(method="POST", path=path, target=f"/koppeling/wijk{path}", headers=headers, body=body)
        return asyncio.ensure_future(self.channel.receive(request))

    def say(self, text: str) -> dict[str, Any]:
        self.world.say(PLEIN, JAN, text)
        return self.world.updates[-1]


@asynccontextmanager
async def pushing() -> AsyncIterator[tuple[Pusher, Host]]:
    world = two_groups()
    async with serve(BotApi(world, FREE)) as served, telegram_channel(served.url, webhook=PUBLIC) as channel:
        host = Host(channel, PACE)
        yield Pusher(served, channel), host
        await host.stop()


async def test_telegram_is_told_where_to_push_what_and_with_which_secret() -> None:
    async with pushing() as (pusher, _):
        hook = pusher.served.api.webhook
        assert hook["url"] == f"{PUBLIC}/koppeling/wijk/telegram"
        assert len(hook["secret_token"]) == 64
        assert int(hook["max_connections"]) > 1
        assert set(hook["allowed_updates"]) >= {"message", "callback_query", "my_chat_member"}


@pytest.mark.parametrize(
    ("path", "secret", "status"), [("/telegram", "wrong", 403), ("/telegram", "", 403), ("/", None, 404)]
)
async def test_a_forged_delivery_is_turned_away_and_heard_by_nobody(
    path: str, secret: str | None, status: int
) -> None:
    async with pushing() as (pusher, host):
        assert (await pusher.push(pusher.say("vals"), path, secret)).status == status
        await host.hush()
        assert not host.events


async def test_a_delivery_is_answered_only_when_it_is_committed() -> None:
    async with pushing() as (pusher, host):
        delivery = pusher.push(pusher.say("glas"))
        batch = await host.batch()
        assert [event.text for event in batch.events if isinstance(event, Said)] == ["glas"]
        assert batch.deduplicate
        await asyncio.sleep(0.02)
        assert not delivery.done()
        await host.hush()
        assert (await delivery).status == 200


async def test_what_was_not_committed_comes_again_with_the_same_ids() -> None:
    async with pushing() as (pusher, host):
        delivery = pusher.push(pusher.say("glas"))
        first = await host.batch()
        await host.stop()
        assert not delivery.done()
        again = Host(pusher.channel, PACE)
        assert [event.id for event in (await again.batch()).events] == [first.events[-1].id]
        await again.stop()
        third = Host(pusher.channel, PACE, again.cursor)
        await third.hush()
        assert (await delivery).status == 200
        await third.stop()


async def test_the_same_delivery_twice_is_one_event_and_two_answers() -> None:
    async with pushing() as (pusher, host):
        update = pusher.say("glas")
        deliveries = [pusher.push(update), pusher.push(update)]
        await host.hush()
        assert [(await one).status for one in deliveries] == [200, 200]
        assert len(host.heard(Said)) == 1
        late = pusher.push(update)
        await host.hush()
        assert (await late).status == 200
        assert host.heard(Said)[0].id == host.heard(Said)[1].id


async def test_deliveries_that_overtake_each_other_are_heard_in_order_and_albums_as_one() -> None:
    async with pushing() as (pusher, host):
        updates = [pusher.say("een"), pusher.say("twee")]
        for part in range(2):
            pusher.world.photo(PLEIN, JAN, "kijk" if part else None, PHOTO, album="a")
            updates.append(pusher.world.updates[-1])
        deliveries = [pusher.push(update) for update in reversed(updates)]
        await host.hear(Said, lambda said: said.text == "kijk")
        await host.hush()
        assert [(said.text, len(said.media)) for said in host.heard(Said)] == [
            ("een", 0),
            ("twee", 0),
            ("kijk", 2),
        ]
        assert [(await one).status for one in deliveries] == [200] * 4


async def test_presses_and_arrivals_come_by_the_same_way_and_strange_ones_do_no_harm() -> None:
    async with pushing() as (pusher, host):
        for update in (*pusher.world.updates, {"update_id": 1, "thought": {}}, {"update_id": 2, "message": 7}):
            pusher.push(update)
        await host.hear(BotChanged)
        pusher.world.press(PLEIN, JAN, "x:yes")
        answered = pusher.push(pusher.world.updates[-1])
        await host.hear(Chose)
        await host.hush()
        assert (await answered).status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"message": {}}', b'{"update_id": "7"}'])
async def test_what_is_no_update_is_bad_input(body: bytes) -> None:
    async with pushing() as (pusher, _):
        with pytest.raises(InputError):
            await pusher.push(body)


async def test_who_waits_when_the_channel_closes_hears_to_push_again() -> None:
    async with pushing() as (pusher, _):
        waiting = pusher.push(pusher.say("bijna"))
        await asyncio.sleep(0.01)
    with pytest.raises(Later):
        await waiting
    with pytest.raises(Later):
        await pusher.push({"update_id": 5})


async def test_an_account_that_asks_for_updates_takes_none_and_ends_an_old_webhook() -> None:
    world = two_groups()
    api = BotApi(world, FREE)
    api.webhook = {"url": f"{PUBLIC}/old"}
    async with serve(api) as served, telegram_channel(served.url) as channel:
        assert api.webhook["url"] == ""
        answer = await channel.receive(Request(method="POST", path="/telegram", target="/x"))
        assert answer.status == 404
        assert channel.request_limit >= 100_000


def test_a_cursor_reads_back_and_a_strange_one_begins_anew() -> None:
    for cursor in (Cursor(offset=7), Cursor(offset=7, handed="ab-3"), Cursor(handed="ab-3")):
        assert read_cursor(str(cursor)) == cursor
    for strange in (None, "", "s123_456", "x.7"):
        assert read_cursor(strange).offset is None

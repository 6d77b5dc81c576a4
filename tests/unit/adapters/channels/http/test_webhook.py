"""What the bot says reaches the app signed and once, and each answer of the app becomes the right error."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from adapters.channels.http import HttpChannel
from adapters.channels.http.webhook import AWAY_S, LONGEST_WAIT_S, UNKNOWN_S, UnknownKey
from bot.model.channel import Choice, Post, Private, Span
from bot.model.errors import Gone, Later, MovedTo, Refused, StartError, StartTrouble
from bot.model.ids import Address, PostRef, Room
from bot.model.incident import MediaRef
from bot.ports.checks import Checks
from tests.support.http_rig import PHOTOS, HttpRig

ROOM = Room("plein")
HELLO = Post(
    spans=(Span(text="Wil je dit "), Span(text="melden", strong=True), Span(text="?")),
    choices=(Choice(key="9f2c41d07b6ae853:yes", label="Ja, melden", short="Ja"),),
    reply_to=PostRef("m-1"),
    silent=True,
    link="https://bart.test/m/1",
    link_label="Bekijk",
)


@asynccontextmanager
async def talking(**over: Any) -> AsyncIterator[tuple[HttpRig, HttpChannel]]:
    rig = HttpRig(**over)
    channel = rig.channel()
    await rig.app.stop()
    async with channel:
        yield rig, channel


async def test_a_post_reaches_the_app_as_described_with_an_id_that_stays_the_same() -> None:
    async with talking() as (rig, channel):
        ref = await channel.send(ROOM, HELLO, "card:1")
        assert rig.app.calls == [
            {
                "type": "post",
                "room": "plein",
                "id": ref,
                "post": {
                    "text": "Wil je dit melden?",
                    "spans": [{"text": "Wil je dit "}, {"text": "melden", "strong": True}, {"text": "?"}],
                    "choices": [{"key": "9f2c41d07b6ae853:yes", "label": "Ja, melden", "short": "Ja"}],
                    "reply_to": "m-1",
                    "silent": True,
                    "link": "https://bart.test/m/1",
                    "link_label": "Bekijk",
                },
            }
        ]
    async with talking() as (rig, channel):
        assert await channel.send(ROOM, HELLO, "card:1") == ref
        assert ref.startswith("bart.")


async def test_calls_are_signed_with_the_key_that_was_chosen() -> None:
    async with talking(signs="b") as (rig, channel):
        del rig.app.keys["a"]
        await channel.send(ROOM, HELLO, "k")
        assert rig.app.refused == []


async def test_the_app_refuses_a_key_it_does_not_have_and_that_is_not_the_posts_fault() -> None:
    async with talking() as (rig, channel):
        rig.app.keys = {"b": rig.app.keys["b"]}
        with pytest.raises(UnknownKey) as caught:
            await channel.send(ROOM, HELLO, "k")
        assert caught.value.seconds >= UNKNOWN_S * 0.66
        assert rig.app.refused == ["bart-key"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({}, 404), Gone),
        (JSONResponse({}, 410), Gone),
        (Response(b"<html>gone</html>", 410), Gone),
        (JSONResponse({"moved_to": "plein-2"}, 410), MovedTo),
        (JSONResponse({}, 429), Later),
        (JSONResponse({}, 408), Later),
        (Response(b"<html>502 Bad Gateway</html>", 502, {"Retry-After": "5"}), Later),
        (JSONResponse({}, 403), UnknownKey),
        (JSONResponse({}, 400), Refused),
        (JSONResponse({"field": "post.text"}, 422), Refused),
        (Response(status_code=302, headers={"Location": "https://elsewhere.test/"}), Refused),
    ],
)
async def test_each_answer_becomes_the_error_that_channels_have_for_it(answer: Response, error: type) -> None:
    async with talking() as (rig, channel):
        rig.app.answers.append(answer)
        with pytest.raises(error):
            await channel.send(ROOM, HELLO, "k")
        assert len(rig.app.calls) == 1


async def test_a_room_that_moved_is_told_with_its_new_name() -> None:
    async with talking() as (rig, channel):
        rig.app.answers.append(JSONResponse({"moved_to": "plein-2"}, 404))
        with pytest.raises(MovedTo) as caught:
            await channel.send(ROOM, HELLO, "k")
        assert caught.value.room == "plein-2"


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("7", 7, 7),
        ("999999", LONGEST_WAIT_S, LONGEST_WAIT_S),
        ("", AWAY_S * 0.66, AWAY_S * 1.34),
        ("Wed, 21 Oct 2026 07:28:00 GMT", AWAY_S * 0.66, AWAY_S * 1.34),
        ("-5", AWAY_S * 0.66, AWAY_S * 1.34),
    ],
)
async def test_an_app_that_is_busy_says_how_long_to_wait(told: str, least: float, most: float) -> None:
    async with talking() as (rig, channel):
        rig.app.answers.append(Response(status_code=429, headers={"Retry-After": told} if told else {}))
        with pytest.raises(Later) as caught:
            await channel.send(ROOM, HELLO, "k")
        assert least <= caught.value.seconds <= most


@pytest.mark.parametrize(
    ("field", "told"),
    [("post.choices[0].label", True), ("jan@example.org", False), ("Jan de Vries", False), ("x" * 61, False)],
)
async def test_a_refusal_names_the_field_and_never_what_could_be_words(field: str, told: bool) -> None:
    async with talking() as (rig, channel):
        rig.app.answers.append(JSONResponse({"field": field}, 422))
        with pytest.raises(Refused) as caught:
            await channel.send(ROOM, HELLO, "k")
        assert (field in str(caught.value)) is told


async def test_a_fault_that_passes_is_tried_again_and_said_once() -> None:
    async with talking() as (rig, channel):
        rig.app.answers += [Response(status_code=502), Response(b"half", 500)]
        await channel.send(ROOM, HELLO, "k")
        assert len(rig.app.calls) == 3
        assert len(rig.app.rooms["plein"].posts) == 1


async def test_a_fault_that_stays_is_later_and_each_wait_differs() -> None:
    waits = set()
    for _ in range(3):
        async with talking() as (rig, channel):
            rig.app.answers += [Response(status_code=500)] * 3
            with pytest.raises(Later) as caught:
                await channel.send(ROOM, HELLO, "k")
            waits.add(caught.value.seconds)
    assert len(waits) > 1


async def test_an_app_that_cannot_be_reached_is_later() -> None:
    async with talking() as (_, channel):
        channel._webhook = unreachable(channel)
        with pytest.raises(Later, match="ConnectError"):
            await channel.admins(ROOM)


def unreachable(channel: HttpChannel) -> Any:
    async def never(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    webhook = channel._open()
    webhook.client = httpx.AsyncClient(transport=httpx.MockTransport(never))
    return webhook


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"admins": "jan"}', b"<html>", b'{"admins": [1]}', b"\xff"])
async def test_an_answer_about_admins_that_cannot_be_read_makes_nobody_an_admin(body: bytes) -> None:
    async with talking() as (rig, channel):
        rig.app.answers.append(Response(body))
        with pytest.raises(Later):
            await channel.admins(ROOM)


async def test_an_answer_without_end_is_refused() -> None:
    async with talking() as (rig, channel):
        rig.app.answers.append(JSONResponse({"admins": ["x" * 100_000]}))
        with pytest.raises(Refused):
            await channel.admins(ROOM)


async def test_edits_and_deletions_are_of_own_posts_only() -> None:
    async with talking() as (rig, channel):
        theirs = PostRef(rig.app.say("plein", "jan", "van mij"))
        with pytest.raises(Gone):
            await channel.edit(ROOM, theirs, HELLO)
        with pytest.raises(Refused):
            await channel.delete(ROOM, theirs)
        assert [call["type"] for call in rig.app.calls] == ["admins", "admins"]
        await rig.app.stop()


async def test_an_app_without_private_messages_or_toasts_is_asked_for_neither() -> None:
    async with talking(private="never", toasts=False) as (rig, channel):
        able = channel.capabilities(ROOM)
        assert (able.private, able.toasts) == (Private.NEVER, False)
        with pytest.raises(Refused):
            await channel.whisper(ROOM, Address("jan"), HELLO, "k")
        with pytest.raises(Refused):
            await channel.toast(ROOM, "p-1", "Dat mag niet.")
        assert rig.app.calls == []


async def test_a_toast_for_a_press_long_ago_and_a_whisper_to_a_stranger_are_gone() -> None:
    async with talking() as (_, channel):
        for call in (channel.toast(ROOM, "p-0", "x"), channel.whisper(ROOM, Address("niemand"), HELLO, "k")):
            with pytest.raises(Gone):
                await call


async def test_photos_are_fetched_where_they_were_agreed_to_be() -> None:
    async with talking() as (rig, channel):
        rig.app.photos["a.jpg"] = b"jpeg"
        assert await channel.fetch(ROOM, MediaRef(ref=f"{PHOTOS}a.jpg"), 100) == b"jpeg"
        with pytest.raises(Gone):
            await channel.fetch(ROOM, MediaRef(ref=f"{PHOTOS}b.jpg"), 100)
        with pytest.raises(Refused):
            await channel.fetch(ROOM, MediaRef(ref="https://elsewhere.test/a.jpg"), 100)


async def test_a_channel_that_is_closed_says_later() -> None:
    rig = HttpRig()
    channel = rig.channel()
    await rig.app.stop()
    with pytest.raises(Later):
        await channel.send(ROOM, HELLO, "k")


Spoil = Callable[[HttpRig], None]


def forget_key(rig: HttpRig) -> None:
    rig.app.keys.clear()


def be_away(rig: HttpRig) -> None:
    rig.app.answers += [Response(status_code=503)] * 3


def be_elsewhere(rig: HttpRig) -> None:
    rig.app.answers.append(Response(status_code=404))


@pytest.mark.parametrize(
    ("spoil", "trouble"),
    [
        (forget_key, StartTrouble.CREDENTIALS),
        (be_away, StartTrouble.FOR_NOW),
        (be_elsewhere, StartTrouble.FOR_GOOD),
    ],
)
async def test_bart_check_says_what_is_wrong_without_opening_the_channel(
    spoil: Spoil, trouble: StartTrouble
) -> None:
    rig = HttpRig()
    channel = rig.channel()
    await rig.app.stop()
    assert isinstance(channel, Checks)
    assert await channel.check() == "the app answers and knows our key"
    assert [call["type"] for call in rig.app.calls] == ["ping"]
    spoil(rig)
    with pytest.raises(StartError) as caught:
        await channel.check()
    assert caught.value.trouble is trouble


async def test_no_call_holds_anything_but_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    async with talking() as (rig, channel):
        await channel.send(ROOM, HELLO, "k")
        sent = json.dumps(rig.app.calls)
    assert "secret" not in sent
    assert "Wil je dit" not in capsys.readouterr().out

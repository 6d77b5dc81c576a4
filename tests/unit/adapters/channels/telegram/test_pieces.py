"""The pure parts: settings, rendering, addresses, errors, private chats, presses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError

from adapters.channels.telegram.errors import Flooded, cannot_start, translated
from adapters.channels.telegram.options import API, read_options
from adapters.channels.telegram.presses import Press, Presses
from adapters.channels.telegram.private import LastRooms, link, room_of_payload, room_of_post
from adapters.channels.telegram.refs import Spot, chat_of, spot_of
from adapters.channels.telegram.rendering import Head, Rendered, render, toast, utf16
from adapters.channels.telegram.words import COMMANDS, PRIVATE_HELLO
from bot.model.channel import Choice, Post, Span
from bot.model.errors import ConfigError, Gone, Later, MovedTo, Refused, StartTrouble
from bot.model.ids import Address, PostRef, Room
from bot.process import commands
from tests.fakes.telegram import TOKEN
from tests.fakes.telegram.entities import read

WHERE = "channels.wijk"


# --- settings ---


def test_a_token_is_enough() -> None:
    options = read_options(WHERE, {"token": TOKEN})
    assert (options.token, options.webhook, options.api) == (TOKEN, "", API)
    assert TOKEN not in repr(options)


def test_a_token_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", "utf-8")
    assert read_options(WHERE, {"token_file": str(file)}).token == TOKEN


@pytest.mark.parametrize(
    ("raw", "where", "what"),
    [
        ({}, "token", "is missing"),
        ({"token": ""}, "token", "is missing"),
        ({"token": "geheim"}, "token", "is no token"),
        ({"token": 7}, "token", "Expected `str`, got `int`"),
        ({"token": TOKEN, "token_file": "/x"}, "token_file", "give one of the two"),
        ({"token_file": "/nowhere/token"}, "token_file", "cannot be read: No such file"),
        ({"token": TOKEN, "webhok": "x"}, "webhok", "unknown field"),
        ({"token": TOKEN, "webhook": "http://bart.example"}, "webhook", "begins with https://"),
        ({"token": TOKEN, "webhook": "https://bart.example:8080"}, "webhook", "ports 443, 80, 88 and 8443"),
        ({"token": TOKEN, "api": "telegram"}, "api", "must be an address"),
    ],
)
def test_a_wrong_setting_is_named_and_no_token_is_told(raw: dict[str, Any], where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options(WHERE, raw)
    assert caught.value.where == f"{WHERE}.{where}"
    assert what in caught.value.what
    assert "geheim" not in str(caught.value)


# --- rendering ---


def post(text: str, *choices: Choice, strong: bool = False, **more: Any) -> Post:
    return Post(spans=(Span(text=text, strong=strong),), choices=choices, **more)


def test_words_are_escaped_and_strong_ones_bold() -> None:
    spans = (Span(text='<b>"vet"</b> & '), Span(text="echt <vet>", strong=True), Span(text=" ", strong=True))
    assert render(Post(spans=spans)).html == ("&lt;b&gt;&quot;vet&quot;&lt;/b&gt; &amp; <b>echt &lt;vet&gt;</b> ")


@given(st.lists(st.tuples(st.text(max_size=60), st.booleans()), min_size=1, max_size=6), st.booleans())
def test_telegram_reads_back_exactly_the_words_whatever_they_are(
    spans: list[tuple[str, bool]], headed: bool
) -> None:
    said = Post(spans=tuple(Span(text=text, strong=strong) for text, strong in spans))
    head = Head(label="Buurt <&>", link="https://t.me/x?start=g-1") if headed else None
    if not said.text.strip():
        with pytest.raises(Refused):
            render(said, head)
        return
    words, _ = read(render(said, head).html, "HTML")
    assert words == ("Buurt <&>\n" if headed else "") + said.text


def buttons(rendered: Rendered) -> list[list[tuple[str, str]]]:
    rows = rendered.keyboard.inline_keyboard if rendered.keyboard else ()
    return [[(one.text, str(one.callback_data or one.url)) for one in row] for row in rows]


def test_short_buttons_stand_in_pairs_and_long_ones_alone() -> None:
    short = [Choice(key=f"k{n}", label=f"Knop {n}") for n in range(3)]
    assert buttons(render(post("?", *short))) == [[("Knop 0", "k0"), ("Knop 1", "k1")], [("Knop 2", "k2")]]
    wide = [*short, Choice(key="k3", label="Een heel lange knop om te lezen")]
    assert [len(row) for row in buttons(render(post("?", *wide)))] == [1, 1, 1, 1]


def test_a_link_is_a_button_and_one_that_telegram_would_refuse_is_words() -> None:
    public = render(post("Kijk", link="https://delft.example/m/1", link_label="Bekijk"))
    assert buttons(public) == [[("Bekijk", "https://delft.example/m/1")]]
    here = render(post("Kijk", link="http://localhost:8080/m/1"))
    assert (here.html, here.keyboard) == ("Kijk\nhttp://localhost:8080/m/1", None)


@pytest.mark.parametrize(
    "said",
    [
        post(""),
        post(" \n"),
        post("x" * 4097),
        post("👍" * 2049),
        post("x", Choice(key="k" * 65, label="Ja")),
        post("x", Choice(key="é" * 33, label="Ja")),
        post("x", Choice(key="", label="Ja")),
    ],
)
def test_what_telegram_would_refuse_is_refused_before_it_is_sent(said: Post) -> None:
    with pytest.raises(Refused):
        render(said)


def test_the_limits_themselves_are_within() -> None:
    assert render(post("👍" * 2048, Choice(key="k" * 64, label="Ja"))).keyboard is not None
    assert [utf16("a"), utf16("é"), utf16("👍")] == [1, 1, 2]
    assert (len(toast("x" * 200)), len(toast("x" * 201)), toast("x" * 201)[-1]) == (200, 200, "…")


# --- addresses ---


def test_a_post_is_found_by_chat_message_and_topic() -> None:
    assert spot_of(PostRef("-1001.5")) == Spot(chat=-1001, message=5)
    assert spot_of(PostRef("-1001.5.4")) == Spot(chat=-1001, message=5, topic=4)
    for strange in (None, PostRef("never-posted"), PostRef("1"), PostRef("-1.2.3.4"), PostRef("١.٢")):
        assert spot_of(strange) is None


@pytest.mark.parametrize("room", ["plein", "", "5002", "-", "-1x", "--1"])
def test_what_is_no_group_is_gone(room: str) -> None:
    with pytest.raises(Gone):
        chat_of(Room(room))
    assert chat_of(Room("-1001000000001")) == -1001000000001


# --- errors ---


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Flooded(7.0), Later),
        (ChatMigrated(-1001), MovedTo),
        (Forbidden("Forbidden: bot was kicked from the supergroup chat"), Gone),
        (InvalidToken("Unauthorized"), Later),
        (BadRequest("Bad Request: chat not found"), Gone),
        (BadRequest("Bad Request: PEER_ID_INVALID"), Gone),
        (BadRequest("Bad Request: not enough rights to send text messages to the chat"), Refused),
        (Conflict("Conflict: terminated by other getUpdates request"), Later),
        (NetworkError("httpx.ConnectError"), Later),
        (TelegramError("Invalid server response"), Later),
    ],
)
def test_an_error_of_telegram_becomes_what_the_host_must_do(error: TelegramError, kind: type[Exception]) -> None:
    found = translated(error)
    assert type(found) is kind
    assert error.message not in str(found)
    if isinstance(found, MovedTo):
        assert found.room == "-1001"
    if isinstance(error, Flooded) and isinstance(found, Later):
        assert found.seconds == 7.0


@pytest.mark.parametrize(
    ("error", "trouble", "key"),
    [
        (NetworkError("httpx.ConnectError: no route"), StartTrouble.FOR_NOW, "api: Telegram cannot be reached"),
        (NetworkError("[SSL: CERTIFICATE_VERIFY_FAILED]"), StartTrouble.FOR_NOW, "api: the certificate"),
        (InvalidToken("The token `1:x` was rejected"), StartTrouble.CREDENTIALS, "token: Telegram does not know"),
        (
            BadRequest("bad webhook: Failed to resolve host"),
            StartTrouble.FOR_GOOD,
            "Telegram refuses these settings",
        ),
    ],
)
def test_three_kinds_of_start_failure_are_told_apart(
    error: TelegramError, trouble: StartTrouble, key: str
) -> None:
    found = cannot_start(WHERE, error)
    assert found.trouble is trouble
    assert f"{WHERE}" in str(found)
    assert key in str(found)
    assert "1:x" not in str(found)


# --- the private chat ---


def test_a_link_says_which_group_and_reads_back() -> None:
    address = link("bart_proef_bot", Room("-1001000000001"))
    assert address == "https://t.me/bart_proef_bot?start=g-1001000000001"
    assert room_of_payload(address.partition("start=")[2]) == "-1001000000001"


@pytest.mark.parametrize("payload", ["", "g", "g5", "-1001", "g-1001; drop", "x-1001"])
def test_other_payloads_name_no_group(payload: str) -> None:
    assert room_of_payload(payload) is None


def test_what_is_no_post_names_no_group() -> None:
    assert room_of_post(None, 1) is None
    assert room_of_post("text", 1) is None


def test_the_last_group_of_somebody_is_the_one_they_spoke_about_last() -> None:
    rooms = LastRooms()
    assert rooms.of(Address("1")) is None
    rooms.note(Address("1"), Room("-1"))
    rooms.note(Address("1"), Room("-2"))
    assert rooms.of(Address("1")) == "-2"


# --- presses ---


async def test_a_press_that_nobody_answers_is_answered_without_words_once() -> None:
    released: list[str] = []

    async def release(press: str) -> None:
        released.append(press)

    presses = Presses(release, patience=0.02)
    for number in ("1", "2"):
        presses.note(Press(id=number, room=Room("-1"), who=Address("5")))
    assert presses.waiting(Room("-1"), Address("5")) == "2"
    assert presses.waiting(Room("-2"), Address("5")) is None
    assert presses.take("2") is not None
    await asyncio.sleep(0.06)
    assert released == ["1"]
    assert presses.take("1") is None
    await presses.close()


# --- words ---


def test_every_command_telegram_lists_is_one_bart_knows_and_is_told_in_dutch() -> None:
    assert {one.command for one in COMMANDS} <= set(commands._COMMANDS) | {commands.MELD}
    assert all(3 <= len(one.description) <= 100 and one.description[0].isupper() for one in COMMANDS)
    assert max(len(sentence.split()) for sentence in PRIVATE_HELLO.replace("?", ".").split(".")) <= 14

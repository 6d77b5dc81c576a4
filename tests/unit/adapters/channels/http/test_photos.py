"""Photos come from the app's own place or inside the message, and from nowhere else."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from adapters.channels.http.photos import LARGEST, Inline, check_url, download
from bot.model.errors import Gone, InputError, Later, Refused

BASE = "https://media.app.test/photos/"


@pytest.mark.parametrize("rest", ["a.jpg", "2026/11/a-b_c.jpg", "a.jpg?size=large&x=../y", "..a/b..", "a%20b.jpg"])
def test_an_address_under_the_agreed_one_is_taken(rest: str) -> None:
    assert check_url("x", BASE + rest, BASE) == BASE + rest


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://elsewhere.test/photos/a.jpg",
        "http://media.app.test/photos/a.jpg",
        "https://media.app.test/private/a.jpg",
        "https://media.app.test:444/photos/a.jpg",
        "https://media.app.test.evil.test/photos/a.jpg",
        "https://jan@media.app.test/photos/a.jpg",
        "HTTPS://media.app.test/photos/a.jpg",
        f"{BASE}../private/a.jpg",
        f"{BASE}%2e%2e/private/a.jpg",
        f"{BASE}x/..",
        f"{BASE}./a",
        f"{BASE}..%2fa",
        f"{BASE}..\\a",
        f"{BASE}a%5c..%5cb",
        f"{BASE}a#b",
        f"{BASE}a b",
        f"{BASE}a\nHost: evil",
        f"{BASE}é",
        BASE + "x" * 1000,
        "file:///etc/passwd",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        check_url("events[0].photos[0].url", url, BASE)
    assert caught.value.where == "events[0].photos[0].url"


def test_where_no_place_was_agreed_no_address_is_taken() -> None:
    with pytest.raises(InputError, match="send `data`"):
        check_url("x", BASE + "a.jpg", "")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
@example("..;/x")
@example("//evil.test/x")
@example("@evil.test/")
def test_whatever_is_taken_leads_to_the_agreed_host_and_folder(rest: str) -> None:
    try:
        url = check_url("x", BASE + rest, BASE)
    except InputError:
        assume(False)
        return
    asked = httpx.URL(url)
    assert (asked.scheme, asked.host, asked.port) == ("https", "media.app.test", None)
    assert asked.path.startswith("/photos/")
    assert "/../" not in f"{asked.path}/"
    assert urlsplit(url).username is None


def test_a_photo_inside_a_message_can_be_had_until_it_is_too_old() -> None:
    inline = Inline(limit=25)
    first, second, third = (inline.keep(bytes([number]) * 10) for number in range(3))
    assert len({first, second, third}) == 3
    with pytest.raises(Gone):
        inline.get(first, 100)
    assert inline.get(second, 10) == b"\x01" * 10
    assert inline.keep(b"\x02" * 10) == third == Inline.address(b"\x02" * 10)
    with pytest.raises(Refused):
        inline.get(third, 9)


@pytest.mark.parametrize("data", ["", "%%%", "aGk", "aGk=\n", base64.b64encode(bytes(LARGEST + 1)).decode()])
def test_what_is_no_photo_of_the_right_size_is_refused(data: str) -> None:
    with pytest.raises(InputError, match=r"base64|bytes"):
        Inline().read("x", data)


def test_the_largest_photo_fits() -> None:
    assert len(Inline().read("x", base64.b64encode(bytes(LARGEST)).decode())) == LARGEST


def answering(*answers: httpx.Response | Exception) -> httpx.AsyncClient:
    given_answers = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        one = next(given_answers)
        if isinstance(one, Exception):
            raise one
        return one

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 1000


async def test_a_photo_is_fetched() -> None:
    async with answering(httpx.Response(200, content=b"jpeg")) as client:
        assert await download(client, BASE + "a.jpg", 4) == b"jpeg"


async def test_a_photo_without_end_is_cut_off_at_the_limit() -> None:
    async with answering(httpx.Response(200, content=endless())) as client:
        with pytest.raises(Refused, match="larger"):
            await download(client, BASE + "a.jpg", 10_000)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404), Gone),
        (httpx.Response(410), Gone),
        (httpx.Response(429), Later),
        (httpx.Response(502), Later),
        (httpx.ConnectError("no"), Later),
        (httpx.ReadError("half an answer"), Later),
        (httpx.Response(403), Refused),
        (httpx.Response(302, headers={"Location": "https://internal.test/"}), Refused),
    ],
)
async def test_what_the_app_answers_becomes_an_error_of_channels(answer: httpx.Response, error: type) -> None:
    async with answering(answer) as client:
        with pytest.raises(error):
            await download(client, BASE + "a.jpg", 100)

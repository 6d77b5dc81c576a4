"""PDOK Locatieserver: what goes out, what comes back, and what happens when it is away."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.geocoders.pdok import Pdok, geocoder
from adapters.geocoders.pdok.adapter import ATTEMPTS
from bot.model.errors import ConfigError, Later
from bot.model.ids import TenantId
from bot.model.place import Point
from bot.model.reading import Area
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.pdok import FakePdok, busy, doc

HERE = Point(lat=52.0442, lon=4.3698)
STREET = doc("Parijsplein, 's-Gravenhage", 52.0442, 4.3698)
ELSEWHERE = doc("Parijsplein, Utrecht", 52.09, 5.12, town="Utrecht")


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


def asking(server: FakePdok, **options: Any) -> Pdok:
    return Pdok(transport=httpx.ASGITransport(server.app(), raise_app_exceptions=True), **options)


async def test_sends_the_place_words_and_where_to_look_first() -> None:
    server = FakePdok(docs=[STREET])

    async with asking(server) as pdok:
        await pdok.find("Parijsplein", Area(centre=HERE))

    path, params = server.requests[0]
    assert path == "/free"
    assert ("q", "Parijsplein") in params
    assert ("lat", "52.04420") in params
    assert ("lon", "4.36980") in params


async def test_never_sends_more_than_100_characters_or_a_second_line() -> None:
    server = FakePdok(docs=[STREET])

    async with asking(server) as pdok:
        await pdok.find("Parijsplein\r\nnog een regel\0 " + "x" * 500, Area())

    sent = dict(server.requests[0][1])["q"]
    assert len(sent) == 100
    assert sent.isprintable()
    assert sent.startswith("Parijsplein nog een regel x")


async def test_a_municipality_keeps_other_towns_out() -> None:
    server = FakePdok(docs=[ELSEWHERE, STREET])

    async with asking(server, municipality="'s-Gravenhage") as pdok:
        places = await pdok.find("Parijsplein", Area())

    assert [place.label for place in places] == ["Parijsplein, 's-Gravenhage"]


async def test_reads_longitude_first() -> None:
    async with asking(FakePdok(docs=[STREET])) as pdok:
        place = (await pdok.find("Parijsplein", Area()))[0]

    assert place.point == HERE
    assert not place.home


async def test_leaves_out_what_is_unlike_the_words() -> None:
    server = FakePdok(docs=[doc("Verwegstraat, Parijsplein-Noord aan den IJssel", 52.0, 4.4), STREET])

    async with asking(server) as pdok:
        assert await pdok.find("Parijsplein Noord", Area()) != ()
        assert await pdok.find("den Xantippehoek", Area()) == ()


@pytest.mark.parametrize(
    "trouble", [PlainTextResponse("oops", 502), httpx.ReadTimeout("slow"), httpx.ConnectError("")]
)
async def test_one_hiccup_is_tried_again(trouble: Response | Exception) -> None:
    server = FakePdok(docs=[STREET], failures=[trouble])

    async with asking(server) as pdok:
        assert await pdok.find("Parijsplein", Area()) != ()

    assert len(server.requests) == 2


async def test_a_service_that_stays_away_is_asked_three_times_and_then_later() -> None:
    server = FakePdok(docs=[STREET], failures=[PlainTextResponse("", 503) for _ in range(9)])

    async with asking(server) as pdok:
        with pytest.raises(Later, match="503") as caught:
            await pdok.find("Parijsplein", Area())

    assert caught.value.seconds > 0
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize(("header", "seconds"), [("17", 17.0), ("999999", 3600.0), ("Sat, 21 Nov 2026", 60.0)])
async def test_too_many_questions_waits_as_long_as_it_is_told(header: str, seconds: float) -> None:
    server = FakePdok(docs=[STREET], failures=[busy(header)])

    async with asking(server) as pdok:
        with pytest.raises(Later) as caught:
            await pdok.find("Parijsplein", Area())

    assert caught.value.seconds == seconds
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (PlainTextResponse("<html>storing</html>"), "no JSON"),
        (JSONResponse([]), "documents"),
        (JSONResponse({"response": {"docs": "none"}}), "documents"),
        (JSONResponse({"response": {"docs": [{"type": "weg"}]}}), "weergavenaam"),
        (JSONResponse({"response": {"docs": [{"weergavenaam": "Parijsplein"}]}}), "centroide_ll"),
        (
            JSONResponse({"response": {"docs": [{"weergavenaam": "Parijsplein", "centroide_ll": "POINT(x y)"}]}}),
            "centroide_ll",
        ),
        (JSONResponse({"error": "unknown parameter"}, 400), "400"),
    ],
)
async def test_an_unreadable_answer_says_what_is_wrong_without_the_words(answer: Response, why: str) -> None:
    async with asking(FakePdok(docs=[], failures=[answer])) as pdok:
        with pytest.raises(Later, match=why) as caught:
            await pdok.find("Parijsplein", Area())

    assert "Parijsplein" not in str(caught.value)


async def test_place_words_never_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = FakePdok(docs=[STREET], failures=[PlainTextResponse("", 503)])

    async with asking(server) as pdok:
        await pdok.find("Parijsplein", Area())

    assert "Parijsplein" not in caplog.text
    assert len(server.requests) == 2


async def test_the_fake_server_refuses_what_the_real_one_refuses() -> None:
    transport = httpx.ASGITransport(FakePdok(docs=[STREET]).app())

    async with httpx.AsyncClient(transport=transport, base_url="http://pdok") as client:
        answer = await client.get("/bzk/locatieserver/search/v3_1/free", params={"q": "x", "near": "me"})

    assert answer.status_code == 400


async def test_asks_again_after_it_was_closed() -> None:
    pdok = asking(FakePdok(docs=[STREET]))
    await pdok.find("Parijsplein", Area())
    await pdok.close()

    assert await pdok.find("Parijsplein", Area()) != ()
    await pdok.close()


def setup(tmp_path: Path, **options: object) -> Setup:
    return Setup(
        where="geocoders.pdok",
        name="pdok",
        tenant_id=TenantId("t"),
        data=tmp_path,
        clock=FakeClock(),
        photos=FakePhotos(),
        options=options,
    )


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"url": "ftp://pdok"}, "url"),
        ({"url": 3}, "url"),
        ({"municipality": 'x" OR "y'}, "municipality"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": True}, "timeout_s"),
        ({"tiemout": 3}, "tiemout"),
    ],
)
def test_a_bad_option_is_named(tmp_path: Path, options: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        geocoder(setup(tmp_path, **options))

    assert caught.value.where == f"geocoders.pdok.{key}"


def test_good_options_make_a_geocoder_that_is_not_local(tmp_path: Path) -> None:
    made = geocoder(setup(tmp_path, municipality="Den Haag", timeout_s=2, url="https://example.nl/v3_1/"))

    assert not made.local

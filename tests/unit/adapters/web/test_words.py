from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters.web
from adapters.web import words
from adapters.web.desk import FIELDS
from adapters.web.maps import public_label, public_point
from adapters.web.queue import AGES
from adapters.web.streams import beating, frame
from bot.model.desk import CaseAct, CaseMark
from bot.model.place import Place, Point
from bot.model.report import ContributionKind, Status
from bot.ports.fakes.clock import NOON

WEB = Path(adapters.web.__file__).parent
ZONE = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(0), "vandaag 13:00"),
        (timedelta(hours=12, minutes=59), "vandaag 00:01"),
        (timedelta(hours=13, minutes=1), "gisteren 23:59"),
        (timedelta(days=3), "18 nov, 13:00"),
        (timedelta(days=400), "17 okt 2025, 14:00"),
    ],
)
def test_a_moment_is_told_as_people_say_it_in_the_tenants_zone(ago: timedelta, said: str) -> None:
    assert words.when(NOON - ago, NOON, ZONE) == said


def test_every_status_kind_and_act_has_its_word() -> None:
    assert set(words.STATUS) == set(Status)
    assert {words.kind(kind) for kind in ContributionKind}.isdisjoint({"Bericht"})
    assert {words.kind(status) for status in Status} == set(words.STATUS.values())
    assert set(words.ACT) == set(words.TEXT_LABEL) == set(FIELDS) == set(CaseAct)
    assert set(words.DONE) == {*CaseAct, "assign", "merge"}
    assert {words.kind(mark) for mark in CaseMark}.isdisjoint({"Bericht"})
    assert {words.audited(f"case.{act}") for act in words.DONE}.isdisjoint({f"case.{act}" for act in words.DONE})
    assert set(words.AGES) == set(AGES)


def test_an_unknown_kind_of_line_is_just_a_message() -> None:
    assert words.kind("something_new") == "Bericht"


def page_sentences() -> list[str]:
    found = [*words.CHAT.values(), *words.DONE.values(), words.LOGIN_REFUSED, words.MOVED_ON]
    for template in (WEB / "templates").glob("*.html"):
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "X", template.read_text("utf-8"))
        text = re.sub(r"<script.*?</script>|<svg.*?</svg>", " ", text, flags=re.S)
        found += re.split(r"<[^>]+>|\n", text)
    return [sentence for text in found for sentence in re.split(r"(?<=[.?!])\s", text) if sentence.strip()]


def test_no_sentence_on_a_page_is_longer_than_eighteen_words() -> None:
    sentences = page_sentences()
    assert len(sentences) > 100
    assert [sentence for sentence in sentences if len(sentence.split()) > 18] == []


def test_the_scripts_have_every_word_they_ask_for() -> None:
    scripts = "".join(file.read_text("utf-8") for file in (WEB / "static").glob("*.js"))
    asked = set(re.findall(r"\bwords\.(\w+)", scripts)) | {"sending", "waiting"}
    assert asked == set(words.CHAT)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Lyonstraat 12", "Lyonstraat"),
        ("Lyonstraat 12a, Den Haag", "Lyonstraat, Den Haag"),
        ("Lyonstraat 12-B, 2548 AB Den Haag", "Lyonstraat, Den Haag"),
        ("Lyonstraat 12 3", "Lyonstraat"),
        ("12", "in de buurt"),
    ],
)
def test_a_home_is_shown_by_its_street(label: str, shown: str) -> None:
    assert public_label(Place(label=label, home=True)) == shown


@given(st.text(max_size=60))
def test_a_home_never_shows_a_digit(label: str) -> None:
    assert not re.search(r"[0-9]", public_label(Place(label=label, home=True)))


@given(st.floats(50, 54), st.floats(3, 8))
def test_a_home_on_the_map_is_never_where_it_is_to_the_house(lat: float, lon: float) -> None:
    point = public_point(Place(label="x", home=True, point=Point(lat=lat, lon=lon)))
    assert point is not None
    assert (point.lat, point.lon) == (round(lat, 3), round(lon, 3))


def test_a_place_that_is_no_home_is_shown_as_it_is() -> None:
    place = Place(label="Plein 1940-1945", point=Point(lat=52.05041, lon=4.35))
    assert (public_label(place), public_point(place)) == ("Plein 1940-1945", place.point)


async def numbers(until: asyncio.Event, closed: list[bool]) -> AsyncIterator[int]:
    try:
        yield 1
        await until.wait()
        yield 2
    finally:
        closed.append(True)


async def test_a_silent_stream_beats_so_that_nobody_hangs_up() -> None:
    go, closed = asyncio.Event(), list[bool]()
    frames = beating(numbers(go, closed), lambda n: frame(str(n)), asyncio.Event(), heartbeat=0.01)
    heard = [await anext(frames) for _ in range(4)]
    go.set()
    rest = [part async for part in frames if not part.startswith(b":")]
    assert heard == [b"retry: 2000\n\n", b"data: 1\n\n", b": nog hier\n\n", b": nog hier\n\n"]
    assert rest == [b"data: 2\n\n"]
    assert closed == [True]


async def test_a_stream_that_is_left_puts_its_source_away() -> None:
    closed = list[bool]()
    frames = beating(numbers(asyncio.Event(), closed), lambda n: frame(str(n)), asyncio.Event())
    assert await anext(frames)
    assert await anext(frames) == b"data: 1\n\n"
    await frames.aclose()
    assert closed == [True]


async def test_a_stream_ends_at_once_when_the_site_stops() -> None:
    stopping, closed = asyncio.Event(), list[bool]()
    frames = beating(numbers(asyncio.Event(), closed), lambda n: frame(str(n)), stopping)
    assert [await anext(frames), await anext(frames)][1] == b"data: 1\n\n"
    asyncio.get_running_loop().call_soon(stopping.set)
    assert [part async for part in frames] == []
    assert closed == [True]

"""What an app sends is taken whole or not at all, once, and answered only when it is committed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.channels.http.deliveries import MOST_EVENTS
from adapters.testing.host import Host
from bot.model.channel import (
    BotChanged,
    ChannelEvent,
    Chose,
    Deleted,
    Edited,
    Gap,
    MemberChanged,
    Moved,
    Said,
)
from bot.model.errors import Gone
from bot.model.group import Role
from bot.model.ids import Address, Room
from bot.model.place import Point
from bot.ports.fakes.clock import NOON
from tests.fakes.buurtapp import PATH, PHOTO, SECRETS, inline, sign
from tests.support.http_line import JAN, WRONG, event, line, said
from tests.support.http_rig import PHOTOS, HttpRig


async def one(given: dict[str, Any], **over: Any) -> ChannelEvent:
    async with line(**over) as at:
        assert (await at.post(given)).status_code == 202
        (heard,) = at.host.events
        return heard


async def test_a_message_comes_with_everything_the_app_knows_of_it() -> None:
    where = {"lat": 52.03, "lon": 4.37}
    heard = await one(said(photos=[{"url": f"{PHOTOS}1.jpg"}], location=where, reply_to="m-0", private=True))
    assert isinstance(heard, Said)
    assert (heard.room, heard.post, heard.text) == (Room("plein"), "m-1", "de lamp is stuk")
    assert (heard.person.address, heard.person.name, heard.person.role) == (
        Address("jan"),
        "Jan de Vries",
        Role.MEMBER,
    )
    assert (heard.reply_to, heard.location, heard.private) == ("m-0", Point(lat=52.03, lon=4.37), True)
    assert [media.ref for media in heard.media] == [f"{PHOTOS}1.jpg"]
    assert heard.at == datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
    assert not heard.to_bot


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (event("edited", id="m-1", person=JAN, text="anders"), Edited),
        (event("deleted", id="m-1"), Deleted),
        (event("chose", person=JAN, choice="9f2c41d07b6ae853:yes", press="p-1"), Chose),
        (event("member", person=JAN, present=True, role="admin"), MemberChanged),
        (event("member", person=JAN, present=False), MemberChanged),
        (event("bot", present=True, room_name="Plein", by=JAN), BotChanged),
        (event("bot", present=False), BotChanged),
        (event("moved", to="plein-2"), Moved),
        (event("gap"), Gap),
    ],
)
async def test_every_kind_of_event_is_heard(given: dict[str, Any], wanted: type) -> None:
    heard = await one(given)
    assert type(heard) is wanted
    assert heard.room == "plein"


@pytest.mark.parametrize(
    "over", [{"to_bot": True}, {"text": "@bart hoe zit het?"}, {"reply_to": "bart.0123456789abcdef01234567"}]
)
async def test_the_bot_knows_when_it_is_spoken_to(over: dict[str, Any]) -> None:
    heard = await one(said(**over))
    assert isinstance(heard, Said)
    assert heard.to_bot


async def test_a_time_in_the_future_is_now() -> None:
    heard = await one(said(at="2999-01-01T00:00:00Z"))
    assert heard.at - NOON < timedelta(minutes=1)


async def test_the_same_delivery_again_changes_nothing_and_has_the_same_answer() -> None:
    async with line() as at:
        first = await at.post(said(), said(id="m-2"))
        again = await at.post(said(), said(id="m-2"))
        assert first.status_code == again.status_code == 202
        assert first.content == again.content
        assert first.json() == {"delivery": "d-1", "events": 2}
        assert [event.id for event in at.host.events] == ["d-1#0", "d-1#1"]


async def test_a_delivery_id_with_other_events_is_refused() -> None:
    async with line() as at:
        await at.post(said())
        other = await at.post(said(text="iets anders"))
        assert (other.status_code, other.json()["field"]) == (409, "delivery")
        assert len(at.host.events) == 1


async def test_a_request_repeated_byte_for_byte_is_refused() -> None:
    async with line() as at:
        body = json.dumps({"delivery": "d-1", "events": [said()]}).encode()
        assert (await at.app.post(body)).status_code == 202
        again = await at.app.post(body)
        assert (again.status_code, again.json()["field"]) == (401, "bart-signature")
        assert "sign again" in again.json()["detail"]
        assert again.headers["www-authenticate"]
        assert len(at.host.events) == 1


async def test_nothing_is_answered_before_the_host_has_committed() -> None:
    rig = HttpRig()
    channel = rig.channel()
    await rig.app.stop()
    async with channel:
        host = Host(channel, rig.pace)
        asked = asyncio.create_task(rig.app.post({"delivery": "d", "events": [said()]}))
        await host.batch()
        await asyncio.sleep(0.05)
        assert not asked.done()
        with pytest.raises(TimeoutError):
            await host.batch(0.05)
        assert (await asked).status_code == 202
        await host.stop()


async def test_a_delivery_that_was_under_way_when_the_channel_closed_comes_again() -> None:
    rig = HttpRig()
    channel = rig.channel()
    await rig.app.stop()
    async with channel:
        asked = asyncio.create_task(rig.app.post({"delivery": "d", "events": [said()]}))
        await asyncio.sleep(0.05)
    answer = await asked
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    # The same bytes may come again: they were not taken.
    async with channel:
        host = Host(channel, rig.pace)
        asked = asyncio.create_task(rig.app.post({"delivery": "d", "events": [said()]}))
        await host.hear(Said)
        with pytest.raises(TimeoutError):
            await host.batch(0.05)
        assert (await asked).status_code == 202
        await host.stop()


async def test_a_closed_channel_says_to_come_back() -> None:
    rig = HttpRig()
    rig.channel()
    await rig.app.stop()
    answer = await rig.app.post({"delivery": "d", "events": [said()]})
    assert answer.status_code == 503


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=[field for _, field in WRONG])
async def test_one_wrong_field_is_named_and_nothing_of_the_delivery_is_taken(
    wrong: dict[str, Any], field: str
) -> None:
    async with line() as at:
        answer = await at.post(said(), wrong)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert answer.json()["detail"]
        assert at.host.events == []
        assert (await at.post(said(), said(id="m-2"))).status_code == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[" * 100_000, "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"{}", "delivery"),
        (b'{"delivery": "d"}', "events"),
        (b'{"delivery": "d", "events": []}', "events"),
        (b'{"delivery": "d", "events": [], "x": 1}', "events"),
        (b'{"delivery": 5, "events": []}', "delivery"),
    ],
)
async def test_a_body_that_is_no_delivery_is_told_why(body: bytes, field: str) -> None:
    async with line() as at:
        answer = await at.app.post(body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_hundred_events_fit_and_one_more_does_not() -> None:
    async with line() as at:
        events = [said(id=f"m-{number}") for number in range(MOST_EVENTS + 1)]
        assert (await at.post(*events)).json()["field"] == "events"
        assert (await at.post(*events[:-1])).status_code == 202
        assert len(at.host.events) == MOST_EVENTS


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", PATH, 405),
        ("PUT", PATH, 405),
        ("POST", "/koppeling/buurtapp/openapi.json", 405),
        ("POST", "/koppeling/buurtapp/", 404),
        ("POST", "/koppeling/buurtapp/deliveries/", 404),
        ("GET", "/koppeling/buurtapp/../../etc/passwd", 404),
    ],
)
async def test_only_what_is_described_is_there(method: str, target: str, status: int) -> None:
    async with line() as at:
        assert at.app.client is not None
        assert (await at.app.client.request(method, target)).status_code == status


async def test_what_is_not_json_is_not_read() -> None:
    async with line() as at:
        answer = await at.post(said(), **{"Content-Type": "text/plain"})
        assert (answer.status_code, answer.json()["field"]) == (415, "content-type")
        assert (await at.post(said(), **{"Content-Type": "Application/JSON; charset=utf-8"})).status_code == 202


@pytest.mark.parametrize("header", ["Bart-Key", "Bart-Timestamp", "Bart-Signature"])
async def test_without_a_right_signature_nothing_is_read(header: str) -> None:
    async with line() as at:
        answer = await at.app.post(b"not even JSON", **{header: "0"})
        assert (answer.status_code, answer.json()["field"]) == (401, header.lower())
        assert at.host.events == []


async def test_a_signature_for_another_path_opens_nothing() -> None:
    async with line() as at:
        assert at.app.client is not None
        stamp, body = str(int(at.app.now())), json.dumps({"delivery": "d", "events": [said()]}).encode()
        headers = {
            "Content-Type": "application/json",
            "Bart-Key": "a",
            "Bart-Timestamp": stamp,
            "Bart-Signature": sign(SECRETS["a"], "POST", PATH, stamp, body),
        }
        answer = await at.app.client.post(f"{PATH}?x=1", content=body, headers=headers)
        assert answer.status_code == 401


async def test_a_new_key_works_beside_the_old_one_and_alone() -> None:
    async with line() as at:
        at.app.signs = "b"
        assert (await at.post(said())).status_code == 202
    async with line(keys={"b": SECRETS["b"]}) as at:
        assert (await at.post(said())).status_code == 401
        at.app.signs = "b"
        assert (await at.post(said())).status_code == 202


async def test_what_was_said_before_the_bot_came_is_not_heard_even_if_the_app_sends_it() -> None:
    async with line() as at:
        early = said(id="m-0", at="2026-11-02T11:59:59+01:00", text="van voor jouw tijd")
        answer = await at.post(
            event("bot", present=True, room_name="Plein"), early, said(room="laan"), said(id="m-2")
        )
        assert answer.json()["events"] == 4
        assert [event.post for event in at.host.heard(Said)] == ["m-1", "m-2"]


async def test_a_photo_inside_a_message_can_be_fetched_and_is_lost_with_the_process() -> None:
    async with line() as at:
        await at.post(said(photos=inline()))
        (heard,) = at.host.heard(Said)
        assert await at.channel.fetch(Room("plein"), heard.media[0], 1000) == PHOTO
    async with line() as at:
        with pytest.raises(Gone):
            await at.channel.fetch(Room("plein"), heard.media[0], 1000)


# Random input: a status below 500 whatever comes, and never half a delivery

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)
FIELDS = sorted({name for wrong, _ in WRONG for name in wrong})


@st.composite
def mangled(draw: st.DrawFn) -> dict[str, Any]:
    """A right event, or with one field or more that are anything at all."""
    base = draw(st.sampled_from([said(), *(wrong for wrong, _ in WRONG if wrong.get("type"))]))
    return {**base, **draw(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=2))}


def refused_or_whole(answer: httpx.Response, count: int, heard: int) -> bool:
    return (answer.status_code, heard) == (202, count) or (answer.status_code == 400 and heard == 0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(mangled(), min_size=1, max_size=4))
def test_whatever_an_app_sends_is_taken_whole_or_refused_by_field(events: list[dict[str, Any]]) -> None:
    async def check() -> None:
        async with line() as at:
            answer = await at.post(*events)
            count = len([event for event in events if event.get("type") != "said"])
            heard = len([event for event in at.host.events if not isinstance(event, Said)])
            assert refused_or_whole(answer, count, heard)
            assert answer.status_code == 202 or answer.json()["field"]

    asyncio.run(check())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_body_is_the_answer_is_a_clear_refusal(body: bytes) -> None:
    async def check() -> None:
        async with line() as at:
            answer = await at.app.post(body)
            assert answer.status_code == 400
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["field"]

    asyncio.run(check())

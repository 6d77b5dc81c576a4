from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.model.errors import InputError, StoreUnavailable
from bot.model.ids import Address
from bot.model.place import Point
from bot.model.webroom import Utterance
from tests.support.site import JAN, ROOM, Stage

API = f"/api/chat/{ROOM}/{JAN}"
SAID = {"client_id": "browser-1", "text": "glas bij de glasbak"}


async def post(stage: Stage, path: str, facts: Any, **headers: str) -> httpx.Response:
    async with stage.browser() as browser:
        return await browser.post(path, json=facts, headers=headers)


async def events(stage: Stage, path: str = f"{API}/events", **headers: str) -> list[dict[str, Any]]:
    """Everything a browser hears until the room closes."""
    stage.rooms.close()
    async with stage.browser() as browser:
        answer = await browser.get(path, headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    heard = []
    for block in answer.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if lines.get("event") == "entry":
            heard.append({"id": lines["id"], **json.loads(lines["data"])})
    return heard


def words(entry: dict[str, Any]) -> str:
    return "".join(span["text"] for span in entry["spans"])


async def test_the_front_page_of_the_demo_is_the_chat_with_desk_and_overview_a_click_away() -> None:
    async with Stage(demo=True, demo_notice=("BART wacht hier kort.",)).browser() as browser:
        page = (await browser.get("/")).text
    assert 'role="log"' in page
    assert 'href="/loket"' in page
    assert 'href="/overzicht"' in page
    assert "BART wacht hier kort." in page
    assert page.count('name="bewoner"') == 4
    assert "beheerder" in page


async def test_a_room_that_does_not_exist_is_not_found() -> None:
    async with Stage().browser() as browser:
        assert (await browser.get("/chat/elders")).status_code == 404
        assert (await browser.get(f"/chat/{ROOM}")).status_code == 200


async def test_without_a_web_channel_there_is_no_chat_at_all() -> None:
    async with Stage(chat=False).browser() as browser:
        assert (await browser.get(f"/chat/{ROOM}")).status_code == 404
        assert (await browser.post(f"{API}/messages", json=SAID)).status_code == 404
        assert "Buurtchat" not in (await browser.get("/")).text


async def test_a_message_is_said_once_however_often_the_browser_repeats_it() -> None:
    stage = Stage()
    first = await post(stage, f"{API}/messages", SAID)
    again = await post(stage, f"{API}/messages", SAID)
    assert first.json() == again.json() == {"post": "post-1"}
    assert stage.rooms.said == [(ROOM, JAN, Utterance(client_id="browser-1", text="glas bij de glasbak"))]


async def test_replies_edits_places_and_privacy_reach_the_room() -> None:
    stage = Stage()
    await post(stage, f"{API}/messages", SAID)
    facts = {
        "client_id": "browser-2",
        "reply_to": "post-1",
        "private": True,
        "location": {"lat": 52.0, "lon": 4.5},
    }
    await post(stage, f"{API}/messages", facts)
    await post(stage, f"{API}/messages", {"client_id": "browser-3", "edits": "post-1", "text": "weg"})
    _, reply, edit = (utterance for _, _, utterance in stage.rooms.said)
    assert (reply.reply_to, reply.private, reply.location) == ("post-1", True, Point(lat=52.0, lon=4.5))
    assert (edit.edits, edit.text) == ("post-1", "weg")


async def test_a_press_reaches_the_room_once() -> None:
    stage = Stage()
    facts = {"client_id": "browser-1", "choice": "i1:yes"}
    assert (await post(stage, f"{API}/presses", facts)).status_code == 200
    assert (await post(stage, f"{API}/presses", facts)).status_code == 200
    assert stage.rooms.pressed == [(ROOM, JAN, "i1:yes")]


@pytest.mark.parametrize("path", [f"/api/chat/elders/{JAN}", f"/api/chat/{ROOM}/niemand"])
@pytest.mark.parametrize("end", ["messages", "presses", "events", "photos/x"])
async def test_a_seat_that_does_not_exist_is_not_found(path: str, end: str) -> None:
    facts = {"client_id": "browser-1", "choice": "i1:yes"} if end == "presses" else SAID
    async with Stage().browser() as browser:
        posts = end in ("messages", "presses")
        answer = await (browser.post(f"{path}/{end}", json=facts) if posts else browser.get(f"{path}/{end}"))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"client_id": "kort", "text": "x"}, "client_id"),
        ({"client_id": "browser-1", "text": 5}, "text"),
        ({"client_id": "browser-1", "text": "x" * 4097}, "text"),
        ({"client_id": "browser-1", "location": {"lat": 95, "lon": 4}}, "location.lat"),
        ({"client_id": "browser-1", "by_bot": True}, "body"),
        ([], "body"),
    ],
)
async def test_a_message_that_makes_no_sense_names_its_field(facts: Any, where: str) -> None:
    stage = Stage()
    answer = await post(stage, f"{API}/messages", facts)
    assert answer.status_code == 400
    assert answer.json()["where"] == where
    assert answer.json()["what"].endswith(".")
    assert stage.rooms.said == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"client_id"'])
async def test_what_is_no_json_is_refused(body: bytes) -> None:
    async with Stage().browser() as browser:
        answer = await browser.post(f"{API}/messages", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["where"]) == (400, "body")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_of_another_site_cannot_pose_as_json(kind: str) -> None:
    stage = Stage()
    async with stage.browser() as browser:
        for end in ("messages", "presses"):
            sent = json.dumps(SAID).encode()
            answer = await browser.post(f"{API}/{end}", content=sent, headers={"Content-Type": kind})
            assert answer.status_code == 415
    assert stage.rooms.said == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
async def test_another_site_may_not_speak_for_a_resident(headers: dict[str, str]) -> None:
    stage = Stage()
    assert (await post(stage, f"{API}/messages", SAID, **headers)).status_code == 403
    assert stage.rooms.said == []


async def send_photo(stage: Stage, photo: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    message = json.dumps({"client_id": "browser-1", "text": "kijk"})
    async with stage.browser() as browser:
        return await browser.post(
            f"{API}/messages",
            data={"message": message},
            files={"photo": ("foto.jpg", photo, "image/jpeg")},
            headers={"X-BART": "1"} if headers is None else headers,
        )


async def test_a_photo_travels_with_its_message_and_can_be_seen_in_the_room() -> None:
    stage = Stage()
    assert (await send_photo(stage, b"\xff\xd8photo")).status_code == 200
    ((_, _, said),) = stage.rooms.said
    assert (said.photo, said.text) == (b"\xff\xd8photo", "kijk")
    async with stage.browser() as browser:
        picture = await browser.get(f"{API}/photos/photo-post-1")
        other = await browser.get(f"{API}/photos/photo-post-2")
    assert picture.content == b"\xff\xd8photo"
    assert picture.headers["content-type"] == "image/jpeg"
    assert other.status_code == 404


async def test_an_upload_without_our_own_header_is_refused() -> None:
    stage = Stage()
    assert (await send_photo(stage, b"\xff\xd8photo", headers={})).status_code == 403
    assert stage.rooms.said == []


async def test_a_photo_of_a_hundred_megabytes_is_refused_before_it_is_read() -> None:
    stage = Stage()
    answer = await send_photo(stage, b"x" * (21 * 1024 * 1024))
    assert answer.status_code == 413
    assert "20 MB" in answer.json()["what"]
    assert stage.rooms.said == []


async def test_a_body_that_lies_about_its_size_is_cut_off() -> None:
    stage = Stage()

    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 4096

    async with stage.browser() as browser:
        answer = await browser.post(
            f"{API}/messages", content=endless(), headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 413


async def test_a_photo_that_the_channel_cannot_read_gets_a_clear_line() -> None:
    stage = Stage()
    stage.rooms.failing = InputError("photo", "De foto is leeg.")
    answer = await send_photo(stage, b"not a photo")
    assert answer.status_code == 400
    assert answer.json() == {"where": "photo", "what": "De foto is leeg."}


async def test_when_the_store_is_away_the_browser_is_told_to_repeat() -> None:
    stage = Stage()
    stage.rooms.failing = StoreUnavailable("disk full")
    answer = await post(stage, f"{API}/messages", SAID)
    assert answer.status_code == 503
    assert "disk" not in answer.text


async def test_a_browser_hears_what_was_said_and_may_be_pressed() -> None:
    stage = Stage()
    await post(stage, f"{API}/messages", SAID)
    stage.rooms.bot_says(ROOM, "Wil je dit *melden*?", "Ja, melden", "Nee")
    said, asked = await events(stage)
    assert (words(said), said["mine"], said["by_bot"]) == ("glas bij de glasbak", True, False)
    assert asked["spans"][1] == {"text": "melden", "strong": True}
    assert [choice["label"] for choice in asked["choices"]] == ["Ja, melden", "Nee"]


async def test_private_words_reach_only_who_they_are_for() -> None:
    stage = Stage()
    stage.rooms.bot_says(ROOM, "Dit stuur ik naar de gemeente.", to=JAN)
    assert [entry["private"] for entry in await events(stage)] == [True]
    assert await events(stage, f"/api/chat/{ROOM}/kees/events") == []


async def test_a_browser_that_comes_back_hears_only_what_it_missed() -> None:
    stage = Stage()
    for text in ("een", "twee", "drie"):
        stage.rooms.bot_says(ROOM, text)
    heard = await events(stage)
    assert [words(entry) for entry in heard] == ["een", "twee", "drie"]
    by_header = await events(stage, **{"Last-Event-ID": heard[1]["id"]})
    by_query = await events(stage, f"{API}/events?after={heard[1]['id']}")
    assert [words(entry) for entry in by_header] == [words(entry) for entry in by_query] == ["drie"]


@pytest.mark.parametrize("last", ["anotherrun.3", "x", "1.2.3", "-1", "9" * 40])
async def test_a_browser_of_an_earlier_run_hears_everything(last: str) -> None:
    stage = Stage()
    stage.rooms.bot_says(ROOM, "een")
    assert len(await events(stage, **{"Last-Event-ID": last})) == 1


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://den-haag.example/m/1", True),
        ("/overzicht", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.test", False),
    ],
)
async def test_only_harmless_links_are_passed_on(link: str, shown: bool) -> None:
    stage = Stage()
    stage.rooms.bot_says(ROOM, "Volgen", link=link)
    (entry,) = await events(stage)
    assert entry["link"] == (link if shown else "")


async def test_a_post_carries_the_address_of_its_photo() -> None:
    stage = Stage()
    await stage.rooms.say(ROOM, Address("jan"), Utterance(client_id="browser-9", photo=b"\xff\xd8"))
    (entry,) = await events(stage)
    async with stage.browser() as browser:
        assert (await browser.get(entry["photo"])).content == b"\xff\xd8"

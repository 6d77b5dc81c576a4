"""What other programs send to a channel reaches it byte for byte; faults are told as programs understand."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model.errors import BartError, InputError, Later
from bot.model.ids import AccountName
from bot.model.request import Answer, Request
from bot.ports.channel import TakesRequests
from tests.support.site import Stage

APP = AccountName("buurtapp")


class Door:
    """Keeps what it got and answers as told."""

    request_limit = 2_000_000

    def __init__(self, answer: Answer | BartError | None = None) -> None:
        self.answer = answer or Answer(status=202, body=b'{"ok":true}', headers={"X-Own": "yes"})
        self.got: list[Request] = []

    async def receive(self, request: Request) -> Answer:
        self.got.append(request)
        if isinstance(self.answer, Answer):
            return self.answer
        raise self.answer


def behind(door: TakesRequests) -> Any:
    return Stage(doors={APP: door}).browser()


async def test_a_request_reaches_its_channel_byte_for_byte() -> None:
    door = Door()
    async with behind(door) as browser:
        url = "/koppeling/buurtapp/events/a%20b?since=1&x=%C3%A9"
        answer = await browser.post(url, content=b"\x00\xff{", headers={"X-Signature": "abc"})
    (got,) = door.got
    assert (got.method, got.path, got.body) == ("POST", "/events/a b", b"\x00\xff{")
    assert got.target == "/koppeling/buurtapp/events/a%20b?since=1&x=%C3%A9"
    assert got.headers["x-signature"] == "abc"
    assert (answer.status_code, answer.json(), answer.headers["x-own"]) == (202, {"ok": True}, "yes")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_target_without_a_query_has_no_question_mark() -> None:
    door = Door()
    async with behind(door) as browser:
        await browser.get("/koppeling/buurtapp/openapi.json")
    assert door.got[0].target == "/koppeling/buurtapp/openapi.json"


async def test_an_account_that_takes_no_requests_is_not_there() -> None:
    async with behind(Door()) as browser:
        answer = await browser.post("/koppeling/telegram/x", content=b"{}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": "Not Found", "status": 404}


@pytest.mark.parametrize("size", [1_999_999, 2_000_000])
async def test_a_body_up_to_the_channels_own_limit_gets_through(size: int) -> None:
    door = Door()
    async with behind(door) as browser:
        assert (await browser.post("/koppeling/buurtapp/x", content=b"x" * size)).status_code == 202
    assert len(door.got[0].body) == size


async def test_a_larger_body_never_reaches_the_channel() -> None:
    door = Door()
    async with behind(door) as browser:
        answer = await browser.post("/koppeling/buurtapp/x", content=b"x" * 2_000_001)
    assert (answer.status_code, answer.json()["status"], door.got) == (413, 413, [])


async def test_wrong_input_names_its_field() -> None:
    async with behind(Door(InputError("events[2].text", "is longer than 4000"))) as browser:
        answer = await browser.post("/koppeling/buurtapp/x", content=b"{}")
    assert answer.status_code == 400
    assert answer.json()["field"] == "events[2].text"
    assert answer.json()["detail"] == "is longer than 4000"


async def test_not_now_says_when() -> None:
    async with behind(Door(Later(2.3))) as browser:
        answer = await browser.post("/koppeling/buurtapp/x", content=b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")


async def test_a_fault_inside_says_nothing_about_itself() -> None:
    async with behind(Door(BartError("the secret is hunter2"))) as browser:
        answer = await browser.post("/koppeling/buurtapp/x", content=b"{}")
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal Server Error")
    assert "hunter2" not in answer.text


async def test_a_browser_of_another_site_is_kept_out() -> None:
    door = Door()
    async with behind(door) as browser:
        headers = {"Sec-Fetch-Site": "cross-site"}
        answer = await browser.post("/koppeling/buurtapp/x", content=b"{}", headers=headers)
    assert (answer.status_code, door.got) == (403, [])

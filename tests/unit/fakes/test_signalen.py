"""The fake Signalen answers as the real one did."""

from __future__ import annotations

import asyncio
import copy
import tomllib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import CLEAN_PHOTO
from tests.fakes.signalen import BASE, TOKEN, FakeSignalen, World, serving
from tests.fakes.signalen.login import CLIENT, SECRET
from tests.fakes.signalen.workflow import CLOSED, STATES
from tests.fakes.signalen.world import STAFF

TABLE: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("signalen_answers.toml").read_text("utf-8"))[
    "answer"
]
PREFIX = "/signals/v1/public/terms/categories"
GOOD: dict[str, Any] = {
    "text": "Er ligt glas.",
    "location": {"geometrie": {"type": "Point", "coordinates": [4.37, 52.039]}},
    "category": {"sub_category": f"{PREFIX}/schoon/sub_categories/veegzwerfvuil"},
    "reporter": {},
    "incident_date_start": "2026-11-21T12:00:00Z",
}
CLAIMS: dict[str, dict[str, Any]] = {
    "account": {},
    "expired": {"exp": 1},
    "endless": {"exp": None},
    "nameless": {"email": None},
    "stranger": {"email": "iemand@elders.example"},
    "capitals": {"email": "BART@Gemeente.example"},
    "elsewhere": {"iss": "https://elders.example"},
}


class Desk:
    """The fake, and somebody who asks it things."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fake = FakeSignalen(World(now=lambda: self.clock.now, pdok={("Parijsplein", "12")}))
        transport = httpx.ASGITransport(self.fake.app, client=("10.0.0.1", 1))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://desk.test")
        self.anonymous = self.fake.world.create(copy.deepcopy(GOOD), "BART", "schoon", "veegzwerfvuil")
        mailed = copy.deepcopy(GOOD) | {"reporter": {"email": "jan@example.org"}}
        self.mailed = self.fake.world.create(mailed, "BART", "schoon", "veegzwerfvuil")

    async def ask(self, call: str, *, who: str = "", body: Any = None) -> httpx.Response:
        method, _, path = call.partition(" ")
        numbers = {"id": self.anonymous.number, "mailed": self.mailed.number, "uuid": self.anonymous.uuid}
        who = who or ("account" if "/private/" in path else "nobody")
        headers = {"Accept": "application/json"} | self.authorization(who)
        sent: dict[str, Any] = {"content": body} if isinstance(body, str) else {"json": body}
        return await self.client.request(
            method, BASE + path.format(**numbers), headers=headers, **({} if body is None else sent)
        )

    def authorization(self, who: str) -> dict[str, str]:
        if who == "nobody":
            return {}
        if who == "basic":
            return {"Authorization": "Basic YmFydDpoYWxsbw=="}
        if who == "forged":
            return {"Authorization": f"Bearer {self.fake.login.sign()[:-6]}AAAAAA"}
        return {"Authorization": f"Bearer {self.fake.login.sign(**CLAIMS[who])}"}


def changed(change: dict[str, Any]) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    for path, value in change.items():
        *way, last = path.split(".")
        at = body
        for name in way:
            at = at[name]
        if value == "-":
            del at[last]
        else:
            at[last] = value
    return body


def long(value: Any) -> Any:
    """`x*3001` written out."""
    if isinstance(value, dict):
        return {key: long(each) for key, each in value.items()}
    if isinstance(value, list):
        return [long(each) for each in value]
    return "x" * int(value[2:]) if isinstance(value, str) and value.startswith("x*") else value


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    opened = Desk()
    async with opened.client:
        yield opened


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
async def test_an_answer_is_that_of_the_table(desk: Desk, row: dict[str, Any]) -> None:
    body = long(row["body"]) if "body" in row else None
    if body is None and row["call"].startswith("POST"):
        body = changed(row.get("change", {}))
    answer = await desk.ask(row["call"], who=row.get("as", ""), body=body)
    assert answer.status_code == row["status"], answer.text
    assert row.get("says", "") in answer.text
    if row["status"] == 500:
        assert answer.headers["content-type"].startswith("text/html")
        return
    assert all(key in answer.json() for key in row.get("about", ()))
    assert not any(key in answer.json() for key in row.get("lacks", ()))


def test_the_table_has_every_name_once() -> None:
    names = [row["name"] for row in TABLE]
    assert len(set(names)) == len(names) > 80


async def test_sixty_posts_an_hour_wrong_ones_too_and_then_it_says_how_long(desk: Desk) -> None:
    codes = []
    for number in range(61):
        body = GOOD if number % 2 else {}
        codes.append((await desk.ask("POST /v1/public/signals/", body=body)).status_code)
    assert codes == [400, 201] * 30 + [429]
    desk.clock.advance(600)
    refused = await desk.ask("POST /v1/public/signals/", body=GOOD)
    assert (refused.headers["Retry-After"], set(refused.json())) == ("3000", {"detail"})
    assert (await desk.ask("GET /v1/public/signals/{uuid}")).status_code == 200
    desk.clock.advance(3001)
    assert (await desk.ask("POST /v1/public/signals/", body=GOOD)).status_code == 201


async def test_the_private_way_in_is_not_throttled(desk: Desk) -> None:
    codes = {
        (await desk.ask("POST /v1/private/signals/", body=GOOD | {"source": "BART"})).status_code
        for _ in range(70)
    }
    assert codes == {201}


async def test_the_same_post_twice_is_two_reports(desk: Desk) -> None:
    first, second = [(await desk.ask("POST /v1/public/signals/", body=GOOD)).json()["id"] for _ in range(2)]
    assert first != second


async def test_an_address_is_replaced_and_the_original_kept(desk: Desk) -> None:
    address = {"openbare_ruimte": "Parijsplein", "huisnummer": "12"}
    made = await desk.ask("POST /v1/public/signals/", body=changed({"location.address": address}))
    location = desk.fake.world.reports[made.json()["id"]].body["location"]
    assert location["bag_validated"] is True
    assert location["extra_properties"]["original_address"] == address


async def test_without_pdok_any_address_is_stored_unchecked(desk: Desk) -> None:
    desk.fake.world.pdok = None
    address = {"openbare_ruimte": "Nergens", "huisnummer": "1"}
    made = await desk.ask("POST /v1/public/signals/", body=changed({"location.address": address}))
    assert made.status_code == 201


async def test_another_coordinate_system_moves_the_pin_to_france(desk: Desk) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:28992"}}
    made = await desk.ask("POST /v1/public/signals/", body=changed({"location.geometrie.crs": crs}))
    assert desk.fake.world.reports[made.json()["id"]].point == (2.35, 48.85)


async def test_the_municipality_s_own_addresses_make_it_an_internal_report(desk: Desk) -> None:
    body = changed({"reporter": {"email": "jan@amsterdam.nl"}, "source": "BART app"})
    made = await desk.ask("POST /v1/public/signals/", body=body)
    assert desk.fake.world.reports[made.json()["id"]].source == "Interne melding"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("foto.jpg", CLEAN_PHOTO, 201),
        ("foto.png", CLEAN_PHOTO, 400),
        ("foto", CLEAN_PHOTO, 400),
        ("foto.webp", b"RIFF....WEBP", 400),
        ("foto.jpg", CLEAN_PHOTO + b"\x00" * 20 * 1024 * 1024, 400),
    ],
    ids=["jpeg", "wrong name", "no ending", "webp", "too large"],
)
async def test_photos_by_content_and_name(desk: Desk, name: str, content: bytes, code: int) -> None:
    path = f"{BASE}/v1/public/signals/{desk.anonymous.uuid}/attachments/"
    answer = await desk.client.post(path, files={"file": (name, content, "text/plain")})
    assert answer.status_code == code
    stored = [one.content for one in desk.anonymous.attachments]
    assert stored == ([content] if code == 201 else []), "byte for byte: what is hidden in a photo stays in it"


async def test_photos_only_in_some_states_and_the_refusal_is_a_list(desk: Desk) -> None:
    path = f"{BASE}/v1/public/signals/{desk.anonymous.uuid}/attachments/"
    desk.fake.world.move(desk.anonymous.number, "b")
    answer = await desk.client.post(path, files={"file": ("foto.jpg", CLEAN_PHOTO)})
    assert answer.status_code == 400
    assert answer.json() == ["Public uploads not allowed in current signal state."]


async def test_after_closing_photos_are_taken_only_while_feedback_is_asked(desk: Desk) -> None:
    codes = []
    for report in (desk.anonymous, desk.mailed):
        desk.fake.world.move(report.number, "o", "Klaar.")
        path = f"{BASE}/v1/public/signals/{report.uuid}/attachments/"
        codes.append((await desk.client.post(path, files={"file": ("foto.jpg", CLEAN_PHOTO)})).status_code)
    assert codes == [400, 201]


def test_there_are_eighteen_states_and_every_move_leads_to_one() -> None:
    assert len(STATES) == 18
    assert {state for one in STATES.values() for state in one.then} <= set(STATES)
    assert set(STATES) - {state for one in STATES.values() for state in one.then} == {"h", "s"}
    assert set(STATES) >= CLOSED


@pytest.mark.parametrize("state", sorted(set(STATES) - {"ready to send", "forward to external"}))
async def test_the_account_moves_a_report_only_along_the_workflow(desk: Desk, state: str) -> None:
    full = {"text": "x", "email_override": "a@b.nl", "send_email": True, "target_api": "sigmax"}
    codes = {}
    for goal in STATES:
        desk.fake.world.put(desk.mailed, state, "", send_email=False, who=STAFF)
        body = {"status": {"state": goal, **full}}
        codes[goal] = (await desk.ask("PATCH /v1/private/signals/{mailed}", body=body)).status_code
    assert codes == {goal: 200 if goal in STATES[state].then else 400 for goal in STATES}


async def test_parallel_changes_of_one_report_do_not_wait_for_each_other(desk: Desk) -> None:
    desk.fake.world.lock_seconds = 0.01
    notes = [{"notes": [{"text": f"{number}"}]} for number in range(8)]
    calls = [desk.ask("PATCH /v1/private/signals/{id}", body=note) for note in notes]
    codes = [answer.status_code for answer in await asyncio.gather(*calls)]
    assert sorted(codes) == [200] + [500] * 7
    assert len(desk.anonymous.notes) == 1


async def test_updated_after_is_inclusive_and_everything_moves_it(desk: Desk) -> None:
    desk.clock.advance(60)
    desk.fake.world.note(desk.anonymous.number, "even gebeld")
    at = desk.anonymous.updated.isoformat().replace("+", "%2B")
    found = (await desk.ask(f"GET /v1/private/signals/?updated_after={at}&ordering=updated_at")).json()
    assert [row["id"] for row in found["results"]] == [desk.anonymous.number]


async def test_pages_follow_each_other(desk: Desk) -> None:
    first = (await desk.ask("GET /v1/private/signals/?page_size=1&ordering=id")).json()
    second = await desk.client.get(first["_links"]["next"]["href"], headers=desk.authorization("account"))
    assert [first["results"][0]["id"], second.json()["results"][0]["id"]] == [
        desk.anonymous.number,
        desk.mailed.number,
    ]
    assert second.json()["_links"]["next"]["href"] is None


async def test_contact_details_are_hidden_from_who_may_not_see_them(desk: Desk) -> None:
    desk.fake.world.rights.discard("sia_can_view_contact_details")
    shown = (await desk.ask("GET /v1/private/signals/{mailed}")).json()["reporter"]
    assert shown == {"email": "*****", "phone": ""}


@pytest.mark.parametrize(
    ("right", "call", "body"),
    [
        ("sia_read", "GET /v1/private/signals/", None),
        ("sia_write", "PATCH /v1/private/signals/{id}", {"notes": [{"text": "x"}]}),
        ("sia_signal_create_note", "PATCH /v1/private/signals/{id}", {"notes": [{"text": "x"}]}),
        ("sia_signal_change_status", "PATCH /v1/private/signals/{id}", {"status": {"state": "b"}}),
        ("sia_signal_create_initial", "POST /v1/private/signals/", GOOD),
    ],
)
async def test_each_right_is_needed_for_its_own(desk: Desk, right: str, call: str, body: Any) -> None:
    desk.fake.world.rights.discard(right)
    assert (await desk.ask(call, body=body)).status_code == 403


async def test_history_is_newest_first_and_tells_notes_and_texts(desk: Desk) -> None:
    desk.fake.world.note(desk.anonymous.number, "buiten gekeken")
    desk.fake.world.move(desk.anonymous.number, "o", "Opgeruimd.")
    rows = (await desk.ask("GET /v1/private/signals/{id}/history")).json()
    assert [(row["what"], row["description"]) for row in rows] == [
        ("UPDATE_STATUS", "Opgeruimd."),
        ("CREATE_NOTE", "buiten gekeken"),
        ("UPDATE_STATUS", None),
    ]


async def test_a_question_without_a_reaction_is_over_after_five_days(desk: Desk) -> None:
    desk.fake.world.move(desk.mailed.number, "reaction requested", "Waar?")
    desk.clock.advance(timedelta(days=5, minutes=1))
    desk.fake.world.sweep()
    assert (desk.mailed.status.state, desk.mailed.status.text) == ("reaction received", "Geen reactie ontvangen.")


async def test_mail_goes_out_by_the_rules_and_leaves_a_note(desk: Desk) -> None:
    world, mailed = desk.fake.world, desk.mailed
    counts = [len(mailed.notes)]
    for state, text, asked in (("b", "", False), ("b", "", True), ("o", "Klaar.", False)):
        world.move(mailed.number, state, text, send_email=asked)
        counts.append(len(mailed.notes))
    assert counts == [1, 1, 2, 3]


async def test_a_token_is_given_for_the_right_secret_only(desk: Desk) -> None:
    right = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    codes = [
        (await desk.client.post(TOKEN, data=right | wrong)).status_code
        for wrong in ({}, {"client_secret": "x"}, {"grant_type": "password"})
    ]
    assert codes == [200, 401, 400]


async def test_faults_happen_before_or_after_the_deed(desk: Desk) -> None:
    desk.fake.world.faults.extend(["500", "lost", "503"])
    answers = [await desk.ask("POST /v1/public/signals/", body=GOOD) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 500, 503]
    assert answers[2].headers["content-type"].startswith("text/plain")
    assert len(desk.fake.world.reports) == 3, "two were there, and the lost answer was of one that is there now"


async def test_a_browser_gets_html_also_of_json(desk: Desk) -> None:
    answer = await desk.client.get(f"{BASE}/v1/public/terms/categories/", headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")


async def test_it_answers_over_real_http() -> None:
    async with serving(FakeSignalen()) as address, httpx.AsyncClient(base_url=address) as client:
        answer = await client.get(f"{BASE}/v1/public/terms/categories/", headers={"Accept": "application/json"})
    assert answer.headers["X-API-Version"] == "2.50.12"
    subs = [sub for main in answer.json()["results"] for sub in main["sub_categories"]]
    assert (len(subs), sum(sub["is_active"] for sub in subs)) == (155, 123)

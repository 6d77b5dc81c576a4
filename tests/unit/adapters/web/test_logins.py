from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from adapters.web import make_account
from adapters.web.accounts import right_password
from adapters.web.sessions import SESSION_COOKIE, hashed, local_path
from bot.model.errors import InputError
from bot.model.staff import StaffRole
from bot.ports.fakes.clock import NOON
from tests.support.site import OTHER, PASSWORD, TENANT, Stage, log_in, token

PAGES = ["/loket", "/loket/FAKE-1", "/overzicht"]


def test_an_account_keeps_a_hash_and_not_the_password() -> None:
    account = make_account("anna", TENANT, [StaffRole.DESK], PASSWORD, NOON)
    assert PASSWORD not in account.password
    assert right_password(account.password, PASSWORD)
    assert not right_password(account.password, PASSWORD + "x")


@pytest.mark.parametrize(
    ("name", "roles", "password", "where"),
    [
        ("Anna Jansen", [StaffRole.DESK], PASSWORD, "name"),
        ("", [StaffRole.DESK], PASSWORD, "name"),
        ("anna", [], PASSWORD, "roles"),
        ("anna", [StaffRole.DESK], "kort", "password"),
        ("anna", [StaffRole.DESK], "x" * 201, "password"),
    ],
)
def test_a_bad_account_is_refused_and_names_the_field(
    name: str, roles: list[StaffRole], password: str, where: str
) -> None:
    with pytest.raises(InputError) as caught:
        make_account(name, TENANT, roles, password, NOON)
    assert caught.value.where == where


def test_a_damaged_hash_opens_no_door() -> None:
    assert not right_password("not a hash", PASSWORD)


@pytest.mark.parametrize("page", PAGES)
async def test_staff_pages_send_a_stranger_to_the_login_page(page: str) -> None:
    async with Stage(chat=False).browser() as browser:
        answer = await browser.get(page)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/inloggen?naar={page}"


async def test_the_right_password_opens_a_session_that_is_stored_hashed() -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser() as browser:
        answer = await log_in(browser, onward="/overzicht")
        assert (answer.status_code, answer.headers["location"]) == (303, "/overzicht")
        cookie = browser.cookies[SESSION_COOKIE]
        assert list(stage.memory.sessions) == [hashed(cookie)]
        assert (await browser.get("/loket")).status_code == 200
    line = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE))
    assert "HttpOnly" in line
    assert "samesite=lax" in line.lower()
    assert "secure" not in line.lower()
    assert [entry.act for entry in stage.memory.audit] == ["login"]


async def test_over_https_the_cookie_is_for_https_only() -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser("https://bart.test") as browser:
        answer = await log_in(browser)
    lines = answer.headers.get_list("set-cookie")
    assert all("secure" in line.lower() for line in lines)


async def test_wrong_name_wrong_password_and_disabled_get_the_same_answer() -> None:
    stage = Stage()
    await stage.employ()
    off = await stage.employ("bert")
    stage.memory.accounts["bert"] = make_account("bert", TENANT, off.roles, PASSWORD, NOON)
    object.__setattr__(stage.memory.accounts["bert"], "disabled", True)
    async with stage.browser() as browser:
        answers = [
            await log_in(browser, "anna", "verkeerd wachtwoord"),
            await log_in(browser, "niemand", PASSWORD),
            await log_in(browser, "bert", PASSWORD),
        ]
    bodies = {without_name(answer) for answer in answers}
    assert {answer.status_code for answer in answers} == {401}
    assert len(bodies) == 1
    assert stage.memory.sessions == {}


def without_name(answer: httpx.Response) -> str:
    text = answer.text.replace(token(answer), "")
    for name in ("anna", "niemand", "bert"):
        text = text.replace(f'value="{name}"', "")
    return text


async def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour() -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser() as browser:
        for _ in range(5):
            assert (await log_in(browser, password="verkeerd wachtwoord")).status_code == 401
        assert (await log_in(browser)).status_code == 401
        stage.clock.advance(timedelta(minutes=14, seconds=59))
        assert (await log_in(browser)).status_code == 401
        stage.clock.advance(2)
        assert (await log_in(browser)).status_code == 303
    acts = [entry.act for entry in stage.memory.audit]
    assert acts.count("login.locked") == 1
    assert acts[-1] == "login"


async def test_a_good_login_forgets_earlier_mistakes() -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser() as browser:
        for _ in range(4):
            await log_in(browser, password="verkeerd wachtwoord")
        await log_in(browser)
    assert stage.memory.accounts["anna"].failures == 0


@pytest.mark.parametrize("sent", ["", "another token"])
async def test_a_login_without_the_pages_token_is_refused(sent: str) -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser() as browser:
        await browser.get("/inloggen")
        facts = {"token": sent, "naam": "anna", "wachtwoord": PASSWORD}
        assert (await browser.post("/inloggen", data=facts)).status_code == 403
    assert stage.memory.sessions == {}


@pytest.mark.parametrize("origin", ["https://evil.test", "null"])
async def test_a_form_from_another_site_is_refused(origin: str) -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser() as browser:
        page = await browser.get("/inloggen")
        facts = {"token": token(page), "naam": "anna", "wachtwoord": PASSWORD}
        answer = await browser.post("/inloggen", data=facts, headers={"Origin": origin})
    assert answer.status_code == 403


async def test_logging_out_ends_the_session_on_the_server() -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser() as browser:
        await log_in(browser)
        cookie = browser.cookies[SESSION_COOKIE]
        page = await browser.get("/loket")
        await browser.post("/uitloggen", data={"token": token(page)})
        browser.cookies.set(SESSION_COOKIE, cookie, domain="bart.test")
        assert (await browser.get("/loket")).status_code == 303
    assert [entry.act for entry in stage.memory.audit] == ["login", "logout"]


async def test_a_session_ends_after_twelve_hours() -> None:
    stage = Stage()
    await stage.employ()
    async with stage.browser() as browser:
        await log_in(browser)
        stage.clock.advance(timedelta(hours=12, seconds=1))
        assert (await browser.get("/loket")).status_code == 303


async def test_an_account_that_is_switched_off_is_out_at_once() -> None:
    stage = Stage()
    account = await stage.employ()
    async with stage.browser() as browser:
        await log_in(browser)
        object.__setattr__(account, "disabled", True)
        assert (await browser.get("/loket")).status_code == 303


async def test_a_role_without_desk_may_not_handle_cases() -> None:
    stage = Stage()
    await stage.employ("agent", TENANT, StaffRole.POLICE)
    async with stage.browser() as browser:
        await log_in(browser, "agent")
        assert (await browser.get("/loket")).status_code == 403
        assert (await browser.get("/overzicht")).status_code == 200


async def test_nothing_of_another_tenant_can_be_seen_or_done() -> None:
    stage = Stage(chat=False)
    reference = await stage.file("Glas")
    await stage.employ("vreemd", OTHER)
    async with stage.browser() as browser:
        await log_in(browser, "vreemd")
        queue = await browser.get("/loket?toon=alles")
        facts = {"token": token(queue), "act": "start"}
        assert reference not in queue.text
        assert (await browser.get(f"/loket/{reference}")).status_code == 404
        assert (await browser.post(f"/loket/{reference}/daad", data=facts)).status_code == 404
        assert (await browser.get(f"/loket/{reference}/foto/x")).status_code == 404
        assert (await browser.get(f"/kaart/{TENANT}.geojson")).status_code == 404
    assert stage.office.deeds == []


async def test_in_the_demo_one_click_makes_you_the_municipality() -> None:
    stage = Stage(demo=True)
    async with stage.browser() as browser:
        page = await browser.get("/inloggen?naar=/loket")
        assert "Ik ben de gemeente" in page.text
        answer = await browser.post("/inloggen/demo", data={"token": token(page), "naar": "/loket"})
        assert answer.headers["location"] == "/loket"
        assert (await browser.get("/loket")).status_code == 200
    assert stage.memory.audit[-1].actor == "demo-gemeente"


async def test_outside_the_demo_there_is_no_such_click() -> None:
    stage = Stage()
    async with stage.browser() as browser:
        page = await browser.get("/inloggen")
        answer = await browser.post("/inloggen/demo", data={"token": token(page), "naar": "/loket"})
    assert "Ik ben de gemeente" not in page.text
    assert answer.status_code == 404
    assert stage.memory.accounts == {}


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/loket/G-1", "/loket/G-1"),
        ("/loket?toon=alles", "/loket?toon=alles"),
        ("https://evil.test", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_the_login_one_only_goes_on_inside_the_site(asked: str, given: str) -> None:
    assert local_path(asked) == given

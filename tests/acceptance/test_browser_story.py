"""The whole story through the pages, with the real program behind them and nothing in between replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect, sync_playwright

from tests.support import pictures
from tests.support.browser import (
    GLASS,
    LAPTOP,
    PHONE,
    Clerk,
    Neighbour,
    behind_the_desk,
    guest,
    launch,
    let_in,
    make_staff,
    running,
    sit,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

NUMBER = re.compile(r"MB-\d{4}-\d{5}")
Guests = Callable[..., Page]

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """() => [...document.querySelectorAll("button, summary, main a, select, textarea")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && Math.min(box.height, box.width) < 24 && !one.closest(".unseen, li, p:not(.back)");
}).map(one => one.textContent)"""
"""What is smaller than 24 pixels (WCAG 2.2, 2.5.8) and no link in a running text."""
FOCUS_SHOWS = """() => {
    const at = document.activeElement;
    return [at, at.nextElementSibling, at.parentElement].some(
        one => one && getComputedStyle(one).outlineStyle !== "none");
}"""


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright, chromium_path)
        yield opened
        opened.close()


@pytest.fixture
def guests(browser: Browser) -> Iterator[Guests]:
    """Browsers of people; whatever breaks in one of their pages breaks the test."""
    faults: list[str] = []

    def invite(size: tuple[int, int] = LAPTOP) -> Page:
        page = guest(browser, size)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield invite
    for context in browser.contexts:
        context.close()
    assert not faults


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The demo, with two seconds between Ja and filing."""
    with running(tmp_path / "data", {"BART_GROUP__DEADLINES__RELEASE": "2"}) as url:
        yield url


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def file_the_glass(address: str, page: Page) -> Neighbour:
    """Let BART in as Fatima, and file the glass as Jan."""
    let_in(sit(page, address, "Fatima"))
    jan = sit(page, address, "Jan")
    jan.say(GLASS)
    jan.press("Ja, melden")
    jan.sees("Gemeld bij")
    return jan


def test_one_message_goes_all_the_way_and_back_without_a_reload(address: str, guests: Guests) -> None:
    fatima = sit(guests(), address, "Fatima")
    jan, kees, samira = (sit(guests(), address, name) for name in ("Jan", "Kees", "Samira"))
    kees.sees("Ik lees nog niet mee")
    let_in(fatima)
    kees.sees("BART staat aan")

    jan.say(GLASS)
    kees.sees(GLASS)
    kees.sees("Wil je dit melden?")
    jan.press("Ja, melden")
    jan.sees(re.compile(r"Dit stuur ik over .* naar gemeente Parijsplein.*“bah, ligt weer vol glas", re.DOTALL))
    jan.sees(NUMBER)
    kees.sees(NUMBER)

    desk = _the_desk_shows_it(guests(), address)
    kees.say("ligt er bij mij ook nog")
    jan.sees("1 buur ziet dit ook")
    desk.reads("2 bewoners zien dit")
    kees.sees_no("Wil je dit melden?")

    _the_desk_works_on_it(desk, jan, kees)
    _closed_is_not_solved(desk, jan, samira)


def _the_desk_shows_it(page: Page, address: str) -> Clerk:
    desk = behind_the_desk(page, address)
    desk.open(GLASS)
    desk.reads("glasbak Parijsplein")
    desk.reads(NUMBER)
    expect(page.locator("main time").first).to_be_visible()
    expect(page.get_by_role("region", name="Kaart met de plek").locator(".pin")).to_have_count(1)
    return desk


def _the_desk_works_on_it(desk: Clerk, jan: Neighbour, kees: Neighbour) -> None:
    desk.does("In behandeling nemen")
    kees.sees("ze zijn ermee bezig")
    desk.does("Inplannen", **{"Op_welke_dag?": day(3)})
    kees.sees("dit staat op de planning")
    question = "Bij welke glasbak precies?"
    desk.does("Vraag stellen", **{"Je_vraag_aan_de_melder": question, "Laatste_dag_om_te_antwoorden": day(7)})
    jan.sees(question)
    jan.say("bij de linker, bel Piet op 0612345678", private=True)
    jan.sees("bij de linker, bel [naam] op [telefoonnummer]")
    kees.sees_no("bij de linker")
    desk.reads("bij de linker, bel [naam] op [telefoonnummer]")
    desk.does("Doorsturen", **{"Wie_neemt_het_over?": "Stadsreiniging"})
    kees.sees("Stadsreiniging")


def _closed_is_not_solved(desk: Clerk, jan: Neighbour, samira: Neighbour) -> None:
    desk.does("Afhandelen", **{"Wat_is_er_gedaan?_Bewoners_lezen_dit": "De straat is geveegd."})
    samira.sees("Is het ook echt opgelost?")
    samira.press("Nee, nog niet")
    jan.sees("ze kijken er opnieuw naar")
    desk.reads("Een buurtbewoner zegt dat het nog niet is opgelost")
    expect(desk.page.locator(".case-head .status")).to_have_text("Heropend")


def test_the_keyboard_alone_is_enough(address: str, guests: Guests) -> None:
    page = guests()
    let_in(sit(page, address, "Fatima"))
    page.reload()
    keys = page.keyboard
    _tab_to(page, "input[name=bewoner]")
    keys.press("ArrowRight")
    _tab_to(page, "#tekst")
    keys.type(GLASS)
    keys.press("Enter")
    jan = Neighbour(page)
    jan.sees("Wil je dit melden?")
    _tab_to(page, ".choice", back=True, until="Ja, melden")
    keys.press("Enter")
    jan.sees(NUMBER)
    page.goto(f"{address}/loket")
    _tab_to(page, "form.demo button")
    keys.press("Enter")
    expect(page.get_by_role("link").filter(has_text=GLASS)).to_be_visible()
    _tab_to(page, "a.case")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Verloop")).to_be_visible()
    _tab_to(page, ".deed summary")
    keys.press("Enter")
    _tab_to(page, ".deed[open] .button")
    keys.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("De melding is in behandeling")


def _tab_to(page: Page, selector: str, back: bool = False, until: str = "") -> None:
    """Tab until the focus is on what the selector means, and see that one can see it."""
    there = """([selector, until]) => {
        const at = document.activeElement;
        return at.matches(selector) && at.textContent.includes(until);
    }"""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate(there, [selector, until]):
            assert page.evaluate(FOCUS_SHOWS), f"no focus ring on {selector}"
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def test_it_works_on_a_phone(address: str, guests: Guests) -> None:
    page = guests(PHONE)
    jan = file_the_glass(address, page)
    send = page.get_by_role("button", name="Verstuur")
    expect(send).to_be_in_viewport()
    expect(jan.post(NUMBER).get_by_role("button", name="Ik zie het ook")).to_be_in_viewport()
    desk = behind_the_desk(page, address)
    desk.open(GLASS)
    desk.does("In behandeling nemen")
    for path in ("", "/loket", "/overzicht", "/loket/" + _reference(page)):
        page.goto(f"{address}{path}")
        assert page.evaluate(TOO_WIDE) <= 0, f"{path or '/'} scrolls sideways"
        assert page.evaluate(TOO_SMALL) == [], f"{path or '/'} has targets too small for a thumb"


def _reference(page: Page) -> str:
    found = NUMBER.search(page.get_by_role("main").inner_text())
    assert found
    return found.group()


def test_a_photo_reaches_the_desk_after_the_yes_and_not_before(address: str, guests: Guests) -> None:
    page, desk = guests(), behind_the_desk(guests(), address)
    let_in(sit(page, address, "Fatima"))
    jan = sit(page, address, "Jan")
    photo = FilePayload(name="glas.jpg", mimeType="image/jpeg", buffer=pictures.phone_photo(6))
    page.get_by_label("Foto meesturen").set_input_files(photo)
    expect(page.get_by_role("img", name="De foto die je meestuurt")).to_be_visible()
    jan.say(GLASS)
    expect(jan.post(GLASS).get_by_role("img")).to_be_visible()
    jan.sees("Wil je dit melden?")
    desk.page.reload()
    desk.reads("Er is geen werk")
    jan.press("Ja, melden")
    jan.sees(NUMBER)
    desk.open(GLASS)
    shown = desk.page.get_by_role("img", name="Foto 1 bij deze melding")
    expect(shown).to_be_visible()
    sent = desk.page.request.get(f"{address}{shown.get_attribute('src')}").body()
    assert pictures.GPS_WORD not in sent
    upright = pictures.decode(sent)
    assert upright.width > upright.height


def test_a_post_that_was_not_sent_survives_a_reload(address: str, guests: Guests) -> None:
    page, kees = guests(), sit(guests(), address, "Kees")
    jan = sit(page, address, "Jan")
    away = re.compile("/messages$")

    def lost(route: Route) -> None:
        route.abort("internetdisconnected")

    page.route(away, lost)
    jan.say("hoi buren, even een test")
    jan.sees("nog niet verstuurd")
    page.reload()
    jan.sees("hoi buren, even een test")
    kees.sees_no("hoi buren")
    page.unroute(away, lost)
    kees.sees("hoi buren, even een test")
    expect(jan.log.locator(".pending")).to_have_count(0)
    expect(jan.log.get_by_role("article").filter(has_text="hoi buren")).to_have_count(1)


def test_who_may_not_press_hears_why_and_nobody_else_does(address: str, guests: Guests) -> None:
    let_in(sit(guests(), address, "Fatima"))
    jan, kees = (sit(guests(), address, name) for name in ("Jan", "Kees"))
    jan.say(GLASS)
    kees.press("Ja, melden")
    told = kees.page.get_by_role("status").filter(has_text="Alleen")
    expect(told).to_be_visible()
    jan.sees("Wil je dit melden?")
    expect(jan.page.get_by_role("status").filter(has_text="Alleen")).to_have_count(0)
    kees.press("Ik zie het ook")
    jan.sees("Ook gezien door 1 buur")


def test_outside_the_demo_staff_log_in(tmp_path: Path, guests: Guests) -> None:
    outside = {"BART_DEMO__ENABLED": "false"}
    make_staff(tmp_path / "data", "karin", "zes groene flessen", outside)
    with running(tmp_path / "data", outside) as address:
        page = guests()
        page.goto(address)
        expect(page.get_by_role("radio")).to_have_count(0)
        assert page.request.post(f"{address}/inloggen/demo").status == 404
        for path in ("/overzicht", "/loket"):
            page.goto(f"{address}{path}")
            expect(page.get_by_role("heading", name="Inloggen")).to_be_visible()
            expect(page.get_by_role("button", name="Ik ben de gemeente")).to_have_count(0)
        _log_in(page, "karin", "zes bruine flessen")
        expect(page.get_by_role("alert")).to_be_visible()
        _log_in(page, "karin", "zes groene flessen")
        expect(page.get_by_role("heading", name="Loket")).to_be_visible()
        page.get_by_role("button", name="Uitloggen").click()
        page.goto(f"{address}/loket")
        expect(page.get_by_role("heading", name="Inloggen")).to_be_visible()


def _log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Wachtwoord").fill(password)
    page.get_by_role("button", name="Inloggen").click()


def test_words_of_residents_are_never_markup(address: str, guests: Guests) -> None:
    jan, kees = (sit(guests(), address, name) for name in ("Jan", "Kees"))
    jan.say('<img src=x onerror="document.title=1"><b>vet</b>')
    kees.sees("<b>vet</b>")
    assert kees.page.title() != "1"

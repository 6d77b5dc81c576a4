"""The desk's pages in a real browser: without scripts, by keyboard alone, on a phone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import pytest
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from adapters.web import site
from bot.config import Server
from bot.model.report import Status
from bot.serving import Pages, listen
from tests.support.browser import ARGS, PHONE
from tests.support.site import PASSWORD, TENANT, Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

ANSWERS = {"Opgeruimd": "Het is opgeruimd. Dank je."}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[str]:
    """The site of a stage on a free port."""
    here = replace(stage.record.tenants[TENANT], answers=ANSWERS)
    record = replace(stage.record, tenants={TENANT: here})
    server = Server(port=0)
    with listen(server) as at:
        pages = Pages(site(record), record.stopping, server)
        running = asyncio.create_task(pages.serve([at]))
        try:
            yield f"http://127.0.0.1:{at.getsockname()[1]}"
        finally:
            stage.office.close()
            pages.stop()
            await running


@asynccontextmanager
async def visitor(chromium: str) -> AsyncIterator[Page]:
    """A phone whose browser runs no scripts."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*ARGS])
        size = ViewportSize(width=PHONE[0], height=PHONE[1])
        context = await browser.new_context(viewport=size, java_script_enabled=False)
        yield await context.new_page()
        await browser.close()


async def tab_to(page: Page, role: Literal["button", "combobox"], name: str) -> None:
    """Press Tab until this has the focus."""
    wanted = page.get_by_role(role, name=name, exact=True)
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await wanted.and_(page.locator(":focus")).count():
            return
    raise AssertionError(f"the keyboard never reaches {name}")


async def test_a_case_is_found_merged_and_closed_by_keyboard_alone_without_scripts(chromium_path: str) -> None:
    stage = Stage()
    kept = await stage.file("Glas bij de glasbak", neighbours=2)
    double = await stage.file("Scherven bij de glasbak")
    await stage.employ()
    async with served(stage) as address, visitor(chromium_path) as page:
        await page.goto(f"{address}/inloggen?naar=/loket")
        await page.get_by_label("Naam").fill("anna")
        await page.get_by_label("Wachtwoord").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="2 meldingen")).to_be_visible()

        await page.locator("summary", has_text="Zoeken en kiezen").press("Enter")
        await page.get_by_label("Woorden, plek of nummer").fill("scherven")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="1 melding")).to_be_visible()
        assert await page.evaluate(TOO_WIDE) == 0

        await page.get_by_role("link").filter(has_text=double).press("Enter")
        await page.locator("summary", has_text="Samenvoegen").press("Enter")
        await tab_to(page, "combobox", "Welke melding blijft?")
        await tab_to(page, "button", "Samenvoegen")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("samengevoegd")
        await expect(page.get_by_text("3 bewoners zien dit")).to_be_visible()

        await page.locator("summary", has_text="Afhandelen").press("Enter")
        await tab_to(page, "combobox", "Begin met een standaardtekst")
        await tab_to(page, "button", "Zet in de tekst")
        await page.keyboard.press("Enter")
        text = page.get_by_label("Wat is er gedaan?")
        await expect(text).to_have_value(ANSWERS["Opgeruimd"])
        await expect(text).to_be_focused()
        await tab_to(page, "button", "Afhandelen")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("row").filter(has_text="handelde de melding af")).to_be_visible()
        assert await page.evaluate(TOO_WIDE) == 0
    case = await stage.office.case(TENANT, kept)
    assert (case.status, case.thread[-1].text) == (Status.CLOSED, ANSWERS["Opgeruimd"])

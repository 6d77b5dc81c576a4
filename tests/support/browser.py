"""BART as people meet it: the real program in a process of its own, and residents and staff in a browser."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from adapters.web.accounts import make_account
from bot.app import open_app
from bot.config import load
from bot.model.staff import StaffRole

ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP = (1280, 860)
PHONE = (390, 844)
SOON = 8_000
"""Milliseconds to wait for what follows by itself; the demo's own waits are 1 to 3 seconds."""

GLASS = "bah, ligt weer vol glas bij de glasbak op het Parijsplein"


def launch(playwright: Playwright, chromium: str) -> Browser:
    """Headless Chromium that asks nothing of the internet."""
    expect.set_options(timeout=SOON)
    return playwright.chromium.launch(executable_path=chromium, args=[*ARGS])


@contextmanager
def running(data: Path, environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """The program over this data folder, on a free port; gives its address and stops it as a signal does."""
    told = {**os.environ, "BART_LOG__LEVEL": "warning", **(environ or {})}
    command = [sys.executable, "-m", "bot", "run", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://"), "BART did not start"
            yield address
        finally:
            process.terminate()
            left = process.wait(timeout=20)
        assert left == 0, f"BART ended with {left}"


def guest(browser: Browser, size: tuple[int, int] = LAPTOP, scheme: str = "light", pixels: float = 1) -> Page:
    """Somebody's own browser: nothing in it is shared with others. A page that breaks fails the test."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="nl-NL",
        timezone_id="Europe/Amsterdam",
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=pixels,
        has_touch=size == PHONE,
        is_mobile=size == PHONE,
    )
    context.set_default_timeout(SOON)
    return context.new_page()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A resident at the chat page."""

    page: Page

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    def post(self, words: str | re.Pattern[str]) -> Locator:
        """The newest post with these words."""
        return self.log.get_by_role("article").filter(has_text=words).last

    def say(self, text: str, private: bool = False) -> None:
        if private:
            self.page.get_by_role("checkbox", name="Alleen voor BART").check()
        box = self.page.get_by_role("textbox", name="Je bericht")
        box.fill(text)
        self.page.get_by_role("button", name="Verstuur").click()
        expect(box).to_have_value("")

    def press(self, label: str) -> None:
        """The newest button with this label."""
        self.log.get_by_role("button", name=label).last.click()

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect(self.post(words)).to_be_visible()

    def sees_no(self, words: str | re.Pattern[str]) -> None:
        expect(self.log.get_by_role("article").filter(has_text=words)).to_have_count(0)


def sit(page: Page, address: str, name: str) -> Neighbour:
    """Open the demo's chat as one of its residents."""
    page.goto(address)
    page.get_by_role("radio", name=name).check()
    return Neighbour(page)


def let_in(fatima: Neighbour) -> None:
    """The admin lets BART read along."""
    fatima.press("Ik ben beheerder")
    fatima.press("Ja, zet aan")
    fatima.sees("BART staat aan")


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody behind the municipality's desk."""

    page: Page

    def open(self, words: str) -> None:
        """Open the case with these words from the list."""
        self.page.get_by_role("link").filter(has_text=words).first.click()
        expect(self.page.get_by_role("heading", name="Verloop")).to_be_visible()

    def does(self, act: str, **fields: str) -> None:
        """One act with its fields, by label."""
        deed = self.page.get_by_role("group").filter(has=self.page.get_by_text(act, exact=True))
        deed.locator("summary").click()
        for label, value in fields.items():
            deed.get_by_label(label.replace("_", " ")).fill(value)
        deed.get_by_role("button", name=act, exact=True).click()

    def reads(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(words)


def behind_the_desk(page: Page, address: str) -> Clerk:
    """The demo's one click that makes a visitor the municipality."""
    page.goto(f"{address}/loket")
    page.get_by_role("button", name="Ik ben de gemeente").click()
    expect(page.get_by_role("heading", name="Loket")).to_be_visible()
    return Clerk(page)


def make_staff(data: Path, name: str, password: str, environ: Mapping[str, str]) -> None:
    """An account behind the demo tenant's desk, made before the program runs."""

    async def save() -> None:
        async with open_app(load(None, {**environ, "BART_SERVER__DATA": str(data)})) as app:
            tenant = next(iter(app.parts.tenants))
            roles = [StaffRole.DESK, StaffRole.MUNICIPALITY]
            account = make_account(name, tenant, roles, password, datetime.now(UTC))
            await app.database.staff.save_account(account)

    # Playwright has this thread's event loop.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, save()).result()

"""`python -m tests.support.screenshots FOLDER`: the pictures of the docs, made from the running page.

With `--all` every page as well, on a laptop and a phone, light and dark: for judging, not for publishing.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

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
    running,
    sit,
)

WINDOW = (1180, 860)
TALL = (1180, 1090)
"""Room for the report that goes well and the next question."""
LAMP = "de lantaarnpaal op de Londenlaan doet het niet meer"
LARGEST = 200_000
"""Bytes of one picture in the repository."""


def main(folder: Path, everything: bool) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("screenshots need Chromium: apt install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running(Path(data), {"BART_GROUP__DEADLINES__RELEASE": "2"}) as address,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, chromium)
        desk = play(browser, address)
        keep(seat(browser, address, "Kees", TALL), folder / "chat.png")
        keep(desk.page, folder / "desk.png")
        keep(seat(browser, address, "Kees", PHONE), folder / "phone.png")
        if everything:
            look_at_all(browser, address, desk.page.url, folder)
        browser.close()


def play(browser: Browser, address: str) -> Clerk:
    """The middle of the story: one report planned, ordinary talk, and a question about the next."""
    let_in(sit(guest(browser), address, "Fatima"))
    jan, kees, samira = (sit(guest(browser), address, name) for name in ("Jan", "Kees", "Samira"))
    jan.say(GLASS)
    jan.press("Ja, melden")
    jan.sees("Gemeld bij")
    kees.say("ligt er bij mij ook nog")
    jan.sees("1 buur ziet dit ook")
    desk = behind_the_desk(guest(browser, WINDOW), address)
    desk.open(GLASS)
    desk.does("In behandeling nemen")
    jan.sees("ze zijn ermee bezig")
    soon = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    desk.does("Inplannen", **{"Op_welke_dag?": soon})
    kees.sees("dit staat op de planning")
    desk.page.goto(desk.page.url.partition("?")[0])
    samira.say("fijn! wie heeft er trouwens een ladder te leen?")
    kees.say(LAMP)
    kees.sees("Wil je dit melden?")
    return desk


def seat(browser: Browser, address: str, name: str, size: tuple[int, int], scheme: str = "light") -> Page:
    """The chat as one of the residents sees it."""
    neighbour: Neighbour = sit(guest(browser, size, scheme), address, name)
    neighbour.sees("Wil je dit melden?")
    return neighbour.page


def look_at_all(browser: Browser, address: str, case: str, folder: Path) -> None:
    for width, size in (("laptop", LAPTOP), ("phone", PHONE)):
        for scheme in ("light", "dark"):
            name = f"{width}-{scheme}"
            page = seat(browser, address, "Jan", size, scheme)
            keep(page, folder / f"{name}-chat.png")
            clerk = behind_the_desk(guest(browser, size, scheme), address)
            keep(clerk.page, folder / f"{name}-queue.png")
            for path, what in (
                (case, "case"),
                (f"{address}/overzicht", "overview"),
                (f"{address}/inloggen", "login"),
            ):
                clerk.page.goto(path)
                keep(clerk.page, folder / f"{name}-{what}.png", whole=True)
            clerk.page.context.close()
            page.context.close()


def keep(page: Page, path: Path, whole: bool = False) -> None:
    """Save it in 256 colours, which a flat page does not miss; raises when it is still too large."""
    page.wait_for_timeout(600)
    shot = Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")
    shot.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    assert size <= LARGEST, f"{path} has {size} bytes"


if __name__ == "__main__":
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("folder", type=Path)
    told.add_argument("--all", action="store_true")
    given = told.parse_args()
    main(given.folder, given.all)

"""The README is true where a test can tell."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from bot.config import Server
from bot.model.buttons import Button
from bot.model.wording import Wording
from bot.texts import Catalogue

README = Path("README.md").read_text("utf-8")
PAGES = [Path("README.md"), Path("CONTRIBUTING.md"), *sorted(Path("docs").rglob("*.md"))]
PAGE_WORDS = "".join(
    path.read_text("utf-8") for path in [*Path("adapters/web").rglob("*.html"), Path("adapters/web/words.py")]
)


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 150


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_make_target_exists() -> None:
    makefile = Path("Makefile").read_text("utf-8")
    for target in re.findall(r"^    make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_address_is_where_the_demo_listens() -> None:
    assert f"`http://{Server().host}:{Server().port}`" in README


def test_the_waiting_time_is_the_demo_s() -> None:
    demo = tomllib.loads(Path("bot/demo.toml").read_text("utf-8"))
    words = {8: "Eight", 10: "Ten", 60: "Sixty"}
    assert f"{words[demo['group']['deadlines']['release']]} seconds later it is filed" in README


def test_every_button_and_name_that_is_told_is_on_the_pages() -> None:
    texts = Catalogue.load()
    keys = [f"button.{button.value}" for button in Button if not texts.slots_of(f"button.{button.value}")]
    labels = {texts.text(Wording(key=key), "nl") for key in keys}
    demo = Path("bot/demo.toml").read_text("utf-8")
    for name in set(re.findall(r"\*\*([^*]+)\*\*", README)):
        assert name in labels or name in PAGE_WORDS or f'"{name}"' in demo, name


@pytest.mark.parametrize("picture", sorted(Path("docs/images").glob("*.png")), ids=lambda path: path.name)
def test_pictures_are_small(picture: Path) -> None:
    assert picture.stat().st_size <= 200_000
    with Image.open(picture) as opened:
        assert opened.width <= 1600

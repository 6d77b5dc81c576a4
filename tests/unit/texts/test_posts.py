"""Whole posts as the process puts them together still fit a group."""

from __future__ import annotations

import pytest

from bot.model.wording import Saying, Wording
from bot.process.follow import BULLETIN_HOLDS
from bot.texts import Catalogue
from tests.support.text_lint import POST_LIMIT, documented_slots

CATALOGUE = Catalogue.load()
POSTS = [
    ("report.prompt", "report.seen"),
    ("report.prompt", "ask.location"),
    ("report.prompt.nowhere", "report.seen", "ask.location"),
    ("preview", "preview.anonymous", "preview.masked", "preview.photos"),
    ("preview", "preview.contact", "preview.masked", "preview.photos"),
    ("preview", "preview.anonymous", "preview.neutral"),
    ("report.line", "filed", "count.neighbours", "solved.by_neighbour"),
    ("report.prompt", "report.seen", "rehearsal"),
    ("preview", "preview.anonymous", "preview.masked", "rehearsal"),
    ("report.line", "status.planned.date", "count.neighbours", "rehearsal"),
    ("report.line", "status.planned.date", "count.neighbours", "solved.by_neighbour"),
    ("report.line", "status.needs_answer", "desk.question", "count.neighbours"),
    ("report.line", "status.cancelled", "count.neighbours"),
    ("verify.thanks", "finished"),
    ("selfhelp.doing", "tip.zwerfvuil"),
    ("filed", "status.received", "count.neighbours"),
    ("filed", "status.planned.date", "count.neighbours"),
    ("filed", "status.forwarded", "count.neighbours"),
    ("filed", "status.cancelled", "count.neighbours"),
    ("filed", "status.closed", "verify.thanks"),
    ("filed", "closed.verify", "count.neighbours"),
    ("filed", "status.needs_answer", "desk.question"),
    ("urgent.112", "urgent.gas"),
    ("bulletin.head", *["bulletin.verify"] * BULLETIN_HOLDS),
]


@pytest.mark.parametrize("keys", POSTS, ids="+".join)
def test_a_post_of_several_lines_fits_a_group(keys: tuple[str, ...]) -> None:
    assert len(CATALOGUE.post(saying(*keys), "nl").text) <= POST_LIMIT


def test_the_112_card_shows_the_number_of_the_tenant_and_nothing_else_strong() -> None:
    post = CATALOGUE.post(saying("urgent.112"), "nl")
    assert [span.text for span in post.spans if span.strong] == ["Bel nu 112."]


def test_what_goes_out_is_shown_word_for_word() -> None:
    text = "**Glas** bij {where} & <b>de bak</b>"
    slots = {name: text if name == "text" else "x" for name in CATALOGUE.slots_of("preview")}
    post = CATALOGUE.post(Saying(lines=(Wording(key="preview", slots=slots),)), "nl")
    assert f"“{text}”" in post.text
    assert [span.text for span in post.spans if span.strong] == [f"“{text}”"]


def saying(*keys: str) -> Saying:
    typical = documented_slots()
    return Saying(
        lines=tuple(
            Wording(key=key, slots={name: typical[name].typical for name in CATALOGUE.slots_of(key)})
            for key in keys
        )
    )

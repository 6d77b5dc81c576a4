"""What every `Texts` does, the fake included."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.model.buttons import Button
from bot.model.channel import Choice, Span
from bot.model.ids import PostRef
from bot.model.wording import Offer, Saying, Wording
from bot.ports.fakes.texts import FakeTexts
from bot.ports.texts import Texts
from bot.texts import Catalogue

TEMPLATES = {
    "filing": "Ik stuur nu.",
    "filed": "Gemeld bij **{desk}**.",
    "neighbourhood": "Gemeld:\n{lines}",
    "link.follow": "Volg deze melding",
    "button.yes": "Ja, melden",
    "button.keep": "Houd BART in de groep",
    "button.keep.short": "Houd BART",
    "button.pick1": "{place}",
}
Make = Callable[[Mapping[str, str]], Texts]


@pytest.fixture(params=["fake", "catalogue"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def catalogue(templates: Mapping[str, str]) -> Texts:
        entries = (
            f'msgid "{key}"\nmsgstr {json.dumps(text, ensure_ascii=False)}\n' for key, text in templates.items()
        )
        (tmp_path / "nl.po").write_text("\n".join(entries), "utf-8")
        return Catalogue.load(("nl",), tmp_path)

    def fake(templates: Mapping[str, str]) -> Texts:
        return FakeTexts(templates=templates)

    return fake if request.param == "fake" else catalogue


@pytest.fixture
def texts(make: Make) -> Texts:
    return make(TEMPLATES)


def test_lines_stand_under_each_other(texts: Texts) -> None:
    post = texts.post(Saying(lines=(Wording(key="filing"), Wording(key="filed", slots={"desk": "x"}))), "nl")
    assert post.text == "Ik stuur nu.\nGemeld bij x."


def test_emphasis_is_a_strong_span(texts: Texts) -> None:
    post = texts.post(Saying(lines=(Wording(key="filed", slots={"desk": "x"}),)), "nl")
    assert post.spans == (Span(text="Gemeld bij "), Span(text="x", strong=True), Span(text="."))


def test_text_is_the_same_without_emphasis(texts: Texts) -> None:
    assert texts.text(Wording(key="filed", slots={"desk": "x"}), "nl") == "Gemeld bij x."


@pytest.mark.parametrize("value", ["**vet**", "{desk}", "{lines}", "**", "{", "\\1", "\\g<0>", "<b>&amp;"])
def test_what_goes_into_a_slot_is_never_read_again(texts: Texts, value: str) -> None:
    post = texts.post(Saying(lines=(Wording(key="filed", slots={"desk": value}),)), "nl")
    assert [span.text for span in post.spans if span.strong] == [value]


def test_slot_values_are_one_line_without_control_characters(texts: Texts) -> None:
    wording = Wording(key="filed", slots={"desk": " a\n\x00 \u202eb "})
    assert texts.text(wording, "nl") == "Gemeld bij a b."


def test_the_slot_lines_keeps_its_lines(texts: Texts) -> None:
    wording = Wording(key="neighbourhood", slots={"lines": "een \n\n twee"})
    assert texts.text(wording, "nl") == "Gemeld:\neen\ntwee"


@pytest.mark.parametrize(
    ("wording", "language", "named"),
    [
        (Wording(key="no.such"), "nl", "no.such"),
        (Wording(key="filed"), "nl", "filed.*desk"),
        (Wording(key="filed", slots={"desk": "x", "number": "1"}), "nl", "filed.*number"),
        (Wording(key="filing"), "xx", "xx"),
    ],
)
def test_a_fault_is_a_key_error_that_names_it(texts: Texts, wording: Wording, language: str, named: str) -> None:
    with pytest.raises(KeyError, match=named):
        texts.text(wording, language)
    with pytest.raises(KeyError, match=named):
        texts.post(Saying(lines=(wording,)), language)


def test_slots_of_says_what_a_text_must_be_given(texts: Texts) -> None:
    assert texts.slots_of("filed") == {"desk"}
    assert texts.slots_of("filing") == frozenset()
    with pytest.raises(KeyError, match=r"no\.such"):
        texts.slots_of("no.such")


@pytest.mark.parametrize(
    ("button", "slots", "label", "short"),
    [
        (Button.YES, {}, "Ja, melden", "Ja, melden"),
        (Button.KEEP, {}, "Houd BART in de groep", "Houd BART"),
        (Button.PICK_1, {"place": "Parijsplein 12"}, "Parijsplein 12", "Parijsplein 12"),
        (
            Button.PICK_1,
            {"place": "Burgemeester Elsenlaan 170"},
            "Burgemeester Elsenlaan…",
            "Burgemeester Elsenl…",
        ),
    ],
)
def test_an_offer_becomes_a_choice_that_fits(
    texts: Texts, button: Button, slots: Mapping[str, str], label: str, short: str
) -> None:
    offers = (Offer(owner="i1", button=button, slots=slots),)
    post = texts.post(Saying(lines=(Wording(key="filing"),), offers=offers), "nl")
    assert post.choices == (Choice(key=f"i1:{button}", label=label, short=short),)


def test_a_button_without_its_slots_is_a_key_error(texts: Texts) -> None:
    with pytest.raises(KeyError, match=r"button\.pick1.*place"):
        texts.post(Saying(lines=(), offers=(Offer(owner="i1", button=Button.PICK_1),)), "nl")


def test_a_link_has_its_own_words_and_no_link_has_none(texts: Texts) -> None:
    lines = (Wording(key="filing"),)
    linked = texts.post(Saying(lines=lines, link="https://x.nl/1"), "nl")
    assert (linked.link, linked.link_label) == ("https://x.nl/1", "Volg deze melding")
    assert texts.post(Saying(lines=lines), "nl").link_label == ""


def test_reply_and_silence_come_through(texts: Texts) -> None:
    post = texts.post(Saying(lines=(Wording(key="filing"),), reply_to=PostRef("p1"), silent=True), "nl")
    assert (post.reply_to, post.silent) == ("p1", True)


def test_a_day_is_said_without_its_hour_and_in_the_zone_it_comes_in(texts: Texts) -> None:
    late = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    said = texts.date(late, "nl")
    assert "3" in said
    assert texts.date(late - timedelta(hours=5), "nl") == said
    assert texts.date(late.astimezone(timezone(timedelta(hours=1))), "nl") != said
    with pytest.raises(KeyError, match="xx"):
        texts.date(late, "xx")


def test_the_version_changes_with_a_text_and_stays_otherwise(make: Make) -> None:
    version = make(TEMPLATES).version
    assert version
    assert make(TEMPLATES).version == version
    assert make(TEMPLATES | {"filing": "Ik stuur zo."}).version != version


def test_a_fake_without_templates_says_every_key_aloud() -> None:
    wording = Wording(key="filed", slots={"number": "7", "desk": "gemeente"})
    assert FakeTexts().text(wording, "nl") == "filed desk=gemeente number=7"

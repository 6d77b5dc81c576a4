"""Reading catalogues: what is wrong in a file is named with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.buttons import Button, choice_key, read_choice
from bot.model.errors import InputError
from bot.model.wording import Offer, Saying, Wording
from bot.texts import Catalogue
from bot.texts.catalogue import LABEL_LIMIT, SHORT_LIMIT
from tests.support.text_lint import documented_slots

GOOD = 'msgid "filed"\nmsgstr "Gemeld: {number}."\n\nmsgid "filing"\nmsgstr "Ik stuur."\n'
NL = Catalogue.load()


def load(folder: Path, **files: str) -> Catalogue:
    for language, source in files.items():
        (folder / f"{language}.po").write_text(source, "utf-8")
    return Catalogue.load(tuple(files), folder)


def test_the_catalogue_of_the_package_loads() -> None:
    saying = Saying(lines=(Wording(key="filed", slots={"desk": "Den Haag", "number": "SIG-1"}),))
    assert "Gemeld bij gemeente Den Haag. Nummer: SIG-1." in NL.post(saying, "nl").text


def test_a_language_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"xx\.po: there is no such catalogue"):
        Catalogue.load(("xx",), tmp_path)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (GOOD + '\nmsgid "filed"\nmsgstr "Nog eens {number}"\n', "filed is there 2 times"),
        (GOOD + '\nmsgid "empty"\nmsgstr ""\n', "empty has no text"),
        (
            GOOD + '\n#, fuzzy\nmsgid "unsure"\nmsgstr "x"\n',
            "unsure has no text, plural texts, or one marked fuzzy",
        ),
        (GOOD + '\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\nmsgstr[1] "y"\n', "plural texts"),
        (GOOD + '\nmsgid "brace"\nmsgstr "een { los"\n', r"nl\.po brace: stray '{'"),
        (GOOD + "\nonzin\n", r"nl\.po line 7"),
    ],
)
def test_a_broken_catalogue_is_refused_with_the_key_or_line(tmp_path: Path, source: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        load(tmp_path, nl=source)


def test_a_catalogue_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nl.po").write_bytes(b'msgid "a"\nmsgstr "caf\xe9"\n')
    with pytest.raises(InputError, match=r"nl\.po: byte \d+ is not UTF-8"):
        Catalogue.load(("nl",), tmp_path)


def test_languages_must_have_the_same_keys(tmp_path: Path) -> None:
    fewer = 'msgid "filed"\nmsgstr "Filed: {number}."\n'
    with pytest.raises(InputError, match=r"en\.po: filing is missing"):
        load(tmp_path, nl=GOOD, en=fewer)
    with pytest.raises(InputError, match=r"en\.po: extra is not in the first language"):
        load(tmp_path, nl=GOOD, en=GOOD + '\nmsgid "extra"\nmsgstr "x"\n')


def test_languages_must_have_the_same_slots(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"en\.po: filed has other slots"):
        load(tmp_path, nl=GOOD, en=GOOD.replace("{number}", "{desk}"))


def test_a_short_label_is_each_languages_own_choice(tmp_path: Path) -> None:
    short = GOOD + '\nmsgid "filed.short"\nmsgstr "x"\n'
    both = load(tmp_path, nl=GOOD, en=short)
    assert set(both.templates) == {"nl", "en"}


def test_the_version_changes_with_any_text_and_only_then(tmp_path: Path) -> None:
    before = load(tmp_path, nl=GOOD).version
    reordered = "\n".join(reversed(GOOD.strip().split("\n\n"))).replace("\nmsgid", "\n\nmsgid") + "\n"
    assert load(tmp_path, nl="# said otherwise\n" + reordered).version == before
    assert load(tmp_path, nl=GOOD.replace("Ik stuur.", "Ik stuur!")).version != before


def test_a_day_in_dutch_is_a_number_and_a_month() -> None:
    assert NL.date(datetime(2026, 3, 3, 12, 0, tzinfo=UTC), "nl") == "3 maart"


@given(st.sampled_from(sorted(Button)), st.text(max_size=80))
def test_every_label_fits_whatever_the_place_is_called(button: Button, place: str) -> None:
    slots = dict.fromkeys(NL.slots_of(f"button.{button}"), place)
    saying = Saying(lines=(), offers=(Offer(owner="i1", button=button, slots=slots),))
    (choice,) = NL.post(saying, "nl").choices
    assert len(choice.label) <= LABEL_LIMIT
    assert len(choice.short) <= SHORT_LIMIT
    assert choice.key == choice_key("i1", button)
    assert read_choice(choice.key) == ("i1", button)


@pytest.mark.parametrize("key", sorted(NL.templates["nl"]))
def test_the_spans_of_a_post_joined_are_its_text(key: str) -> None:
    typical = documented_slots()
    wording = Wording(key=key, slots={name: typical[name].typical for name in NL.slots_of(key)})
    assert NL.post(Saying(lines=(wording,)), "nl").text == NL.text(wording, "nl")

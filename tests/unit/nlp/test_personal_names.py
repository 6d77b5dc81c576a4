"""Names of people: by lists, by the group's own members, and by what stands around them."""

from __future__ import annotations

import pytest

from bot.model.reading import Extent
from nlp.rules.lexicon import first_names, surnames
from nlp.rules.personal import IDLE, WORDS_TOO, joined, known_names, personal


def names(text: str, *roster: str) -> list[str]:
    """The names found in a text of a group with these members."""
    return [text[one.start : one.end] for one in personal(text, frozenset(roster)) if one.kind == "name"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mevrouw van der Quast doet niet open", "van der Quast"),
        ("Mw. Quast is gevallen", "Quast"),
        ("de heer Van Quast zoekt zijn kat", "Van Quast"),
        ("vraag buurvrouw Xanti maar", "Xanti"),
        ("ome Wubbo heeft een ladder", "Wubbo"),
        ("onze oppas Xanti komt morgen", "Xanti"),
        ("mijn kleinzoon Wubbo is zoek", "Wubbo"),
        ("post voor W. Quast gevonden", "W. Quast"),
        ("op naam van J.P. van Quast", "J.P. van Quast"),
        ("Wubbo (12) is niet thuisgekomen", "Wubbo"),
        ("mijn jongen heet Wubbo Quast", "Wubbo Quast"),
        ("tot morgen. Groet, Wubbo", "Wubbo"),
        ("tot morgen, groetjes wubbo", "wubbo"),
    ],
)
def test_a_name_in_no_list_is_known_by_what_stands_before_it(text: str, name: str) -> None:
    assert not {"wubbo", "xanti", "quast"} & (first_names() | surnames())
    assert names(text) == [name]


@pytest.mark.parametrize("text", ["bel 112 henk, niet appen", "dat is jouw net gerrit"])
def test_a_listed_name_counts_in_lower_case_where_it_is_no_word(text: str) -> None:
    assert len(names(text)) == 1


@pytest.mark.parametrize(
    "text", ["de bas dreunt", "mark it down", "riet langs de sloot", "in mei weer", "groetjes allemaal"]
)
def test_an_ordinary_word_is_no_name_in_lower_case(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "in de Jan van Galenstraat",
        "de Govert Flinckstraat is dicht",
        "bij de Albert Heijn ligt glas",
        "het regent op de Ferdinand Bol",
        "naar de Dirk voor melk",
    ],
)
def test_a_street_or_shop_with_a_first_name_is_no_person(text: str) -> None:
    assert names(text) == []


def test_people_of_the_group_count_by_every_part_of_what_they_are_called() -> None:
    assert known_names(["Mw. van Quast", "Tante Xanti (beheer)", "Wijkagent Noord"]) == {"quast", "xanti"}


def test_the_group_makes_a_lower_case_name_count() -> None:
    assert names("dank je quast", "A. van Quast") == ["quast"]
    assert names("dank je quast") == []


def test_an_everyday_word_in_what_somebody_is_called_is_no_name_in_lower_case() -> None:
    assert names("ik weet het niet", "Wil de Niet") == []


def test_shouting_after_a_name_is_no_surname() -> None:
    assert names("Henk NEE blijf daar") == ["Henk"]


def test_the_lists_have_no_everyday_words() -> None:
    assert not first_names() & IDLE
    assert len(WORDS_TOO) > len(WORDS_TOO & IDLE)


def test_pieces_that_overlap_become_one() -> None:
    first = Extent(start=0, end=4, kind="name")
    longer = Extent(start=0, end=9, kind="name")
    across = Extent(start=8, end=12, kind="address")
    apart = Extent(start=20, end=22, kind="name")

    assert joined([first, apart], [longer, across]) == (Extent(start=0, end=12, kind="name"), apart)

"""Place phrases and personal data: the exact characters."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from bot.model.ids import PersonKey
from bot.model.reading import Reading
from nlp.rules import interpreter
from nlp.rules.lexicon import Lexicon
from nlp.rules.numbers import is_iban, is_phone, is_plate
from nlp.rules.personal import personal
from nlp.rules.words import LONGEST_TEXT


def places(text: str) -> list[str]:
    reading = Reading(text=text, author=PersonKey("p"), at=datetime(2026, 1, 1, tzinfo=UTC))
    return [text[one.start : one.end] for one in interpreter().interpret([reading])[0].places]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("glas bij de glasbak op het Parijsplein", ["bij de glasbak op het Parijsplein"]),
        ("bij de speeltuin", ["bij de speeltuin"]),
        ("gat in de Londenlaan 12", ["in de Londenlaan 12"]),
        ("lamp stuk, hoek Londenlaan en Wenenstraat", ["hoek Londenlaan en Wenenstraat"]),
        ("hoek Romestraat/Brusselsingel ligt vol", ["hoek Romestraat/Brusselsingel"]),
        ("Parijsplein", ["Parijsplein"]),
        ("lantaarnpaal 1012 is uit", ["lantaarnpaal 1012"]),
        ("ligt bij 2497 AB op straat", ["2497 AB"]),
        ("op de Hoge Rijndijk ligt olie", ["op de Hoge Rijndijk"]),
        ("op de Laan der Continenten ligt glas", ["op de Laan der Continenten"]),
        ("ik ben onderweg", []),
        ("het is weg", []),
        ("tegenover mij", []),
        ("goedemorgen", []),
    ],
)
def test_finds_where_something_is(text: str, found: list[str]) -> None:
    assert places(text) == found


def data(text: str, *roster: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in personal(text, frozenset(roster))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bel mij op 06-12345678", [("phone", "06-12345678")]),
        ("bel 06 12 34 56 78 even", [("phone", "06 12 34 56 78")]),
        ("of +31 6 12345678.", [("phone", "+31 6 12345678")]),
        ("mail jan.de.vries+buurt@example.nl", [("email", "jan.de.vries+buurt@example.nl")]),
        ("kenteken H-552-DR", [("plate", "H-552-DR")]),
        ("een zwarte golf, 12-abc-3 geloof ik", [("plate", "12-abc-3")]),
        ("XH42KB staat dubbel", [("plate", "XH42KB")]),
        ("over naar NL91 ABNA 0417 1643 00 graag", [("iban", "NL91 ABNA 0417 1643 00")]),
        ("mijn naam is Xanthippe de Boer", [("name", "Xanthippe de Boer")]),
        ("glas op de stoep. Groet, Wubbo", [("name", "Wubbo")]),
        ("vraag het aan Fatima", [("name", "Fatima")]),
        ("geboren 12-03-1961", [("birth_date", "12-03-1961")]),
        ("ik woon op Londenlaan 12", [("address", "Londenlaan 12")]),
        ("bel 112 of 0900-8844", []),
        ("om 12 uur 30 fietsen", []),
        ("vorig jaar 12-03-2025 ook al", []),
        ("glas bij de glasbak op het Parijsplein", []),
    ],
)
def test_finds_what_is_personal(text: str, found: list[tuple[str, str]]) -> None:
    assert data(text) == found


def test_a_name_of_the_group_counts_in_lower_case_too() -> None:
    assert data("dank je wubbo", "Wubbo") == [("name", "wubbo")]
    assert data("dank je wubbo") == []


def test_personal_data_far_into_a_long_message_is_found_too() -> None:
    text = "x " * LONGEST_TEXT + "bel 06-12345678"

    assert data(text) == [("phone", "06-12345678")]


def test_extents_do_not_overlap() -> None:
    found = personal(
        "Groet, Fatima 06-12345678 fatima@example.nl NL91ABNA0417164300 12-abc-3", frozenset({"Fatima"})
    )

    assert len(found) >= 4
    assert all(one.end <= other.start for one, other in pairwise(found))


PLATES = (
    "AB-12-34 12-34-AB 12-AB-34 AB-12-CD AB-CD-12 12-AB-CD 12-ABC-3 1-ABC-23 AB-123-C A-123-BC ABC-12-D A-12-BCD "
    "1-AB-234 123-AB-4"
)


@pytest.mark.parametrize("plate", PLATES.split())
def test_every_series_of_plates_is_known(plate: str) -> None:
    assert is_plate(plate)
    assert is_plate(plate.replace("-", ""))


@pytest.mark.parametrize("text", ["AB-CD-EF", "12-34-56", "1-2-3", "ABCDEF", "123456"])
def test_letters_or_digits_alone_are_no_plate(text: str) -> None:
    assert not is_plate(text)


@pytest.mark.parametrize(
    ("number", "holds"), [("NL91ABNA0417164300", True), ("NL92ABNA0417164300", False), ("X", False)]
)
def test_a_bank_account_needs_its_checksum(number: str, holds: bool) -> None:
    assert is_iban(number) is holds


@pytest.mark.parametrize(("number", "is_one"), [("0612345678", True), ("0800-1205", False), ("1234567890", False)])
def test_a_phone_number_is_somebodys(number: str, is_one: bool) -> None:
    assert is_phone(number) is is_one


@pytest.mark.parametrize(
    ("phrase", "text", "hit"),
    [
        ("boom", "de boom", True),
        ("boom*", "de boomwortel", True),
        ("*container", "papiercontainer", True),
        ("doet .. niet", "hij doet het al weken niet", True),
        ("doet .. niet", "doet een twee drie vier vijf niet", False),
        ("vol glas", "vol met glas", False),
        ("op de stoep*", "op de stoeptegel", True),
        ("niet .. stoeptegel*", "stoeptegel niet", False),
    ],
)
def test_patterns_match_as_the_file_says(phrase: str, text: str, hit: bool) -> None:
    assert bool(Lexicon({"mark": [phrase]}).marks(text.split())) is hit


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("bel Piet Jansen even", "Piet Jansen"),
        ("Piet de Vries heeft het gezien", "Piet de Vries"),
        ("van Kees van der Berg-Smit gehoord", "Kees van der Berg-Smit"),
        ("Jan 't Hart woont daar", "Jan 't Hart"),
        ("bij Jan Dorpsstraat", "Jan"),
        ("Piet is er niet", "Piet"),
        ("mevrouw De Wit weet het", "De Wit"),
    ],
)
def test_a_surname_goes_with_its_first_name(text: str, name: str) -> None:
    found = [text[e.start : e.end] for e in personal(text, frozenset({"Piet", "Kees", "Jan"})) if e.kind == "name"]
    assert found == [name]

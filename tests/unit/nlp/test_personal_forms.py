"""Personal data that has a form of its own, as people really type it."""

from __future__ import annotations

import pytest

from nlp.rules.numbers import is_bsn, numbers
from nlp.rules.personal import personal
from nlp.rules.words import split


def found(text: str) -> list[tuple[str, str]]:
    """Kind and piece of everything personal in a text."""
    return [(one.kind, text[one.start : one.end]) for one in personal(text, frozenset())]


@pytest.mark.parametrize(
    "number",
    [
        "0612345678", "06-12345678", "06 12 34 56 78", "06.12.34.56.78", "06/12345678", "06 - 1234 5678",
        "+31612345678", "+31 6 12345678", "+31 (0)6 1234 5678", "0031 6 12345678", "0031612345678",
        "070-3456789", "0412 345 678", "+32 470 12 34 56", "06-1234567",
    ],
)  # fmt: skip
def test_a_phone_number_is_found_however_it_is_spelt(number: str) -> None:
    assert found(f"bel {number} even") == [("phone", number)]


@pytest.mark.parametrize("number", ["0800-1205", "0900 8844", "088 1234567", "14070", "112"])
def test_the_number_of_a_service_is_nobodys(number: str) -> None:
    assert found(f"bel {number} even") == []


@pytest.mark.parametrize(
    "mail",
    [
        "wubbo@voorbeeld.nl", "w.de-wit+buurt@mail.voorbeeld.nl", "wubbo at voorbeeld punt nl",
        "wubbo (at) voorbeeld (punt) nl", "wubbo[at]voorbeeld.nl", "wubbo apenstaartje voorbeeld.nl",
        "wubbo @ voorbeeld.nl",
    ],
)  # fmt: skip
def test_a_mail_address_is_found_also_where_it_is_spelt_out(mail: str) -> None:
    assert ("email", mail) in found(f"stuur naar {mail}")


def test_looking_at_a_site_is_no_mail_address() -> None:
    assert found("have a look at marktplaats.nl") == []


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("kenteken vx-418-p", "vx-418-p"),
        ("kenteken is vx 418 p", "vx 418 p"),
        ("zilveren golf 12-ABC-3", "12-ABC-3"),
        ("begint met KL-9", "KL-9"),
        ("het nummerbord: V-774, meer zag ik niet", "V-774"),
        ("een stukje van de plaat: 7-TK", "7-TK"),
        ("Belgische bus 1-XKD-482", "1-XKD-482"),
        ("Duitse bus KLE-AB 1234", "KLE-AB 1234"),
    ],
)
def test_a_plate_is_found_also_in_part_or_from_abroad(text: str, plate: str) -> None:
    assert found(text) == [("plate", plate)]


@pytest.mark.parametrize("text", ["de A-12 staat vast", "team U-14 wint", "in blok B-2 is het donker"])
def test_letters_and_digits_elsewhere_are_no_plate(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "account", ["NL91 ABNA 0417 1643 00", "NL91ABNA0417164300", "nl91 abna 0417 1643 00", "NL12 ABNA 0123 4567 89"]
)
def test_a_dutch_account_is_somebodys_also_with_a_typing_error(account: str) -> None:
    assert found(f"maak over op {account}") == [("iban", account)]


def test_a_foreign_account_needs_its_checksum() -> None:
    assert found("op BE68539007547034") == [("iban", "BE68539007547034")]
    assert found("op BE68539007547035") == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("geboren 12-03-2015", "12-03-2015"),
        ("op het bandje staat 3-2-1951", "3-2-1951"),
        ("geb. 21 april 1936", "21 april 1936"),
        ("zij is van 14 juni 1958", "14 juni 1958"),
    ],
)
def test_a_whole_date_of_a_grown_up_is_a_birth_date(text: str, date: str) -> None:
    assert ("birth_date", date) in found(text)


def test_a_date_of_these_years_is_only_one_after_born() -> None:
    assert found("sinds 12-03-2025 is het raak") == []


@pytest.mark.parametrize(
    ("number", "holds"), [("111222333", True), ("111222334", False), ("12", False), ("000000000", False)]
)
def test_a_citizens_number_passes_the_eleven_test(number: str, holds: bool) -> None:
    assert is_bsn(number) is holds


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("mijn bsn is 111222333", "111222333"),
        ("rijbewijs 5123456789 gevonden", "5123456789"),
        ("paspoort NX3456789 ligt bij mij", "NX3456789"),
    ],
)
def test_the_number_of_a_document_is_found(text: str, piece: str) -> None:
    assert ("id_number", piece) in found(text)


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("mijn insta: wubbo_w", "wubbo_w"),
        ("volg me op tiktok @wubbo.w1", "wubbo.w1"),
    ],
)
def test_a_handle_is_found_after_its_network(text: str, handle: str) -> None:
    pieces = [text[one.start : one.end] for one in numbers(text, ["insta", "tiktok", "snap", *split(text)])]
    assert pieces == [handle]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("kom maar langs, Korenstraat 41b, deur is open", "Korenstraat 41b"),
        ("breng het naar Laan van de Kroon 61", "Laan van de Kroon 61"),
        ("er is ingebroken. Vlierlaan 27, achterdeur", "Vlierlaan 27"),
        ("meneer Wubbo van de Vlierlaan nr 27 doet niet open", "Vlierlaan nr 27"),
        ("hij ligt bij mij thuis, Poelwijk 204", "Poelwijk 204"),
        ("Vlierlaan 27, beneden", "Vlierlaan 27, beneden"),
        ("ik woon op nr 14", "nr 14"),
        ("bij mij op 23 hs", "23 hs"),
        ("2512 AB 14 is het", "2512 AB 14"),
    ],
)
def test_a_home_is_an_address(text: str, address: str) -> None:
    assert ("address", address) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "de put ter hoogte van Vlierlaan 27 zit dicht",
        "voor Vlierlaan 27 ligt een matras",
        "portiek Vlierlaan 40 t/m 58",
        "op de Vlierlaan 3 uur in de file",
        "aflevering 2 is beter",
        "wij wonen op 5 hoog",
        "Plein 1945 is afgesloten",
    ],
)
def test_a_spot_on_a_form_a_range_or_a_time_is_no_home(text: str) -> None:
    assert not [kind for kind, _ in found(text) if kind == "address"]

"""What is mailed can be read by people and by machines, and holds nothing that was not meant to go."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from adapters.desks.mail.letters import HOW, KINDS, LINE, Names, check_addition, check_filing, report, supplement
from adapters.desks.mail.replies import WORDS
from bot.model.desk import Filing
from bot.model.errors import DeskRefused
from bot.model.place import Place
from bot.model.report import ContributionKind
from bot.ports.fakes.clock import NOON
from tests.support.desks import addition, filing
from tests.support.post import SENDER, TO, json_of

NAMES = Names(secret="s" * 64, prefix="BART", sender=SENDER, to=TO)


def sent(letter: EmailMessage) -> EmailMessage:
    """As it arrives."""
    arrived = message_from_bytes(letter.as_bytes(), policy=default)
    assert isinstance(arrived, EmailMessage)
    return arrived


def words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_report_says_what_where_when_and_who_in_words() -> None:
    text = words(sent(report(filing(neighbours=3, contact="jan@example.org"), NAMES, NOON)))
    for line in (
        "Waar: glasbak, Parijsplein",
        "Gezien op: 21-11-2026 12:00 UTC",
        "Gezien door: 3 bewoners",
        "De melder is bereikbaar via: jan@example.org",
        "    Er ligt glas bij de glasbak.",
    ):
        assert line in text.splitlines()
    assert text.startswith(LINE)


def test_the_same_is_there_for_machines() -> None:
    letter = sent(report(filing(neighbours=3, about="BART-AAAA-BBBB"), NAMES, NOON))
    assert json_of(letter) == {
        "versie": 1,
        "soort": "melding",
        "kenmerk": NAMES.reference("own-1"),
        "categorie": "zwerfvuil",
        "tekst": "Er ligt glas bij de glasbak.",
        "plaats": "glasbak, Parijsplein",
        "lat": 52.039,
        "lon": 4.37,
        "gezien_op": "2026-11-21T12:00:00+00:00",
        "bewoners": 3,
        "contact": "",
        "vervolg_op": "BART-AAAA-BBBB",
    }


def test_who_reports_without_a_name_leaves_none() -> None:
    letter = sent(report(filing(), NAMES, NOON))
    assert "De melder blijft anoniem." in words(letter)
    assert [address.addr_spec for address in letter["From"].addresses] == [SENDER]


def test_the_reference_is_in_the_subject_and_machines_are_told_not_to_answer() -> None:
    letter = sent(report(filing(), NAMES, NOON))
    assert NAMES.reference("own-1") in letter["Subject"]
    assert letter["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("label", ["plein\r\nBcc: iedereen@example.org", "plein\nX: y", "straat " * 60])
def test_what_a_place_is_called_makes_no_header(label: str) -> None:
    letter = sent(report(filing(place=Place(label=label)), NAMES, NOON))
    assert {"Bcc", "X"}.isdisjoint(letter.keys())
    assert len(letter["Subject"]) <= 60


def test_words_and_emoji_of_residents_arrive_as_typed_on_lines_that_mail_can_carry() -> None:
    text = "Ze zeggen: “café” 🗑️\n.\nFrom hier\n" + "woord " * 400
    letter = report(filing(text=text), NAMES, NOON)
    assert max(map(len, letter.as_bytes().split(b"\r\n"))) <= 998
    assert json_of(sent(letter))["tekst"] == text


def test_the_same_letter_again_has_the_same_names_and_every_other_has_others() -> None:
    again = [report(filing(), NAMES, NOON)["Message-ID"] for _ in range(2)]
    other = report(filing("own-2"), NAMES, NOON)["Message-ID"]
    assert again[0] == again[1] != other
    assert NAMES.reference("own-1") != replace(NAMES, secret="t" * 64).reference("own-1")
    assert "sss" not in repr(NAMES)


@pytest.mark.parametrize("kind", sorted(set(ContributionKind) - {ContributionKind.WITHDRAWAL}))
def test_an_addition_says_what_it_is_and_hangs_below_its_report(kind: ContributionKind) -> None:
    first = NAMES.message_id("own-1")
    letter = sent(supplement(addition(kind, text="Ook karton."), "BART-AAAA-BBBB", first, NAMES, NOON))
    assert KINDS[kind] in words(letter)
    assert (letter["In-Reply-To"], letter["References"]) == (first, first)
    assert json_of(letter)["aanvulling"] == kind
    pictures = [part for part in letter.iter_attachments() if part.get_content_type() == "image/jpeg"]
    assert len(pictures) == (kind is ContributionKind.PHOTO)


@pytest.mark.parametrize("word", WORDS)
def test_the_letter_says_every_word_that_can_be_answered(word: str) -> None:
    assert any(line.split(":")[0] == word for line in HOW.splitlines())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (filing(text=" "), "text"),
        (filing(text="x" * 3001), "text"),
        (filing(text="a\x00b"), "text"),
        (filing(own=""), "own"),
        (filing(place=Place(label=" ")), "place"),
    ],
)
def test_what_can_never_be_mailed_is_refused_by_field(wrong: Filing, field: str) -> None:
    with pytest.raises(DeskRefused) as caught:
        check_filing(wrong)
    assert caught.value.field == field


def test_a_letter_cannot_be_taken_back() -> None:
    with pytest.raises(DeskRefused):
        check_addition(addition(ContributionKind.WITHDRAWAL))

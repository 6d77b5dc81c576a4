"""Which letters become news, and that no other ever does."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.desks.mail.letters import LINE
from adapters.desks.mail.options import Options, read_options
from adapters.desks.mail.replies import Answer, Bounce, Why, date_in, read, said_in
from bot.model.report import Status
from tests.support.post import SENDER, TO, answer

REFERENCE = "BART-ABCD-EF23"
SUBJECT = f"Re: [{REFERENCE}] Zwerfvuil"
OPTIONS = read_options("desks.x", {"to": TO, "sender": SENDER, "smtp": {"host": "localhost"}})


def options(**more: Any) -> Options:
    return read_options("desks.x", {"to": TO, "sender": SENDER, "smtp": {"host": "localhost"}, **more})


def read_answer(text: str, **more: Any) -> Answer | Bounce | Why:
    return read(answer(text, **{"subject": SUBJECT, **more}).as_bytes(), OPTIONS)


@pytest.mark.parametrize(
    ("text", "status", "note"),
    [
        ("KLAAR\nDe container is geleegd.", Status.CLOSED, "De container is geleegd."),
        ("klaar", Status.CLOSED, ""),
        ("*Klaar*: opgeruimd.", Status.CLOSED, "opgeruimd."),
        ("\n\n  BEZIG\n\nWij zijn\nonderweg.\n", Status.IN_PROGRESS, "Wij zijn onderweg."),
        ("AFGEWEZEN\nDit is van de provincie.", Status.CANCELLED, "Dit is van de provincie."),
        ("HEROPEND", Status.REOPENED, ""),
        ("VRAAG: Staat er een nummer op?", Status.NEEDS_ANSWER, "Staat er een nummer op?"),
        ("VRAAG\nStaat er een nummer op?", Status.NEEDS_ANSWER, "Staat er een nummer op?"),
    ],
)
def test_an_answer_that_begins_with_a_word_is_a_status(text: str, status: Status, note: str) -> None:
    told = read_answer(text)
    assert isinstance(told, Answer)
    assert (told.reference, told.status, told.note) == (REFERENCE, status, note)


def test_planned_has_its_date_and_forwarded_its_party() -> None:
    planned = read_answer("GEPLAND: 3 december 2026\nDan komt de ploeg.")
    assert isinstance(planned, Answer)
    assert (planned.until, planned.note) == (datetime(2026, 12, 3, 12, tzinfo=UTC), "Dan komt de ploeg.")
    loose = read_answer("GEPLAND: volgende week")
    assert isinstance(loose, Answer)
    assert (loose.until, loose.note) == (None, "volgende week")
    forwarded = read_answer("DOORGESTUURD: Woningcorporatie Zon\nZij bellen u.")
    assert isinstance(forwarded, Answer)
    assert (forwarded.party, forwarded.note) == ("Woningcorporatie Zon", "Zij bellen u.")


@pytest.mark.parametrize(
    "text",
    [
        "Klaar is het nog niet, we kijken morgen.",
        "Dank voor uw melding.",
        "VRAAG",
        "VRAAG:",
        "",
        f"{LINE}\nKLAAR",
        "> KLAAR",
        "Met vriendelijke groet,\nKLAAR",
    ],
)
def test_words_that_are_no_agreed_answer_stay_in_the_mailbox(text: str) -> None:
    assert read_answer(text) is Why.NO_WORD


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"sender": "iemand@example.org"}, Why.STRANGER),
        ({"sender": f'"{TO}" <iemand@example.org>'}, Why.STRANGER),
        ({"sender": f"{TO}, iemand@example.org"}, Why.STRANGER),
        ({"sender": "meldingen@delft.example.org"}, Why.STRANGER),
        ({"sender": "x@nietdelft.example"}, Why.STRANGER),
        ({"subject": "Re: Zwerfvuil"}, Why.NO_REFERENCE),
        ({"subject": "Re: BART-abcd-ef23"}, Why.NO_REFERENCE),
        ({"subject": f"{REFERENCE} en BART-ABCD-EF24"}, Why.NO_REFERENCE),
        ({"Auto_Submitted": "auto-replied"}, Why.AUTOMATIC),
        ({"Auto_Submitted": "auto-generated; type=x"}, Why.AUTOMATIC),
        ({"Precedence": "bulk"}, Why.AUTOMATIC),
        ({"Return_Path": "<>"}, Why.AUTOMATIC),
        ({"List_Id": "<buurt.example>"}, Why.AUTOMATIC),
        ({"X_Autoreply": "yes"}, Why.AUTOMATIC),
    ],
)
def test_no_other_letter_is_ever_news(more: dict[str, str], why: Why) -> None:
    assert read_answer("KLAAR\nOpgeruimd.", **more) is why


def test_a_domain_may_answer_with_all_below_it_and_nobody_beside() -> None:
    wide = options(answers_from=["delft.example", "ploeg@groen.example"])
    assert wide.may_answer("jan@delft.example")
    assert wide.may_answer("Jan@Buiten.Delft.example")
    assert wide.may_answer("ploeg@groen.example")
    assert not wide.may_answer("ander@groen.example")
    assert not wide.may_answer("jan@evildelft.example")


@pytest.mark.parametrize(
    ("header", "good"),
    [
        ("mx.bart.example; dmarc=pass header.from=delft.example", True),
        ("mx.bart.example; spf=pass; dmarc=fail", False),
        ("mx.evil.example; dmarc=pass", False),
        ("", False),
    ],
)
def test_where_a_server_verifies_senders_its_word_is_needed(header: str, good: bool) -> None:
    letter = answer("KLAAR", subject=SUBJECT)
    if header:
        letter["Authentication-Results"] = header
    letter["Authentication-Results"] = "mx.bart.example; dmarc=pass"
    if not header:
        del letter["Authentication-Results"]
    told = read(letter.as_bytes(), options(verified_by="MX.bart.example"))
    assert isinstance(told, Answer) is good


@pytest.mark.parametrize(
    "below",
    [
        "-- \nMarieke, 06 12345678",
        "Met vriendelijke groet,\nMarieke",
        "Vriendelijke groeten\nMarieke",
        "Groeten,\nMarieke",
        "mvg Marieke",
        "Verzonden vanaf mijn iPhone",
        "> eerder gezegd",
        "Op za 21 nov 2026 om 13:00 schreef BART <bart@x.example>:\n> eerder",
        "Op za 21 nov 2026 om 13:00 schreef BART\n<bart@x.example>:\n> eerder",
        "On Sat, Nov 21, 2026 at 1:00 PM BART wrote:\n> earlier",
        "-----Oorspronkelijk bericht-----\nVan: BART",
        "________________________________\nVan: BART",
        "Van: BART <bart@x.example>\nVerzonden: zaterdag",
        LINE,
    ],
)
def test_what_was_quoted_and_signed_is_cut_off(below: str) -> None:
    assert said_in(f"KLAAR\nOpgeruimd.\n\n{below}\ngeheim") == ["KLAAR", "Opgeruimd."]


def test_an_answer_in_html_alone_is_read_as_words() -> None:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = TO, SUBJECT
    html = "<style>p {color: red}</style><p>KLAAR</p><div>Opgeruimd &amp;\nschoon.<br>-- <br>geheim</div>"
    letter.set_content(html, subtype="html")
    told = read(letter.as_bytes(), OPTIONS)
    assert isinstance(told, Answer)
    assert told.note == "Opgeruimd & schoon."


def test_an_endless_answer_is_cut() -> None:
    told = read_answer("KLAAR\n" + "woord " * 10_000)
    assert isinstance(told, Answer)
    assert len(told.note) == 1000


@pytest.mark.parametrize("text", ["32 december 2026", "morgen", "3-13-2026", ""])
def test_what_is_no_date_is_none(text: str) -> None:
    assert date_in(text) is None


# bounces


def bounce(action: str = "failed", headers_only: bool = False) -> bytes:
    """As a mail server reports it (RFC 3464)."""
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    lines = [
        "From: MAILER-DAEMON@bart.example",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"',
        "",
        "--x",
        "",
        "I'm sorry.",
        "--x",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.bart.example",
        "",
        f"Final-Recipient: rfc822; {TO}",
        f"Action: {action}",
        "Status: 5.1.1",
        "",
        "--x",
        f"Content-Type: {kind}",
        "",
        "Subject: Melding",
        "Message-ID: <ours@bart.example>",
        "",
        "" if headers_only else "Er ligt glas.",
        "--x--",
        "",
    ]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_letter_that_came_back_is_known_by_its_id(headers_only: bool) -> None:
    assert read(bounce(headers_only=headers_only), OPTIONS) == Bounce(message_id="<ours@bart.example>")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_letter_that_is_only_late_did_not_come_back(action: str) -> None:
    assert read(bounce(action), OPTIONS) is Why.AUTOMATIC


# anything at all


@given(st.binary(max_size=600))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    assert isinstance(read(raw, OPTIONS), Why)


@given(st.binary(max_size=300))
def test_no_body_under_the_right_headers_breaks_the_reading(body: bytes) -> None:
    head = f"From: {TO}\r\nSubject: {SUBJECT}\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    assert isinstance(read(head.encode() + body, OPTIONS), Why | Answer)

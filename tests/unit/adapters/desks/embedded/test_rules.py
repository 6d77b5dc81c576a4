"""What the embedded desk accepts, beyond what every desk promises."""

from __future__ import annotations

import pytest

from adapters.desks.embedded import rules
from bot.model.desk import CONTRIBUTION_TEXT_LIMIT, STATUS_AFTER, Addition, CaseAct, CaseDeed, Filing
from bot.model.errors import DeskRefused, InputError
from bot.model.place import Place
from bot.model.report import MOVES, ContributionKind, Status
from bot.ports.fakes.clock import NOON
from tests.support.desks import addition, deed, filing

NAIVE = NOON.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("own", filing(own="a\x00b")),
        ("category", filing(category="")),
        ("text", filing(text="glas \ud83d")),
        ("place", filing(place=Place(label=" "))),
        ("place", filing(place=Place(label="glas\x00bak"))),
        ("contact", filing(contact="x" * 201)),
        ("contact", filing(contact="jan\x00@example.org")),
        ("seen_at", filing(seen_at=NAIVE)),
        ("neighbours", filing(neighbours=0)),
    ],
)
def test_a_filing_is_refused_by_the_field_that_is_wrong(field: str, wrong: Filing) -> None:
    with pytest.raises(DeskRefused) as caught:
        rules.check_filing(wrong)
    assert caught.value.field == field


def test_a_refusal_never_repeats_what_the_resident_wrote() -> None:
    with pytest.raises(DeskRefused) as caught:
        rules.check_filing(filing(text="Bel Jan\x00op 06-12345678"))
    assert "Jan" not in str(caught.value)


def test_a_place_needs_a_point_or_a_label() -> None:
    point = filing().place.point
    rules.check_filing(filing(place=Place(label="", point=point)))
    rules.check_filing(filing(place=Place(label="Parijsplein")))


def test_emoji_and_line_breaks_are_ordinary_words() -> None:
    rules.check_filing(filing(text="Glas 😠\n\nbij de glasbak\tén karton"))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("at", addition(ContributionKind.STILL, at=NAIVE)),
        ("own", addition(ContributionKind.STILL, own="")),
        ("photo", addition(ContributionKind.PHOTO, photo=b"\xff\xd8\xff" + bytes(rules.PHOTO_LIMIT))),
    ],
    ids=["at", "own", "photo"],
)
def test_an_addition_is_refused_by_the_field_that_is_wrong(field: str, wrong: Addition) -> None:
    with pytest.raises(DeskRefused) as caught:
        rules.check_addition(wrong)
    assert caught.value.field == field


@pytest.mark.parametrize("kind", list(ContributionKind))
@pytest.mark.parametrize("status", list(Status))
def test_what_residents_bring_about_is_a_move_of_the_report(kind: ContributionKind, status: Status) -> None:
    new = rules.move_by_resident(kind, status)
    assert new is None or new in MOVES[status]


def test_every_act_of_staff_has_a_status() -> None:
    assert set(STATUS_AFTER) == set(CaseAct)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("by", deed(CaseAct.START, by=" ")),
        ("text", deed(CaseAct.CLOSE, "x" * (CONTRIBUTION_TEXT_LIMIT + 1))),
        ("text", deed(CaseAct.START, "a\x00b")),
        ("party", deed(CaseAct.FORWARD, party="x" * 201)),
        ("party", deed(CaseAct.FORWARD, party="a\x00b")),
        ("until", deed(CaseAct.PLAN, until=NAIVE)),
    ],
)
def test_a_deed_is_refused_in_dutch_by_the_field_that_is_wrong(field: str, wrong: CaseDeed) -> None:
    with pytest.raises(InputError) as caught:
        rules.move_by_staff(wrong, Status.RECEIVED, NOON)
    assert caught.value.where == field
    assert caught.value.what[0].isupper()
    assert caught.value.what.endswith(".")

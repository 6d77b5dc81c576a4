"""Personal data leaves as the name of what it was."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.reading import Extent
from bot.process.masking import clean, mask

KINDS = ("name", "phone", "email", "plate", "iban", "birth_date", "address")


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("name", "[naam]"),
        ("phone", "[telefoonnummer]"),
        ("email", "[e-mailadres]"),
        ("plate", "[kenteken]"),
        ("iban", "[rekeningnummer]"),
        ("birth_date", "[geboortedatum]"),
        ("address", "[adres]"),
        ("something new", "[weggehaald]"),
    ],
)
def test_what_was_taken_out_is_named(kind: str, shown: str) -> None:
    assert mask("bel Piet even", (Extent(start=4, end=8, kind=kind),)) == (f"bel {shown} even", 1)


def test_overlapping_extents_are_taken_out_once() -> None:
    both = (Extent(start=6, end=10, kind="phone"), Extent(start=4, end=10, kind="name"))
    assert mask("bel Piet06 even", both) == ("bel [naam] even", 1)


def test_nothing_personal_changes_nothing() -> None:
    assert mask(" glas bij de bak ", ()) == ("glas bij de bak", 0)


@pytest.mark.parametrize("evil", ["\u202e", "\x00", "\x1b", "\u2066", "\r", "\u200b"])
def test_characters_that_trick_the_eye_become_spaces(evil: str) -> None:
    assert clean(f"a{evil}b") == "a b"


def test_line_breaks_and_joined_emoji_stay() -> None:
    assert clean("a\nb 👩\u200d👧") == "a\nb 👩\u200d👧"


@given(st.text())
def test_cleaning_keeps_every_position(text: str) -> None:
    assert len(clean(text)) == len(text)
    assert clean(clean(text)) == clean(text)


@given(
    st.text(alphabet="abc ", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=5)
)
def test_nothing_of_what_is_personal_is_left(text: str, spots: list[tuple[int, int]]) -> None:
    marked = "".join("X" if any(s <= n < s + size for s, size in spots) else c for n, c in enumerate(text))
    extents = tuple(
        Extent(start=s, end=min(s + size, len(text)), kind="name") for s, size in spots if s < len(text)
    )
    masked, count = mask(marked, extents)
    assert count == masked.count("[naam]")
    if len({(e.start, e.end) for e in extents}) == len(extents) and not _overlap(extents):
        assert "X" not in masked


def _overlap(extents: tuple[Extent, ...]) -> bool:
    ordered = sorted(extents, key=lambda e: e.start)
    return any(one.end > two.start for one, two in itertools.pairwise(ordered))

"""People's words come without what controls a screen, and BART knows when it is spoken to."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.channels.plain import DIRECTION, names_bart, plain


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
@example("\ud800\x00\u202e\r\n\t")
def test_plain_words_have_nothing_that_controls_a_screen(text: str) -> None:
    cleaned = plain(text)
    assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"} for char in cleaned)
    assert not DIRECTION & set(cleaned)
    assert plain(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=200))
def test_ordinary_words_stay_as_they_were_typed(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@bart wat is dit?", True),
        ("vraag het @BART eens", True),
        ("Bart, hoe zit het?", True),
        (" bart", True),
        ("ik sprak Bart gisteren", False),
        ("bartje is jarig", False),
        ("@bartje kom je?", False),
        ("mail bart@bart.nl of x@bart.nl", False),
        ("", False),
    ],
)
def test_bart_is_named_at_the_start_or_with_an_at_sign(text: str, named: bool) -> None:
    assert names_bart(text) is named

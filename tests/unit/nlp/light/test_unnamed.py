"""The model reads no names: also not at the beginning of a sentence, where every word has a capital."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.light.signs import neutral, tokens
from nlp.rules.lexicon import common_words, first_names


@pytest.mark.parametrize("name", ["Thierno", "Wieneke", "Sjuul", "Nkechi", "Wim", "Zdravko's"])
def test_a_name_at_the_beginning_is_read_as_a_name(name: str) -> None:
    assert neutral(f"{name} heeft het gezien") == "qz heeft het gezien"
    assert neutral(f"Ja. {name} ook") == "Ja. qz ook"
    assert tokens(f"{name} heeft") == ["qz", "heeft"]


@pytest.mark.parametrize("word", ["Lantaarnpaal", "Hondenpoep", "Glascontainer", "Er", "Vannacht", "Dorpsstraat"])
def test_an_ordinary_word_and_a_compound_stay(word: str) -> None:
    assert neutral(f"{word} is weg") == f"{word} is weg"


def test_words_in_lower_case_and_in_capitals_stay() -> None:
    assert neutral("thierno heeft") == "thierno heeft"
    assert neutral("HELP brand") == "HELP brand"


def test_no_common_word_is_a_first_name() -> None:
    assert not common_words() & first_names()


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(neutral(text), str)

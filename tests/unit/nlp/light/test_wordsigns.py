"""What the tagger sees at each word, and that it sees the same alone and in a batch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.reading import Extent
from nlp.light.wordsigns import COMMON, NEW, SIGNS, VIEWS, Ints, signs, tagged

NOBODY: frozenset[str] = frozenset()


def common(words: Ints) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Every word is one that all use."""
    return np.full(len(words), COMMON, dtype=np.uint8)


def new(words: Ints) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Nobody uses any word."""
    return np.full(len(words), NEW, dtype=np.uint8)


def test_each_word_has_a_row_and_each_sign_a_column() -> None:
    one = tagged("glas bij de school", NOBODY, (), ())

    assert one.local.shape == (4, VIEWS)
    assert signs([one], common).shape == (4, len(SIGNS))


def test_a_message_without_words_has_no_rows() -> None:
    assert signs([tagged("?!", NOBODY, (), ())], common).shape == (0, len(SIGNS))
    assert signs([], common).shape == (0, len(SIGNS))


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_a_message_looks_the_same_alone_and_among_others(texts: list[str]) -> None:
    batch = [tagged(text, frozenset({"Wubbo"}), (), ()) for text in texts]

    alone = np.concatenate([signs([one], common) for one in batch])

    np.testing.assert_array_equal(signs(batch, common), alone)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dank wubbo", "dank Wubbo"),
        ("dank Wubbo", "dank @Wubbo"),
        ("ja Wubbo", "ja. Wubbo"),
        ("ja Wubbo", "ja, Wubbo"),
        ("de WUBBO", "de Wubbo"),
        ("bij W", "bij Wo"),
    ],
)
def test_how_a_word_is_written_is_seen(one: str, other: str) -> None:
    first, second = (signs([tagged(text, NOBODY, (), ())], common)[1] for text in (one, other))

    assert (first != second).any()


def test_digits_are_all_alike() -> None:
    first, second = (signs([tagged(text, NOBODY, (), ())], common) for text in ("nummer 12", "nummer 98"))

    np.testing.assert_array_equal(first, second)


def test_the_group_and_the_lists_are_seen_and_a_reading_without_lists_sees_neither() -> None:
    known = tagged("dank quixo", frozenset({"Quixo"}), (), ())
    unknown = tagged("dank quixo", NOBODY, (), ())
    listed = tagged("dank Henk", NOBODY, (), ())
    blind = tagged("dank Henk", NOBODY, (), (), frozenset())

    assert (known.local != unknown.local).any()
    assert (listed.local != blind.local).any()


def test_what_the_rules_found_is_seen() -> None:
    place = Extent(start=5, end=8, kind="place")
    plain = tagged("glas hier", NOBODY, (), ()).local

    assert (tagged("glas hier", NOBODY, [place], ()).local != plain).any()
    assert (tagged("glas hier", NOBODY, (), [place]).local != plain).any()


def test_how_common_a_word_is_is_seen() -> None:
    one = tagged("dank quixo", NOBODY, (), ())

    assert (signs([one], common) != signs([one], new)).any()

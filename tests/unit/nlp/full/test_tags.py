"""From tags on pieces to words that say a place or a name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.full import tags
from nlp.full.encoder import Scores
from nlp.full.inputs import Input, Inputs
from tests.support.encoders import scores, small_tokenizer
from tests.support.readings import reading

INPUTS = Inputs(small_tokenizer())
OUT, BEGIN, INSIDE = (4.0, 0.0, 0.0, -4.0), (0.0, 4.0, 0.0, -4.0), (0.0, 0.0, 4.0, -4.0)
NAME = (4.0, 0.0, 0.0, 4.0)


def tagged(text: str, *rows: tuple[float, ...]) -> tuple[str, Input, Scores]:
    cut = INPUTS.tags(reading(text))
    assert len(rows) == cut.size
    return text, cut, replace(scores(), tags=np.array(rows, dtype=np.float32))


def places(text: str, *rows: tuple[float, ...]) -> list[str]:
    return [text[one.start : one.end] for one in tags.places(*tagged(text, *rows))]


def test_neighbouring_pieces_are_one_place() -> None:
    assert places("glas op het plein", OUT, BEGIN, INSIDE, INSIDE) == ["op het plein"]


def test_a_piece_that_begins_a_place_after_a_gap_begins_another() -> None:
    assert places("op plein bij glas", BEGIN, INSIDE, BEGIN, INSIDE) == ["op plein", "bij glas"]


def test_half_a_word_becomes_the_whole_word_without_its_comma() -> None:
    text = "zt, glas"
    rows = [INSIDE, *[OUT] * (INPUTS.tags(reading(text)).size - 1)]

    assert places(text, *rows) in (["zt"], [])
    assert places("glas zt,", OUT, *[INSIDE] * (INPUTS.tags(reading("glas zt,")).size - 1)) == ["zt"]


def test_nothing_tagged_is_nothing_found() -> None:
    assert places("glas op het plein", OUT, OUT, OUT, OUT) == []
    assert tags.personal(*tagged("glas op het plein", OUT, OUT, OUT, OUT)) == ()


def test_a_name_is_personal() -> None:
    found = tags.personal(*tagged("glas bij de qz", OUT, OUT, OUT, NAME))

    assert [(one.start, one.end, one.kind) for one in found] == [(12, 14, "name")]


@given(st.text(max_size=60), st.lists(st.tuples(*[st.floats(-9, 9)] * 4), max_size=80))
def test_extents_are_in_order_within_the_text_and_touch_no_other(text: str, rows: list[tuple[float, ...]]) -> None:
    cut = INPUTS.tags(reading(text))
    table = np.resize(np.array([*rows, OUT], dtype=np.float32), (cut.size, 4))
    read = replace(scores(), tags=table)

    for found in (tags.places(text, cut, read), tags.personal(text, cut, read)):
        ends = [0, *(at for one in found for at in (one.start, one.end)), len(text)]
        assert ends == sorted(ends)
        assert all(one.start < one.end for one in found)


MAYBE = (1.0, 0.0, 0.5, -4.0)


def test_what_may_belong_between_two_sure_pieces_belongs_to_them() -> None:
    assert places("op het plein bij glas", INSIDE, MAYBE, INSIDE, OUT, OUT) == ["op het plein"]


def test_what_may_belong_at_the_end_is_left_out() -> None:
    assert places("op het plein bij glas", INSIDE, INSIDE, INSIDE, MAYBE, OUT) == ["op het plein"]


def test_a_certain_gap_parts_two_places() -> None:
    assert places("op plein nog bij glas", INSIDE, INSIDE, OUT, INSIDE, INSIDE) == ["op plein", "bij glas"]

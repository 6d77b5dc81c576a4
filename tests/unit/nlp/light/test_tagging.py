"""How the tagger learns: which words are labelled, and how common a word is to everybody else."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from bot.model.reading import Intent
from nlp.corpus import Labelled
from nlp.light.signs import look
from nlp.light.tagger import BEGIN, INSIDE, OUT
from nlp.light.tagging import Levels, blind, level, moves, name_tags, observed, place_tags
from nlp.light.wordsigns import COMMON, NEW, RARE, WORD, tagged
from nlp.rules.words import tokens
from tests.support.readings import reading

TEXT = "vraag Wubbo bij de school"


def test_the_words_of_a_labelled_place_begin_it_or_are_inside() -> None:
    assert place_tags(tokens(TEXT), TEXT, ["bij de school"]) == [OUT, OUT, BEGIN, INSIDE, INSIDE]


def test_a_name_is_labelled_wherever_it_stands_and_numbers_are_left_to_the_rules() -> None:
    text = "Wubbo of wubbo? Wubbo! 06-12345678"

    assert name_tags(tokens(text), text, ["Wubbo", "06-12345678"]) == [True, False, False, True, False]


def test_a_tag_that_cannot_follow_is_far_away() -> None:
    found = moves([[OUT, BEGIN, INSIDE, OUT]])

    assert found[OUT, INSIDE] < found[OUT, BEGIN]


def said(writer: str, text: str, *pii: str) -> Labelled:
    """A labelled message of one writer."""
    return Labelled(
        id="x-1", group="x", place="", platform="whatsapp", at=datetime(2026, 3, 2, tzinfo=UTC), author="Xanti",
        text=text, reply_to=None, media=None, intent=Intent.NONE, category=None, urgent=False, location=(),
        pii=pii,
        ref=None, why=None, writer=writer,
    )  # fmt: skip


def test_a_word_is_as_common_as_other_writers_make_it() -> None:
    text = "lantaarn"
    messages = [said(writer, text) for writer in ("a", "b", "c")] + [said("d", "wubbo", "wubbo")]
    levels = Levels([(one, tagged(one.text, frozenset(), (), ())) for one in messages])
    word = tagged(text, frozenset(), (), ()).local[:, WORD] & ((1 << 20) - 1)
    name = tagged("wubbo", frozenset(), (), ()).local[:, WORD] & ((1 << 20) - 1)

    assert levels.without("d")(word).tolist() == [COMMON]
    assert levels.without("a")(word).tolist() == [RARE]
    assert levels.without("a")(name).tolist() == [NEW]


def test_three_writers_make_a_word_common() -> None:
    assert level(np.array([0, 1, 2, 3, 9], dtype=np.int16)).tolist() == [NEW, RARE, RARE, COMMON, COMMON]


def test_a_reading_without_lists_sees_less_of_a_listed_name() -> None:
    one = reading("dank je Henk")

    assert (observed(one, look(one)).local != blind(one, look(one)).local).any()

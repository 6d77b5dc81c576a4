"""What the encoder is given to read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.model.ids import IncidentId, PersonKey
from bot.model.reading import Line
from nlp.full.inputs import END, MESSAGE_PIECES, PAD, START, Inputs, open_report, padded
from tests.support.encoders import small_tokenizer
from tests.support.readings import LAMP, NOON, OPEN, reading

TOKENIZER = small_tokenizer()
INPUTS = Inputs(TOKENIZER)


def pieces(ids: list[int]) -> list[str | None]:
    return [TOKENIZER.id_to_token(at) for at in ids]


def test_a_message_stands_between_a_start_and_an_end() -> None:
    found = INPUTS.tags(reading("glas op het plein"))

    assert pieces(list(found.ids)) == ["<s>", "▁glas", "▁op", "▁het", "▁plein", "</s>"]
    assert found.size == 4


def test_each_piece_says_which_characters_it_stands_for() -> None:
    text = "glas op het plein"

    found = INPUTS.tags(reading(text))

    assert [text[start:end].strip() for start, end in found.spans] == ["glas", "op", "het", "plein"]


def test_a_decision_is_read_without_names() -> None:
    names = [INPUTS.decision(reading(f"glas bij {name}")).ids for name in ("Thierno", "Wieneke")]

    assert names[0] == names[1]
    assert INPUTS.tags(reading("glas bij Thierno")).ids != INPUTS.tags(reading("glas bij Wieneke")).ids


def test_the_last_two_lines_come_after_the_message() -> None:
    found = INPUTS.tags(reading("hier ook", before=("op", "glas", "plein")))

    assert pieces(list(found.ids)) == ["<s>", "▁hier", "▁ook", "</s>", "▁glas", "</s>", "▁plein", "</s>"]
    assert found.size == 2


def test_what_a_message_answers_comes_instead_of_the_last_lines() -> None:
    answered = Line(author=PersonKey("n"), text="glas", at=NOON)

    found = INPUTS.tags(replace(reading("hier ook", before=("plein",)), reply_to=answered))

    assert "▁glas" in pieces(list(found.ids))
    assert "▁plein" not in pieces(list(found.ids))


def test_one_open_report_is_shown_with_its_category() -> None:
    found = pieces(list(INPUTS.tags(reading("ligt er nog", OPEN)).ids))

    assert found.count("</s>") == 2
    assert "▁zwerfvuil" in found


def test_of_the_open_reports_the_one_replied_to_is_shown() -> None:
    assert open_report(reading("ook bij mij", OPEN, LAMP, about="lamp")) == LAMP


def test_else_the_one_that_shares_words() -> None:
    assert open_report(reading("die lantaarnpaal doet het weer", OPEN, LAMP)) == LAMP


def test_else_the_latest() -> None:
    assert open_report(reading("hier ook", LAMP, OPEN)) == OPEN
    assert open_report(reading("hier ook")) is None


def test_a_photo_is_told_in_words() -> None:
    assert (
        "▁foto" in pieces(list(INPUTS.decision(replace(reading("glas"), photo=True)).ids))
        or INPUTS.decision(replace(reading("glas"), photo=True)).ids != INPUTS.decision(reading("glas")).ids
    )


@pytest.mark.parametrize("text", ["", " ", "\ud800", "a\x00b", "🔥" * 300, "x" * 10_000, "\u202e\u0300"])
def test_any_text_becomes_a_bounded_input(text: str) -> None:
    report = replace(OPEN, id=IncidentId("x"), text="y" * 10_000)

    for found in (INPUTS.decision(reading(text, report)), INPUTS.tags(reading(text, report))):
        assert found.ids[0] == START
        assert found.ids[-1] == END
        assert found.size == len(found.spans) <= MESSAGE_PIECES
        assert len(found.ids) < 200


def test_a_batch_is_as_wide_as_its_longest_message() -> None:
    batch = [INPUTS.tags(reading("glas")), INPUTS.tags(reading("glas op het plein", before=("hier",)))]

    found = padded(batch)

    assert found["ids"].shape == (2, len(batch[1].ids))
    assert found["ids"][0].tolist()[3:] == [PAD] * (len(batch[1].ids) - 3)
    assert found["mask"].sum(axis=1).tolist() == [len(one.ids) for one in batch]
    assert np.flatnonzero(found["own"][1]).tolist() == [1, 2, 3, 4]

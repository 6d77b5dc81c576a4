from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.corpus import Labelled, read, read_file
from nlp.corpus.reading import HERE, of_row
from nlp.corpus.voices import ALIKE, BOUNDS, SAME, grams, near_duplicates, odd_voices, voices
from tests.support.labelled import row

STREETS = ["Lindelaan", "Kerkstraat", "Havenweg", "Molenpad", "Dorpsplein", "Beukenhof", "Zeedijk", "Spoorlaan"]
THINGS = ["een matras", "een bankstel", "een koelkast", "een fiets", "een kast", "een tafel", "een stoel"]


@pytest.fixture(scope="module")
def corpus() -> list[Labelled]:
    return read()


def said(*texts: str, writer: str = "w") -> list[Labelled]:
    return [of_row(row(number, text=text), writer) for number, text in enumerate(texts, 1)]


def test_the_corpus_has_no_message_twice(corpus: list[Labelled]) -> None:
    pairs = near_duplicates(corpus)

    assert [(one.first.id, one.second.id) for one in pairs if one.alike >= SAME] == []
    assert len(pairs) <= len(corpus) / 1000


def test_no_writer_of_the_corpus_copies_another_or_has_one_voice(corpus: list[Labelled]) -> None:
    assert odd_voices(voices(corpus)) == []


def test_a_copy_with_another_street_is_found() -> None:
    pairs = near_duplicates(
        said(
            "er ligt al drie dagen een bankstel naast de container in de Lindelaan, wie ruimt dat op",
            "heeft iemand een ladder te leen voor zaterdagmiddag? krijg je een appeltaart voor terug",
            "er ligt al drie dagen een bankstel naast de container in de Kerkstraat, wie ruimt dat op",
        )
    )

    assert [(one.first.id, one.second.id) for one in pairs] == [("g1-001", "g1-003")]
    assert pairs[0].alike > ALIKE


def test_a_copy_in_capitals_without_punctuation_is_the_same_text() -> None:
    pairs = near_duplicates(said("Lamp op de hoek, bij de kerk, is uit!", "LAMP OP DE HOEK BIJ DE KERK IS UIT"))

    assert [one.alike for one in pairs] == [1.0]


def test_the_same_thought_in_other_words_is_no_copy() -> None:
    other = said(
        "de lantaarnpaal bij de kerk doet het al een week niet", "kerkplein is stikdonker, paal kapot denk ik"
    )

    assert near_duplicates(other) == []


def test_what_everybody_says_alike_is_no_copy() -> None:
    assert near_duplicates(said("is opgeruimd", "is opgeruimd", "staat er nog", "staat er nog")) == []


def test_planted_copies_are_found_between_the_chats_of_different_writers(corpus: list[Labelled]) -> None:
    copied = [one for one in corpus if len(one.text) > 60][::400]
    planted = [
        replace(one, id=f"copy-{one.id}", writer="copier", text=one.text.replace("de ", "die ", 1))
        for one in copied
    ]

    pairs = near_duplicates([*corpus, *planted])

    assert {one.id for pair in pairs for one in (pair.first, pair.second)} >= {one.id for one in planted}


@given(
    st.lists(st.text("abcde ", min_size=30, max_size=60), min_size=2, max_size=6), st.sampled_from([0.3, 0.5, 0.8])
)
def test_the_quick_search_finds_exactly_what_comparing_all_with_all_finds(texts: list[str], alike: float) -> None:
    messages = said(*texts)
    long = [one for one in messages if len("".join(one.text.split())) >= 25]

    found = {frozenset((one.first.id, one.second.id)) for one in near_duplicates(messages, alike)}

    slow = set()
    for at, one in enumerate(long):
        for other in long[at + 1 :]:
            mine, theirs = grams(one.text), grams(other.text)
            if len(mine & theirs) / len(mine | theirs) >= alike:
                slow.add(frozenset((one.id, other.id)))
    assert found == slow


def test_a_writer_who_copies_another_has_that_ones_turns_of_phrase() -> None:
    original = read_file(HERE / "sample.jsonl")
    copy = [replace(one, writer="copier", text=one.text.replace(".", "!")) for one in original]

    odd = odd_voices(voices([*original, *copy]))

    assert any(line.startswith("copier: likeness") and "like sample" in line for line in odd)
    assert any(line.startswith("copier: own") for line in odd)


def test_templates_are_one_voice() -> None:
    made = [f"er ligt {thing} op straat in de {street}" for street in STREETS for thing in THINGS] * 3

    odd = odd_voices(voices([*read_file(HERE / "sample.jsonl"), *said(*made, writer="template")]))

    assert {line.split(" ")[1] for line in odd if line.startswith("template:")} >= {"variety", "capitals", "emoji"}


def test_every_bound_is_about_something_a_voice_has() -> None:
    (only,) = voices(said("een bericht van iemand"))

    assert all(isinstance(getattr(only, name), float) for name in BOUNDS)


def test_a_voice_counts_what_it_says_it_counts() -> None:
    mine = said("Dag buren 👋", "dag allemaal", writer="a")
    yours = said("dag iedereen", writer="b")

    first, second = voices([*mine, *yours])

    assert (first.writer, first.messages, first.length) == ("a", 2, 2.0)
    assert first.capitals == 0.5
    assert first.emoji == 0.5
    assert first.variety == 0.75
    assert first.own == pytest.approx(2 / 3)
    assert (second.nearest, second.likeness) == ("a", 0.0)


def test_a_writer_alone_is_like_nobody() -> None:
    (only,) = voices(said("dag buren van de straat"))

    assert (only.nearest, only.likeness) == ("", 0.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("length", 3.0), ("variety", 0.2), ("own", 0.02), ("capitals", 1.0), ("emoji", 0.0), ("likeness", 0.4)],
)
def test_one_habit_out_of_bounds_is_enough_and_is_named(corpus: list[Labelled], name: str, value: float) -> None:
    ordinary = voices(corpus)[1]
    changes: dict[str, Any] = {name: value}

    (line,) = odd_voices([replace(ordinary, **changes)])

    assert line.startswith(f"{ordinary.writer}: {name} is {value:.3f}, not ")


@given(st.text(max_size=80))
def test_any_text_is_as_alike_to_itself_as_can_be(text: str) -> None:
    pairs = near_duplicates(said(text, text))

    assert all(one.alike == 1.0 for one in pairs)
    assert len(pairs) <= 1


def test_an_empty_corpus_has_no_pairs_and_no_voices() -> None:
    assert near_duplicates([]) == []
    assert voices([]) == []

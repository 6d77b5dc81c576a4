"""A template taken apart once and filled: what goes in never changes how it is read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.channel import Span
from bot.model.errors import InputError
from bot.model.wording import cut
from bot.texts import Catalogue
from bot.texts.template import Template, clean, join_spans, parse

TEMPLATES = sorted(Catalogue.load().templates["nl"].values(), key=lambda template: template.key)
HOSTILE = st.one_of(
    st.text(),
    st.sampled_from(["**", "**vet**", "{where}", "{", "}", "{{0}}", "%s", "\\n", "\u202e", "\x00", "<b>"]),
    st.text(alphabet="*{}where \n\t\u200b\u202e"),
)


def test_emphasis_and_slots_become_spans() -> None:
    template = parse("k", "Gevaar? **Bel {number}.** Nu")
    assert template.slots == {"number"}
    assert template.fill({"number": "1"}) == (
        Span(text="Gevaar? "),
        Span(text="Bel 1.", strong=True),
        Span(text=" Nu"),
    )


def test_one_slot_may_be_there_twice() -> None:
    assert parse("k", "{a} en {a}").fill({"a": "x"}) == (Span(text="x en x"),)


def test_a_single_asterisk_is_just_an_asterisk() -> None:
    assert parse("k", "2 * 3 = 6").fill({}) == (Span(text="2 * 3 = 6"),)


def test_an_empty_value_leaves_no_empty_span() -> None:
    assert parse("k", "**{a}**").fill({"a": " "}) == ()


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("een { los", "stray '{' at character 5"),
        ("een } los", "stray '}' at character 5"),
        ("{Groot}", "stray '{' at character 1"),
        ("**open", "never closed"),
    ],
)
def test_a_broken_template_is_refused_with_its_key_and_place(source: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        parse("some.key", source)
    assert caught.value.where == "some.key"


def test_a_wrong_slot_is_named_with_the_key() -> None:
    template = parse("some.key", "{a} {b}")
    with pytest.raises(KeyError, match=r"some\.key: slot 'b' is missing, there is no slot 'c'"):
        template.fill({"a": "1", "c": "2"})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("  glas \t op\n straat ", "glas op straat"),
        ("a\u202eb\u200bc\x00d\ud800e", "abcde"),
        ("a \u200b b", "a b"),
        ("a\u2028b\u00a0c", "a b c"),
        ("👩\u200d🚒 **{x}**", "👩\u200d🚒 **{x}**"),
    ],
)
def test_slot_values_lose_what_cannot_be_seen_and_keep_what_can(value: str, shown: str) -> None:
    assert clean(value) == shown


def test_only_the_slot_lines_keeps_its_line_breaks() -> None:
    template = parse("k", "{lines}|{note}")
    assert template.fill({"lines": "a \n\n b", "note": "a\nb"}) == (Span(text="a\nb|a b"),)


@pytest.mark.parametrize(("text", "limit", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("ab cd", 4, "ab…")])
def test_what_does_not_fit_is_cut_with_an_ellipsis(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


@given(st.text(), st.integers(min_value=1, max_value=30))
def test_what_is_cut_always_fits(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit


@given(st.text())
def test_cleaning_twice_changes_nothing_more(value: str) -> None:
    assert clean(clean(value)) == clean(value)
    assert "\n" not in clean(value)


@given(st.sampled_from(TEMPLATES), st.data())
def test_no_slot_value_can_make_emphasis_or_another_slot(template: Template, data: st.DataObject) -> None:
    values = {name: data.draw(HOSTILE, label=name) for name in sorted(template.slots)}
    spans = template.fill(values)
    assert spans == _by_the_book(template, values)


@given(st.sampled_from(TEMPLATES), st.data())
def test_a_filled_template_has_no_empty_or_split_spans(template: Template, data: st.DataObject) -> None:
    spans = template.fill({name: data.draw(HOSTILE, label=name) for name in sorted(template.slots)})
    assert all(span.text for span in spans)
    assert all(one.strong != two.strong for one, two in pairwise(spans))


def _by_the_book(template: Template, values: dict[str, str]) -> tuple[Span, ...]:
    """The same by another road: fill with private characters, and only then put the values in their place."""
    marks = {name: chr(0xE000 + number) for number, name in enumerate(sorted(values))}
    spans = []
    for span in template.fill(marks):
        pieces = [
            clean(values[name], lines=name == "lines") if (name := _named(character, marks)) else character
            for character in span.text
        ]
        spans.append(Span(text="".join(pieces), strong=span.strong))
    return join_spans(spans)


def _named(character: str, marks: dict[str, str]) -> str | None:
    return next((name for name, mark in marks.items() if mark == character), None)

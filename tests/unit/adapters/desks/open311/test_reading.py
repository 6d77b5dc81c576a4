"""Answers of every shape are read, and nothing that only looks like one."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.desks.open311.reading import (
    LARGEST,
    UnreadableAnswerError,
    moment,
    note,
    number,
    parse,
    records,
    truth,
    words,
)

ONE = [{"service_request_id": "7"}]
XML = b'<?xml version="1.0" encoding="utf-8"?>'


@pytest.mark.parametrize(
    "body",
    [
        b'[{"service_request_id": "7"}]',
        b'\xef\xbb\xbf[{"service_request_id": "7"}]',
        b'{"service_requests": [{"service_request_id": "7"}]}',
        b'{"service_requests": {"request": {"service_request_id": "7"}}}',
        b'{"service_request_id": "7"}',
        XML
        + b"<service_requests><request><service_request_id>7</service_request_id></request></service_requests>",
        b"<service_requests>\n <request><service_request_id>7\n</service_request_id></request></service_requests>",
    ],
)
def test_one_request_is_one_record_whatever_is_around_it(body: bytes) -> None:
    assert records(parse(body)) == ONE


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"[]", b"{}", b'{"service_requests": []}', b"<service_requests/>", b"[null, 3]"]
)
def test_nothing_is_no_record(body: bytes) -> None:
    assert records(parse(body)) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"\n  <HTML lang=nl>", "HTML"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><services>&a;</services>', "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><services/>', "document type"),
        (b"<services>&a;</services>", "broken XML"),
        (b"<services><service></services>", "broken XML at line 1"),
        (b"<a>" * 40 + b"</a>" * 40, "too deep"),
        (b"Not found", "neither JSON nor XML"),
        (b"\xff\xfe", "neither"),
        (b"[" * 100_000, "neither"),
        (b" " * (LARGEST + 1), "bytes"),
    ],
)
def test_what_is_no_answer_is_not_read(body: bytes, why: str) -> None:
    with pytest.raises(UnreadableAnswerError, match=why):
        parse(body)


def test_lists_within_lists_are_read_from_xml() -> None:
    body = (
        b"<service_definition><service_code>A</service_code><attributes><attribute><code>size</code><values>"
        b"<value><key>s</key><name>Klein</name></value><value><key>l</key><name>Groot</name></value>"
        b"</values></attribute></attributes></service_definition>"
    )
    (attribute,) = parse(body)["attributes"]
    assert [one["key"] for one in attribute["values"]] == ["s", "l"]


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (7, "7"), (True, "true"), (None, ""), ([1], ""), ({}, ""), (" b ", "b")]
)
def test_values_are_read_as_text_whatever_their_type(value: object, text: str) -> None:
    assert words({"x": value}, "x") == text
    assert words({}, "x") == ""


@pytest.mark.parametrize(
    ("value", "is_true"), [("true", True), ("True", True), (True, True), ("1", True), ("no", False)]
)
def test_booleans_are_often_words(value: object, is_true: bool) -> None:
    assert truth({"x": value}, "x") is is_true


@pytest.mark.parametrize("text", ["2026-11-21T13:00:00+01:00", "2026-11-21T12:00:00Z", "2026-11-21T12:00:00"])
def test_times_are_read_with_their_zone_or_as_utc(text: str) -> None:
    assert moment({"x": text}, "x") == datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "gisteren", "21-11-2026"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment({"x": text}, "x") is None


@pytest.mark.parametrize(
    ("text", "value"), [("52.1", 52.1), ("52,1", 52.1), (4, 4.0), ("", None), ("noord", None)]
)
def test_numbers_are_read_with_either_sign(text: object, value: float | None) -> None:
    assert number({"x": text}, "x") == value


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    with contextlib.suppress(UnreadableAnswerError):
        assert all(isinstance(one, dict) for one in records(parse(body)))


@given(st.text(max_size=300))
def test_a_note_is_one_printable_line(text: str) -> None:
    assert note(text).isprintable()

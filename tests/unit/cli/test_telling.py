"""Tables that line up, and names that cannot steer a terminal."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.telling import clean, say, table, time


def test_columns_line_up(capsys: pytest.CaptureFixture[str]) -> None:
    table(("ID", "NAME"), [(1, "Parijsplein"), (12345, "x")], "none")
    assert capsys.readouterr().out == "ID     NAME\n1      Parijsplein\n12345  x\n"


def test_an_empty_table_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    table(("ID",), [], "there are none")
    assert capsys.readouterr().out == "there are none\n"


@given(st.text())
def test_no_text_steers_a_terminal_or_breaks_a_line(text: str) -> None:
    assert clean(text).isprintable()
    assert len(clean(text)) == len(text)


def test_a_name_with_an_escape_is_shown_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    say("Buurt\x1b[2J\nok everything")
    assert capsys.readouterr().out == "Buurt?[2J?ok everything\n"


def test_times_are_utc_to_the_minute() -> None:
    at = datetime(2026, 11, 21, 0, 30, 59, tzinfo=timezone(timedelta(hours=1)))
    assert time(at) == "2026-11-20 23:30Z"

"""What can be set of the embedded desk, and what is said about what cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.desks.embedded.options import Options, read_options
from bot.model.errors import ConfigError


def test_without_options_a_year_and_mb() -> None:
    options = read_options("desks.gemeente", {})
    assert options == Options(retention_days=365, prefix="MB")
    assert options.retention == timedelta(days=365)


def test_options_are_taken_over_also_as_text_from_the_environment() -> None:
    options = read_options("desks.gemeente", {"retention_days": "30", "prefix": "DH"})
    assert options == Options(retention_days=30, prefix="DH")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("retention_days", 0),
        ("retention_days", -1),
        ("retention_days", 100_000),
        ("retention_days", "a year"),
        ("retention_days", None),
        ("prefix", ""),
        ("prefix", "mb"),
        ("prefix", "MB-"),
        ("prefix", "TOOLONGER"),
        ("prefix", 7),
    ],
)
def test_a_wrong_value_is_named_by_its_key(key: str, value: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options("desks.gemeente", {key: value})
    assert caught.value.where == f"desks.gemeente.{key}"


def test_an_unknown_key_is_named_with_what_there_is() -> None:
    with pytest.raises(ConfigError) as caught:
        read_options("desks.gemeente", {"prefix": "MB", "retentiondays": 3})
    assert caught.value.where == "desks.gemeente.retentiondays"
    assert "prefix, retention_days" in caught.value.what

"""Every error becomes one line and a code."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable

import pytest

from bot.cli.ending import guarded, told
from bot.model.errors import BartError, ConfigError, NewerDatabase, StartError, StartTrouble, StoreUnavailable


def ended(act: Callable[[argparse.Namespace], int], debug: bool = False) -> int:
    return guarded(argparse.Namespace(act=act, debug=debug))


def raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def act(_: argparse.Namespace) -> int:
        raise error

    return act


def test_a_command_that_ends_well_says_its_own_code() -> None:
    assert ended(lambda _: 0) == 0
    assert ended(lambda _: 1) == 1


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            ConfigError("config.toml: server.port", "expected a number"),
            2,
            "config.toml: server.port: expected a number",
        ),
        (NewerDatabase(9, 7), 1, "the database is at version 9, this BART knows up to 7: upgrade BART"),
        (StoreUnavailable("the database: SQLITE_FULL"), 1, "the database: SQLITE_FULL"),
        (StartError(StartTrouble.FOR_GOOD, "cannot listen on x:1: in use"), 1, "cannot listen on x:1: in use"),
        (StoreUnavailable(), 1, "StoreUnavailable"),
        (PermissionError(13, "Permission denied", "/x/data"), 1, "/x/data: Permission denied"),
        (KeyError("whose words"), 1, "failed unexpectedly (KeyError); --debug shows where"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (asyncio.CancelledError(), 130, "interrupted"),
        (BartError("two\nlines\x1b"), 1, "two?lines?"),
    ],
)
def test_an_error_is_one_line(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(raising(error)) == code
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"bart: {line}\n")


def test_of_several_errors_at_once_the_one_somebody_can_act_on_is_told() -> None:
    inner = ExceptionGroup("tasks", [ValueError("x"), StoreUnavailable("the database: SQLITE_FULL")])
    assert told(ExceptionGroup("all", [KeyError("y"), inner])) == (1, "the database: SQLITE_FULL")
    assert told(ExceptionGroup("all", [KeyError("y")]))[1].startswith("failed unexpectedly (ExceptionGroup)")


def test_debug_shows_where_and_still_says_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raising(BartError("wrong")), debug=True) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("\nbart: wrong\n")


def test_leaving_the_program_passes() -> None:
    with pytest.raises(SystemExit):
        ended(raising(SystemExit(3)))

"""`bart check` over adapters that answer, refuse, break or say nothing."""

from __future__ import annotations

import asyncio
from types import TracebackType

import pytest

from bot.cli import check
from bot.model.errors import ConfigError, DeskCredentials, Later
from bot.ports.fakes.checks import FakeChecks
from bot.ports.fakes.geocoder import FakeGeocoder


class OpenedGeocoder(FakeGeocoder):
    """One that wants opening, and closing again."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []

    async def __aenter__(self) -> OpenedGeocoder:
        self.log.append("opened")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.log.append("closed")


class Channel:
    """Something that must not be opened: another process may be reading from it."""

    async def __aenter__(self) -> Channel:
        raise AssertionError("opened by a check")

    async def __aexit__(self, *exc: object) -> None:
        raise AssertionError("closed by a check")


async def test_an_adapter_that_checks_itself_is_asked_once() -> None:
    adapter = FakeChecks(answer="@bart_bot answers")
    assert await check.asked(lambda: adapter) == "@bart_bot answers"
    assert adapter.asked == 1


async def test_an_adapter_that_cannot_is_only_made() -> None:
    assert await check.asked(Channel) == "settings are right"


async def test_a_geocoder_is_asked_for_a_street_of_nobody_and_closed_again() -> None:
    adapter = OpenedGeocoder()
    assert await check.asked(lambda: adapter) == "answers"
    assert adapter.asked == [check.PROBE]
    assert adapter.log == ["opened", "closed"]


async def test_a_geocoder_that_is_away_raises_what_says_so() -> None:
    adapter = FakeGeocoder()
    adapter.away = True
    with pytest.raises(Later):
        await check.asked(lambda: adapter)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ConfigError("config.toml: desks.x.kind", "is unknown"), "config.toml: desks.x.kind: is unknown"),
        (DeskCredentials("the desk does not know us"), "the desk does not know us"),
        (DeskCredentials(), "DeskCredentials"),
        (TimeoutError(), "no answer within 10 s"),
        (ZeroDivisionError("secret words"), "failed unexpectedly (ZeroDivisionError); --debug shows where"),
    ],
)
def test_any_fault_is_one_line(error: Exception, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    def look() -> str:
        return asyncio.run(FakeChecks(error=error).check())

    assert check.line("desk x", look) == 1
    assert capsys.readouterr().out == f"FAULT  {'desk x':<24} {what}\n"


def test_what_is_well_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.line("desk x", lambda: "answers") == 0
    assert capsys.readouterr().out == f"ok     {'desk x':<24} answers\n"

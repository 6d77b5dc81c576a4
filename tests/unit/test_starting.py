"""A channel that cannot start is tried again by why it cannot, and never keeps the others from running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bot.app import open_app
from bot.config import load
from bot.model.channel import Batch
from bot.model.errors import StartError, StartTrouble
from bot.model.ids import AccountName
from bot.ports.fakes.channel import FakeChannel
from bot.ports.fakes.network import FakeNetwork
from bot.ports.setup import Setup
from bot.registry import Registry
from bot.starting import CREDENTIALS_S, LIMIT_S, start, until_started, wait_s

WIJK = AccountName("wijk")


class Door:
    """Refuses with these troubles, one after the other, then lets in."""

    def __init__(self, *troubles: StartTrouble) -> None:
        self.troubles = list(troubles)
        self.waits: list[float] = []

    async def enter(self) -> None:
        if self.troubles:
            raise StartError(self.troubles.pop(0), "no")

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_waits_grow_to_their_limit_and_differ() -> None:
    waits = [wait_s(StartTrouble.FOR_NOW, tries) for tries in range(40)]
    assert all(wait <= LIMIT_S * 1.34 for wait in waits)
    assert waits[0] < 7 < waits[4]
    assert len(set(waits)) == len(waits)
    assert wait_s(StartTrouble.CREDENTIALS, 0) > CREDENTIALS_S * 0.66


@pytest.mark.parametrize("trouble", [StartTrouble.FOR_NOW, StartTrouble.CREDENTIALS])
async def test_what_may_pass_is_told_and_what_cannot_is_raised(trouble: StartTrouble) -> None:
    door = Door(trouble)
    assert await start(WIJK, door.enter) is trouble
    assert await start(WIJK, door.enter) is None
    with pytest.raises(StartError):
        await start(WIJK, Door(StartTrouble.FOR_GOOD).enter)


async def test_it_is_tried_until_it_works_waiting_by_the_newest_trouble() -> None:
    door = Door(StartTrouble.FOR_NOW, StartTrouble.CREDENTIALS)
    await until_started(WIJK, door.enter, StartTrouble.FOR_NOW, door.sleep)
    assert [wait > 100 for wait in door.waits] == [False, False, True]


async def test_what_turns_out_to_be_for_good_is_given_up_and_ends_nothing() -> None:
    door = Door(StartTrouble.FOR_GOOD)
    trying = asyncio.create_task(until_started(WIJK, door.enter, StartTrouble.FOR_NOW, door.sleep))
    await asyncio.sleep(0.01)
    assert not trying.done()
    assert len(door.waits) == 1
    trying.cancel()
    with suppress(asyncio.CancelledError):
        await trying


class Refused(FakeChannel):
    """Its account is not known. Nobody may read it before it is entered."""

    trouble = StartTrouble.CREDENTIALS

    async def __aenter__(self) -> FakeChannel:
        raise StartError(self.trouble, "the token is not known")

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        raise AssertionError("read before it was entered")
        yield


class Hopeless(Refused):
    """Can never work."""

    trouble = StartTrouble.FOR_GOOD


def refused(setup: Setup) -> Refused:
    return Refused(FakeNetwork())


def hopeless(setup: Setup) -> Hopeless:
    return Hopeless(FakeNetwork())


def registry() -> Registry:
    built_in = [
        EntryPoint(name="web", value="adapters.channels.web:channel", group="bart.channels"),
        EntryPoint(name="embedded", value="adapters.desks.embedded:desk", group="bart.desks"),
        EntryPoint(name="gazetteer", value="adapters.geocoders.gazetteer:geocoder", group="bart.geocoders"),
    ]
    own = [
        EntryPoint(name=name, value=f"{__name__}:{name}", group="bart.channels")
        for name in ("refused", "hopeless")
    ]
    return Registry([*built_in, *own])


def settings(tmp_path: Path, kind: str) -> dict[str, str]:
    return {
        "BART_SERVER__DATA": str(tmp_path / "data"),
        "BART_CHANNELS__WIJK__KIND": kind,
        "BART_CHANNELS__WIJK__TENANT": "parijsplein",
    }


async def test_a_refused_account_leaves_the_other_channels_running(tmp_path: Path) -> None:
    async with open_app(load(None, settings(tmp_path, "refused")), registry=registry()) as app:
        assert set(app.parts.channels) == {"buurt", "wijk"}
        assert set(app.parts.late) == {"wijk"}
        host = asyncio.create_task(app.host.run())
        await asyncio.sleep(0.3)
        assert not host.done()
        host.cancel()
        with suppress(asyncio.CancelledError):
            await host


async def test_what_can_never_work_keeps_bart_from_starting(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="the token is not known"):
        async with open_app(load(None, settings(tmp_path, "hopeless")), registry=registry()):
            raise AssertionError("it started")

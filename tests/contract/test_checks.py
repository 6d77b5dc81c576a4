"""What an adapter promises that can be asked before it runs (bot/ports/checks.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.model.errors import BartError, NewerDatabase, StartError, StartTrouble
from bot.ports.checks import Checks
from bot.ports.fakes.checks import FakeChecks
from bot.ports.fakes.clock import FakeClock
from tests.support.desks import embedded_desk, open_embedded

Well = Callable[[Path], Checks]


def fake(_: Path) -> Checks:
    return FakeChecks()


def fresh(folder: Path) -> Checks:
    return embedded_desk(folder, FakeClock())


def broken_fake(_: Path) -> Checks:
    return FakeChecks(error=StartError(StartTrouble.FOR_GOOD, "no such account"))


def broken_file(folder: Path) -> Checks:
    (folder / "gemeente").mkdir()
    (folder / "gemeente" / "desk.db").write_bytes(b"a shopping list " * 100)
    return embedded_desk(folder, FakeClock())


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("well", [fake, fresh], ids=["fake", "embedded"])
async def test_all_is_well_in_a_few_words_and_nothing_is_made(well: Well, tmp_path: Path) -> None:
    adapter = well(tmp_path)
    assert isinstance(adapter, Checks)
    assert 0 < len(await adapter.check()) < 80
    assert await adapter.check() == await adapter.check()
    assert files(tmp_path) == {}


@pytest.mark.parametrize("broken", [broken_fake, broken_file], ids=["fake", "embedded"])
async def test_what_would_stop_it_from_opening_is_raised(broken: Well, tmp_path: Path) -> None:
    adapter, before = broken(tmp_path), files(tmp_path)
    with pytest.raises(BartError):
        await adapter.check()
    assert files(tmp_path) == before


async def test_a_desk_that_another_process_runs_is_looked_at_in_peace(tmp_path: Path) -> None:
    async with open_embedded(tmp_path):
        assert "version" in await fresh(tmp_path).check()
    closed = files(tmp_path)
    assert "version" in await fresh(tmp_path).check()
    assert files(tmp_path) == closed


async def test_a_desk_of_a_newer_bart_is_refused(tmp_path: Path) -> None:
    async with open_embedded(tmp_path):
        pass
    (file,) = tmp_path.rglob("desk.db")
    header = bytearray(file.read_bytes())
    header[60:64] = (999).to_bytes(4, "big")
    file.write_bytes(header)
    with pytest.raises(NewerDatabase):
        await fresh(tmp_path).check()

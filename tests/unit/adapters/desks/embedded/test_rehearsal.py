"""The dry run desk keeps the contract of desks, says that nothing is sent, and keeps what would have been."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.desks.embedded import DryRunDesk, dry_run
from adapters.testing import DESK_CHECKS
from adapters.testing.ladder import run
from bot.model.errors import ConfigError
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.support.adapter_rigs import EmbeddedDeskRig
from tests.support.desks import HERE, filing


def dry_run_desk(folder: Path, clock: FakeClock, **options: Any) -> DryRunDesk:
    return dry_run(
        Setup(
            where="desks.proef",
            name="proef",
            tenant_id=HERE,
            data=folder,
            clock=clock,
            photos=FakePhotos(),
            options=options,
        )
    )


class DryRunRig(EmbeddedDeskRig):
    """As the embedded desk: the pages of its staff are where one looks."""

    def desk(self) -> DryRunDesk:
        return dry_run_desk(Path(self._folder.name), self._clock)


@pytest.mark.parametrize("check", DESK_CHECKS, ids=lambda check: check.__name__)
async def test_the_dry_run_desk_keeps_the_contract(check: Callable[[Any], Awaitable[None]]) -> None:
    await run(check, DryRunRig())


async def test_what_would_be_sent_can_be_read_to_the_letter_under_a_reference_that_says_so(tmp_path: Path) -> None:
    async with dry_run_desk(tmp_path, FakeClock()) as desk:
        filed = await desk.file(filing(text="Er ligt glas.", contact="jan@example.org"))
        (case,) = await desk.cases(HERE)
    assert filed.reference.startswith("PROEF-")
    assert (case.text, case.contact, case.place.label) == (
        "Er ligt glas.",
        "jan@example.org",
        "glasbak, Parijsplein",
    )


async def test_residents_and_the_operator_are_told_that_it_is_a_rehearsal(tmp_path: Path) -> None:
    desk = dry_run_desk(tmp_path, FakeClock())
    assert desk.capabilities().rehearsal
    assert await desk.check() == "a rehearsal, nothing is sent; will be made"


def test_a_wrong_option_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"desks\.proef\.url"):
        dry_run_desk(tmp_path, FakeClock(), url="https://melden.example.nl")


async def test_the_prefix_can_be_ones_own(tmp_path: Path) -> None:
    async with dry_run_desk(tmp_path, FakeClock(), prefix="OEFEN") as desk:
        assert (await desk.file(filing())).reference.startswith("OEFEN-")

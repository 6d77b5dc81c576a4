"""The Open311 desk keeps the contract of desks, in both forms, with and without mySociety's extension."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.testing import DESK_CHECKS
from adapters.testing.desk_filing import additions_at_the_same_time_all_arrive as all_arrive
from adapters.testing.desk_filing import the_same_addition_twice_is_added_once as added_once
from adapters.testing.desk_filing import what_residents_add_reaches_staff
from adapters.testing.ladder import run
from tests.support.open311_rig import Open311Rig

ADDS = (what_residents_add_reaches_staff, all_arrive, added_once)
"""The specification itself has no way to add."""
PLAIN = [check for check in DESK_CHECKS if check not in ADDS]
Check = Callable[[Any], Awaitable[None]]


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("check", DESK_CHECKS, ids=lambda check: check.__name__)
async def test_with_updates_it_keeps_the_contract(check: Check, form: str) -> None:
    await run(check, Open311Rig(form=form))


@pytest.mark.parametrize("check", PLAIN, ids=lambda check: check.__name__)
async def test_by_the_specification_alone_it_keeps_all_but_adding(check: Check) -> None:
    await run(check, Open311Rig(extension=False, loose=True, wrapped=True))

"""The pytest plugin: a fixture `bart_rig` in a test module is all that an author of a channel writes.

For desks it is `bart_desk_rig`, for geocoders `bart_geocoder_rig`. Each check becomes a test of that module, with
a rig of its own and an event loop of its own. Every pytest on the machine loads this file, so the checks are
loaded only where a module has such a fixture.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

FIXTURES = {"bart_rig": "channel", "bart_desk_rig": "desk", "bart_geocoder_rig": "geocoder"}


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item | pytest.Collector] | None:
    """A test for each check, where a module has one of the fixtures."""
    if name not in FIXTURES or not isinstance(collector, pytest.Module):
        return None
    ladder = import_module("adapters.testing.ladder")
    return [
        pytest.Function.from_parent(collector, name=f"{name}[{check.__name__}]", callobj=_test(name, check))
        for check in ladder.checks(ladder.Kind(FIXTURES[name]))
    ]


def _test(fixture: str, check: Callable[[Any], Any]) -> Callable[..., None]:
    ladder = import_module("adapters.testing.ladder")

    def test(**given: object) -> None:
        rig = given[fixture]
        if not ladder.can_show(rig, check):
            pytest.skip("this rig cannot strain its network: it has no `busy` and `repeat`")
        asyncio.run(ladder.run(check, rig))

    parameter = inspect.Parameter(fixture, inspect.Parameter.KEYWORD_ONLY)
    test.__dict__["__signature__"] = inspect.Signature([parameter])
    return test

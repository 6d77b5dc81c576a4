"""Desks, geocoders and strained channels keep the checks that outside authors run, and each has its rung."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.testing import CHANNEL_CHECKS, DESK_CHECKS, GEOCODER_CHECKS, STRAIN_CHECKS
from adapters.testing.ladder import Kind, checks, run
from tests.support.adapter_rigs import EmbeddedDeskRig, FakeDeskRig, fake_geocoder_rig, gazetteer_rig, pdok_rig
from tests.support.channel_rigs import FakeRig
from tests.support.http_rig import HttpRig
from tests.support.signalen import SignalenRig, public_rig

Check = Callable[[Any], Awaitable[None]]
named = pytest.mark.parametrize


@named(
    "make_rig",
    [EmbeddedDeskRig, FakeDeskRig, SignalenRig, public_rig],
    ids=["embedded", "fake", "signalen", "signalen in public"],
)
@named("check", DESK_CHECKS, ids=lambda check: check.__name__)
async def test_a_desk_keeps_its_contract(check: Check, make_rig: Callable[[], object]) -> None:
    await run(check, make_rig())


@named("make_rig", [gazetteer_rig, pdok_rig, fake_geocoder_rig], ids=["gazetteer", "pdok", "fake"])
@named("check", GEOCODER_CHECKS, ids=lambda check: check.__name__)
async def test_a_geocoder_keeps_its_contract(check: Check, make_rig: Callable[[], object]) -> None:
    await run(check, make_rig())


@named("make_rig", [HttpRig, FakeRig], ids=["http", "fake"])
@named("check", STRAIN_CHECKS, ids=lambda check: check.__name__)
async def test_a_channel_stands_restarts_crowds_and_repeats(check: Check, make_rig: Callable[[], object]) -> None:
    await run(check, make_rig())


@named(
    ("kind", "all_of_it"),
    [
        (Kind.CHANNEL, CHANNEL_CHECKS + STRAIN_CHECKS),
        (Kind.DESK, DESK_CHECKS),
        (Kind.GEOCODER, GEOCODER_CHECKS),
    ],
)
def test_every_check_stands_on_one_rung_of_the_ladder(kind: Kind, all_of_it: tuple[Check, ...]) -> None:
    assert sorted(check.__name__ for check in checks(kind)) == sorted(check.__name__ for check in all_of_it)
    assert len({check.__name__ for check in all_of_it}) == len(all_of_it)

"""`bart check` says exactly what is wrong, and makes nothing at Signalen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.model.errors import StartError, StartTrouble
from bot.ports.checks import Checks
from tests.fakes.signalen import World
from tests.support.signalen import HOST, TOKEN, SignalenRig


async def test_when_all_is_well_it_says_how_it_files(rig: SignalenRig) -> None:
    desk = rig.desk()
    assert isinstance(desk, Checks)
    assert await desk.check() == "files through the private API as BART, 123 categories"
    assert rig.world.reports == {}
    assert list(rig.folder.iterdir()) == []


async def test_in_public_it_costs_one_post_and_says_so_little() -> None:
    async with SignalenRig(account=False) as rig:
        assert "through the public API as BART app" in await rig.desk().check()
        assert rig.world.calls.count("POST /v1/public/signals/") == 1
        assert rig.world.reports == {}


async def test_what_goes_to_the_last_resort_is_told(rig: SignalenRig) -> None:
    drop(rig.world, "veegzwerfvuil")
    assert (await rig.desk().check()).endswith("; zwerfvuil go to overig/overig")


def drop(world: World, sub: str) -> None:
    world.categories = [one for one in world.categories if one.sub != sub]


def inactive(world: World) -> None:
    world.categories = [replace(one, active=one.sub != "overig") for one in world.categories]


Break = Callable[[SignalenRig], object]
WRONG: dict[str, tuple[Break, dict[str, Any], StartTrouble, str]] = {
    "down": (lambda rig: setattr(rig.world, "down", True), {}, StartTrouble.FOR_NOW, "url: "),
    "another path": (lambda rig: None, {"url": f"{HOST}/elders"}, StartTrouble.FOR_NOW, "url: "),
    "no last resort": (
        lambda rig: drop(rig.world, "overig"),
        {},
        StartTrouble.FOR_GOOD,
        "categories: overig/overig",
    ),
    "inactive": (lambda rig: inactive(rig.world), {}, StartTrouble.FOR_GOOD, "categories: overig/overig"),
    "own category": (
        lambda rig: None,
        {"categories": {"groen": "groen/heg"}},
        StartTrouble.FOR_GOOD,
        "categories.groen: groen/heg is not there",
    ),
    "secret": (lambda rig: None, {"client_secret": "oud"}, StartTrouble.CREDENTIALS, "client_secret"),
    "token url": (lambda rig: None, {"token_url": f"{HOST}{TOKEN}/x"}, StartTrouble.CREDENTIALS, "token_url"),
    "no e-mail claim": (
        lambda rig: rig.server.login.claims.update(email=None),
        {},
        StartTrouble.CREDENTIALS,
        "account: answered 401",
    ),
    "no user there": (lambda rig: rig.world.users.clear(), {}, StartTrouble.CREDENTIALS, "account: answered 401"),
    "may not read": (
        lambda rig: rig.world.rights.discard("sia_read"),
        {},
        StartTrouble.CREDENTIALS,
        "rights: may not read reports (sia_read)",
    ),
    "may not make": (
        lambda rig: rig.world.rights.discard("sia_signal_create_initial"),
        {},
        StartTrouble.CREDENTIALS,
        "rights: may not make reports (sia_signal_create_initial)",
    ),
    "source in another case": (lambda rig: None, {"source": "bart"}, StartTrouble.FOR_GOOD, "no Bron 'bart'"),
    "public source": (lambda rig: None, {"source": "BART app"}, StartTrouble.FOR_GOOD, "active and not public"),
    "private source in public": (
        lambda rig: None,
        {"files_by": "public"},
        StartTrouble.FOR_GOOD,
        "must be active and public",
    ),
    "bounding box": (
        lambda rig: setattr(rig.world, "bbox", (4.7, 52.2, 5.1, 52.5)),
        {"pin": [52.039, 4.37]},
        StartTrouble.FOR_GOOD,
        "pin: pin lies outside the bounding box",
    ),
    "bounding box and no pin": (
        lambda rig: setattr(rig.world, "bbox", (4.7, 52.2, 5.1, 52.5)),
        {},
        StartTrouble.FOR_GOOD,
        "pin is not set",
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_named(rig: SignalenRig, case: str) -> None:
    break_it, options, trouble, words = WRONG[case]
    break_it(rig)
    with pytest.raises(StartError) as caught:
        await rig.desk(**options).check()
    assert caught.value.trouble is trouble
    assert words in str(caught.value)
    assert rig.world.reports == {}


async def test_the_throttle_is_no_fault_of_the_config() -> None:
    async with SignalenRig(account=False) as rig:
        rig.world.posts_per_hour = 0
        rig.world.posted["10.0.0.1"] = [rig.clock.now.timestamp()]
        with pytest.raises(StartError) as caught:
            await rig.desk().check()
    assert caught.value.trouble is StartTrouble.FOR_NOW

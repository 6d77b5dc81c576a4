"""The straining checks find channels that lose, repeat or hide; the ladder counts only what was shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.testing import STRAIN_CHECKS, ChannelRig
from adapters.testing.ladder import LADDER, Check, Kind, Result, Rung, can_show, checks, reached, run
from bot.model.channel import Batch, Post
from bot.model.errors import Later
from bot.model.ids import PostRef, Room
from bot.ports.fakes.channel import FakeChannel
from tests.support.channel_rigs import FakeRig, WebRig

BY_NAME = {check.__name__: check for check in STRAIN_CHECKS}


class StartsAtTheEnd(FakeChannel):
    """Loses what happened while it was away."""

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        start = str(len(self.network.log) - 1) if self.network.committed else cursor
        async for batch in super().batches(start):
            yield batch


class SleepsItOff(FakeChannel):
    """Waits by itself, which blocks everything behind it."""

    async def send(self, room: Room, post: Post, key: str) -> PostRef:
        try:
            return await super().send(room, post, key)
        except Later:
            await asyncio.sleep(0)
            return await super().send(room, post, key)


class NumbersAnew(FakeChannel):
    """Every delivery gets an id of its own."""

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        async for batch in super().batches(cursor):
            ids = [f"{batch.cursor}-{number}" for number in range(len(batch.events))]
            yield replace(
                batch, events=tuple(replace(one, id=fresh) for one, fresh in zip(batch.events, ids, strict=True))
            )


class PromisesNoRepeats(FakeChannel):
    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        async for batch in super().batches(cursor):
            yield replace(batch, deduplicate=False)


def rig_with(fault: type[FakeChannel]) -> ChannelRig:
    class Faulty(FakeRig):
        def channel(self) -> FakeChannel:
            return fault(self.network)

    return Faulty()


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (StartsAtTheEnd, "after_a_restart_it_goes_on_where_the_host_was"),
        (SleepsItOff, "not_now_is_later_and_says_nothing"),
        (NumbersAnew, "what_is_delivered_twice_can_be_told_apart"),
        (PromisesNoRepeats, "what_is_delivered_twice_can_be_told_apart"),
    ],
)
async def test_a_channel_with_this_fault_is_caught(fault: type[FakeChannel], name: str) -> None:
    with pytest.raises(AssertionError):
        await run(BY_NAME[name], rig_with(fault))


@pytest.mark.parametrize("check", STRAIN_CHECKS, ids=lambda check: check.__name__)
async def test_a_rig_that_cannot_strain_its_network_is_not_asked_to(check: Check) -> None:
    assert can_show(FakeRig(), check)
    assert not can_show(WebRig(), check)


def results(**faults: str | None) -> list[Result]:
    return [
        Result(rung=rung, name=check.__name__, fault=faults.get(rung.value, "") if number == 0 else "")
        for rung in Rung
        for number, check in enumerate(LADDER[Kind.CHANNEL][rung])
    ]


@pytest.mark.parametrize(
    ("faults", "rung"),
    [
        ({}, Rung.GOLD),
        ({"goud": "wrong"}, Rung.SILVER),
        ({"goud": None}, Rung.SILVER),
        ({"zilver": "wrong"}, Rung.BRONZE),
        ({"zilver": "wrong", "goud": "wrong"}, Rung.BRONZE),
        ({"brons": "wrong"}, None),
        ({"brons": None}, None),
    ],
)
def test_a_rung_is_reached_with_all_below_it_and_only_by_what_was_shown(
    faults: dict[str, str | None], rung: Rung | None
) -> None:
    assert reached(results(**faults)) is rung


@pytest.mark.parametrize("kind", list(Kind))
def test_the_ladder_has_three_rungs_of_every_kind(kind: Kind) -> None:
    assert all(LADDER[kind][rung] for rung in Rung)
    assert len(checks(kind)) == len(set(checks(kind)))


async def test_a_rig_with_a_server_is_entered_around_the_check() -> None:
    class Serving(FakeRig):
        open = False

        async def __aenter__(self) -> Serving:
            self.open = True
            return self

        async def __aexit__(self, *exc: object) -> None:
            self.open = False

    seen = []

    async def looks(rig: Serving) -> None:
        seen.append(rig.open)

    rig = Serving()
    await run(looks, rig)
    assert (seen, rig.open) == ([True], False)

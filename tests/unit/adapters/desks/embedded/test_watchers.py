"""Telling pages what changes."""

from __future__ import annotations

import asyncio
import gc

import pytest

from adapters.desks.embedded.watchers import MOST_WAITING, Watcher, Watchers
from tests.support.desks import ELSEWHERE, HERE


async def test_a_case_that_changes_twice_before_it_is_read_comes_once() -> None:
    watchers = Watchers()
    watch = watchers.watch(HERE)
    for reference in ("one", "two", "one"):
        watchers.tell(HERE, reference)
    assert [await anext(watch), await anext(watch)] == ["one", "two"]


async def test_a_case_that_changes_after_it_was_read_comes_again() -> None:
    watchers = Watchers()
    watch = watchers.watch(HERE)
    for _ in range(3):
        watchers.tell(HERE, "one")
        assert await anext(watch) == "one"


async def test_a_watcher_that_lags_hopelessly_is_ended_and_the_others_go_on() -> None:
    watchers = Watchers()
    slow, quick = watchers.watch(HERE), watchers.watch(HERE)
    for number in range(MOST_WAITING + 1):
        watchers.tell(HERE, str(number))
        assert await anext(quick) == str(number)
    assert len([reference async for reference in slow]) == MOST_WAITING
    watchers.tell(HERE, "later")
    assert await anext(quick) == "later"


async def test_what_is_waiting_is_still_told_after_closing() -> None:
    watchers = Watchers()
    watch = watchers.watch(HERE)
    watchers.tell(HERE, "one")
    watchers.close()
    assert [reference async for reference in watch] == ["one"]


async def test_watching_a_closed_desk_ends_at_once() -> None:
    watchers = Watchers()
    watchers.close()
    with pytest.raises(StopAsyncIteration):
        await anext(watchers.watch(HERE))


async def test_who_stops_watching_is_forgotten() -> None:
    watchers = Watchers()

    async def a_page_that_is_closed_while_waiting() -> None:
        waiting = asyncio.create_task(_next(watchers.watch(HERE)))
        await asyncio.sleep(0)
        assert len(watchers) == 1
        waiting.cancel()
        await asyncio.wait([waiting])

    await a_page_that_is_closed_while_waiting()
    gc.collect()
    assert len(watchers) == 0


async def test_other_tenants_are_not_even_woken() -> None:
    watchers = Watchers()
    waiting = asyncio.create_task(_next(watchers.watch(ELSEWHERE)))
    await asyncio.sleep(0)
    watchers.tell(HERE, "one")
    await asyncio.sleep(0)
    assert not waiting.done()
    watchers.close()
    assert await waiting is None


async def _next(watch: Watcher) -> str | None:
    return await anext(watch, None)

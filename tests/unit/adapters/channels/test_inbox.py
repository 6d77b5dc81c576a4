"""Events leave the inbox only when the host has committed them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels import inbox as module
from adapters.channels.inbox import Delivery, Inbox
from bot.model.channel import Batch, Gap
from bot.model.errors import Later
from bot.model.ids import Room

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def gap(name: str) -> Gap:
    return Gap(id=name, room=Room("plein"), at=NOW)


async def next_ids(inbox: Inbox) -> tuple[Batch, list[str]]:
    batch = await inbox.next_batch()
    assert batch is not None
    return batch, [event.id for event in batch.events]


async def test_a_batch_stays_until_its_cursor_is_acknowledged() -> None:
    inbox = Inbox("now")
    inbox.put(gap("a"))
    inbox.put(gap("b"))
    batch, ids = await next_ids(inbox)
    inbox.put(gap("c"))
    assert ids == ["a", "b"]
    assert (await next_ids(inbox))[1] == ["a", "b", "c"]
    inbox.acknowledge(batch.cursor)
    assert (await next_ids(inbox))[1] == ["c"]


async def test_a_cursor_of_another_process_or_no_cursor_acknowledges_nothing() -> None:
    inbox = Inbox("now")
    inbox.put(gap("a"))
    for cursor in (None, "", "before.99", "now", "now.x", "now.-1", "now.²"):
        inbox.acknowledge(cursor)
    assert (await next_ids(inbox))[1] == ["a"]


async def test_a_batch_holds_at_most_a_hundred_events_and_says_it_may_repeat() -> None:
    inbox = Inbox("now")
    for number in range(150):
        inbox.put(gap(str(number)))
    batch, ids = await next_ids(inbox)
    assert ids == [str(number) for number in range(module.BATCH)]
    assert batch.deduplicate
    inbox.acknowledge(batch.cursor)
    assert len((await next_ids(inbox))[1]) == 50


async def test_the_same_event_is_queued_once_pending_or_committed() -> None:
    inbox = Inbox("now")
    first = inbox.put(gap("a"))
    assert inbox.put(gap("a")) is first
    batch, ids = await next_ids(inbox)
    assert ids == ["a"]
    inbox.acknowledge(batch.cursor)
    assert inbox.put(gap("a")) is first
    inbox.put(gap("b"))
    assert (await next_ids(inbox))[1] == ["b"]


async def test_a_committed_event_is_let_go_so_that_its_words_leave_memory() -> None:
    inbox = Inbox("now")
    delivery = inbox.put(gap("a"))
    batch, _ = await next_ids(inbox)
    inbox.acknowledge(batch.cursor)
    await delivery.committed()
    assert delivery.event is None


async def test_waiting_for_a_batch_ends_when_the_inbox_closes() -> None:
    inbox = Inbox("now")
    waiting = asyncio.create_task(inbox.next_batch())
    await asyncio.sleep(0)
    inbox.close()
    assert await asyncio.wait_for(waiting, 5) is None


async def test_who_waits_for_a_commit_hears_that_it_did_not_come() -> None:
    inbox = Inbox("now")
    delivery = inbox.put(gap("a"))
    waiting = asyncio.create_task(delivery.committed())
    await asyncio.sleep(0)
    inbox.close()
    with pytest.raises(Later):
        await waiting
    with pytest.raises(Later):
        inbox.check_room()


async def test_a_host_that_stands_still_fills_the_inbox_up_to_a_limit() -> None:
    inbox = Inbox("now")
    for number in range(module.PENDING):
        inbox.check_room()
        inbox.put(gap(str(number)))
    with pytest.raises(Later):
        inbox.check_room()


async def test_only_so_many_ids_are_remembered() -> None:
    inbox = Inbox("now")
    for number in range(module.REMEMBERED + 10):
        inbox.put(gap(str(number)))
        inbox.acknowledge(f"now.{number + 1}")
    assert inbox.find("0") is None
    assert inbox.find(str(module.REMEMBERED + 9)) is not None


@given(st.lists(st.sampled_from(["put", "read", "commit", "crash"]), max_size=60))
def test_whatever_the_host_does_every_event_is_committed_once_and_in_order(acts: list[str]) -> None:
    asyncio.run(_play(acts))


async def _play(acts: list[str]) -> None:
    inbox = Inbox("now")
    deliveries: list[Delivery] = []
    committed: list[str] = []
    batch: Batch | None = None
    for act in [*acts, "put", "read", "commit"]:
        if act == "put":
            deliveries.append(inbox.put(gap(str(len(deliveries)))))
        elif act == "read" and len(committed) < len(deliveries):
            batch = await inbox.next_batch()
        elif act == "crash":
            batch = None
        elif act == "commit" and batch is not None:
            committed += [event.id for event in batch.events]
            inbox.acknowledge(batch.cursor)
            batch = None
        settled = [str(number) for number, delivery in enumerate(deliveries) if delivery.event is None]
        assert settled == committed, "a browser hears yes exactly when the host has committed"
    assert committed == [str(number) for number in range(len(deliveries))]

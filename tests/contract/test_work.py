"""What every work table keeps to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.effect import Action, Effect, Lane, WorkItem
from bot.model.ids import Address, GroupId, IncidentId, WorkId
from bot.model.snapshot import Commit
from tests.support.backends import Backend
from tests.support.records import NOON, a_group, an_effect, later

LEASE = timedelta(minutes=1)


async def claim(backend: Backend, limit: int = 10) -> list[WorkItem]:
    return await backend.work.claim(backend.time.clock.now, limit, LEASE)


async def claimed(backend: Backend, limit: int = 10) -> list[str]:
    return [item.effect.idem for item in await claim(backend, limit)]


async def finish(backend: Backend, item: WorkItem) -> None:
    await backend.store.commit(Commit(now=backend.time.clock.now, finished=(item.id,)))


async def test_an_effect_comes_back_as_it_was_queued(backend: Backend) -> None:
    effect = Effect(
        action=Action.WHISPER,
        idem="e1",
        due_at=NOON,
        group_id=GroupId("g1"),
        incident_id=IncidentId("i1"),
        args={"template": "care"},
        lane=Lane.DANGER,
        key="chat:g1",
        not_after=later(minutes=10),
        to=Address("jan@web"),
    )
    await backend.work.enqueue([effect])
    (item,) = await claim(backend)
    assert item.effect == effect
    assert item.attempts == 0


async def test_only_what_is_due_is_claimed(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("now"), an_effect("later", due_at=later(seconds=1))])
    assert await claimed(backend) == ["now"]
    backend.time.go_by(1)
    assert await claimed(backend) == ["later"]


async def test_danger_goes_first_then_answers_then_what_was_due_first(backend: Backend) -> None:
    await backend.work.enqueue(
        [
            an_effect("rest", due_at=NOON - timedelta(hours=1)),
            an_effect("answer", lane=Lane.ANSWER),
            an_effect("older answer", lane=Lane.ANSWER, due_at=NOON - timedelta(seconds=1)),
            an_effect("danger", lane=Lane.DANGER),
        ]
    )
    assert await claimed(backend, limit=3) == ["danger", "older answer", "answer"]
    assert await claimed(backend) == ["rest"]


async def test_what_is_leased_is_not_claimed_again(backend: Backend) -> None:
    await backend.work.enqueue([an_effect()])
    assert await claimed(backend) == ["e1"]
    assert await claimed(backend) == []


async def test_a_lease_that_ran_out_gives_the_row_back_as_one_attempt(backend: Backend) -> None:
    await backend.work.enqueue([an_effect()])
    await claim(backend)
    backend.time.go_by(59)
    assert await claim(backend) == []
    backend.time.go_by(1)
    (item,) = await claim(backend)
    assert item.attempts == 1


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
async def test_a_jumped_clock_never_ends_a_live_lease(backend: Backend, jump: timedelta) -> None:
    await backend.work.enqueue([an_effect(due_at=NOON - timedelta(days=2))])
    await claim(backend)
    backend.time.clock.advance(jump)
    assert await claim(backend) == []


async def test_of_a_key_only_the_oldest_is_claimed(backend: Backend) -> None:
    await backend.work.enqueue(
        [
            an_effect("a1", key="chat:a"),
            an_effect("a2", key="chat:a", lane=Lane.DANGER),
            an_effect("b1", key="chat:b"),
        ]
    )
    first, other = await claim(backend)
    assert [first.effect.idem, other.effect.idem] == ["a1", "b1"]
    assert await claim(backend) == []
    await finish(backend, first)
    assert await claimed(backend) == ["a2"]


async def test_an_oldest_row_that_is_not_due_holds_its_key(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("a1", key="k", due_at=later(minutes=5)), an_effect("a2", key="k")])
    assert await claimed(backend) == []
    assert await backend.work.next_due(NOON) == later(minutes=5)


async def test_timers_are_never_held(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("t1", due_at=later(days=1)), an_effect("t2"), an_effect("t3")])
    assert await claimed(backend) == ["t2", "t3"]


async def test_a_retry_is_due_later_and_keeps_its_place(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("a1", key="k"), an_effect("a2", key="k")])
    (item,) = await claim(backend)
    await backend.work.retry(item.id, later(seconds=30), "Later")
    assert await claimed(backend) == []
    assert await backend.work.next_due(NOON) == later(seconds=30)
    backend.time.go_by(30)
    (again,) = await claim(backend)
    assert (again.effect.idem, again.attempts, again.reason) == ("a1", 1, "Later")
    assert again.effect.due_at == later(seconds=30)
    backend.time.go_by(60)
    (lost,) = await claim(backend)
    assert (lost.attempts, lost.reason) == (2, "")


async def test_a_parked_chat_effect_lets_its_key_go_on(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("a1", key="chat:g"), an_effect("a2", key="chat:g")])
    (item,) = await claim(backend)
    await backend.work.park(item.id, NOON, "Refused")
    assert await claimed(backend) == ["a2"]


async def test_a_parked_report_effect_stops_its_key(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("file", key="report:i"), an_effect("amend", key="report:i")])
    (item,) = await claim(backend)
    await backend.work.park(item.id, NOON, "DeskUnsure")
    assert await claimed(backend) == []
    assert await backend.work.next_due(NOON) is None
    assert await backend.parking.drop(item.id)
    assert await claimed(backend) == ["amend"]


async def test_parked_effects_are_shown_oldest_first_without_their_address(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("e1", to=Address("jan@web"), key="chat:g"), an_effect("e2")])
    one, two = await claim(backend)
    await backend.work.park(two.id, NOON, "Gone")
    await backend.work.park(one.id, later(seconds=1), "Refused")
    parked = await backend.parking.parked()
    assert [(one.id, one.reason) for one in parked] == [(two.id, "Gone"), (one.id, "Refused")]
    assert (parked[1].action, parked[1].key, parked[1].parked_at) == (Action.CARD, "chat:g", later(seconds=1))
    assert await backend.parking.unpark(one.id, NOON)
    (again,) = await claim(backend)
    assert again.effect.to is None


async def test_a_parked_effect_says_whose_it_was(backend: Backend) -> None:
    await backend.store.commit(Commit(now=NOON, expected={GroupId("g1"): -1}, changes=(a_group(version=-1),)))
    effect = an_effect("e1", action=Action.FILE, group_id=GroupId("g1"), incident_id=IncidentId("i1"))
    await backend.work.enqueue([effect, an_effect("e2")])
    for number, item in enumerate(await claim(backend)):
        await backend.work.park(item.id, later(seconds=number), "DeskUnsure")
    of_group, of_nobody = await backend.parking.parked()
    assert (of_group.group_id, of_group.incident_id) == ("g1", "i1")
    assert (of_nobody.group_id, of_nobody.incident_id) == (None, None)


async def test_an_unparked_effect_starts_from_zero_in_its_old_place(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("file", key="report:i"), an_effect("amend", key="report:i")])
    (item,) = await claim(backend)
    await backend.work.retry(item.id, NOON, "DeskLater")
    (item,) = await claim(backend)
    await backend.work.park(item.id, NOON, "DeskLater")
    assert await backend.parking.unpark(item.id, NOON)
    (again,) = await claim(backend)
    assert (again.effect.idem, again.attempts) == ("file", 0)


async def test_only_parked_effects_can_be_unparked_or_dropped(backend: Backend) -> None:
    await backend.work.enqueue([an_effect()])
    (item,) = await claim(backend)
    for number in (item.id, WorkId(99)):
        assert not await backend.parking.unpark(number, NOON)
        assert not await backend.parking.drop(number)
    assert await backend.parking.parked() == []


async def test_an_idem_is_queued_once_for_ever(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("slot"), an_effect("slot", args={"second": "yes"})])
    (item,) = await claim(backend)
    assert item.effect.args == {}
    await finish(backend, item)
    await backend.work.enqueue([an_effect("slot")])
    assert await backend.work.next_due(NOON) is None


async def test_next_due_is_the_first_row_that_can_be_claimed(backend: Backend) -> None:
    assert await backend.work.next_due(NOON) is None
    await backend.work.enqueue(
        [
            an_effect("a1", key="k", due_at=later(hours=2)),
            an_effect("a2", key="k", due_at=later(minutes=1)),
            an_effect("t", due_at=later(hours=1)),
        ]
    )
    assert await backend.work.next_due(NOON) == later(hours=1)


async def test_next_due_is_no_later_than_the_end_of_a_lease(backend: Backend) -> None:
    await backend.work.enqueue([an_effect("a1", key="k"), an_effect("a2", key="k")])
    await claim(backend)
    backend.time.go_by(20)
    assert await backend.work.next_due(backend.time.clock.now) == later(seconds=60)


async def test_finishing_a_row_that_is_gone_is_fine(backend: Backend) -> None:
    await backend.work.enqueue([an_effect()])
    (item,) = await claim(backend)
    await finish(backend, item)
    await finish(backend, item)
    await backend.work.retry(item.id, NOON, "late")
    await backend.work.park(item.id, NOON, "late")
    assert await claim(backend) == []
    assert await backend.parking.parked() == []

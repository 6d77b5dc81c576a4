"""The switches of the fake desk: whoever tests with it must be able to trust them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.desk import DeskCapabilities
from bot.model.errors import DeskCredentials, DeskError, DeskLater, DeskRefused, DeskUnsure
from bot.model.report import ContributionKind, Status, StatusChange
from bot.ports.fakes.clock import NOON, FakeClock
from bot.ports.fakes.desk import DeskCall, FakeDesk
from tests.support.desks import ELSEWHERE, SQUARE, addition, day, filing


@pytest.mark.parametrize("error", [DeskRefused("text", "no"), DeskLater(5), DeskUnsure(), DeskCredentials()])
async def test_a_call_that_fails_before_leaves_nothing(error: DeskError) -> None:
    desk = FakeDesk()
    desk.fail_next(error)
    with pytest.raises(type(error)):
        await desk.file(filing())
    assert await desk.find("own-1") is None


async def test_a_call_that_fails_after_has_happened_and_is_found() -> None:
    desk = FakeDesk()
    desk.fail_next(DeskUnsure(), after=True)
    with pytest.raises(DeskUnsure):
        await desk.file(filing())
    found = await desk.find("own-1")
    assert found is not None
    assert await desk.file(filing()) == found


async def test_an_addition_whose_answer_got_lost_is_there_once() -> None:
    desk = FakeDesk()
    filed = await desk.file(filing())
    desk.fail_next(DeskUnsure(), after=True)
    still = addition(ContributionKind.STILL)
    with pytest.raises(DeskUnsure):
        await desk.add(filed.reference, still)
    await desk.add(filed.reference, still)
    assert desk.held[filed.reference].case.neighbours == 2


async def test_as_many_calls_fail_as_were_told_to() -> None:
    desk = FakeDesk()
    desk.fail_next(DeskLater(1), times=2)
    for _ in range(2):
        with pytest.raises(DeskLater):
            await desk.changes(None)
    await desk.changes(None)


async def test_only_the_named_method_fails() -> None:
    desk = FakeDesk()
    desk.fail_next(DeskLater(1), only="add")
    filed = await desk.file(filing())
    with pytest.raises(DeskLater):
        await desk.add(filed.reference, addition(ContributionKind.STILL))


async def test_a_desk_that_is_down_is_down_for_everything_until_its_time_comes() -> None:
    clock = FakeClock()
    desk = FakeDesk(clock=clock)
    desk.down_until = NOON + timedelta(hours=1)
    for call in (
        desk.file(filing()),
        desk.find("own-1"),
        desk.add("FAKE-1", addition(ContributionKind.STILL)),
        desk.similar("zwerfvuil", SQUARE, 10),
        desk.changes(None),
    ):
        with pytest.raises(DeskLater) as caught:
            await call
        assert caught.value.seconds == 3600
    clock.advance(3600)
    await desk.file(filing())
    assert len(desk.held) == 1


async def test_every_call_is_logged_also_those_that_fail() -> None:
    desk = FakeDesk()
    desk.fail_next(DeskLater(1))
    with pytest.raises(DeskLater):
        await desk.file(filing())
    filed = await desk.file(filing())
    await desk.find("own-1")
    await desk.add(filed.reference, addition(ContributionKind.STILL))
    await desk.similar("zwerfvuil", SQUARE, 10)
    await desk.changes(None)
    assert desk.calls == [
        DeskCall(name="file", subject="own-1"),
        DeskCall(name="file", subject="own-1"),
        DeskCall(name="find", subject="own-1"),
        DeskCall(name="add", subject="add-1"),
        DeskCall(name="similar", subject="zwerfvuil"),
        DeskCall(name="changes", subject=""),
    ]


async def test_a_test_sets_any_status_with_what_comes_with_it() -> None:
    desk = FakeDesk()
    filed = await desk.file(filing())
    desk.set_status(filed.reference, Status.NEEDS_ANSWER, note="Waar?", until=day(2))
    desk.set_status(filed.reference, Status.FORWARDED, party="Waterschap")
    merged = StatusChange(reference=filed.reference, status=Status.CANCELLED, at=NOON, merged_into="FAKE-9")
    desk.tell(merged)
    asked, forwarded, last = (await desk.changes(None)).changes
    assert (asked.status, asked.note, asked.until) == (Status.NEEDS_ANSWER, "Waar?", day(2))
    assert (forwarded.status, forwarded.party) == (Status.FORWARDED, "Waterschap")
    assert last == merged
    assert (await desk.file(filing())).status is Status.CANCELLED


async def test_a_desk_that_cannot_search_files_again() -> None:
    desk = FakeDesk(capabilities=DeskCapabilities(searches_own=False))
    first, second = await desk.file(filing()), await desk.file(filing())
    assert first.reference != second.reference


async def test_without_a_tenant_everybodys_reports_are_similar() -> None:
    desk = FakeDesk()
    await desk.file(filing(tenant=ELSEWHERE))
    assert len(await desk.similar("zwerfvuil", SQUARE, 10)) == 1

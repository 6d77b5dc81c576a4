"""What every desk promises (bot/ports/desk.py)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.desk import CONTRIBUTION_TEXT_LIMIT, CaseAct, Filing
from bot.model.errors import DeskRefused, UnknownReport
from bot.model.report import ContributionKind, Status
from bot.ports.desk import TellsChanges
from bot.ports.fakes.clock import NOON
from tests.support.desks import (
    COUNTERS,
    ELSEWHERE,
    HERE,
    SQUARE,
    Counter,
    addition,
    day,
    deed,
    filing,
    north,
)


@pytest.fixture(params=COUNTERS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    async with COUNTERS[request.param](tmp_path) as opened:
        yield opened


async def statuses(counter: Counter, cursor: str | None = None) -> list[Status]:
    return [change.status for change in (await counter.desk.changes(cursor)).changes]


# Filing


async def test_a_filed_report_is_received_under_a_reference(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    assert filed.reference
    assert filed.status is Status.RECEIVED


async def test_filing_twice_with_the_same_own_reference_gives_one_report(counter: Counter) -> None:
    first = await counter.desk.file(filing())
    second = await counter.desk.file(filing())
    assert second.reference == first.reference
    assert len(await counter.office.cases(HERE)) == 1


async def test_filing_twice_at_the_same_time_gives_one_report(counter: Counter) -> None:
    filed = await asyncio.gather(*(counter.desk.file(filing()) for _ in range(5)))
    assert len({each.reference for each in filed}) == 1
    assert len(await counter.office.cases(HERE)) == 1


async def test_two_own_references_are_two_reports_even_with_the_same_words(counter: Counter) -> None:
    first = await counter.desk.file(filing("own-1"))
    second = await counter.desk.file(filing("own-2"))
    assert first.reference != second.reference


async def test_filing_again_tells_the_status_the_report_has_by_now(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.office.act(HERE, filed.reference, deed(CaseAct.START))
    assert (await counter.desk.file(filing())).status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("text", filing(text="")),
        ("text", filing(text=" \n ")),
        ("text", filing(text="x" * (CONTRIBUTION_TEXT_LIMIT + 1))),
        ("text", filing(text="glas\x00bak")),
        ("own", filing(own="")),
    ],
)
async def test_what_can_never_be_filed_is_refused_by_field_and_leaves_nothing(
    counter: Counter, field: str, wrong: Filing
) -> None:
    with pytest.raises(DeskRefused) as caught:
        await counter.desk.file(wrong)
    assert caught.value.field == field
    assert await counter.office.cases(HERE) == []


async def test_the_longest_allowed_text_is_filed(counter: Counter) -> None:
    filed = await counter.desk.file(filing(text="x" * CONTRIBUTION_TEXT_LIMIT))
    assert len((await counter.office.case(HERE, filed.reference)).text) == CONTRIBUTION_TEXT_LIMIT


# Finding


async def test_what_was_filed_is_found_by_our_own_reference(counter: Counter) -> None:
    filed = await counter.desk.file(filing("own-7"))
    assert await counter.desk.find("own-7") == filed


async def test_what_was_never_filed_is_not_found(counter: Counter) -> None:
    await counter.desk.file(filing("own-7"))
    assert await counter.desk.find("own-8") is None


# Adding


@pytest.mark.parametrize("kind", list(ContributionKind))
async def test_the_same_addition_twice_is_added_once(counter: Counter, kind: ContributionKind) -> None:
    filed = await counter.desk.file(filing())
    added = addition(kind, text="Er ligt nu ook karton.")
    await counter.desk.add(filed.reference, added)
    once = await counter.office.case(HERE, filed.reference)
    await counter.desk.add(filed.reference, added)
    assert await counter.office.case(HERE, filed.reference) == once
    assert len(once.thread) == 1


async def test_two_additions_at_the_same_time_both_arrive(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    still = [addition(ContributionKind.STILL, f"add-{n}") for n in range(5)]
    await asyncio.gather(*(counter.desk.add(filed.reference, each) for each in still))
    case = await counter.office.case(HERE, filed.reference)
    assert case.neighbours == 6
    assert len(case.thread) == 5


async def test_adding_to_an_unknown_report_is_an_error(counter: Counter) -> None:
    with pytest.raises(UnknownReport):
        await counter.desk.add("MB-1900-00001", addition(ContributionKind.STILL))


@pytest.mark.parametrize(
    "kind", [ContributionKind.OBSERVATION, ContributionKind.ADDITION, ContributionKind.ANSWER]
)
async def test_an_addition_of_words_without_words_is_refused(counter: Counter, kind: ContributionKind) -> None:
    filed = await counter.desk.file(filing())
    with pytest.raises(DeskRefused, match="text"):
        await counter.desk.add(filed.reference, addition(kind, text="  "))
    assert (await counter.office.case(HERE, filed.reference)).thread == ()


@pytest.mark.parametrize("text", ["x" * (CONTRIBUTION_TEXT_LIMIT + 1), "a\x00b"])
async def test_an_addition_with_unusable_words_is_refused(counter: Counter, text: str) -> None:
    filed = await counter.desk.file(filing())
    with pytest.raises(DeskRefused, match="text"):
        await counter.desk.add(filed.reference, addition(ContributionKind.ADDITION, text=text))


@pytest.mark.parametrize("photo", [None, b"GIF89a"])
async def test_a_photo_that_is_no_jpeg_is_refused(counter: Counter, photo: bytes | None) -> None:
    filed = await counter.desk.file(filing())
    with pytest.raises(DeskRefused, match="photo"):
        await counter.desk.add(filed.reference, addition(ContributionKind.PHOTO, photo=photo))
    assert (await counter.office.case(HERE, filed.reference)).photos == ()


async def test_still_there_counts_a_neighbour_more_and_never_fewer_than_told(counter: Counter) -> None:
    filed = await counter.desk.file(filing(neighbours=2))
    await counter.desk.add(filed.reference, addition(ContributionKind.STILL, "a"))
    assert (await counter.office.case(HERE, filed.reference)).neighbours == 3
    await counter.desk.add(filed.reference, addition(ContributionKind.STILL, "b", neighbours=7))
    assert (await counter.office.case(HERE, filed.reference)).neighbours == 7
    await counter.desk.add(filed.reference, addition(ContributionKind.ADDITION, "c", "Ook karton."))
    assert (await counter.office.case(HERE, filed.reference)).neighbours == 7


# What residents bring about


async def test_not_solved_reopens_a_closed_report(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.office.act(HERE, filed.reference, deed(CaseAct.CLOSE, "Opgeruimd."))
    await counter.desk.add(filed.reference, addition(ContributionKind.NOT_SOLVED))
    assert await statuses(counter) == [Status.CLOSED, Status.REOPENED]
    assert (await counter.office.case(HERE, filed.reference)).status is Status.REOPENED


async def test_not_solved_changes_nothing_about_an_open_report(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.desk.add(filed.reference, addition(ContributionKind.NOT_SOLVED))
    assert await statuses(counter) == []


async def test_solved_is_for_staff_to_decide(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.desk.add(filed.reference, addition(ContributionKind.SOLVED))
    case = await counter.office.case(HERE, filed.reference)
    assert case.status is Status.RECEIVED
    assert [entry.kind for entry in case.thread] == ["solved"]


async def test_a_question_is_told_with_its_last_day_and_answered_once(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    ask = deed(CaseAct.ASK, "Staat er een nummer op de paal?", until=day(3))
    asked = await counter.office.act(HERE, filed.reference, ask)
    assert asked.question is not None
    assert (asked.question.text, asked.question.until) == ("Staat er een nummer op de paal?", day(3))
    told = await counter.desk.changes(None)
    assert (told.changes[0].note, told.changes[0].until) == ("Staat er een nummer op de paal?", day(3))

    await counter.desk.add(filed.reference, addition(ContributionKind.ANSWER, text="Ja, 12."))
    case = await counter.office.case(HERE, filed.reference)
    assert (case.status, case.question) == (Status.RECEIVED, None)
    assert case.thread[-1].text == "Ja, 12."
    assert await statuses(counter, told.cursor) == [Status.RECEIVED]


async def test_an_answer_nobody_asked_for_is_kept_and_changes_no_status(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.desk.add(filed.reference, addition(ContributionKind.ANSWER, text="Nummer 12."))
    assert await statuses(counter) == []
    assert (await counter.office.case(HERE, filed.reference)).thread[0].text == "Nummer 12."


async def test_a_withdrawal_cancels_an_open_report_and_says_why(counter: Counter) -> None:
    filed = await counter.desk.file(filing(contact="jan@example.org"))
    await counter.desk.add(filed.reference, addition(ContributionKind.WITHDRAWAL))
    changes = (await counter.desk.changes(None)).changes
    assert [(each.status, each.note) for each in changes] == [(Status.CANCELLED, "Ingetrokken door de melder")]
    assert (await counter.office.case(HERE, filed.reference)).contact == ""


async def test_a_withdrawal_leaves_the_status_of_a_closed_report(counter: Counter) -> None:
    filed = await counter.desk.file(filing(contact="jan@example.org"))
    await counter.office.act(HERE, filed.reference, deed(CaseAct.CLOSE, "Opgeruimd."))
    await counter.desk.add(filed.reference, addition(ContributionKind.WITHDRAWAL))
    case = await counter.office.case(HERE, filed.reference)
    assert (case.status, case.contact) == (Status.CLOSED, "")


# Similar reports


async def test_similar_reports_come_nearest_first(counter: Counter) -> None:
    far = await counter.desk.file(filing("far", point=north(80)))
    near = await counter.desk.file(filing("near", point=north(-10)))
    found = await counter.desk.similar("zwerfvuil", SQUARE, 100)
    assert [each.reference for each in found] == [near.reference, far.reference]


@pytest.mark.parametrize(("metres", "count"), [(49.0, 1), (51.0, 0)])
async def test_similar_reports_lie_within_the_radius(counter: Counter, metres: float, count: int) -> None:
    await counter.desk.file(filing(point=north(metres)))
    assert len(await counter.desk.similar("zwerfvuil", SQUARE, 50)) == count


async def test_distance_counts_east_and_west_as_well(counter: Counter) -> None:
    await counter.desk.file(filing(point=replace(SQUARE, lon=SQUARE.lon + 0.01)))
    assert await counter.desk.similar("zwerfvuil", SQUARE, 600) == ()
    assert len(await counter.desk.similar("zwerfvuil", SQUARE, 700)) == 1


async def test_similar_reports_are_open_of_the_category_placed_and_of_our_tenant(counter: Counter) -> None:
    closed = await counter.desk.file(filing("closed"))
    await counter.office.act(HERE, closed.reference, deed(CaseAct.CLOSE, "Klaar."))
    await counter.desk.file(filing("other", category="verlichting"))
    await counter.desk.file(filing("nowhere", point=None))
    await counter.desk.file(filing("stranger", tenant=ELSEWHERE))
    ours = await counter.desk.file(filing("ours"))
    found = await counter.desk.similar("zwerfvuil", SQUARE, 100)
    assert [each.reference for each in found] == [ours.reference]
    assert (found[0].place.label, found[0].filed_at) == ("glasbak, Parijsplein", NOON)


async def test_a_reopened_report_is_similar_again(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.office.act(HERE, filed.reference, deed(CaseAct.CLOSE, "Klaar."))
    await counter.office.act(HERE, filed.reference, deed(CaseAct.REOPEN))
    assert len(await counter.desk.similar("zwerfvuil", SQUARE, 100)) == 1


# Changes


async def test_being_received_is_no_change(counter: Counter) -> None:
    await counter.desk.file(filing())
    assert (await counter.desk.changes(None)).changes == ()


async def test_changes_come_oldest_first_with_everything_staff_said(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    for act in (
        deed(CaseAct.START),
        deed(CaseAct.PLAN, "Volgende week.", until=day(5)),
        deed(CaseAct.FORWARD, "Niet van ons.", party="Woningcorporatie"),
        deed(CaseAct.CANCEL, "Dubbel."),
    ):
        counter.clock.advance(60)
        await counter.office.act(HERE, filed.reference, act)
    changes = (await counter.desk.changes(None)).changes
    assert [(each.status, each.note, each.party, each.until) for each in changes] == [
        (Status.IN_PROGRESS, "", "", None),
        (Status.PLANNED, "Volgende week.", "", day(5)),
        (Status.FORWARDED, "Niet van ons.", "Woningcorporatie", None),
        (Status.CANCELLED, "Dubbel.", "", None),
    ]
    assert all(each.reference == filed.reference for each in changes)
    assert [(each.at - NOON).seconds for each in changes] == [60, 120, 180, 240]


async def test_changes_after_a_cursor_lose_nothing_and_repeat_nothing(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.office.act(HERE, filed.reference, deed(CaseAct.START))
    first = await counter.desk.changes(None)
    await counter.office.act(HERE, filed.reference, deed(CaseAct.CLOSE, "Klaar."))
    await counter.desk.add(filed.reference, addition(ContributionKind.NOT_SOLVED))
    second = await counter.desk.changes(first.cursor)
    assert [each.status for each in second.changes] == [Status.CLOSED, Status.REOPENED]
    assert (await counter.desk.changes(second.cursor)).changes == ()


async def test_asking_twice_with_the_same_cursor_tells_the_same(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.office.act(HERE, filed.reference, deed(CaseAct.START))
    assert await counter.desk.changes(None) == await counter.desk.changes(None)


async def test_a_cursor_without_news_stays_the_same(counter: Counter) -> None:
    empty = await counter.desk.changes(None)
    assert await counter.desk.changes(empty.cursor) == empty


async def test_a_cursor_from_the_future_starts_over_instead_of_losing_changes(counter: Counter) -> None:
    filed = await counter.desk.file(filing())
    await counter.office.act(HERE, filed.reference, deed(CaseAct.START))
    assert await statuses(counter, "999") == [Status.IN_PROGRESS]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "s123_45"])
async def test_a_cursor_of_another_desk_is_refused(counter: Counter, cursor: str) -> None:
    with pytest.raises(DeskRefused, match="cursor"):
        await counter.desk.changes(cursor)


async def test_changes_are_pushed_only_when_there_is_something_new_to_ask_for(counter: Counter) -> None:
    assert isinstance(counter.desk, TellsChanges)
    told: list[str] = []
    counter.desk.on_change(lambda: told.append("news"))
    filed = await counter.desk.file(filing())
    await counter.desk.add(filed.reference, addition(ContributionKind.STILL))
    assert told == []
    await counter.office.act(HERE, filed.reference, deed(CaseAct.CLOSE, "Klaar."))
    await counter.desk.add(filed.reference, addition(ContributionKind.NOT_SOLVED, "add-2"))
    assert told == ["news", "news"]


async def test_capabilities_say_what_was_tested_here(counter: Counter) -> None:
    can = counter.desk.capabilities()
    assert can.searches_own
    assert can.withdraws
    assert can.reopens
    assert can.questions
    assert can.photos
    assert can.poll_seconds == 60.0

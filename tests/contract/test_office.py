"""What staff can count on (bot/ports/office.py)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.desk import CaseAct, CaseDeed
from bot.model.errors import IllegalMove, InputError, UnknownReport
from bot.model.report import MOVES, ContributionKind, Status
from bot.ports.fakes.clock import NOON
from bot.ports.fakes.photos import CLEAN_PHOTO
from bot.ports.office import Office, SharesWork
from tests.support.desks import COUNTERS, ELSEWHERE, HERE, Counter, addition, day, deed, filing

DEEDS: dict[CaseAct, CaseDeed] = {
    CaseAct.START: deed(CaseAct.START),
    CaseAct.PLAN: deed(CaseAct.PLAN, until=day(2)),
    CaseAct.ASK: deed(CaseAct.ASK, "Waar precies?"),
    CaseAct.FORWARD: deed(CaseAct.FORWARD, party="Woningcorporatie"),
    CaseAct.CLOSE: deed(CaseAct.CLOSE, "Opgeruimd."),
    CaseAct.CANCEL: deed(CaseAct.CANCEL, "Dubbel."),
    CaseAct.REOPEN: deed(CaseAct.REOPEN),
}
STATUS_OF = dict(
    zip(
        DEEDS,
        [
            Status.IN_PROGRESS,
            Status.PLANNED,
            Status.NEEDS_ANSWER,
            Status.FORWARDED,
            Status.CLOSED,
            Status.CANCELLED,
            Status.REOPENED,
        ],
        strict=True,
    )
)
WAY_TO: dict[Status, tuple[CaseAct, ...]] = {
    Status.RECEIVED: (),
    Status.REOPENED: (CaseAct.CLOSE, CaseAct.REOPEN),
    **{status: (act,) for act, status in STATUS_OF.items() if act is not CaseAct.REOPEN},
}
"""How staff bring a fresh case to each status."""


@pytest.fixture(params=COUNTERS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    async with COUNTERS[request.param](tmp_path) as opened:
        yield opened


async def filed(counter: Counter, own: str = "own-1") -> str:
    return (await counter.desk.file(filing(own))).reference


async def test_both_are_offices_in_the_eyes_of_the_host(counter: Counter) -> None:
    assert isinstance(counter.office, Office)


# Reading


async def test_a_case_shows_everything_that_was_filed(counter: Counter) -> None:
    whole = filing(contact="06-12345678", neighbours=3, about="MB-2025-00007")
    reference = (await counter.desk.file(whole)).reference
    case = await counter.office.case(HERE, reference)
    assert (case.reference, case.status) == (reference, Status.RECEIVED)
    assert (case.category, case.text, case.place) == (whole.category, whole.text, whole.place)
    assert (case.contact, case.neighbours, case.about) == ("06-12345678", 3, "MB-2025-00007")
    assert (case.seen_at, case.received_at, case.changed_at) == (NOON, NOON, NOON)


async def test_cases_come_newest_first_and_without_threads(counter: Counter) -> None:
    old, new = await filed(counter, "own-1"), await filed(counter, "own-2")
    await counter.office.act(HERE, old, DEEDS[CaseAct.START])
    cases = await counter.office.cases(HERE)
    assert [case.reference for case in cases] == [new, old]
    assert [case.thread for case in cases] == [(), ()]
    assert cases[1].status is Status.IN_PROGRESS


async def test_a_thread_tells_residents_and_staff_in_order(counter: Counter) -> None:
    reference = await filed(counter)
    await counter.desk.add(reference, addition(ContributionKind.STILL))
    await counter.office.act(HERE, reference, deed(CaseAct.PLAN, "Vrijdag.", until=day(6)))
    await counter.desk.add(reference, addition(ContributionKind.ADDITION, "add-2", "Ook karton."))
    forward = deed(CaseAct.FORWARD, "Niet van ons.", party="Woningcorporatie")
    await counter.office.act(HERE, reference, forward)
    thread = (await counter.office.case(HERE, reference)).thread
    assert [(entry.kind, entry.text, entry.by) for entry in thread] == [
        ("still", "", ""),
        ("planned", "Vrijdag.", "marieke"),
        ("addition", "Ook karton.", ""),
        ("forwarded", "Niet van ons.", "marieke"),
    ]
    assert thread[1].until == day(6)
    assert thread[3].party == "Woningcorporatie"


async def test_changed_at_moves_with_every_addition_and_deed(counter: Counter) -> None:
    reference = await filed(counter)
    counter.clock.advance(60)
    await counter.desk.add(reference, addition(ContributionKind.STILL))
    assert (await counter.office.case(HERE, reference)).changed_at == NOON + timedelta(minutes=1)
    counter.clock.advance(60)
    case = await counter.office.act(HERE, reference, DEEDS[CaseAct.START])
    assert case.changed_at == NOON + timedelta(minutes=2)
    assert case.received_at == NOON


async def test_a_photo_is_shown_with_its_case_and_in_its_thread(counter: Counter) -> None:
    reference = await filed(counter)
    await counter.desk.add(reference, addition(ContributionKind.PHOTO))
    case = await counter.office.case(HERE, reference)
    (photo,) = case.photos
    assert [entry.photo for entry in case.thread] == [photo]
    assert await counter.office.photo(HERE, reference, photo) == CLEAN_PHOTO
    assert [listed.photos for listed in await counter.office.cases(HERE)] == [(photo,)]


async def test_words_with_a_photo_are_one_line(counter: Counter) -> None:
    reference = await filed(counter)
    words = addition(ContributionKind.ADDITION, text="Kijk.", photo=CLEAN_PHOTO)
    await counter.desk.add(reference, words)
    case = await counter.office.case(HERE, reference)
    assert [(entry.text, entry.photo) for entry in case.thread] == [("Kijk.", case.photos[0])]


# What is not there


async def test_an_unknown_case_is_an_error_everywhere(counter: Counter) -> None:
    with pytest.raises(UnknownReport):
        await counter.office.case(HERE, "MB-1900-00001")
    with pytest.raises(UnknownReport):
        await counter.office.act(HERE, "MB-1900-00001", DEEDS[CaseAct.START])
    with pytest.raises(UnknownReport):
        await counter.office.photo(HERE, "MB-1900-00001", "photo-1")


async def test_a_photo_is_found_under_its_own_case_only(counter: Counter) -> None:
    one, two = await filed(counter, "own-1"), await filed(counter, "own-2")
    await counter.desk.add(one, addition(ContributionKind.PHOTO))
    (photo,) = (await counter.office.case(HERE, one)).photos
    with pytest.raises(UnknownReport):
        await counter.office.photo(HERE, two, photo)
    with pytest.raises(UnknownReport):
        await counter.office.photo(HERE, one, "unknown")


async def test_two_tenants_at_one_desk_never_see_each_others_cases(counter: Counter) -> None:
    ours = await filed(counter, "ours")
    await counter.desk.add(ours, addition(ContributionKind.PHOTO))
    (photo,) = (await counter.office.case(HERE, ours)).photos
    theirs = (await counter.desk.file(filing("theirs", tenant=ELSEWHERE))).reference

    assert [case.reference for case in await counter.office.cases(HERE)] == [ours]
    assert [case.reference for case in await counter.office.cases(ELSEWHERE)] == [theirs]
    with pytest.raises(UnknownReport):
        await counter.office.case(ELSEWHERE, ours)
    with pytest.raises(UnknownReport):
        await counter.office.photo(ELSEWHERE, ours, photo)
    with pytest.raises(UnknownReport):
        await counter.office.act(ELSEWHERE, ours, DEEDS[CaseAct.CLOSE])
    assert (await counter.office.case(HERE, ours)).status is Status.RECEIVED


# Deeds


@pytest.mark.parametrize("act", list(CaseAct))
@pytest.mark.parametrize("start", list(Status))
async def test_staff_make_every_move_of_a_report_and_no_other(
    counter: Counter, start: Status, act: CaseAct
) -> None:
    reference = await filed(counter)
    for step in WAY_TO[start]:
        await counter.office.act(HERE, reference, DEEDS[step])
    before = await counter.office.case(HERE, reference)
    assert before.status is start
    if STATUS_OF[act] in MOVES[start]:
        after = await counter.office.act(HERE, reference, DEEDS[act])
        assert after.status is STATUS_OF[act]
        assert after == await counter.office.case(HERE, reference)
    else:
        with pytest.raises(IllegalMove):
            await counter.office.act(HERE, reference, DEEDS[act])
        assert await counter.office.case(HERE, reference) == before


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("text", deed(CaseAct.CLOSE)),
        ("text", deed(CaseAct.CANCEL, "  ")),
        ("text", deed(CaseAct.ASK, "\n")),
        ("until", deed(CaseAct.PLAN, "Vrijdag.")),
        ("until", deed(CaseAct.PLAN, "Vorige week.", until=day(-7))),
        ("until", deed(CaseAct.ASK, "Waar?", until=day(-2))),
        ("party", deed(CaseAct.FORWARD, "Niet van ons.")),
        ("party", deed(CaseAct.FORWARD, "Niet van ons.", party=" ")),
    ],
)
async def test_a_deed_that_misses_something_names_the_field_and_changes_nothing(
    counter: Counter, field: str, wrong: CaseDeed
) -> None:
    reference = await filed(counter)
    before = await counter.office.case(HERE, reference)
    with pytest.raises(InputError) as caught:
        await counter.office.act(HERE, reference, wrong)
    assert caught.value.where == field
    assert caught.value.what.endswith(".")
    assert await counter.office.case(HERE, reference) == before
    assert (await counter.desk.changes(None)).changes == ()


async def test_a_planned_day_counts_until_it_is_over(counter: Counter) -> None:
    reference = await filed(counter)
    this_morning = NOON - timedelta(hours=13)
    await counter.office.act(HERE, reference, deed(CaseAct.PLAN, until=this_morning))
    with pytest.raises(InputError):
        await counter.office.act(HERE, reference, deed(CaseAct.PLAN, until=NOON - timedelta(days=1)))


async def test_a_new_question_replaces_the_old_one_and_any_other_deed_clears_it(counter: Counter) -> None:
    reference = await filed(counter)
    await counter.office.act(HERE, reference, deed(CaseAct.ASK, "Waar?", until=day(1)))
    asked = await counter.office.act(HERE, reference, deed(CaseAct.ASK, "Sinds wanneer?"))
    assert asked.question is not None
    assert (asked.question.text, asked.question.until) == ("Sinds wanneer?", None)
    assert (await counter.office.act(HERE, reference, DEEDS[CaseAct.START])).question is None


async def test_a_party_and_a_date_are_told_only_where_they_mean_something(counter: Counter) -> None:
    reference = await filed(counter)
    for act in CaseAct:
        if STATUS_OF[act] in MOVES[(await counter.office.case(HERE, reference)).status]:
            whole = deed(act, "Toelichting.", party="Woningcorporatie", until=day(2))
            await counter.office.act(HERE, reference, whole)
    changes = (await counter.desk.changes(None)).changes
    assert {each.status for each in changes if each.party} == {Status.FORWARDED}
    assert {each.status for each in changes if each.until} == {Status.PLANNED, Status.NEEDS_ANSWER}
    assert len(changes) >= 6


# Sharing the work


async def test_a_case_changes_hands_and_its_thread_says_so_once(counter: Counter) -> None:
    office, reference = sharing(counter), await filed(counter)
    assert (await counter.office.case(HERE, reference)).assigned == ""
    counter.clock.advance(60)
    for _ in range(2):
        case = await office.assign(HERE, reference, "joost", "marieke")
    assert (case.assigned, case.status) == ("joost", Status.RECEIVED)
    assert [(entry.kind, entry.party, entry.by) for entry in case.thread] == [("assigned", "joost", "marieke")]
    assert (await counter.office.cases(HERE))[0].assigned == "joost"
    assert (await office.assign(HERE, reference, "", "joost")).assigned == ""
    assert (await counter.desk.changes(None)).changes == ()
    with pytest.raises(UnknownReport):
        await office.assign(ELSEWHERE, reference, "joost", "marieke")


async def test_of_two_merged_cases_one_goes_on_with_the_neighbours_of_both(counter: Counter) -> None:
    office = sharing(counter)
    kept = (await counter.desk.file(filing("own-1", neighbours=2))).reference
    double = (await counter.desk.file(filing("own-2", neighbours=3))).reference
    case = await office.merge(HERE, double, kept, "marieke")
    assert (case.reference, case.neighbours, case.status) == (kept, 5, Status.RECEIVED)
    assert [(entry.kind, entry.party) for entry in case.thread] == [("absorbed", double)]
    gone = await counter.office.case(HERE, double)
    assert (gone.status, gone.merged_into) == (Status.CANCELLED, kept)
    assert [(entry.kind, entry.party) for entry in gone.thread] == [("merged", kept)]
    (change,) = (await counter.desk.changes(None)).changes
    assert (change.reference, change.status, change.merged_into) == (double, Status.CANCELLED, kept)


async def test_what_is_added_to_a_merged_case_goes_to_the_one_that_goes_on(counter: Counter) -> None:
    office = sharing(counter)
    one, two, three = [await filed(counter, f"own-{number}") for number in (1, 2, 3)]
    await office.merge(HERE, one, two, "marieke")
    await office.merge(HERE, two, three, "marieke")
    await counter.desk.add(one, addition(ContributionKind.ADDITION, text="Nu ook karton."))
    await counter.desk.add(one, addition(ContributionKind.WITHDRAWAL, "add-2"))
    assert [entry.kind for entry in (await counter.office.case(HERE, one)).thread] == ["merged"]
    case = await counter.office.case(HERE, three)
    assert [entry.kind for entry in case.thread] == ["absorbed", "addition", "withdrawal"]
    assert case.status is Status.RECEIVED, "who takes back what was merged ends nothing of others"


@pytest.mark.parametrize("into", ["itself", "closed", "unknown", "theirs"])
async def test_a_case_is_merged_into_another_open_one_only(counter: Counter, into: str) -> None:
    reference, closed = await filed(counter, "own-1"), await filed(counter, "own-2")
    await counter.office.act(HERE, closed, DEEDS[CaseAct.CLOSE])
    theirs = (await counter.desk.file(filing("theirs", tenant=ELSEWHERE))).reference
    names = {"itself": reference, "closed": closed, "unknown": "MB-1900-1", "theirs": theirs}
    before = await counter.office.case(HERE, reference)
    with pytest.raises(InputError) as caught:
        await sharing(counter).merge(HERE, reference, names[into], "marieke")
    assert caught.value.where == "into"
    assert await counter.office.case(HERE, reference) == before


async def test_a_case_that_is_over_is_not_merged_and_a_merged_one_stays_as_it_is(counter: Counter) -> None:
    office = sharing(counter)
    one, two = await filed(counter, "own-1"), await filed(counter, "own-2")
    await counter.office.act(HERE, one, DEEDS[CaseAct.CLOSE])
    with pytest.raises(IllegalMove):
        await office.merge(HERE, one, two, "marieke")
    await counter.office.act(HERE, one, DEEDS[CaseAct.REOPEN])
    await office.merge(HERE, one, two, "marieke")
    for act in (CaseAct.REOPEN, CaseAct.START):
        with pytest.raises(IllegalMove):
            await counter.office.act(HERE, one, DEEDS[act])


def sharing(counter: Counter) -> SharesWork:
    assert isinstance(counter.office, SharesWork)
    return counter.office


# Watching


async def test_whoever_watches_hears_of_every_kind_of_change(counter: Counter) -> None:
    watch = counter.office.watch(HERE)
    reference = await filed(counter)
    assert await anext(watch) == reference
    await counter.desk.add(reference, addition(ContributionKind.STILL))
    assert await anext(watch) == reference
    await counter.office.act(HERE, reference, DEEDS[CaseAct.START])
    assert await anext(watch) == reference


async def test_a_watcher_waits_for_what_comes_later(counter: Counter) -> None:
    waiting = asyncio.create_task(first(counter.office.watch(HERE)))
    await asyncio.sleep(0)
    reference = await filed(counter)
    assert await asyncio.wait_for(waiting, 5) == reference


async def test_many_watch_and_each_hears_everything_of_its_own_tenant(counter: Counter) -> None:
    watchers = [counter.office.watch(HERE) for _ in range(3)]
    theirs = counter.office.watch(ELSEWHERE)
    await filed(counter)
    elsewhere = (await counter.desk.file(filing("theirs", tenant=ELSEWHERE))).reference
    assert await anext(theirs) == elsewhere
    second = await filed(counter, "own-2")
    heard = [[await anext(watch), await anext(watch)] for watch in watchers]
    assert all(each[1] == second and elsewhere not in each for each in heard)


async def test_a_repeated_call_is_no_news(counter: Counter) -> None:
    reference = await filed(counter)
    await counter.desk.add(reference, addition(ContributionKind.STILL))
    watch = counter.office.watch(HERE)
    await filed(counter)
    await counter.desk.add(reference, addition(ContributionKind.STILL))
    other = await filed(counter, "own-2")
    assert await anext(watch) == other


async def test_closing_the_desk_ends_every_watcher(counter: Counter) -> None:
    watch = counter.office.watch(HERE)
    reference = await filed(counter)
    waiting = asyncio.create_task(collect(watch))
    await asyncio.sleep(0)
    await counter.close()
    assert await asyncio.wait_for(waiting, 5) == [reference]


async def first(watch: AsyncIterator[str]) -> str:
    return await anext(watch)


async def collect(watch: AsyncIterator[str]) -> list[str]:
    return [reference async for reference in watch]

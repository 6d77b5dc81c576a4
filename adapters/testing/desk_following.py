"""What a desk must tell BART: what changed, in order, nothing lost; and what it has nearby."""

from __future__ import annotations

from datetime import timedelta

from adapters.testing.desk_rig import CATEGORY, SQUARE, Counter, DeskRig, an_addition, at_the_counter, north
from adapters.testing.host import expect
from bot.model.desk import CaseAct, CaseDeed
from bot.model.report import ContributionKind, Status
from bot.ports.fakes.clock import NOON

DAY = timedelta(days=1)


async def statuses(at: Counter, cursor: str | None = None) -> list[Status]:
    """Of the changes after this cursor."""
    return [change.status for change in (await at.desk.changes(cursor)).changes]


async def being_received_is_no_change(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        await at.desk.file(at.filing())
        expect(await statuses(at) == [], "nothing has changed yet")


async def a_closed_report_is_told_with_what_staff_said(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        filed = await at.desk.file(at.filing())
        rig.pass_time(60)
        await at.do(filed.reference, CaseAct.CLOSE, "Opgeruimd, dank voor het melden.")
        changes = (await at.desk.changes(None)).changes
        expect([change.status for change in changes] == [Status.CLOSED], "it is closed")
        expect(changes[0].reference == filed.reference, "under the reference it was filed with")
        if at.can.fine_states:
            expect(changes[0].note == "Opgeruimd, dank voor het melden.", "with the words of staff")
        expect(changes[0].at.utcoffset() == timedelta(0), "and a time in UTC")


async def changes_come_oldest_first(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        filed = await at.desk.file(at.filing())
        for act, text in ((CaseAct.START, ""), (CaseAct.CLOSE, "Klaar.")):
            rig.pass_time(60)
            await at.do(filed.reference, act, text)
        told = await at.desk.changes(None)
        wanted = [Status.IN_PROGRESS, Status.CLOSED] if at.can.fine_states else [Status.CLOSED]
        expect([change.status for change in told.changes] == wanted, "every step, in order")
        times = [change.at for change in told.changes]
        expect(times == sorted(times), "with times in order")


async def fine_states_bring_their_date_and_party(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.fine_states:
            return
        filed = await at.desk.file(at.filing())
        await at.do(filed.reference, CaseAct.PLAN, "Volgende week.", until=NOON + 5 * DAY)
        rig.pass_time(60)
        await at.do(filed.reference, CaseAct.FORWARD, "Niet van ons.", party="Woningcorporatie")
        planned, forwarded = (await at.desk.changes(None)).changes
        expect((planned.status, forwarded.status) == (Status.PLANNED, Status.FORWARDED), "planned, then forwarded")
        if at.can.dated:
            expect(planned.until == NOON + 5 * DAY, "the planned date")
            expect(forwarded.party == "Woningcorporatie", "who took over")


async def changes_after_a_cursor_lose_nothing_and_repeat_nothing(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        first, second = await at.desk.file(at.filing("own-1")), await at.desk.file(at.filing("own-2"))
        await at.do(first.reference, CaseAct.CLOSE, "Klaar.")
        told = await at.desk.changes(None)
        await at.do(second.reference, CaseAct.CLOSE, "Ook klaar.")
        later = await at.desk.changes(told.cursor)
        expect([change.reference for change in later.changes] == [second.reference], "what is new, and only that")
        expect(await statuses(at, later.cursor) == [], "and nothing after that")


async def asking_twice_with_the_same_cursor_tells_the_same(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        filed = await at.desk.file(at.filing())
        await at.do(filed.reference, CaseAct.CLOSE, "Klaar.")
        once, twice = await at.desk.changes(None), await at.desk.changes(None)
        expect(once.changes == twice.changes, "a crash between asking and committing loses nothing")


async def a_cursor_outlives_the_connection(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        first, second = await at.desk.file(at.filing("own-1")), await at.desk.file(at.filing("own-2"))
        await at.do(first.reference, CaseAct.CLOSE, "Klaar.")
        cursor = (await at.desk.changes(None)).cursor
    await rig.act(second.reference, CaseDeed(act=CaseAct.CLOSE, by="marieke", text="Ook klaar."))
    async with at_the_counter(rig) as at:
        later = (await at.desk.changes(cursor)).changes
        expect([change.reference for change in later] == [second.reference], "what happened meanwhile is told")


async def not_solved_reopens_a_closed_report_where_it_can(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.reopens:
            return
        filed = await at.desk.file(at.filing())
        await at.do(filed.reference, CaseAct.CLOSE, "Opgeruimd.")
        cursor = (await at.desk.changes(None)).cursor
        await at.desk.add(filed.reference, an_addition(ContributionKind.NOT_SOLVED))
        expect(await statuses(at, cursor) == [Status.REOPENED], "the reopening is told")
        expect((await at.case(filed.reference)).status.is_open, "and staff see it open again")


async def a_question_is_told_and_its_answer_reaches_staff(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.questions:
            return
        filed = await at.desk.file(at.filing())
        await at.do(filed.reference, CaseAct.ASK, "Staat er een nummer op de paal?", until=NOON + 3 * DAY)
        (asked,) = (await at.desk.changes(None)).changes
        expect(asked.status is Status.NEEDS_ANSWER, "the question is told")
        expect(asked.note == "Staat er een nummer op de paal?", "with its words")
        await at.desk.add(filed.reference, an_addition(ContributionKind.ANSWER, text="Ja, 12."))
        thread = (await at.case(filed.reference)).thread
        expect(any("Ja, 12." in entry.text for entry in thread), "staff read the answer")


async def similar_reports_come_nearest_first_and_within_the_radius(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.searches_near:
            return
        far = await at.desk.file(at.filing("far", point=north(80)))
        near = await at.desk.file(at.filing("near", point=north(-10)))
        await at.desk.file(at.filing("too far", point=north(300)))
        found = [each.reference for each in await at.desk.similar(CATEGORY, SQUARE, 100)]
        expect(found == [near.reference, far.reference], "nearest first, none from outside")


async def similar_reports_are_open_and_of_the_category(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.searches_near:
            return
        closed = await at.desk.file(at.filing("closed"))
        await at.do(closed.reference, CaseAct.CLOSE, "Klaar.")
        await at.desk.file(at.filing("other", category="verlichting"))
        ours = await at.desk.file(at.filing("ours"))
        found = [each.reference for each in await at.desk.similar(CATEGORY, SQUARE, 100)]
        expect(found == [ours.reference], "not what is closed, and not what is something else")


FOLLOWING = (
    being_received_is_no_change,
    a_closed_report_is_told_with_what_staff_said,
    changes_come_oldest_first,
    fine_states_bring_their_date_and_party,
    changes_after_a_cursor_lose_nothing_and_repeat_nothing,
    asking_twice_with_the_same_cursor_tells_the_same,
    a_cursor_outlives_the_connection,
    not_solved_reopens_a_closed_report_where_it_can,
    a_question_is_told_and_its_answer_reaches_staff,
    similar_reports_come_nearest_first_and_within_the_radius,
    similar_reports_are_open_and_of_the_category,
)

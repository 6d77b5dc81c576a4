"""What a desk must take from BART: once, whole, or not at all."""

from __future__ import annotations

import asyncio

from adapters.testing.desk_rig import DeskRig, an_addition, at_the_counter
from adapters.testing.host import expect, refuses
from bot.model.desk import KINDS_WITH_WORDS, CaseAct
from bot.model.errors import DeskRefused, UnknownReport
from bot.model.report import ContributionKind, Status

WORDS = "Er ligt nu ook karton."


async def a_filed_report_is_open_under_a_reference(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        filed = await at.desk.file(at.filing())
        expect(bool(filed.reference), "a filed report has a reference")
        expect(filed.status.is_open, "what was just filed is open")
        case = await at.case(filed.reference)
        expect(case.text == "Er ligt glas bij de glasbak.", "staff read the words as they were filed")
        expect("Parijsplein" in case.place.label, "staff see where it is")


async def the_same_own_reference_again_is_the_same_report(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.searches_own:
            return
        first, second = await at.desk.file(at.filing()), await at.desk.file(at.filing())
        expect(first.reference == second.reference, "the same `own` gives the same reference")
        expect(len(await rig.cases()) == 1, "and one case")


async def the_same_filing_five_times_at_once_is_one_report(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.searches_own:
            return
        filed = await asyncio.gather(*(at.desk.file(at.filing()) for _ in range(5)))
        expect(len({each.reference for each in filed}) == 1, "one reference for all")
        expect(len(await rig.cases()) == 1, "and one case")


async def two_own_references_are_two_reports_even_with_the_same_words(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        first, second = await at.desk.file(at.filing("own-1")), await at.desk.file(at.filing("own-2"))
        expect(first.reference != second.reference, "each has its own")
        expect(len(await rig.cases()) == 2, "and both are there")


async def what_can_never_be_filed_is_refused_by_field_and_leaves_nothing(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        for text in ("", " \n ", "x" * 100_000):
            try:
                await at.desk.file(at.filing(text=text))
            except DeskRefused as error:
                expect(error.field == "text", "`field` says that it is the text")
            else:
                raise AssertionError("a text that is empty or endless must raise DeskRefused")
        expect(not await rig.cases(), "nothing half-filed is left")


async def what_was_filed_is_found_by_our_own_reference(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.searches_own:
            return
        filed = await at.desk.file(at.filing("own-7"))
        found = await at.desk.find("own-7")
        expect(found is not None and found.reference == filed.reference, "it is found")
        expect(await at.desk.find("own-8") is None, "what was never filed is not")


async def a_found_report_tells_the_status_it_has_by_now(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.searches_own:
            return
        filed = await at.desk.file(at.filing())
        act, status = (CaseAct.START, Status.IN_PROGRESS) if at.can.fine_states else (CaseAct.CLOSE, Status.CLOSED)
        await at.do(filed.reference, act, "Klaar." if act is CaseAct.CLOSE else "")
        found = await at.desk.find("own-1")
        expect(found is not None and found.status is status, "the status of now")


async def the_same_addition_twice_is_added_once(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.searches_own:
            return
        for kind in (ContributionKind.STILL, ContributionKind.ADDITION):
            filed = await at.desk.file(at.filing(f"own-{kind}"))
            added = an_addition(kind, f"add-{kind}", WORDS if kind in KINDS_WITH_WORDS else "")
            await at.desk.add(filed.reference, added)
            once = await at.case(filed.reference)
            await at.desk.add(filed.reference, added)
            expect(await at.case(filed.reference) == once, f"{kind} twice changes nothing more")


async def what_residents_add_reaches_staff(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        filed = await at.desk.file(at.filing())
        if not at.can.adds:
            with refuses(DeskRefused, "words without `adds`"):
                await at.desk.add(filed.reference, an_addition(ContributionKind.ADDITION, text=WORDS))
            return
        before = len((await at.case(filed.reference)).thread)
        await at.desk.add(filed.reference, an_addition(ContributionKind.ADDITION, text=WORDS))
        thread = (await at.case(filed.reference)).thread
        expect(len(thread) == before + 1, "one entry more")
        expect(any(WORDS in entry.text for entry in thread), "with the words")


async def additions_at_the_same_time_all_arrive(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        if not at.can.adds:
            return
        filed = await at.desk.file(at.filing())
        before = len((await at.case(filed.reference)).thread)
        still = [an_addition(ContributionKind.STILL, f"add-{number}") for number in range(5)]
        await asyncio.gather(*(at.desk.add(filed.reference, each) for each in still))
        expect(len((await at.case(filed.reference)).thread) == before + 5, "none is lost")


async def a_photo_reaches_staff_where_photos_are_taken(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        filed = await at.desk.file(at.filing())
        photo = an_addition(ContributionKind.PHOTO)
        if not at.can.photos:
            with refuses(DeskRefused, "a photo without `photos`"):
                await at.desk.add(filed.reference, photo)
            return
        await at.desk.add(filed.reference, photo)
        expect(len((await at.case(filed.reference)).photos) == 1, "staff have the photo")
        with refuses(DeskRefused, "what is no JPEG"):
            wrong = an_addition(ContributionKind.PHOTO, "add-2", photo=b"GIF89a")
            await at.desk.add(filed.reference, wrong)


async def adding_to_an_unknown_report_is_an_error(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        with refuses(UnknownReport, "adding to what was never filed"):
            await at.desk.add("no-such-reference", an_addition(ContributionKind.STILL))


async def a_withdrawal_reaches_staff_where_it_can(rig: DeskRig) -> None:
    async with at_the_counter(rig) as at:
        filed = await at.desk.file(at.filing(contact="jan@example.org"))
        withdrawal = an_addition(ContributionKind.WITHDRAWAL)
        if not at.can.withdraws:
            with refuses(DeskRefused, "a withdrawal without `withdraws`"):
                await at.desk.add(filed.reference, withdrawal)
            return
        await at.desk.add(filed.reference, withdrawal)
        case = await at.case(filed.reference)
        expect(not case.status.is_open, "an open report is cancelled")
        expect(case.contact == "" or not at.can.forgets, "and the contact is gone")


FILING = (
    a_filed_report_is_open_under_a_reference,
    the_same_own_reference_again_is_the_same_report,
    the_same_filing_five_times_at_once_is_one_report,
    two_own_references_are_two_reports_even_with_the_same_words,
    what_can_never_be_filed_is_refused_by_field_and_leaves_nothing,
    what_was_filed_is_found_by_our_own_reference,
    a_found_report_tells_the_status_it_has_by_now,
    the_same_addition_twice_is_added_once,
    what_residents_add_reaches_staff,
    additions_at_the_same_time_all_arrive,
    a_photo_reaches_staff_where_photos_are_taken,
    adding_to_an_unknown_report_is_an_error,
    a_withdrawal_reaches_staff_where_it_can,
)

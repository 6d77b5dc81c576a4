"""What residents add at Signalen: once, one at a time, whoever else holds the report."""

from __future__ import annotations

import asyncio

import pytest

from adapters.testing.desk_rig import a_filing, an_addition
from bot.model.desk import Filing
from bot.model.errors import DeskCredentials, DeskRefused, DeskUnsure
from bot.model.report import ContributionKind, Status
from tests.support.signalen import TENANT, SignalenRig

STILL = ContributionKind.STILL
NOT_SOLVED = ContributionKind.NOT_SOLVED


def filing(own: str = "own-1", text: str = "Er ligt glas.", **more: str) -> Filing:
    return a_filing(own, text, tenant=TENANT, **more)


def notes(rig: SignalenRig, number: int = 1) -> list[str]:
    return [note.text for note in rig.world.reports[number].notes]


async def test_neighbours_who_add_at_once_never_meet_at_the_lock(rig: SignalenRig) -> None:
    rig.world.lock_seconds = 0.002
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        await asyncio.gather(*(desk.add(filed.reference, an_addition(STILL, f"add-{n}")) for n in range(6)))
    assert len(notes(rig)) == 6
    assert rig.world.calls.count("PATCH /v1/private/signals/1") == 6


async def test_staff_who_hold_the_report_are_waited_for(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        report = rig.world.reports[1]
        report.locked = True
        asyncio.get_running_loop().call_later(0.2, setattr, report, "locked", False)
        await desk.add(filed.reference, an_addition(STILL))
    assert len(notes(rig)) == 1


async def test_a_report_that_stays_locked_is_for_later_and_nothing_is_doubled(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.reports[1].locked = True
        with pytest.raises(DeskUnsure) as caught:
            await desk.add(filed.reference, an_addition(STILL))
        assert not caught.value.for_a_person
        rig.world.reports[1].locked = False
        await desk.add(filed.reference, an_addition(STILL))
    assert len(notes(rig)) == 1


async def test_a_note_whose_answer_got_lost_is_there_once(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        lost = ["lost", "500"]
        rig.world.fault = lambda method, path: lost.pop(0) if method == "PATCH" and lost else ""
        await desk.add(filed.reference, an_addition(ContributionKind.ADDITION, text="Ook karton."))
    assert [note.splitlines()[0] for note in notes(rig)] == ["BART: Ook karton."]


async def test_words_that_fill_two_notes_arrive_whole_and_once(rig: SignalenRig) -> None:
    long = an_addition(ContributionKind.ADDITION, text="x" * 3000)
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        await desk.add(filed.reference, long)
        await desk.add(filed.reference, long)
    assert sum(note.count("x") for note in notes(rig)) == 3000
    assert len(notes(rig)) == 2


async def test_how_many_see_it_is_said(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        await desk.add(filed.reference, an_addition(STILL, text="Buren zien dit ook.", neighbours=4))
    assert notes(rig)[0].startswith("BART: Buren zien dit ook.\n(Dit zien 4 bewoners.)")


async def test_a_withdrawal_cancels_says_why_and_asks_to_erase(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing(contact="jan@example.org"))
        await desk.add(filed.reference, an_addition(ContributionKind.WITHDRAWAL))
        (change,) = (await desk.changes(None)).changes
    assert (change.status, change.note) == (Status.CANCELLED, "Ingetrokken door de melder")
    assert "contactgegevens" in notes(rig)[-1]


async def test_a_withdrawal_of_what_is_closed_is_a_note(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.move(1, "o", "Klaar.")
        await desk.add(filed.reference, an_addition(ContributionKind.WITHDRAWAL))
    assert rig.world.reports[1].status.state == "o"
    assert len(notes(rig)) == 1


@pytest.mark.parametrize("state", ["o", "a"])
async def test_neighbours_reopen_what_was_closed_or_cancelled(rig: SignalenRig, state: str) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.move(1, state, "Klaar.")
        told = await desk.changes(None)
        for _ in range(2):
            await desk.add(filed.reference, an_addition(NOT_SOLVED, text="Het ligt er nog."))
        (change,) = (await desk.changes(told.cursor)).changes
    assert (change.status, change.note) == (Status.REOPENED, "Het ligt er nog.")
    assert len(rig.world.reports[1].statuses) == 3


async def test_without_the_right_to_reopen_a_new_report_goes_on_under_the_old_name(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.move(1, "o", "Klaar.")
        told = await desk.changes(None)
        rig.world.rights.discard("sia_signal_change_status")
        for _ in range(2):
            await desk.add(filed.reference, an_addition(NOT_SOLVED))
        assert len(rig.world.reports) == 2
        new = rig.world.reports[2]
        assert f"Vervolg op melding {filed.reference}." in new.body["text"]
        assert (new.point, new.sub) == (rig.world.reports[1].point, rig.world.reports[1].sub)
        rig.pass_time(60)
        rig.world.move(2, "b")
        rig.pass_time(60)
        await desk.add(filed.reference, an_addition(STILL, "later"))
        assert "later" in notes(rig, 2)[-1]
        changes = (await desk.changes(told.cursor)).changes
    assert {one.reference for one in changes} == {filed.reference}
    assert [one.status for one in changes] == [Status.REOPENED, Status.IN_PROGRESS]


async def test_a_way_that_a_municipality_closed_leaves_the_words(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        report = rig.world.reports[1]
        rig.world.put(report, "ready to send", "", send_email=False, who="x")
        rig.world.put(report, "s", "", send_email=False, who="x")
        await desk.add(filed.reference, an_addition(NOT_SOLVED))
    assert len(notes(rig)) == 1


@pytest.mark.parametrize("right", ["sia_signal_create_note", "sia_write"])
async def test_an_account_that_may_not_add_is_told_as_that(rig: SignalenRig, right: str) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.rights.discard(right)
        with pytest.raises(DeskCredentials):
            await desk.add(filed.reference, an_addition(STILL))


async def test_an_answer_nobody_asked_for_is_a_note(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        await desk.add(filed.reference, an_addition(ContributionKind.ANSWER, text="Groen."))
        assert (await desk.changes(None)).changes == ()
    assert notes(rig)[0].startswith("BART: Groen.")


async def test_a_photo_with_words_brings_both(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        await desk.add(filed.reference, an_addition(ContributionKind.PHOTO, text="Zo ziet het eruit."))
    assert len(rig.world.reports[1].attachments) == 1
    assert notes(rig)[0].startswith("BART: Zo ziet het eruit.")


async def test_in_public_what_was_not_solved_goes_on_as_a_new_report(public: SignalenRig) -> None:
    async with public.desk() as desk:
        filed = await desk.file(filing())
        public.world.move(1, "o", "Klaar.")
        public.pass_time(200)
        closed = await desk.changes(None)
        assert [one.status for one in closed.changes] == [Status.CLOSED]
        for _ in range(2):
            await desk.add(filed.reference, an_addition(NOT_SOLVED))
        assert len(public.world.reports) == 2
        public.world.move(2, "o", "Nu wel klaar.")
        public.pass_time(200)
        changes = (await desk.changes(closed.cursor)).changes
    assert {one.reference for one in changes} == {filed.reference}
    assert [one.status for one in changes] == [Status.REOPENED, Status.CLOSED]


@pytest.mark.parametrize("kind", [STILL, ContributionKind.WITHDRAWAL, ContributionKind.ANSWER, NOT_SOLVED])
async def test_in_public_the_rest_is_refused_and_said_to_be(public: SignalenRig, kind: ContributionKind) -> None:
    async with public.desk() as desk:
        filed = await desk.file(filing())
        with pytest.raises(DeskRefused) as caught:
            await desk.add(filed.reference, an_addition(kind, text="x"))
        assert caught.value.field == kind
        can = desk.capabilities()
    assert (can.adds, can.withdraws, can.questions, can.searches_own) == (False, False, False, False)

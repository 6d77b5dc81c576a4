"""What comes back from Signalen: every step once, with the words that are for residents, and no other words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.desks.signalen.pace import REMOVED
from adapters.testing.desk_rig import SQUARE, a_filing, an_addition, north
from bot.model.desk import Filing
from bot.model.errors import DeskCredentials, DeskLater, UnknownReport
from bot.model.report import MOVES, ContributionKind, Status
from tests.fakes.signalen.workflow import STATES
from tests.support.signalen import PREFIX, TENANT, SignalenRig

LIST = "GET /v1/private/signals/"


def filing(own: str = "own-1", text: str = "Er ligt glas.", **more: Any) -> Filing:
    return a_filing(own, text, tenant=TENANT, **more)


# With an account


async def test_every_step_between_two_looks_is_told_with_its_time(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        for state, text in (
            ("b", ""),
            ("ingepland", "Dinsdag."),
            ("b", ""),
            ("o", "Klaar."),
            ("reopened", "Toch niet."),
        ):
            rig.pass_time(10)
            rig.world.move(1, state, text)
        changes = (await desk.changes(None)).changes
    assert [(one.status, one.note) for one in changes] == [
        (Status.IN_PROGRESS, ""),
        (Status.PLANNED, "Dinsdag."),
        (Status.IN_PROGRESS, ""),
        (Status.CLOSED, "Klaar."),
        (Status.REOPENED, "Toch niet."),
    ]
    assert [one.at for one in changes] == [one.at for one in rig.world.reports[1].statuses[1:]]


async def test_one_question_serves_all_reports_and_histories_only_of_those_that_moved(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        for number in range(30):
            await desk.file(filing(f"own-{number}"))
        cursor = (await desk.changes(None)).cursor
        rig.pass_time(120)
        rig.world.move(7, "b")
        rig.world.note(8, "even gebeld")
        rig.world.calls.clear()
        changes = (await desk.changes(cursor)).changes
    assert [one.reference for one in changes] == ["SIG-7"]
    assert rig.world.calls == [LIST, "GET /v1/private/signals/7/history"]


async def test_the_edge_is_asked_again_and_told_once(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        rig.world.move(1, "b")
        cursor = (await desk.changes(None)).cursor
        rig.world.calls.clear()
        for _ in range(3):
            told = await desk.changes(cursor)
            assert (told.changes, told.cursor) == ((), cursor)
    assert rig.world.calls == [LIST] * 3


async def test_a_change_that_becomes_visible_late_is_not_lost(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        for own in ("a", "b"):
            await desk.file(filing(own))
        rig.pass_time(60)
        rig.world.move(1, "b")
        late = rig.world.reports.pop(1)
        rig.pass_time(5)
        rig.world.move(2, "b")
        cursor = (await desk.changes(None)).cursor
        rig.world.reports[1] = late
        changes = (await desk.changes(cursor)).changes
    assert [one.reference for one in changes] == ["SIG-1"]


async def test_more_reports_than_fit_a_page_are_all_read_also_those_of_one_moment(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        one = rig.world.reports[1]
        for _ in range(1200):
            rig.world.create(one.body, "BART", one.main, one.sub)
        same = rig.clock.now + timedelta(seconds=5)
        for report in list(rig.world.reports.values())[:700]:
            report.updated = same
        rig.world.move(max(rig.world.reports), "b")
        rig.world.move(1, "b")
        rig.world.reports[1].updated = same
        changes = (await desk.changes(None)).changes
    assert sorted(one.reference for one in changes) == sorted(["SIG-1", f"SIG-{max(rig.world.reports)}"])


async def test_what_others_file_under_another_source_is_none_of_ours(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        mine = rig.world.reports[1]
        rig.world.create(mine.body, "Telefoon", mine.main, mine.sub)
        rig.world.sources["Telefoon"] = False
        rig.world.move(max(rig.world.reports), "b")
        assert (await desk.changes(None)).changes == ()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=5), st.text(max_size=100))
async def test_no_note_reaches_a_chat_but_a_question_for_residents(notes: list[str], question: str) -> None:
    async with SignalenRig() as rig, rig.desk() as desk:
        await desk.file(filing())
        for note in notes:
            rig.world.note(1, note or "leeg")
            rig.world.note(1, f"Jan de Vries belde. {PREFIX} {note}")
            rig.world.note(1, f"BART: {PREFIX} {note}")
        rig.world.move(1, "b", "Collega, let op: lastige melder")
        rig.world.note(1, f"{PREFIX} {question}")
        rig.world.move(1, "o", "Klaar.")
        told = [one.note for one in (await desk.changes(None)).changes]
    assert told == ["", question.strip(), "Klaar."]


async def test_a_text_between_colleagues_is_told_only_when_the_reporter_was_mailed(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        rig.world.move(1, "b", "Niet voor buiten.")
        first = await desk.changes(None)
        rig.pass_time(60)
        rig.world.move(1, "forward to external", "Aannemer, graag met spoed.")
        rig.pass_time(60)
        rig.world.move(1, "b", "We zijn bezig.", send_email=True)
        second = await desk.changes(first.cursor)
    assert [one.note for one in (*first.changes, *second.changes)] == ["", "", "We zijn bezig."]


async def test_cancelled_comes_with_its_reason(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        rig.world.move(1, "a", "Dit is van de woningcorporatie.")
        (change,) = (await desk.changes(None)).changes
    assert (change.status, change.note) == (Status.CANCELLED, "Dit is van de woningcorporatie.")


async def test_a_question_by_the_workflow_has_a_last_day_and_ends_by_itself(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing(contact="jan@example.org"))
        rig.world.move(1, "reaction requested", "Welke kleur?")
        asked = await desk.changes(None)
        rig.pass_time(5 * 86400 + 60)
        rig.world.sweep()
        over = await desk.changes(asked.cursor)
    (question,) = asked.changes
    assert (question.status, question.note) == (Status.NEEDS_ANSWER, "Welke kleur?")
    assert question.until == question.at + timedelta(days=5)
    assert [(one.status, one.note) for one in over.changes] == [(Status.RECEIVED, "")]


async def test_an_answer_goes_back_by_the_workflow_where_that_asked(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing(contact="jan@example.org"))
        rig.world.move(1, "reaction requested", "Welke kleur?")
        cursor = (await desk.changes(None)).cursor
        await desk.add(filed.reference, an_addition(ContributionKind.ANSWER, text="Groen."))
        (change,) = (await desk.changes(cursor)).changes
    status = rig.world.reports[1].status
    assert (status.state, status.text) == ("reaction received", "Groen.")
    assert change.status is Status.RECEIVED


async def test_an_answer_to_a_note_ends_the_question_where_no_state_will(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.move(1, "b")
        rig.pass_time(60)
        rig.world.note(1, f"{PREFIX} Welke kleur?")
        asked = await desk.changes(None)
        assert [one.status for one in asked.changes] == [Status.IN_PROGRESS, Status.NEEDS_ANSWER]
        answer = an_addition(ContributionKind.ANSWER, text="Groen.")
        await desk.add(filed.reference, answer)
        await desk.add(filed.reference, answer)
        (change,) = (await desk.changes(asked.cursor)).changes
    assert change.status is Status.IN_PROGRESS
    assert change.at > asked.changes[-1].at
    assert [note.text.splitlines()[0] for note in rig.world.reports[1].notes][-1] == "BART: Groen."


async def test_a_second_question_is_news_again(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        rig.world.note(1, f"{PREFIX} Welke kleur?")
        cursor = (await desk.changes(None)).cursor
        rig.pass_time(60)
        rig.world.note(1, f"{PREFIX.upper()} En welk nummer?")
        changes = (await desk.changes(cursor)).changes
    assert [one.note for one in changes] == ["En welk nummer?"]


async def test_a_deleted_report_is_told_once_if_it_was_open(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        for own in ("open", "closed"):
            await desk.file(filing(own))
        rig.world.move(max(rig.world.reports), "o", "Klaar.")
        cursor = (await desk.changes(None)).cursor
        for number in list(rig.world.reports):
            rig.world.delete(number)
        rig.pass_time(8 * 86400)
        told = await desk.changes(cursor)
        assert [(one.status, one.note) for one in told.changes] == [(Status.CANCELLED, REMOVED)]
        rig.pass_time(8 * 86400)
        assert (await desk.changes(told.cursor)).changes == ()
        with pytest.raises(UnknownReport):
            await desk.add(told.changes[0].reference, an_addition(ContributionKind.STILL))


async def test_a_report_deleted_between_list_and_history_does_no_harm(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        rig.world.move(1, "b")

        def vanish(method: str, path: str) -> str:
            if path.endswith("/history"):
                rig.world.reports.clear()
            return ""

        rig.world.fault = vanish
        assert (await desk.changes(None)).changes == ()


async def test_an_outage_in_the_middle_of_a_poll_loses_nothing(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        for own in ("a", "b"):
            await desk.file(filing(own))
        rig.world.move(1, "b")
        rig.world.move(max(rig.world.reports), "b")
        rig.world.fault = lambda method, path: "500" if path.endswith(f"{max(rig.world.reports)}/history") else ""
        with pytest.raises(DeskLater):
            await desk.changes(None)
        rig.world.fault = lambda method, path: ""
        changes = (await desk.changes(None)).changes
    assert len(changes) == 2


async def test_a_new_machine_tells_again_what_there_is(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        rig.world.move(1, "b")
        old = await desk.changes(None)
    async with SignalenRig() as other:
        other.server = rig.server
        async with other.desk() as desk:
            assert (await desk.changes("99")).changes == old.changes
            assert await desk.find("own-1") is not None


async def test_an_account_that_lost_its_rights_is_told_as_that(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        rig.world.rights.discard("sia_read")
        with pytest.raises(DeskCredentials):
            await desk.changes(None)


@pytest.mark.parametrize("code", sorted(set(STATES) - {"m"}))
async def test_every_state_of_the_workflow_arrives_as_a_move_a_report_can_make(
    rig: SignalenRig, code: str
) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        rig.pass_time(60)
        rig.world.put(rig.world.reports[1], code, "tekst", send_email=False, who="x")
        told = [one.status for one in (await desk.changes(None)).changes]
    # Two states are "received": no news for who was told that already.
    assert told == [] if code in ("i", "reaction received") else len(told) == 1
    assert all(status in MOVES[Status.RECEIVED] | {Status.REOPENED} for status in told)


# Similar reports, and others' that we added to


async def test_similar_reports_are_asked_by_category_alone_and_measured_here(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        near = await desk.file(filing("near", point=north(20)))
        await desk.file(filing("far", point=north(2000)))
        await desk.file(filing("other", category="verlichting"))
        await desk.file(filing("same main", category="hondenpoep"))
        assert [one.reference for one in await desk.similar("zwerfvuil", SQUARE, 100)] == [near.reference]
        (found,) = await desk.similar("zwerfvuil", SQUARE, 100)
        assert (found.text, found.place.label, found.category) == (
            "Er ligt glas.",
            "glasbak, Parijsplein",
            "zwerfvuil",
        )
        rig.pass_time(90 * 86400)
        assert await desk.similar("zwerfvuil", SQUARE, 100) == ()


async def test_no_points_at_all_are_no_reports(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        assert await desk.similar("zwerfvuil", SQUARE, 100) == ()
        assert await desk.similar("brand", SQUARE, 100) == ()


async def test_what_somebody_else_reported_is_followed_once_we_added_to_it(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
        mine = rig.world.reports[1]
        theirs = rig.world.create(mine.body | {"text": "Glas!"}, "Telefoon", mine.main, mine.sub)
        reference = f"SIG-{theirs.number}"
        assert reference in [one.reference for one in await desk.similar("zwerfvuil", SQUARE, 100)]
        await desk.add(reference, an_addition(ContributionKind.OBSERVATION, text="Hier ook."))
        rig.world.move(theirs.number, "o", "Opgeruimd.")
        rig.pass_time(200)
        (change,) = (await desk.changes(None)).changes
    assert (change.reference, change.status, change.note) == (reference, Status.CLOSED, "Opgeruimd.")


async def test_places_and_texts_are_forgotten_and_reports_too(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing("open"))
        await desk.file(filing("closed"))
        rig.pass_time(60)
        rig.world.move(max(rig.world.reports), "o", "Klaar.")
        await desk.changes(None)
        now = rig.clock.now
        assert (await desk.expire(now + timedelta(days=31)))["places"] == 1
        gone = await desk.expire(now + timedelta(days=91))
        assert (gone["reports"], gone["texts"]) == (1, 1)
        assert await desk.find("open") is not None

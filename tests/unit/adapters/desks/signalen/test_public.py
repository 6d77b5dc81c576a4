"""Following without an account: open or closed, more seldom as a report grows old."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.desks.signalen.pace import REMOVED
from adapters.testing.desk_rig import a_filing
from bot.model.desk import Filing
from bot.model.errors import DeskLater
from bot.model.report import Status
from tests.support.signalen import TENANT, SignalenRig


def filing(own: str = "own-1", text: str = "Er ligt glas.", **more: Any) -> Filing:
    return a_filing(own, text, tenant=TENANT, **more)


async def test_in_public_open_and_closed_and_open_again_are_told_without_words(public: SignalenRig) -> None:
    async with public.desk() as desk:
        filed = await desk.file(filing())
        told, cursor = [], None
        for state, text in (("b", ""), ("o", "Klaar."), ("reopened", "Toch niet.")):
            public.world.move(1, state, text)
            public.pass_time(7200)
            news = await desk.changes(cursor)
            told += [(one.reference, one.status, one.note) for one in news.changes]
            cursor = news.cursor
    assert told == [(filed.reference, Status.CLOSED, ""), (filed.reference, Status.REOPENED, "")]


async def test_in_public_a_report_is_asked_for_more_seldom_as_it_grows_old(public: SignalenRig) -> None:
    looks = []
    async with public.desk() as desk:
        await desk.file(filing())
        for _ in range(3):
            public.world.calls.clear()
            for _ in range(180):
                public.pass_time(120)
                await desk.changes(None)
            looks.append(len(public.world.calls))
            public.pass_time(4 * 86400)
    assert looks[0] > 5 * looks[2]
    assert looks[2] >= 1


async def test_in_public_a_deleted_report_is_told_once_and_asked_for_no_more(public: SignalenRig) -> None:
    async with public.desk() as desk:
        await desk.file(filing())
        public.world.delete(1)
        public.pass_time(200)
        told = await desk.changes(None)
        assert [one.note for one in told.changes] == [REMOVED]
        public.world.calls.clear()
        public.pass_time(86400)
        await desk.changes(told.cursor)
    assert public.world.calls == []


async def test_in_public_one_report_that_fails_does_not_hold_up_the_others(public: SignalenRig) -> None:
    async with public.desk() as desk:
        for own in ("a", "b"):
            await desk.file(filing(own))
        for number in list(public.world.reports):
            public.world.move(number, "o", "Klaar.")
        broken = public.world.reports[1].uuid
        public.world.fault = lambda method, path: "500" if broken in path else ""
        public.pass_time(200)
        with pytest.raises(DeskLater):
            await desk.changes(None)
        public.world.fault = lambda method, path: ""
        assert len((await desk.changes(None)).changes) == 2


async def test_in_public_closed_reports_are_let_go_in_the_end(public: SignalenRig) -> None:
    async with public.desk() as desk:
        await desk.file(filing())
        public.world.move(1, "o", "Klaar.")
        public.pass_time(200)
        await desk.changes(None)
        for _ in range(40):
            public.pass_time(86400 + 1)
            await desk.changes(None)
        public.world.calls.clear()
        public.pass_time(86400 + 1)
        await desk.changes(None)
    assert public.world.calls == []

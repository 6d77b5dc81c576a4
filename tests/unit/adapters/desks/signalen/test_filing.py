"""New reports at Signalen: once, within the budget, whatever answer gets lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from adapters.desks.signalen import SignalenDesk
from adapters.desks.signalen.options import read_options
from adapters.testing.desk_rig import a_filing, an_addition
from bot.model.desk import Filing
from bot.model.errors import DeskCredentials, DeskLater, DeskRefused, DeskUnsure
from bot.model.place import Place, Point
from bot.model.report import ContributionKind, Status
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.support.signalen import TENANT, SignalenRig, with_account

PUBLIC = "POST /v1/public/signals/"
PRIVATE = "POST /v1/private/signals/"
HOUSE = Place(
    label="Parijsplein 12, 2512AB 's-Gravenhage", point=Point(lat=52.04, lon=4.37), home=True, source="pdok"
)


def filing(own: str = "own-1", text: str = "Er ligt glas.", **more: Any) -> Filing:
    return a_filing(own, text, tenant=TENANT, **more)


# Nothing twice


async def test_a_report_whose_answer_got_lost_is_found_and_not_filed_again(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        rig.world.fault = lambda method, path: "lost" if method == "POST" else ""
        with pytest.raises(DeskUnsure) as caught:
            await desk.file(filing())
        assert not caught.value.for_a_person
        rig.world.fault = lambda method, path: ""
        found = await desk.find("own-1")
        assert found is not None
        assert (await desk.file(filing())).reference == found.reference
    assert len(rig.world.reports) == 1


async def test_filing_again_looks_first_by_itself_also_after_a_restart(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        rig.world.faults.extend(["", "lost"])
        with pytest.raises(DeskUnsure):
            await desk.file(filing())
    async with rig.desk() as desk:
        filed = await desk.file(filing())
    assert [f"SIG-{number}" for number in rig.world.reports] == [filed.reference]


async def test_what_never_arrived_is_filed_again_but_only_when_it_cannot_be_on_its_way_any_more(
    rig: SignalenRig,
) -> None:
    async with rig.desk() as desk:
        rig.world.fault = lambda method, path: "500" if method == "POST" else ""
        with pytest.raises(DeskUnsure):
            await desk.file(filing())
        rig.world.fault = lambda method, path: ""
        for call in (desk.find("own-1"), desk.file(filing())):
            with pytest.raises(DeskLater) as caught:
                await call
            assert caught.value.seconds == 90
        rig.pass_time(91)
        assert await desk.find("own-1") is None
        await desk.file(filing())
    assert len(rig.world.reports) == 1


async def test_in_public_a_lost_answer_is_for_a_person(public: SignalenRig) -> None:
    async with public.desk() as desk:
        public.world.fault = lambda method, path: "lost" if method == "POST" else ""
        with pytest.raises(DeskUnsure) as caught:
            await desk.file(filing())
        assert caught.value.for_a_person
        with pytest.raises(DeskUnsure) as caught:
            await desk.find("own-1")
        assert caught.value.for_a_person
    assert len(public.world.reports) == 1


async def test_in_public_what_surely_did_not_arrive_is_simply_filed_later(public: SignalenRig) -> None:
    async with public.desk() as desk:
        public.world.down = True
        with pytest.raises(DeskLater):
            await desk.file(filing())
        public.world.down = False
        public.pass_time(61)
        await desk.file(filing())
    assert len(public.world.reports) == 1


async def test_a_machine_without_memory_finds_its_reports_in_the_list(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
    async with SignalenRig() as other:
        other.server = rig.server
        async with other.desk() as desk:
            assert await desk.find("own-1") == filed
            assert await desk.find("own-11") is None


async def test_both_numbers_are_kept(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        await desk.add(filed.reference, an_addition(ContributionKind.PHOTO))
    (report,) = rig.world.reports.values()
    assert filed.reference == f"SIG-{report.number}"
    assert f"POST /v1/public/signals/{report.uuid}/attachments/" in rig.world.calls


async def test_nothing_is_searched_for_that_this_desk_surely_never_sent(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        rig.pass_time(8 * 86400)
        rig.world.down = True
        with pytest.raises(DeskLater):
            await desk.file(filing())
        rig.world.down = False
        rig.world.calls.clear()
        assert await desk.find("own-1") is None
    assert rig.world.calls == []


class Cut(httpx.AsyncBaseTransport):
    """The line to the server, which fails this way when a report is sent."""

    def __init__(self, rig: SignalenRig, error: Exception) -> None:
        self._line = httpx.ASGITransport(rig.server.app)
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/private/signals/"):
            raise self._error
        return await self._line.handle_async_request(request)


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (httpx.ConnectError("refused"), DeskLater),
        (httpx.ConnectTimeout("nobody"), DeskLater),
        (httpx.ReadTimeout("no answer"), DeskUnsure),
        (httpx.RemoteProtocolError("cut off"), DeskUnsure),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
async def test_nobody_there_is_not_the_same_as_no_answer(
    rig: SignalenRig, error: Exception, meant: type[Exception]
) -> None:
    setup = Setup(where="x", name="x", tenant_id=TENANT, data=rig.folder, clock=rig.clock, photos=FakePhotos())
    async with SignalenDesk(setup, read_options("x", with_account()), Cut(rig, error)) as desk:
        with pytest.raises(meant):
            await desk.file(filing())


# The budget of the public API


async def test_the_sixty_first_report_of_an_hour_waits_for_the_first_to_grow_an_hour_old(
    public: SignalenRig,
) -> None:
    async with public.desk() as desk:
        await desk.file(filing("own-0"))
        public.pass_time(600)
        for number in range(1, 60):
            await desk.file(filing(f"own-{number}"))
        with pytest.raises(DeskLater) as caught:
            await desk.file(filing("one too many"))
        assert caught.value.seconds == 3000
    async with public.desk() as desk:
        with pytest.raises(DeskLater):
            await desk.file(filing("also after a restart"))
        assert public.world.calls.count(PUBLIC) == 60
        public.pass_time(3001)
        await desk.file(filing("one too many"))


async def test_too_many_is_waited_out_as_long_as_the_server_says_and_nobody_knocks_meanwhile(
    public: SignalenRig,
) -> None:
    public.world.posts_per_hour = 2
    async with public.desk() as desk:
        for own in ("a", "b"):
            await desk.file(filing(own))
        public.pass_time(600)
        for own in ("c", "d"):
            with pytest.raises(DeskLater) as caught:
                await desk.file(filing(own))
            assert caught.value.seconds == 3000
        assert public.world.calls.count(PUBLIC) == 3
        public.pass_time(3001)
        await desk.file(filing("c"))
    assert len(public.world.reports) == 3


async def test_what_never_reached_the_server_costs_nothing(public: SignalenRig) -> None:
    async with public.desk(posts_per_hour=2) as desk:
        await desk.file(filing("a"))
        public.world.down = True
        for _ in range(5):
            with pytest.raises(DeskLater):
                await desk.file(filing("b"))
            public.pass_time(61)
        public.world.down = False
        await desk.file(filing("b"))
        with pytest.raises(DeskLater):
            await desk.file(filing("c"))


async def test_an_account_has_no_budget(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await asyncio.gather(*(desk.file(filing(f"own-{number}")) for number in range(70)))
    assert len(rig.world.reports) == 70


# What it refuses


async def test_an_address_that_pdok_does_not_know_there_goes_as_words(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing(place=HOUSE))
    (report,) = rig.world.reports.values()
    assert "address" not in report.body["location"]
    assert HOUSE.label in report.body["text"]


async def test_an_address_of_pdok_goes_along(rig: SignalenRig) -> None:
    rig.world.pdok = {("Parijsplein", "12")}
    async with rig.desk() as desk:
        await desk.file(filing(place=HOUSE))
    (report,) = rig.world.reports.values()
    assert report.body["location"]["bag_validated"] is True


async def test_a_place_outside_the_bounding_box_is_refused_as_the_place(rig: SignalenRig) -> None:
    rig.world.bbox = (4.7, 52.2, 5.1, 52.5)
    async with rig.desk() as desk:
        with pytest.raises(DeskRefused) as caught:
            await desk.file(filing())
    assert caught.value.field == "place"


async def test_a_source_they_do_not_have_is_for_the_operator_not_for_the_resident(rig: SignalenRig) -> None:
    async with rig.desk(source="Telegram") as desk:
        with pytest.raises(DeskCredentials, match="source"):
            await desk.file(filing())
    assert rig.world.reports == {}


async def test_an_inactive_category_is_never_filed_under_although_the_server_would_take_it(
    rig: SignalenRig,
) -> None:
    rig.world.categories = [
        replace(one, active=False) if one.sub == "veegzwerfvuil" else one for one in rig.world.categories
    ]
    async with rig.desk() as desk:
        await desk.file(filing())
    (report,) = rig.world.reports.values()
    assert (report.main, report.sub) == ("overig", "overig")


async def test_a_category_that_was_renamed_since_is_noticed_at_once(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing("own-1"))
        rig.world.categories = [one for one in rig.world.categories if one.sub != "veegzwerfvuil"]
        await desk.file(filing("own-2"))
    assert [report.sub for report in rig.world.reports.values()] == ["veegzwerfvuil", "overig"]


async def test_the_tree_is_read_again_every_hour_and_an_old_one_serves_while_it_cannot_be(
    rig: SignalenRig,
) -> None:
    tree = "GET /v1/public/terms/categories/"
    async with rig.desk() as desk:
        for own in ("a", "b"):
            await desk.file(filing(own))
        assert rig.world.calls.count(tree) == 1
        rig.pass_time(3601)
        rig.world.fault = lambda method, path: "500" if "terms" in path else ""
        await desk.file(filing("c"))
        assert rig.world.calls.count(tree) == 2
    assert len(rig.world.reports) == 3


async def test_a_tree_of_many_pages_is_read_whole(rig: SignalenRig) -> None:
    many = [replace(one, main=f"main-{number}", sub=f"sub-{number}") for number in range(130)
            for one in rig.world.categories[:1]]  # fmt: skip
    rig.world.categories = [*many, *rig.world.categories]
    async with rig.desk() as desk:
        await desk.file(filing())
    (report,) = rig.world.reports.values()
    assert report.sub == "veegzwerfvuil"


async def test_anonymous_reports_have_no_reporter_and_times_and_source_as_configured(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.file(filing())
    (report,) = rig.world.reports.values()
    assert report.body["reporter"] == {}
    assert report.body["incident_date_start"] == "2026-11-21T12:00:00.000000Z"
    assert report.source == "BART"


async def test_the_municipality_s_own_address_turns_the_source_and_the_report_is_not_lost(
    rig: SignalenRig,
) -> None:
    options = {"files_by": "public", "source": "BART app"}
    async with rig.desk(**options) as desk:
        filed = await desk.file(filing(contact="jan@amsterdam.nl"))
        (report,) = rig.world.reports.values()
        assert report.source == "Interne melding"
        rig.world.move(report.number, "b")
        rig.pass_time(121)
        (change,) = (await desk.changes(None)).changes
    assert (change.reference, change.status) == (filed.reference, Status.IN_PROGRESS)


async def test_such_a_report_is_found_as_well_when_its_answer_got_lost(rig: SignalenRig) -> None:
    async with rig.desk(files_by="public", source="BART app") as desk:
        rig.world.fault = lambda method, path: "lost" if method == "POST" else ""
        with pytest.raises(DeskUnsure):
            await desk.file(filing(contact="jan@amsterdam.nl"))
        rig.world.fault = lambda method, path: ""
        await desk.file(filing(contact="jan@amsterdam.nl"))
    assert len(rig.world.reports) == 1

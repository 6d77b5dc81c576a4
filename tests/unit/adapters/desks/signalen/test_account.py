"""The service account and its token, and photos, which go by the public way in."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from adapters.testing.desk_rig import a_filing, an_addition
from bot.model.desk import Filing
from bot.model.errors import DeskCredentials, DeskRefused, DeskUnsure
from bot.model.report import ContributionKind
from bot.ports.fakes.photos import CLEAN_PHOTO
from tests.fakes.signalen.login import CLIENT
from tests.support.signalen import TENANT, SignalenRig


def filing(own: str = "own-1", text: str = "Er ligt glas.", **more: Any) -> Filing:
    return a_filing(own, text, tenant=TENANT, **more)


# The account


async def test_one_token_serves_until_shortly_before_its_end(rig: SignalenRig) -> None:
    login = rig.server.login
    async with rig.desk() as desk:
        await asyncio.gather(*(desk.file(filing(f"own-{number}")) for number in range(5)))
        assert login.asked == 1
        rig.pass_time(269)
        await desk.changes(None)
        assert login.asked == 1
        rig.pass_time(2)
        await desk.changes(None)
        assert login.asked == 2


async def test_a_token_that_is_refused_before_its_end_is_replaced_once(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        await desk.changes(None)
        rig.server.login.key = b"the issuer has a new key"
        await desk.changes(None)
        rig.world.users.clear()
        with pytest.raises(DeskCredentials):
            await desk.changes(None)
    assert rig.server.login.asked == 3


@pytest.mark.parametrize("right", ["sia_read", "sia_write", "sia_signal_create_initial"])
async def test_an_account_that_lost_a_right_is_told_as_that_and_nothing_is_left_behind(
    rig: SignalenRig, right: str
) -> None:
    async with rig.desk() as desk:
        rig.world.rights.discard(right)
        with pytest.raises(DeskCredentials):
            await desk.file(filing())
        rig.world.rights.add(right)
        await desk.file(filing())
    assert len(rig.world.reports) == 1


async def test_a_wrong_secret_is_told_as_that(rig: SignalenRig) -> None:
    async with rig.desk(client_secret="oud") as desk:
        with pytest.raises(DeskCredentials, match="token"):
            await desk.file(filing())


@pytest.mark.parametrize("claims", [{"email": None}, {"exp": None}, {"iss": "https://elders.example"}])
async def test_a_token_without_what_signalen_needs_is_told_as_that(
    rig: SignalenRig, claims: dict[str, Any]
) -> None:
    rig.server.login.claims = claims
    async with rig.desk() as desk:
        with pytest.raises(DeskCredentials):
            await desk.changes(None)


# Photos


async def test_a_photo_goes_as_it_is_under_a_name_that_fits(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        for own in ("photo-1", "photo-2", "photo-1"):
            await desk.add(filed.reference, an_addition(ContributionKind.PHOTO, own))
    (report,) = rig.world.reports.values()
    assert [(photo.name, photo.content) for photo in report.attachments] == [("foto.jpg", CLEAN_PHOTO)] * 2


@pytest.mark.parametrize(("fault", "count"), [("lost", 1), ("500", 1)])
async def test_a_photo_whose_answer_got_lost_is_there_once(rig: SignalenRig, fault: str, count: int) -> None:
    photo = an_addition(ContributionKind.PHOTO)
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.fault = lambda method, path: fault if "/public/" in path and method == "POST" else ""
        with pytest.raises(DeskUnsure):
            await desk.add(filed.reference, photo)
        rig.world.fault = lambda method, path: ""
        await desk.add(filed.reference, photo)
    (report,) = rig.world.reports.values()
    assert len(report.attachments) == count


async def test_a_photo_that_comes_too_late_is_refused_with_the_reason(rig: SignalenRig) -> None:
    async with rig.desk() as desk:
        filed = await desk.file(filing())
        rig.world.move(1, "b")
        with pytest.raises(DeskRefused, match="too late"):
            await desk.add(filed.reference, an_addition(ContributionKind.PHOTO))


async def test_in_public_a_photo_goes_along_as_well(public: SignalenRig) -> None:
    async with public.desk() as desk:
        filed = await desk.file(filing())
        for _ in range(2):
            await desk.add(filed.reference, an_addition(ContributionKind.PHOTO))
    (report,) = public.world.reports.values()
    assert len(report.attachments) == 1


async def test_everything_at_once_keeps_its_own_place() -> None:
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(SignalenRig())
        desk = await stack.enter_async_context(rig.desk())
        filed = await asyncio.gather(
            *(desk.file(filing(f"own-{number}", f"glas {number}")) for number in range(20))
        )
    words = {f"SIG-{one.number}": one.body["text"].splitlines()[0] for one in rig.world.reports.values()}
    assert [words[one.reference] for one in filed] == [f"glas {number}" for number in range(20)]
    assert CLIENT not in str(rig.world.calls)

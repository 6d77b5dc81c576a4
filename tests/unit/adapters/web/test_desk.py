from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.model.desk import Addition, CaseAct
from bot.model.place import Place
from bot.model.report import ContributionKind, Status
from bot.ports.fakes.clock import NOON
from tests.support.site import TENANT, Stage, log_in, token

LATER = "2026-12-03"


@asynccontextmanager
async def at_the_desk(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    await stage.employ()
    async with stage.browser() as browser:
        await log_in(browser)
        yield browser


async def do(browser: httpx.AsyncClient, reference: str, act: str, **facts: str) -> httpx.Response:
    page = await browser.get(f"/loket/{reference}")
    return await browser.post(f"/loket/{reference}/daad", data={"token": token(page), "act": act, **facts})


async def test_the_queue_shows_open_cases_and_filters() -> None:
    stage = Stage()
    glass = await stage.file("Glas")
    lamp = await stage.file("Lamp stuk", category="verlichting")
    done = await stage.file("Tegel los", category="wegdek")
    stage.office.desk.set_status(done, Status.CLOSED)
    async with at_the_desk(stage) as browser:
        first = (await browser.get("/loket")).text
        closed = (await browser.get("/loket?toon=dicht")).text
        lamps = (await browser.get("/loket?toon=alles&soort=verlichting")).text
        everything = (await browser.get("/loket?toon=alles")).text
    assert f'href="/loket/{glass}"' in first
    assert f'href="/loket/{done}"' not in first
    assert f'href="/loket/{done}"' in closed
    assert f'href="/loket/{glass}"' not in closed
    assert f'href="/loket/{lamp}"' in lamps
    assert f'href="/loket/{glass}"' not in lamps
    assert everything.index(f'href="/loket/{glass}"') < everything.index(f'href="/loket/{done}"')


async def test_an_unknown_filter_shows_the_open_cases() -> None:
    stage = Stage()
    glass = await stage.file("Glas")
    async with at_the_desk(stage) as browser:
        page = await browser.get("/loket?toon=%3Cscript%3E&soort=")
    assert glass in page.text
    assert "<script>&" not in page.text


async def test_a_case_shows_time_place_text_neighbours_and_thread() -> None:
    stage = Stage()
    reference = await stage.file("Glas op de stoep", contact="jan@example.org", neighbours=2)
    more = Addition(own="a1", kind=ContributionKind.ADDITION, at=NOON, text="Nu ook op het fietspad")
    await stage.office.desk.add(reference, more)
    async with at_the_desk(stage) as browser:
        page = (await browser.get(f"/loket/{reference}")).text
    for shown in ("Glas op de stoep", "glasbak, Parijsplein", "bewoners zien dit", "vandaag 13:00"):
        assert shown in page
    assert "Nu ook op het fietspad" in page
    assert "jan@example.org" in page
    assert '"lat": 52.05' in page


async def test_residents_words_stay_text() -> None:
    stage = Stage()
    reference = await stage.file("<script>alert(1)</script><img src=x onerror=alert(2)>")
    async with at_the_desk(stage) as browser:
        pages = [(await browser.get(path)).text for path in ("/loket", f"/loket/{reference}")]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page


async def test_a_place_with_markup_cannot_break_out_of_the_map_data() -> None:
    stage = Stage()
    point = (await stage.office.case(TENANT, await stage.file("x"))).place.point
    await stage.file("Glas", place=Place(label="</script><script>alert(1)</script>", point=point))
    async with at_the_desk(stage) as browser:
        page = (await browser.get("/loket")).text
    assert "</script><script>alert" not in page


@pytest.mark.parametrize(
    ("act", "facts", "status"),
    [
        ("start", {}, Status.IN_PROGRESS),
        ("plan", {"until": LATER, "text": "De veegwagen komt."}, Status.PLANNED),
        ("ask", {"until": LATER, "text": "Staat er een nummer op?"}, Status.NEEDS_ANSWER),
        ("forward", {"party": "HTM"}, Status.FORWARDED),
        ("close", {"text": "Het glas is weg."}, Status.CLOSED),
        ("cancel", {"text": "Dit is van een bewoner zelf."}, Status.CANCELLED),
    ],
)
async def test_every_deed_reaches_the_desk_and_the_audit_trail(
    act: str, facts: dict[str, str], status: Status
) -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_the_desk(stage) as browser:
        answer = await do(browser, reference, act, **facts)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/loket/{reference}?gedaan={act}")
        page = await browser.get(answer.headers["location"])
    assert 'role="status"' in page.text
    assert (await stage.office.case(TENANT, reference)).status is status
    ((about, deed),) = stage.office.deeds
    assert (about, deed.act, deed.by) == (reference, CaseAct(act), "anna")
    assert deed.text == facts.get("text", "")
    assert deed.party == facts.get("party", "")
    assert (stage.memory.audit[-1].act, stage.memory.audit[-1].subject) == (f"case.{act}", reference)


async def test_a_planned_day_is_noon_and_a_last_day_is_its_end_in_the_tenants_zone() -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_the_desk(stage) as browser:
        await do(browser, reference, "plan", until=LATER)
        await do(browser, reference, "ask", until=LATER, text="Waar precies?")
    moments = [deed.until.isoformat() for _, deed in stage.office.deeds if deed.until]
    assert moments == ["2026-12-03T11:00:00+00:00", "2026-12-03T22:59:00+00:00"]


async def test_a_closed_case_can_only_be_reopened() -> None:
    stage = Stage()
    reference = await stage.file()
    stage.office.desk.set_status(reference, Status.CLOSED)
    async with at_the_desk(stage) as browser:
        page = (await browser.get(f"/loket/{reference}")).text
        assert "Heropenen" in page
        assert "Inplannen" not in page
        await do(browser, reference, "reopen")
    assert (await stage.office.case(TENANT, reference)).status is Status.REOPENED


@pytest.mark.parametrize(
    ("act", "facts", "at"),
    [
        ("close", {"text": "  "}, "close-text"),
        ("cancel", {}, "cancel-text"),
        ("forward", {"text": "Zij doen dit."}, "forward-party"),
        ("plan", {"until": "morgen"}, "plan-until"),
        ("plan", {"until": "2026-11-20"}, "plan-until"),
        ("plan", {}, "plan-until"),
        ("ask", {"text": "Waar precies?"}, "ask-until"),
        ("ask", {"until": LATER}, "ask-text"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    act: str, facts: dict[str, str], at: str
) -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_the_desk(stage) as browser:
        answer = await do(browser, reference, act, **facts)
    assert answer.status_code == 422
    assert f'id="fout-{at}"' in answer.text
    assert f'aria-describedby="fout-{at}"' in answer.text
    for value in facts.values():
        assert value.strip() in answer.text
    assert stage.office.deeds == []


async def test_a_deed_that_came_too_late_is_explained() -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_the_desk(stage) as browser:
        page = await browser.get(f"/loket/{reference}")
        stage.office.desk.set_status(reference, Status.CLOSED)
        facts = {"token": token(page), "act": "start"}
        answer = await browser.post(f"/loket/{reference}/daad", data=facts)
    assert answer.status_code == 422
    assert "een andere status" in answer.text


@pytest.mark.parametrize("facts", [{"act": "burn"}, {}])
async def test_an_unknown_deed_is_refused(facts: dict[str, str]) -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_the_desk(stage) as browser:
        page = await browser.get(f"/loket/{reference}")
        answer = await browser.post(f"/loket/{reference}/daad", data={"token": token(page), **facts})
    assert answer.status_code == 400


async def test_a_deed_without_the_token_is_refused() -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_the_desk(stage) as browser:
        answer = await browser.post(f"/loket/{reference}/daad", data={"act": "start"})
    assert answer.status_code == 403
    assert stage.office.deeds == []


async def test_photos_are_served_as_jpeg_to_the_desk_only() -> None:
    stage = Stage()
    reference = await stage.file()
    more = Addition(own="p1", kind=ContributionKind.PHOTO, at=NOON, photo=b"\xff\xd8\xffjpeg")
    await stage.office.desk.add(reference, more)
    (photo,) = (await stage.office.case(TENANT, reference)).photos
    path = f"/loket/{reference}/foto/{photo}"
    async with at_the_desk(stage) as browser:
        answer = await browser.get(path)
        missing = await browser.get(f"/loket/{reference}/foto/niets")
        page = (await browser.get(f"/loket/{reference}")).text
    async with stage.browser() as stranger:
        assert (await stranger.get(path)).status_code == 303
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content == b"\xff\xd8\xffjpeg"
    assert missing.status_code == 404
    assert "Foto 1 bij deze melding" in page


async def test_the_desk_hears_of_changes_as_they_happen() -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_the_desk(stage) as browser:
        reading = asyncio.ensure_future(browser.get("/api/loket/events"))
        await stage.office.watched.wait()
        stage.office.desk.set_status(reference, Status.IN_PROGRESS)
        stage.office.close()
        answer = await reading
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert f'event: case\ndata: {{"reference": "{reference}"}}' in answer.text

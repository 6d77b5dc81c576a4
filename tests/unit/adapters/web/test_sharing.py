"""Several people at one desk: whose case it is, two cases that are one, who may look, and who did what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from adapters.web import site
from bot.model.desk import Addition
from bot.model.place import Place
from bot.model.report import ContributionKind, Status
from bot.model.staff import StaffRole
from bot.ports.fakes.clock import NOON
from tests.support.site import OTHER, TENANT, Stage, log_in, token

ANSWERS = {"Opgeruimd": "Het is opgeruimd. Dank je.", "Later": "Dit komt volgende week."}


@asynccontextmanager
async def at_work(stage: Stage, *roles: StaffRole) -> AsyncIterator[httpx.AsyncClient]:
    await stage.employ("anna", TENANT, *roles)
    async with stage.browser() as browser:
        await log_in(browser)
        yield browser


async def send(browser: httpx.AsyncClient, reference: str, what: str, **facts: str) -> httpx.Response:
    page = await browser.get(f"/loket/{reference}")
    return await browser.post(f"/loket/{reference}/{what}", data={"token": token(page), **facts})


async def test_a_case_is_given_to_a_colleague_and_taken_back() -> None:
    stage = Stage()
    reference = await stage.file()
    await stage.employ("joost")
    await stage.employ("elders", OTHER)
    async with at_work(stage) as browser:
        answer = await send(browser, reference, "wie", wie="joost")
        assert answer.headers["location"] == f"/loket/{reference}?gedaan=assign"
        page = (await browser.get(f"/loket/{reference}")).text
        assert "<option selected>joost</option>" in page
        assert "Aan joost." in page
        assert "elders" not in page
        assert "van joost" in (await browser.get("/loket")).text
        for nobody in ("elders", "piet"):
            assert (await send(browser, reference, "wie", wie=nobody)).status_code == 400
        await send(browser, reference, "wie", wie="")
    assert (await stage.office.case(TENANT, reference)).assigned == ""
    assert [one.act for one in stage.memory.audit][-2:] == ["case.assign", "case.assign"]


async def test_two_cases_become_one_and_the_page_goes_on_there() -> None:
    stage = Stage()
    kept, double = await stage.file("Glas", neighbours=2), await stage.file("Scherven")
    async with at_work(stage) as browser:
        offered = (await browser.get(f"/loket/{double}")).text
        assert f'<option value="{kept}">' in offered
        assert "(0 meter)" in offered
        answer = await send(browser, double, "samen", into=kept)
        assert answer.headers["location"] == f"/loket/{kept}?gedaan=merge"
        after = (await browser.get(answer.headers["location"])).text
        assert "3 bewoners zien dit" in after
        assert "1 andere melding" in after
        gone = (await browser.get(f"/loket/{double}")).text
    assert f'gaat verder als <a href="/loket/{kept}">' in gone
    assert "Heropenen" not in gone
    assert [(one.act, one.subject) for one in stage.memory.audit[-2:]] == [
        ("case.merge", double),
        ("case.merge", kept),
    ]


async def test_the_likeliest_case_to_merge_with_is_offered_first() -> None:
    stage = Stage()
    here = await stage.file("Glas")
    other_kind = await stage.file("Lamp", category="verlichting")
    nowhere = await stage.file("Scherven", place=Place(label="ergens"))
    closed = await stage.file("Vuil")
    stage.office.desk.set_status(closed, Status.CLOSED)
    async with at_work(stage) as browser:
        page = (await browser.get(f"/loket/{here}")).text
    offered = [page.find(f'<option value="{one}">') for one in (nowhere, other_kind)]
    assert 0 < offered[0] < offered[1]
    assert f'<option value="{closed}">' not in page


async def test_a_merge_that_cannot_be_is_explained_at_its_field() -> None:
    stage = Stage()
    reference, kept = await stage.file("Glas"), await stage.file("Scherven")
    async with at_work(stage) as browser:
        wrong = await send(browser, reference, "samen", into="MB-9")
        page = await browser.get(f"/loket/{reference}")
        stage.office.desk.set_status(reference, Status.CLOSED)
        facts = {"token": token(page), "into": kept}
        late = await browser.post(f"/loket/{reference}/samen", data=facts)
    assert wrong.status_code == late.status_code == 422
    assert 'aria-describedby="fout-into"' in wrong.text
    assert "een andere status" in late.text


async def test_a_standard_answer_is_put_in_the_text_and_nothing_is_sent() -> None:
    stage = Stage()
    here = replace(stage.record.tenants[TENANT], answers=ANSWERS)
    stage.app = site(replace(stage.record, tenants={TENANT: here}))
    reference = await stage.file()
    async with at_work(stage) as browser:
        plain = (await browser.get(f"/loket/{reference}")).text
        page = await browser.get(f"/loket/{reference}?daad=close&antwoord=Opgeruimd")
        unknown = await browser.get(f"/loket/{reference}?daad=close&antwoord=Weg")
        asking = await browser.get(f"/loket/{reference}?daad=ask&antwoord=Opgeruimd")
    assert page.status_code == 200
    assert ANSWERS["Opgeruimd"] in page.text
    assert all(ANSWERS["Opgeruimd"] not in one for one in (plain, unknown.text, asking.text))
    assert '<label for="close-antwoord">Begin met een standaardtekst</label>' in plain
    assert "ask-antwoord" not in plain
    assert stage.office.deeds == []


async def test_a_desk_without_standard_answers_does_not_offer_any() -> None:
    stage = Stage()
    reference = await stage.file()
    async with at_work(stage) as browser:
        assert "standaardtekst" not in (await browser.get(f"/loket/{reference}")).text


async def test_who_may_only_look_sees_no_contact_and_can_do_nothing() -> None:
    stage = Stage()
    reference = await stage.file("Glas op de stoep", contact="jan@example.org")
    async with at_work(stage, StaffRole.MUNICIPALITY) as browser:
        queue = await browser.get("/loket")
        page = await browser.get(f"/loket/{reference}")
        facts = {"token": token(page), "act": "start", "wie": "", "into": reference}
        answers = [await browser.post(f"/loket/{reference}/{one}", data=facts) for one in ("daad", "wie", "samen")]
    assert queue.status_code == page.status_code == 200
    assert "Glas op de stoep" in page.text
    assert "Je mag hier meekijken." in page.text
    assert "jan@example.org" not in page.text
    assert "<textarea" not in page.text
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert stage.office.deeds == []


@pytest.mark.parametrize("path", ["/loket", "/loket/FAKE-1", "/loket/uitvoer.csv"])
async def test_police_are_not_behind_this_desk(path: str) -> None:
    stage = Stage()
    await stage.file()
    async with at_work(stage, StaffRole.POLICE) as browser:
        assert (await browser.get(path)).status_code == 403


async def test_a_case_shows_who_did_what_and_what_residents_added() -> None:
    stage = Stage()
    reference, other = await stage.file("Glas"), await stage.file("Lamp")
    more = (
        (ContributionKind.PHOTO, b"\xff\xd8\xffjpeg"),
        (ContributionKind.PHOTO, b"\xff\xd8\xffjpeg"),
        (ContributionKind.ADDITION, None),
    )
    for number, (kind, photo) in enumerate(more):
        added = Addition(own=f"a{number}", kind=kind, at=NOON, text="Meer", photo=photo)
        await stage.office.desk.add(reference, added)
    async with at_work(stage) as browser:
        await send(browser, reference, "daad", act="start")
        await send(browser, other, "daad", act="close", text="Klaar.")
        page = (await browser.get(f"/loket/{reference}")).text
    assert "(2 foto&#39;s, 1 aanvulling)" in page
    assert '<th scope="row">anna</th><td>nam de melding in behandeling</td>' in page
    assert "handelde de melding af" not in page

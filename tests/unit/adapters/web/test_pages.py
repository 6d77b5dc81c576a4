from __future__ import annotations

import pytest

from bot.model.errors import StoreUnavailable
from bot.model.place import Place, Point
from bot.model.report import Status
from tests.support.site import JAN, OTHER, ROOM, TENANT, Stage, a_line, log_in

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
    "img-src 'self' data: blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


async def test_outside_the_demo_the_front_page_offers_the_login_and_leads_staff_to_their_desk() -> None:
    stage = Stage(chat=False)
    await stage.employ()
    async with stage.browser() as browser:
        assert 'href="/inloggen"' in (await browser.get("/")).text
        await log_in(browser)
        assert (await browser.get("/")).headers["location"] == "/loket"


async def test_the_overview_shows_what_where_and_how_it_stands() -> None:
    stage = Stage(demo=True)
    stage.views.lines = [a_line(status=Status.PLANNED), a_line("r2", tenant_id=OTHER, category="groen")]
    async with stage.browser() as browser:
        page = (await browser.get("/overzicht")).text
    for shown in ("Zwerfvuil en glasscherven", "glasbak, Parijsplein", "Ingepland", "2 bewoners zien dit"):
        assert shown in page
    assert "1 melding<" in page
    assert "Bomen" not in page


async def test_a_home_is_shown_by_its_street_and_only_roughly_on_the_map() -> None:
    stage = Stage(demo=True)
    home = Place(label="Lyonstraat 12", home=True, point=Point(lat=52.050412, lon=4.346578))
    stage.views.lines = [a_line(place=home)]
    async with stage.browser() as browser:
        page = (await browser.get("/overzicht")).text
    assert "Lyonstraat" in page
    assert "Lyonstraat 12" not in page
    assert '"lat": 52.05,' in page
    assert "52.0504" not in page


async def test_reports_about_people_are_for_staff_only() -> None:
    stage = Stage(demo=True)
    stage.views.lines = [a_line(category="verdacht")]
    await stage.employ()
    async with stage.browser() as browser:
        assert "Nog geen meldingen." in (await browser.get("/overzicht")).text
        await log_in(browser)
        assert "1 melding<" in (await browser.get("/overzicht")).text


async def test_the_overview_filters_by_state_and_category() -> None:
    stage = Stage(demo=True)
    stage.views.lines = [
        a_line("r1"),
        a_line("r2", category="verlichting", status=Status.CLOSED),
        a_line("r3", category="groen"),
    ]
    async with stage.browser() as browser:
        counts = {
            query: (await browser.get(f"/overzicht{query}")).text.split('id="lijst-kop">')[1].split("<")[0]
            for query in ("", "?toon=open", "?toon=dicht", "?soort=groen", "?toon=dicht&soort=groen")
        }
    assert list(counts.values()) == ["3 meldingen", "2 meldingen", "1 melding", "1 melding", "Geen meldingen"]


async def test_health_is_plain_and_readiness_names_what_fails() -> None:
    stage = Stage()
    async with stage.browser() as browser:
        assert (await browser.get("/healthz")).text == "ok"
        assert (await browser.get("/readyz")).status_code == 200
        stage.checks["database"] = False
        answer = await browser.get("/readyz")
        assert (await browser.get("/metrics")).content == b"bart_up 1\n"
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "failing": ["database"]})


@pytest.mark.parametrize("path", ["/", "/inloggen", "/niets", "/healthz", "/overzicht", f"/chat/{ROOM}"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    async with Stage(demo=True).browser() as browser:
        headers = (await browser.get(path)).headers
    assert headers["content-security-policy"] == STRICT
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


async def test_a_tile_server_is_the_only_other_place_images_may_come_from() -> None:
    stage = Stage(demo=True, tiles="https://{s}.tiles.example/{z}/{x}/{y}.png", tiles_credit="Kaart: Example")
    async with stage.browser() as browser:
        answer = await browser.get("/overzicht")
    assert "img-src 'self' data: blob: https://*.tiles.example;" in answer.headers["content-security-policy"]
    assert "Kaart: Example" in answer.text


@pytest.mark.parametrize("path", ["/", "/inloggen", "/overzicht", f"/chat/{ROOM}", "/niets"])
async def test_no_page_needs_what_the_policy_forbids(path: str) -> None:
    async with Stage(demo=True).browser() as browser:
        page = (await browser.get(path)).text
    scripts = page.split("<script")[1:]
    assert all('src="/static/' in script or 'type="application/json"' in script for script in scripts)
    assert " style=" not in page
    assert " onclick" not in page
    assert "http://" not in page
    assert "https://" not in page


async def test_fixed_files_are_kept_for_a_year_under_an_address_that_changes_with_them() -> None:
    stage = Stage(demo=True)
    async with stage.browser() as browser:
        page = (await browser.get("/")).text
        style = page.split('rel="stylesheet" href="')[2].split('"')[0]
        answer = await browser.get(style)
        library = await browser.get(style.replace("site.css", "leaflet/leaflet.js"))
        missing = await browser.get(style.replace("site.css", "../pages.py"))
        old = await browser.get("/static/0000/site.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert library.status_code == 200
    assert (missing.status_code, old.status_code) == (404, 404)
    assert old.headers["cache-control"] == "no-store"


async def test_the_map_needs_no_internet() -> None:
    async with Stage(demo=True).browser() as browser:
        streets = await browser.get(f"/kaart/{TENANT}.geojson")
        nowhere = await browser.get("/kaart/nergens.geojson")
    assert streets.headers["content-type"] == "application/geo+json"
    assert streets.json()["features"][0]["properties"]["name"] == "Parijsplein"
    assert nowhere.status_code == 404


async def test_without_chat_or_demo_the_map_is_for_staff() -> None:
    async with Stage(chat=False).browser() as browser:
        assert (await browser.get(f"/kaart/{TENANT}.geojson")).status_code == 303


async def test_a_page_that_is_not_there_says_so_in_dutch() -> None:
    async with Stage().browser() as browser:
        answer = await browser.get("/niets")
        api = await browser.get("/api/niets")
        wrong = await browser.delete("/loket")
    assert answer.status_code == 404
    assert "Niet gevonden" in answer.text
    assert api.json()["what"].startswith("Deze pagina bestaat niet")
    assert wrong.status_code == 405


async def test_a_fault_shows_no_details_and_logs_no_words() -> None:
    stage = Stage(demo=True)
    stage.views.failing = RuntimeError("Jan zei: glas op Lyonstraat 12")
    async with stage.browser() as browser:
        answer = await browser.get("/overzicht")
    assert answer.status_code == 500
    assert "Dat ligt aan ons" in answer.text
    assert answer.headers["content-security-policy"] == STRICT
    assert "Jan" not in answer.text
    ((level, event, fields),) = stage.log.lines
    assert (level, event, fields["error"]) == ("error", "page.failed", "RuntimeError")
    assert "Jan" not in str(fields)


async def test_when_the_store_is_away_even_the_session_is_not_needed_for_the_error_page() -> None:
    stage = Stage(demo=True)
    stage.views.failing = StoreUnavailable("disk full")
    async with stage.browser() as browser:
        answer = await browser.get("/overzicht")
    assert answer.status_code == 503
    assert "Even niet" in answer.text
    assert "disk" not in answer.text
    assert [event for _, event, _ in stage.log.lines] == ["page.failed"]


async def test_a_form_larger_than_any_form_of_ours_is_refused() -> None:
    async with Stage().browser() as browser:
        answer = await browser.post("/inloggen", data={"naam": "x" * 70_000})
        nonsense = await browser.post("/inloggen", content=b"", headers={"Content-Length": "many"})
    assert answer.status_code == 413
    assert "Te groot" in answer.text
    assert nonsense.status_code == 400


async def test_the_site_stops_its_live_streams_when_asked() -> None:
    stage = Stage()
    stage.record.stopping.set()
    async with stage.browser() as browser:
        answer = await browser.get(f"/api/chat/{ROOM}/{JAN}/events")
    assert answer.text == "retry: 2000\n\n"


async def test_pages_answer_only_to_the_names_they_were_given() -> None:
    stage = Stage(hosts=("127.0.0.1", "localhost"))
    async with stage.browser() as browser:
        assert (await browser.get("/healthz", headers={"Host": "localhost:8080"})).status_code == 200
        assert (await browser.get("/healthz", headers={"Host": "evil.example"})).status_code == 400

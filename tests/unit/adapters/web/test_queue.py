"""The list of cases: finding, paging, and taking it along without anybody's words."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from adapters.web import export
from adapters.web.queue import AGES, NOBODY, PAGE, Wanted, listed, wanted
from bot.model.desk import Case
from bot.model.place import Place, Point
from bot.model.region import Region
from bot.model.report import Status
from bot.model.staff import StaffRole
from bot.model.tenant import Area, Tenant
from bot.ports.fakes.clock import NOON
from tests.support.site import TENANT, Stage, log_in

SOUTH = Area(name="zuid", label="Zuid", region=Region(centre=Point(lat=52.05, lon=4.35), radius_m=200))
TOWN = Tenant(id=TENANT, name="Stad", municipality="Stad", areas=(SOUTH,))
GLASS = Case(
    reference="MB-1",
    category="zwerfvuil",
    text="Glas bij de glasbak",
    place=Place(label="glasbak, Parijsplein", point=Point(lat=52.05, lon=4.35)),
    status=Status.RECEIVED,
    received_at=NOON,
    changed_at=NOON,
    seen_at=NOON,
    neighbours=2,
)
LAMP = replace(
    GLASS,
    reference="MB-2",
    category="verlichting",
    text="Lamp stuk",
    place=Place(label="Kade 12, Zonstad", home=True, point=Point(lat=52.0712, lon=4.3512)),
    status=Status.PLANNED,
    assigned="joost",
    contact="jan@example.org",
    received_at=NOON - timedelta(days=8),
)
DONE = replace(GLASS, reference="MB-3", text="Tegel los", status=Status.CLOSED, place=Place(label="ergens"))
WORRY = replace(GLASS, reference="MB-4", category="zorg", text="buurvrouw", received_at=NOON - timedelta(days=40))
CASES = [GLASS, LAMP, DONE, WORRY]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["MB-1", "MB-2", "MB-4"]),
        ("toon=dicht", ["MB-3"]),
        ("toon=alles", ["MB-1", "MB-2", "MB-4", "MB-3"]),
        ("toon=onzin", ["MB-1", "MB-2", "MB-4"]),
        ("soort=verlichting", ["MB-2"]),
        ("stand=planned", ["MB-2"]),
        ("stand=onzin", ["MB-1", "MB-2", "MB-4"]),
        ("wijk=zuid&toon=alles", ["MB-1", "MB-4"]),
        ("wijk=onzin", []),
        ("oud=dag", ["MB-1"]),
        ("oud=week", ["MB-1"]),
        ("oud=oud", ["MB-2", "MB-4"]),
        ("oud=maand", ["MB-4"]),
        ("wie=joost", ["MB-2"]),
        (f"wie={NOBODY}", ["MB-1", "MB-4"]),
        ("zoek=GLAS bij", ["MB-1"]),
        ("zoek=kade", ["MB-2"]),
        ("zoek=mb-2", ["MB-2"]),
        ("zoek=jan@example.org", []),
        ("zoek=glas&soort=verlichting", []),
    ],
)
def test_every_wish_narrows_the_list(query: str, found: list[str]) -> None:
    wish = wanted(QueryParams(query))
    assert [case.reference for case in listed(CASES, wish, TOWN.areas, NOON)] == found


@given(query=st.dictionaries(st.sampled_from([*Wanted.__dataclass_fields__, "x"]), st.text(max_size=8)))
def test_whatever_is_asked_for_the_list_answers_and_its_link_asks_the_same(query: dict[str, str]) -> None:
    wish = wanted(QueryParams(query))
    again = wanted(QueryParams(wish.query))
    assert again == wish
    assert listed(CASES, wish, TOWN.areas, NOON) == listed(CASES, again, TOWN.areas, NOON)


def test_every_age_is_one_or_the_other() -> None:
    assert AGES["week"].fits(GLASS, NOON + timedelta(days=7)) is False
    assert AGES["oud"].fits(GLASS, NOON + timedelta(days=7)) is True


async def test_a_long_list_comes_in_pages_and_the_map_shows_them_all() -> None:
    stage = Stage()
    for number in range(PAGE + 3):
        await stage.file(f"Glas {number}")
    await stage.employ()
    async with stage.browser() as browser:
        await log_in(browser)
        first = (await browser.get("/loket?zoek=glas")).text
        second = (await browser.get("/loket?zoek=glas&blad=2")).text
        beyond = (await browser.get("/loket?zoek=glas&blad=99")).text
    assert first.count('<a class="case"') == PAGE
    assert second.count('<a class="case"') == 3
    assert 'href="?toon=open&amp;zoek=glas&amp;blad=2"' in first
    assert "Blad 2 van 2" in second
    assert "Blad 2 van 2" in beyond
    assert first.count('"lat": 52.05') == PAGE + 3
    assert f"{PAGE + 3} meldingen" in first


async def test_the_form_keeps_what_was_chosen_and_every_field_has_a_label() -> None:
    stage = Stage()
    await stage.file("Glas")
    await stage.employ()
    async with stage.browser() as browser:
        await log_in(browser)
        page = (await browser.get("/loket?zoek=%22%3E%3Cb%3E&soort=zwerfvuil&stand=received&wie=anna")).text
    assert 'value="&#34;&gt;&lt;b&gt;"' in page
    assert '<option value="received" selected>' in page
    assert "<option selected>anna</option>" in page
    fields = re.findall(r'<(?:select|input)[^>]* id="([^"]+)"', page)
    assert set(fields) >= {"zoek", "soort", "stand", "oud", "wie"}
    assert all(f'<label for="{name}">' in page for name in fields)


# Taking it along


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix(export.BOM)), delimiter=";"))


def test_a_table_holds_kinds_days_and_places_and_nobodys_words() -> None:
    text = export.as_csv(CASES, TOWN)
    first, lamp, _, worry = rows(text)
    assert (first["nummer"], first["stand"], first["bewoners"], first["wijk"]) == ("MB-1", "Nieuw", "2", "Zuid")
    assert (first["gemeld"], first["breedte"]) == ("2026-11-21", "52.05000")
    assert lamp["plek"].startswith("Kade")
    assert (lamp["breedte"], lamp["lengte"]) == ("52.07100", "4.35100")
    assert (worry["plek"], worry["breedte"], worry["lengte"]) == ("", "", "")
    for secret in ("Glas bij", "buurvrouw", "jan@example.org", "12", "joost"):
        assert secret not in text.replace("2026-11-12", "").replace("2026-10-12", "")


def test_a_map_holds_the_same_and_no_point_where_there_is_none() -> None:
    table = json.loads(export.as_geojson(CASES, TOWN))
    assert [one["properties"]["nummer"] for one in table["features"]] == ["MB-1", "MB-2", "MB-3", "MB-4"]
    assert [one["geometry"] is None for one in table["features"]] == [False, False, True, True]
    assert table["features"][1]["geometry"]["coordinates"] == [4.351, 52.071]
    assert "jan@example.org" not in json.dumps(table)


@given(start=st.sampled_from("=+-@\t\r\n"), rest=st.text(max_size=20))
def test_no_cell_runs_as_a_formula(start: str, rest: str) -> None:
    evil = replace(GLASS, reference=start + rest, place=Place(label=start + rest, point=GLASS.place.point))
    (_, row) = csv.reader(io.StringIO(export.as_csv([evil], TOWN).removeprefix(export.BOM)), delimiter=";")
    assert not any(cell.startswith(export.RUNS_AS_FORMULA) for cell in row)


@pytest.mark.parametrize(("form", "kind"), [("csv", "text/csv"), ("geojson", "application/geo+json")])
async def test_what_is_taken_along_is_the_list_that_was_chosen_and_is_in_the_audit_trail(
    form: str, kind: str
) -> None:
    stage = Stage()
    await stage.file("Glas")
    lamp = await stage.file("Lamp", category="verlichting")
    await stage.employ("meekijker", TENANT, StaffRole.MUNICIPALITY)
    async with stage.browser() as browser:
        await log_in(browser, "meekijker")
        answer = await browser.get(f"/loket/uitvoer.{form}?soort=verlichting")
    async with stage.browser() as stranger:
        assert (await stranger.get(f"/loket/uitvoer.{form}")).status_code == 303
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"] == f'attachment; filename="meldingen-{TENANT}.{form}"'
    assert lamp in answer.text
    assert answer.text.count("FAKE-") == 1
    assert stage.memory.audit[-1].act == f"cases.{form}"

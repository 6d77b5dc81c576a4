"""What everybody who knows what is open near a place keeps to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model.ids import GroupId, IncidentId, ReportId, TenantId
from bot.model.place import Point
from bot.model.report import Status
from bot.model.snapshot import Commit, Erase, Seal
from tests.support.backends import Backend
from tests.support.records import (
    KEES,
    NOON,
    SQUARE,
    TENANT,
    a_content,
    a_filed_incident,
    a_group,
    a_report,
    an_incident,
)

POINT = Point(lat=52.1, lon=5.1)
G1 = GroupId("g1")


async def keep(backend: Backend, *changes: Any) -> None:
    await backend.store.commit(Commit(now=NOON, changes=changes))


async def near(backend: Backend, radius_m: float = 100, **more: Any) -> list[str]:
    return [one.reference for one in await found(backend, radius_m, **more)]


async def found(backend: Backend, radius_m: float = 100, **more: Any) -> Any:
    asked = {"tenant": TENANT, "categories": ["afval"], "point": POINT, "since": NOON, **more}
    return await backend.nearby.open_near(radius_m=radius_m, **asked)


def north(metres: float) -> Any:
    return replace(SQUARE, point=Point(lat=POINT.lat + metres / 111_194.93, lon=POINT.lon))


async def open_one(backend: Backend, name: str = "1", group: str = "g1", **changes: Any) -> None:
    report = a_report(f"r{name}", **changes)
    await keep(backend, a_group(group), a_filed_incident(f"i{name}", group, f"r{name}"), report)


async def test_an_open_report_of_another_group_is_found_with_all_that_may_be_told_of_it(backend: Backend) -> None:
    await keep(
        backend,
        a_group("g1"),
        a_group("g2"),
        a_filed_incident("i1", "g1", witnesses=frozenset({KEES})),
        a_filed_incident("i2", "g2"),
        a_report(status=Status.PLANNED),
        Seal(incident_id=IncidentId("i1"), content=a_content()),
    )
    (one,) = await found(backend)
    assert (one.reference, one.desk, one.report_id) == ("ref-r1", "gemeente", ReportId("r1"))
    assert (one.category, one.place, one.filed_at, one.status) == ("afval", SQUARE, NOON, Status.PLANNED)
    assert one.neighbours == 3
    assert one.text == "Er ligt glas."
    assert "glas" not in repr(replace(one, place=replace(SQUARE, label="")))


async def test_words_that_are_erased_are_not_compared_any_more(backend: Backend) -> None:
    await open_one(backend)
    await keep(backend, Seal(incident_id=IncidentId("i1"), content=a_content()))
    await keep(backend, Erase(incident_id=IncidentId("i1")))
    (one,) = await found(backend)
    assert one.text == ""


async def test_they_come_nearest_first_and_within_the_radius(backend: Backend) -> None:
    await open_one(backend, "1", place=north(80))
    await open_one(backend, "2", place=north(-10))
    await open_one(backend, "3", place=north(101))
    assert await near(backend) == ["ref-r2", "ref-r1"]
    assert await near(backend, 50) == ["ref-r2"]


async def test_distance_counts_east_and_west_as_well(backend: Backend) -> None:
    await open_one(backend, place=replace(SQUARE, point=Point(lat=POINT.lat, lon=POINT.lon + 0.01)))
    assert await near(backend, 600) == []
    assert await near(backend, 700) == ["ref-r1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.CLOSED},
        {"status": Status.CANCELLED},
        {"category": "verlichting"},
        {"tenant_id": TenantId("maanstad")},
        {"withdrawn": True},
        {"filed_at": NOON - timedelta(seconds=1)},
        {"place": replace(SQUARE, point=None)},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_what_cannot_be_meant_is_left_out(backend: Backend, changes: dict[str, Any]) -> None:
    await open_one(backend, "1", **changes)
    await open_one(backend, "2")
    assert await near(backend) == ["ref-r2"]


async def test_several_categories_are_looked_at_together(backend: Backend) -> None:
    await open_one(backend, "1", category="grofvuil")
    await open_one(backend, "2")
    assert sorted(await near(backend, categories=["afval", "grofvuil"])) == ["ref-r1", "ref-r2"]
    assert await near(backend, categories=[]) == []


async def test_what_a_group_has_itself_is_left_out_for_it(backend: Backend) -> None:
    await open_one(backend, "1", "g1")
    await open_one(backend, "2", "g2")
    assert await near(backend, but=G1) == ["ref-r2"]
    await keep(backend, a_filed_incident("i3", "g1", "r2"))
    assert await near(backend, but=G1) == []


async def test_an_incident_without_a_report_is_nobody_elses_business(backend: Backend) -> None:
    await keep(backend, a_group(), an_incident())
    assert await near(backend) == []


async def test_our_report_is_found_by_the_desks_reference(backend: Backend) -> None:
    await open_one(backend)
    ask = backend.nearby.report_of
    assert await ask(TENANT, "gemeente", "ref-r1") == ReportId("r1")
    assert await ask(TENANT, "gemeente", "ref-r2") is None
    assert await ask(TENANT, "politie", "ref-r1") is None
    assert await ask(TenantId("maanstad"), "gemeente", "ref-r1") is None

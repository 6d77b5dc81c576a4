"""What every read side keeps to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.model.group import GroupState
from bot.model.ids import GroupId, ReportId, TenantId
from bot.model.incident import Stage
from bot.model.report import Status
from bot.model.snapshot import Commit
from bot.model.view import GroupLine, ReportLine
from tests.support.backends import Backend
from tests.support.records import (
    ACCOUNT,
    KEES,
    NOON,
    SAMIRA,
    SQUARE,
    TENANT,
    a_filed_incident,
    a_group,
    a_prompt,
    a_report,
    an_effect,
    an_evidence,
    an_incident,
    later,
)

OTHER = TenantId("maanstad")


async def keep(backend: Backend, *changes: Any, **more: Any) -> None:
    await backend.store.commit(Commit(now=NOON, changes=changes, **more))


async def test_a_group_is_listed_with_its_open_reports_and_prompts_of_the_week(backend: Backend) -> None:
    await keep(
        backend,
        a_group(),
        a_filed_incident("i1", "g1", "r1"),
        a_filed_incident("i2", "g1", "r1"),
        a_filed_incident("i3", "g1", "r2"),
        a_report("r1"),
        a_report("r2", status=Status.CLOSED),
        a_prompt("i1"),
        a_prompt("i2", asked_at=NOON - timedelta(days=8)),
    )
    assert await backend.views.groups(None) == [
        GroupLine(
            id=GroupId("g1"),
            tenant_id=TENANT,
            account=ACCOUNT,
            name="Buurt g1",
            state=GroupState.ON,
            open_reports=1,
            prompts_7d=1,
        )
    ]


async def test_groups_are_listed_by_name_and_never_across_tenants(backend: Backend) -> None:
    await keep(backend, a_group("g1", name="B"), a_group("g2", name="A"), a_group("g3", tenant_id=OTHER))
    assert [line.id for line in await backend.views.groups(TENANT)] == ["g2", "g1"]
    assert [line.id for line in await backend.views.groups(OTHER)] == ["g3"]
    assert len(await backend.views.groups(None)) == 3


async def test_a_report_is_shown_with_everybody_who_sees_it(backend: Backend) -> None:
    await keep(
        backend,
        a_group("g1"),
        a_group("g2"),
        a_filed_incident("i1", "g1", witnesses=frozenset({KEES, SAMIRA})),
        a_filed_incident("i2", "g2"),
        a_report(note="Morgen komt de veegwagen."),
    )
    line = await backend.views.report(TENANT, ReportId("r1"))
    assert line == ReportLine(
        id=ReportId("r1"),
        tenant_id=TENANT,
        desk="gemeente",
        reference="ref-r1",
        category="afval",
        place=SQUARE,
        status=Status.RECEIVED,
        filed_at=NOON,
        changed_at=NOON,
        neighbours=4,
        groups=2,
        note="Morgen komt de veegwagen.",
    )


async def test_a_report_of_another_tenant_is_not_there(backend: Backend) -> None:
    await keep(backend, a_report())
    assert await backend.views.report(OTHER, ReportId("r1")) is None
    assert await backend.views.report(None, ReportId("r1")) is not None
    assert await backend.views.report(TENANT, ReportId("r2")) is None
    assert await backend.views.reports(OTHER) == []


async def test_reports_are_listed_newest_first_open_ones_on_request(backend: Backend) -> None:
    await keep(
        backend,
        a_report("r1", filed_at=later(hours=-2)),
        a_report("r2", filed_at=later(hours=-1), status=Status.CANCELLED),
        a_report("r3"),
        a_report("r4", filed_at=later(hours=-3), status=Status.CLOSED),
    )
    assert [line.id for line in await backend.views.reports(TENANT)] == ["r3", "r2", "r1", "r4"]
    assert [line.id for line in await backend.views.reports(TENANT, open_only=True)] == ["r3", "r1"]
    assert [line.id for line in await backend.views.reports(None, limit=1)] == ["r3"]


async def test_evidence_is_read_oldest_first_per_group(backend: Backend) -> None:
    lines = [an_evidence("granted"), an_evidence("opted_out", person=KEES, text_version="v2")]
    await keep(backend, *lines, an_evidence("granted", "g2"))
    assert await backend.views.evidence(GroupId("g1")) == lines


async def test_figures_count_what_there_is(backend: Backend) -> None:
    await keep(
        backend,
        a_group("g1"),
        a_group("g2", state=GroupState.PAUSED),
        an_incident("i1"),
        an_incident("i2", stage=Stage.HELD),
        a_report("r1"),
        a_report("r2", status=Status.CLOSED),
        effects=(
            an_effect("e1"),
            an_effect("e2", due_at=later(minutes=-2)),
            an_effect("e3", due_at=later(days=1)),
        ),
    )
    (item,) = await backend.work.claim(later(minutes=-1), 1, timedelta(minutes=1))
    await backend.work.park(item.id, NOON, "Gone")
    figures = await backend.views.figures(later(seconds=30))
    assert figures.groups_by_state == {"on": 1, "paused": 1}
    assert figures.incidents_by_stage == {"proposed": 1, "held": 1}
    assert figures.reports_by_status == {"received": 1, "closed": 1}
    assert figures.work_by_action == {"card": 2}
    assert figures.parked == 1
    assert figures.oldest_due_seconds == 30


async def test_nothing_makes_empty_figures(backend: Backend) -> None:
    figures = await backend.views.figures(NOON)
    assert not figures.groups_by_state
    assert (figures.parked, figures.oldest_due_seconds) == (0, 0)

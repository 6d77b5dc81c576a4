"""Messages that residents let BART keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.model.example import Example
from bot.model.ids import ConsentId, GroupId, IncidentId
from bot.model.reading import Intent
from tests.support.records import JAN, NOON, TENANT, later


def an_example(name: str = "i1", group: str = "g1", /, **changes: Any) -> Example:
    """Jan's glass."""
    example = Example(
        id=IncidentId(name),
        tenant_id=TENANT,
        group_id=GroupId(group),
        person=JAN,
        consent_id=ConsentId(f"c-{name}"),
        kept_at=NOON,
        until=later(days=180),
        said_at=NOON,
        text="Glas bij de zvquux, zegt [naam]",
        intent=Intent.REPORT,
        category="zwerfvuil",
        places=("bij de zvquux",),
        photo=True,
    )
    return replace(example, **changes)

"""Examples as labelled messages (docs/labelling.md), for retraining: nothing in them says who, or which group."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from bot.model.example import Example
from bot.model.ids import GroupId, PersonKey, TenantId
from bot.model.reading import Intent, Reading
from bot.model.tenant import Tenant
from bot.ports.interpreter import Interpreter
from bot.process.masking import mask

PLATFORMS = frozenset({"whatsapp", "telegram", "signal", "matrix"})
"""Kinds of channels that the labelled form knows by name."""
OTHER = "other"
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = "bewoner"
"""Every author: what one person said in two messages is not to be put together again."""
WHY = {Intent.REPORT: "zegt de schrijver", Intent.NONE: "geen melding, zegt de schrijver"}

Row = Mapping[str, Any]
Masked = Callable[[str], str]


def rows(
    examples: Sequence[Example],
    tenants: Mapping[TenantId, Tenant],
    kinds: Mapping[GroupId, str],
    masked: Masked = str,
) -> list[Row]:
    """In the order of `Examples.every`. `kinds` says of each group which kind of channel it is on; `masked` takes
    out what an interpreter of today would see and that of then did not."""
    found: list[Row] = []
    for number, (group, theirs) in enumerate(groupby(examples, key=lambda one: one.group_id), 1):
        name = f"r{number:03}"
        tenant = tenants.get(next(one.tenant_id for one in examples if one.group_id == group))
        kind = kinds.get(group, OTHER)
        for count, example in enumerate(theirs, 1):
            found.append(
                {
                    "id": f"{name}-{count:04}",
                    "group": name,
                    "place": tenant.municipality if tenant else "onbekend",
                    "platform": kind if kind in PLATFORMS else OTHER,
                    "at": _at(example, tenant),
                    "author": NOBODY,
                    **_labels(example, masked(example.text)),
                }
            )
    return found


def lines(found: Collection[Row]) -> str:
    """One JSON object a line."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in found)


def masking(interpreter: Interpreter) -> Masked:
    """Masks what this interpreter takes for personal data."""

    def masked(text: str) -> str:
        reading = Reading(text=text, author=PersonKey(""), at=_NEVER)
        (meaning,) = interpreter.interpret([reading])
        return mask(text, meaning.personal)[0]

    return masked


def _labels(example: Example, text: str) -> Row:
    return {
        "text": text,
        "reply_to": None,
        "media": "photo" if example.photo else None,
        "intent": example.intent.value,
        "category": example.category,
        "urgent": False,
        "location": [place for place in example.places if place in text],
        "pii": [],
        "ref": None,
        "why": WHY[example.intent],
    }


def _at(example: Example, tenant: Tenant | None) -> str:
    """The clock on the wall, to the hour."""
    zone = ZoneInfo(tenant.zone) if tenant else UTC
    return f"{example.said_at.astimezone(zone):%Y-%m-%dT%H:%M}"

"""Records as rows and back. Times are UTC text that sorts; whole records are JSON."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from bot.model.effect import Effect, WorkItem
from bot.model.group import Group
from bot.model.ids import Address, IncidentId
from bot.model.incident import Content, Incident
from bot.model.report import Report
from storage.vault import Vault, unseal

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record")


def text_of(at: datetime) -> str:
    """A time as it is stored."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """A stored time."""
    return datetime.fromisoformat(text)


def listed(values: Collection[str] | Collection[int]) -> str:
    """Values for `json_each`."""
    return msgspec.json.encode(list(values)).decode()


def packed(record: object) -> str:
    """A record as JSON."""
    return msgspec.json.encode(record).decode()


def unpacked(kind: type[Record], text: str | bytes) -> Record:
    """A record from JSON."""
    hashable: Any = kind
    decoder: msgspec.json.Decoder[Record] = _decoder(hashable)
    return decoder.decode(text)


@cache
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def flat(record: DataclassInstance) -> dict[str, Any]:
    """A record without nested values, field by column."""
    return {field.name: _cell(getattr(record, field.name)) for field in fields(record)}


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return text_of(value)
    return str(value) if isinstance(value, str) else value


def unflat(kind: type[Record], row: sqlite3.Row) -> Record:
    """A record from the columns of its fields; further columns are passed over."""
    return msgspec.convert(dict(row), kind, strict=False)


def group_row(group: Group) -> dict[str, Any]:
    """Parameters of `save_group`."""
    return {
        "id": group.id,
        "tenant_id": group.tenant_id,
        "account": group.account,
        "room": group.room,
        "name": group.name,
        "state": str(group.state),
        "share_days": group.settings.quiet.share_days,
        "record": packed(group),
    }


def incident_row(incident: Incident) -> dict[str, Any]:
    """Parameters of `save_incident`."""
    return {
        "id": incident.id,
        "tenant_id": incident.tenant_id,
        "group_id": incident.group_id,
        "stage": str(incident.stage),
        "category": incident.category,
        "began_at": text_of(incident.began_at),
        "changed_at": text_of(incident.changed_at),
        "deadline": text_of(incident.deadline) if incident.deadline else None,
        "report_id": incident.report_id,
        "neighbours": len(incident.witnesses | {incident.author}),
        "record": packed(incident),
    }


def report_row(report: Report) -> dict[str, Any]:
    """Parameters of `save_report`."""
    return {
        "id": report.id,
        "tenant_id": report.tenant_id,
        "desk": report.desk,
        "reference": report.reference,
        "category": report.category,
        "status": str(report.status),
        "filed_at": text_of(report.filed_at),
        "changed_at": text_of(report.changed_at),
        "record": packed(report),
    }


def effect_row(effect: Effect) -> dict[str, Any]:
    """Parameters of `add_work`, still without the sealed address."""
    return {
        "action": str(effect.action),
        "idem": effect.idem,
        "key": effect.key,
        "lane": int(effect.lane),
        "due_at": text_of(effect.due_at),
        "not_after": text_of(effect.not_after) if effect.not_after else None,
        "group_id": effect.group_id,
        "incident_id": effect.incident_id,
        "args": packed(effect.args),
        "to_key": None,
        "to_sealed": None,
    }


def work_item(row: sqlite3.Row, vault: Vault) -> WorkItem:
    """A row of the work table, its address opened."""
    values = {**dict(row), "args": msgspec.json.decode(row["args"]), "to": _address(row, vault)}
    effect = msgspec.convert(values, Effect, strict=False)
    return WorkItem(id=row["id"], effect=effect, attempts=row["attempts"], reason=row["reason"])


def _address(row: sqlite3.Row, vault: Vault) -> Address | None:
    key = vault.key(row["to_key"]) if row["to_key"] else None
    plain = unseal(key, row["to_sealed"], row["idem"]) if key else None
    return Address(plain.decode()) if plain is not None else None


def content_bytes(content: Content) -> bytes:
    """What is sealed of an incident."""
    return msgspec.json.encode(content)


def open_content(key: bytes, incident: IncidentId, sealed: bytes) -> Content | None:
    """The content of an incident; None when the key does not fit."""
    plain = unseal(key, sealed, incident)
    return unpacked(Content, plain) if plain is not None else None

"""`Examples` on SQLite and the vault: sealed rows, a key each."""

from __future__ import annotations

import sqlite3
from typing import Any

from bot.model.example import Example, Unlearn
from bot.model.ids import TenantId
from storage.sqlite.connections import Connections, Session
from storage.sqlite.rows import packed, text_of, unpacked
from storage.vault import Vault, unseal


class SqliteExamples:
    """See `bot.ports.examples.Examples`. A row whose key is gone is no example any more."""

    def __init__(self, connections: Connections, vault: Vault) -> None:
        self._connections = connections
        self._vault = vault

    async def every(self, tenant: TenantId | None) -> list[Example]:
        """All that is kept, by group, then time."""
        rows = await self._connections.fetch("list_examples", tenant=tenant)
        opened = [one for one in (_opened(row, self._vault) for row in rows) if one is not None]
        return sorted(opened, key=lambda one: (one.group_id, one.said_at, one.id))


async def save_example(session: Session, vault: Vault, example: Example, key_id: bytes) -> None:
    """Seal it under a fresh key of its own."""
    row: dict[str, Any] = {
        "id": example.id,
        "tenant_id": example.tenant_id,
        "group_id": example.group_id,
        "person": example.person,
        "kept_at": text_of(example.kept_at),
        "until": text_of(example.until),
        "key_id": key_id,
        "content": vault.seal(key_id, packed(example).encode(), _bound(example.id)),
    }
    await session.run("save_example", **row)


async def erase_examples(session: Session, unlearn: Unlearn) -> list[bytes]:
    """Delete them; the keys to destroy once the transaction is on disk."""
    rows = await session.run(
        "erase_examples", group_id=unlearn.group_id, person=unlearn.person, incident_id=unlearn.incident_id
    )
    return [row["key_id"] for row in rows]


def _opened(row: sqlite3.Row, vault: Vault) -> Example | None:
    key = vault.key(row["key_id"])
    plain = unseal(key, row["content"], _bound(row["id"])) if key else None
    return unpacked(Example, plain) if plain is not None else None


def _bound(incident: str) -> str:
    """Never the same as what the incident's own content is bound to."""
    return f"example:{incident}"

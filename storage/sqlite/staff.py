"""`StaffBook` and `Audit` on SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec

from bot.model.ids import TenantId
from bot.model.staff import AuditEntry, StaffAccount, StaffSession
from storage.sqlite.connections import Connections
from storage.sqlite.rows import flat, listed, text_of, unflat


class SqliteStaffBook:
    """See `bot.ports.staff.StaffBook`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def account(self, name: str) -> StaffAccount | None:
        """The account of this name."""
        rows = await self._connections.fetch("read_account", name=name)
        return _account(rows[0]) if rows else None

    async def save_account(self, account: StaffAccount) -> None:
        """Insert or replace by name."""
        async with self._connections.writing() as session:
            await session.run("save_account", **{**flat(account), "roles": listed(sorted(account.roles))})

    async def accounts(self) -> list[StaffAccount]:
        """All accounts, by name."""
        return [_account(row) for row in await self._connections.fetch("read_accounts")]

    async def open_session(self, session: StaffSession) -> None:
        """Remember a session of an account that exists."""
        async with self._connections.writing() as transaction:
            await transaction.run("add_session", **flat(session))

    async def session(self, token: str, now: datetime) -> StaffSession | None:
        """The session under this token hash, unless expired."""
        rows = await self._connections.fetch("read_session", token=token, now=text_of(now))
        return unflat(StaffSession, rows[0]) if rows else None

    async def close_session(self, token: str) -> None:
        """Forget a session; forgotten already is fine."""
        async with self._connections.writing() as session:
            await session.run("close_session", token=token)


class SqliteAudit:
    """See `bot.ports.staff.Audit`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def record(self, entry: AuditEntry) -> None:
        """Add an entry; triggers keep it for ever."""
        async with self._connections.writing() as session:
            await session.run("add_audit", **flat(entry))

    async def about(self, tenant: TenantId, subject: str, limit: int) -> list[AuditEntry]:
        """Of one tenant about one thing, newest first."""
        rows = await self._connections.fetch("read_audit_about", tenant=tenant, subject=subject, most=limit)
        return [unflat(AuditEntry, row) for row in rows]

    async def entries(self, limit: int) -> list[AuditEntry]:
        """Newest first."""
        return [unflat(AuditEntry, row) for row in await self._connections.fetch("read_audit", most=limit)]


def _account(row: sqlite3.Row) -> StaffAccount:
    return msgspec.convert({**dict(row), "roles": msgspec.json.decode(row["roles"])}, StaffAccount, strict=False)

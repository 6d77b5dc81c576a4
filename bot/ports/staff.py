"""Accounts, sessions and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.model.ids import TenantId
from bot.model.staff import AuditEntry, StaffAccount, StaffSession


class StaffBook(Protocol):
    """Accounts and sessions of staff."""

    async def account(self, name: str) -> StaffAccount | None: ...

    async def save_account(self, account: StaffAccount) -> None:
        """Insert or replace by name."""
        ...

    async def accounts(self) -> list[StaffAccount]: ...

    async def open_session(self, session: StaffSession) -> None: ...

    async def session(self, token: str, now: datetime) -> StaffSession | None:
        """The session under this token hash, unless expired."""
        ...

    async def close_session(self, token: str) -> None: ...


class Audit(Protocol):
    """The append-only trail."""

    async def record(self, entry: AuditEntry) -> None: ...

    async def about(self, tenant: TenantId, subject: str, limit: int) -> list[AuditEntry]:
        """Of one tenant about one thing, newest first."""
        ...

    async def entries(self, limit: int) -> list[AuditEntry]:
        """Newest first."""
        ...

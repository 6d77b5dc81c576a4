"""Accounts, sessions and the audit trail in memory."""

from __future__ import annotations

from datetime import datetime

from bot.model.ids import TenantId
from bot.model.staff import AuditEntry, StaffAccount, StaffSession
from bot.ports.fakes.memory import Memory


class FakeStaffBook:
    """`StaffBook` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def account(self, name: str) -> StaffAccount | None:
        """The account of this name."""
        return self.memory.accounts.get(name)

    async def save_account(self, account: StaffAccount) -> None:
        """Insert or replace by name."""
        self.memory.accounts[account.name] = account

    async def accounts(self) -> list[StaffAccount]:
        """All accounts, by name."""
        return [account for _, account in sorted(self.memory.accounts.items())]

    async def open_session(self, session: StaffSession) -> None:
        """Remember a session."""
        self.memory.sessions[session.token] = session

    async def session(self, token: str, now: datetime) -> StaffSession | None:
        """The session, unless expired."""
        found = self.memory.sessions.get(token)
        return found if found and found.expires_at > now else None

    async def close_session(self, token: str) -> None:
        """Forget a session."""
        self.memory.sessions.pop(token, None)


class FakeAudit:
    """`Audit` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def record(self, entry: AuditEntry) -> None:
        """Add an entry."""
        self.memory.audit.append(entry)

    async def about(self, tenant: TenantId, subject: str, limit: int) -> list[AuditEntry]:
        """Newest first."""
        found = [one for one in self.memory.audit if (one.tenant_id, one.subject) == (tenant, subject)]
        return found[::-1][:limit]

    async def entries(self, limit: int) -> list[AuditEntry]:
        """Newest first."""
        return self.memory.audit[::-1][:limit]

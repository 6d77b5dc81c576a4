"""People who work with BART for a tenant: their accounts, sessions and the audit trail of what they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.ids import TenantId


class StaffRole(StrEnum):
    """What an account may do on the pages."""

    DESK = "desk"
    MUNICIPALITY = "municipality"
    POLICE = "police"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccount:
    """`password` is an argon2 hash. `name` is unique over all tenants."""

    name: str
    tenant_id: TenantId
    roles: frozenset[StaffRole]
    password: str
    created_at: datetime
    disabled: bool = False
    failures: int = 0
    """Wrong passwords in a row."""
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """`token` is the SHA-256 of what the cookie holds."""

    token: str
    account: str
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to what; append-only. `actor` is an account name, "cli" or "bart"; never a resident."""

    at: datetime
    tenant_id: TenantId
    actor: str
    act: str
    subject: str = ""

"""Staff accounts: making one, and checking a password without telling who exists."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.model.errors import InputError
from bot.model.ids import TenantId
from bot.model.staff import StaffAccount, StaffRole
from bot.ports.clock import Clock
from bot.ports.staff import StaffBook

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
WRONG_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=15)

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$6qgVbLLpxNBvD+JZnxKpHA$DDZe8qWg1wYaDE8MIttzvEFAqPuiHcN5Yd5+ED1w3RY"
"""A hash nobody has the password of, so that an unknown name costs as much time as a known one."""


def _hasher() -> PasswordHasher:
    """Argon2id at the OWASP minimum (19 MiB, 2 passes): it must fit in a small server's memory."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def make_account(
    name: str, tenant: TenantId, roles: Collection[StaffRole], password: str, now: datetime
) -> StaffAccount:
    """A new account with its password hashed; raises `InputError` naming `name`, `roles` or `password`."""
    if not _NAME.fullmatch(name):
        raise InputError("name", "use 2 to 60 of a-z, 0-9, dot, dash, underscore or @")
    if not roles:
        raise InputError("roles", "give at least one role")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError("password", f"use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return StaffAccount(
        name=name,
        tenant_id=tenant,
        roles=frozenset(roles),
        password=_hasher().hash(password),
        created_at=now,
    )


def right_password(hashed: str, password: str) -> bool:
    """Does the password belong to this hash? Takes some 20 ms of CPU."""
    try:
        return _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one login went. `account` is there when the name is known; `locked` when this attempt locked it."""

    account: StaffAccount | None
    welcome: bool
    locked: bool = False


class Doorkeeper:
    """Checks logins one at a time, so that parallel guesses are all counted, and memory stays bounded."""

    def __init__(self, staff: StaffBook, clock: Clock) -> None:
        self._staff = staff
        self._clock = clock
        self._turn = asyncio.Lock()

    async def attempt(self, name: str, password: str) -> Attempt:
        """Five wrong passwords in a row lock the account for 15 minutes, also for the right one."""
        async with self._turn:
            account = await self._staff.account(name)
            hashed = account.password if account else _NOBODY
            right = await asyncio.to_thread(right_password, hashed, password[:LONGEST_PASSWORD])
            now = self._clock.moment().now
            if account is None or account.disabled or _is_locked(account, now):
                return Attempt(account=account, welcome=False)
            return await self._count(account, right, now)

    async def _count(self, account: StaffAccount, right: bool, now: datetime) -> Attempt:
        if right:
            if account.failures or account.locked_until:
                await self._staff.save_account(replace(account, failures=0, locked_until=None))
            return Attempt(account=account, welcome=True)
        failures = account.failures + 1
        lock = failures >= WRONG_BEFORE_LOCK
        await self._staff.save_account(
            replace(
                account,
                failures=0 if lock else failures,
                locked_until=now + LOCKED_FOR if lock else None,
            )
        )
        return Attempt(account=account, welcome=False, locked=lock)


def _is_locked(account: StaffAccount, now: datetime) -> bool:
    return account.locked_until is not None and now < account.locked_until

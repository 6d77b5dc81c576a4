"""The staff side of a desk that BART brings along, for municipalities without a system."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from bot.model.desk import Case, CaseDeed
from bot.model.ids import TenantId


@runtime_checkable
class Office(Protocol):
    """Cases of one tenant each; nothing crosses."""

    async def cases(self, tenant: TenantId) -> list[Case]:
        """All that are not past retention, newest first, without threads."""
        ...

    async def case(self, tenant: TenantId, reference: str) -> Case:
        """With its thread, oldest first; raises `UnknownReport`."""
        ...

    async def act(self, tenant: TenantId, reference: str, deed: CaseDeed) -> Case:
        """Raises `UnknownReport`, `InputError` (a missing text, date or party), `IllegalMove`."""
        ...

    async def photo(self, tenant: TenantId, reference: str, photo: str) -> bytes:
        """JPEG; raises `UnknownReport`."""
        ...

    def watch(self, tenant: TenantId) -> AsyncIterator[str]:
        """References of cases as they change."""
        ...


@runtime_checkable
class SharesWork(Protocol):
    """An office where several people work on the same cases."""

    async def assign(self, tenant: TenantId, reference: str, to: str, by: str) -> Case:
        """Give a case to a colleague, by account name; "" takes it from whoever has it. Raises `UnknownReport`."""
        ...

    async def merge(self, tenant: TenantId, reference: str, into: str, by: str) -> Case:
        """Let an open case go on as another open one; returns that one, which counts the neighbours of both. What
        residents add to the first from then on goes there. Raises `UnknownReport`, `InputError` naming `into`,
        `IllegalMove` for a case that is closed.
        """
        ...

"""What residents allowed BART to learn from, for retraining."""

from __future__ import annotations

from typing import Protocol

from bot.model.example import Example
from bot.model.ids import TenantId


class Examples(Protocol):
    """Written by `Store.commit`; read only to be exported."""

    async def every(self, tenant: TenantId | None) -> list[Example]:
        """All that is kept, by group, then time; `tenant` None means of all. Errors: `StoreUnavailable`."""
        ...

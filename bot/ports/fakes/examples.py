"""Examples in memory."""

from __future__ import annotations

from bot.model.example import Example
from bot.model.ids import TenantId
from bot.ports.fakes.memory import Memory


class FakeExamples:
    """`Examples` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def every(self, tenant: TenantId | None) -> list[Example]:
        """All that is kept."""
        found = [one for one in self.memory.examples.values() if tenant in (None, one.tenant_id)]
        return sorted(found, key=lambda one: (one.group_id, one.said_at, one.id))

"""A neighbourhood whose desk is a real adapter."""

from __future__ import annotations

from bot.model.desk import Addition, Changes, Filed, Filing, Similar
from bot.model.place import Point
from bot.ports.desk import Desk
from bot.ports.fakes.desk import FakeDesk


class RelayDesk(FakeDesk):
    """Hands every call on to `to`; its capabilities are given before `to` is there."""

    to: Desk

    async def file(self, filing: Filing) -> Filed:
        return await self.to.file(filing)

    async def find(self, own: str) -> Filed | None:
        return await self.to.find(own)

    async def add(self, reference: str, addition: Addition) -> None:
        await self.to.add(reference, addition)

    async def similar(self, category: str, near: Point, radius_m: float) -> tuple[Similar, ...]:
        return await self.to.similar(category, near, radius_m)

    async def changes(self, cursor: str | None) -> Changes:
        return await self.to.changes(cursor)

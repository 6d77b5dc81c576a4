"""Where groups, incidents, reports and consents rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from bot.model.ids import AccountName, GroupId, Room
from bot.model.snapshot import Commit, Snapshot


class Store(Protocol):
    """Snapshots in, one transaction out. Ordinary messages never come here.

    Errors: `Conflict`, `StoreUnavailable`.
    """

    async def groups(self, account: AccountName, rooms: Collection[Room]) -> Mapping[Room, GroupId]:
        """The groups of these rooms, as far as known."""
        ...

    async def load(self, ids: Collection[GroupId]) -> Mapping[GroupId, Snapshot]:
        """What is known now, as far as the groups exist."""
        ...

    async def commit(self, commit: Commit) -> None:
        """All or nothing. `Conflict` when a group's version is not the expected one. Effects whose `idem` is
        known are left out. Returns when the data is on disk.
        """
        ...

    async def cursor(self, kind: str, name: str) -> str | None:
        """The committed cursor; `kind` is "channel" or "desk"."""
        ...

    async def handled(self, account: AccountName, events: Collection[str]) -> frozenset[str]:
        """Which of these event ids were committed as deliveries in the last 48 hours."""
        ...

    async def concerned(self, desk: str, references: Collection[str]) -> Mapping[str, tuple[GroupId, ...]]:
        """The groups that have an incident on each of these desk references."""
        ...

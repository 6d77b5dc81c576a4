"""Named points at which the process under test dies, wrapped around the ports it runs on.

Before and after each of these the process can be killed as the machine would do it (SIGKILL). Which one is said
by `BART_KILL_AT`, as `name` or `name:3` for the third time it is reached.

commit.intake.before, commit.intake.after   a batch with its cursor goes into the database
commit.effect.before, commit.effect.after   the outcome of an effect, with the end of its row
commit.other.before, commit.other.after     any other commit
ack.before, ack.after                       the network is told that a batch is on disk
claim.before, claim.after                   work is leased
send.before, send.after                     a new post reaches the network
edit.before, edit.after                     a post is changed there
delete.before, delete.after                 a post is taken away there
whisper.before, whisper.after               one person hears something
toast.before, toast.after                   a press is answered
file.before, file.after                     a report reaches the desk
add.before, add.after                       a contribution reaches the desk
changes.before, changes.after               the desk is asked what changed
vault.make.before, vault.make.after         a key is written that will seal a case
vault.destroy.before, vault.destroy.after   a key is overwritten: the erasure
"""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.model.effect import Effect, WorkItem
from bot.model.ids import AccountName, GroupId, Room, WorkId
from bot.model.snapshot import Commit, Snapshot
from bot.ports.store import Store
from bot.ports.work import Work
from storage.vault import Vault

KILL_AT = "BART_KILL_AT"
THINGS = (
    "commit.intake",
    "commit.effect",
    "commit.other",
    "ack",
    "claim",
    "send",
    "edit",
    "delete",
    "whisper",
    "toast",
    "file",
    "add",
    "changes",
    "vault.make",
    "vault.destroy",
)
POINTS = tuple(f"{thing}.{side}" for thing in THINGS for side in ("before", "after"))


class Fuse:
    """Ends the process when its point is reached for the nth time; "" never does."""

    def __init__(self, point: str = "") -> None:
        name, _, nth = point.partition(":")
        if name and name not in POINTS:
            raise ValueError(f"{KILL_AT}: there is no point {name}")
        self._name = name
        self._left = int(nth or 1)

    def reached(self, name: str) -> None:
        """Die here, if here it is."""
        if name == self._name:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def around(self, thing: str) -> Iterator[None]:
        """The points before and after something."""
        self.reached(f"{thing}.before")
        yield
        self.reached(f"{thing}.after")


class FusedStore:
    """A `Store` with points around its commits."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    async def groups(self, account: AccountName, rooms: Collection[Room]) -> Mapping[Room, GroupId]:
        return await self._store.groups(account, rooms)

    async def load(self, ids: Collection[GroupId]) -> Mapping[GroupId, Snapshot]:
        return await self._store.load(ids)

    async def commit(self, commit: Commit) -> None:
        thing = "commit.intake" if commit.cursor else "commit.effect" if commit.finished else "commit.other"
        with self._fuse.around(thing):
            await self._store.commit(commit)

    async def cursor(self, kind: str, name: str) -> str | None:
        return await self._store.cursor(kind, name)

    async def handled(self, account: AccountName, events: Collection[str]) -> frozenset[str]:
        return await self._store.handled(account, events)

    async def concerned(self, desk: str, references: Collection[str]) -> Mapping[str, tuple[GroupId, ...]]:
        return await self._store.concerned(desk, references)


class FusedWork:
    """A `Work` with points around claiming."""

    def __init__(self, work: Work, fuse: Fuse) -> None:
        self._work = work
        self._fuse = fuse

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> list[WorkItem]:
        with self._fuse.around("claim"):
            return await self._work.claim(now, limit, lease)

    async def next_due(self, now: datetime) -> datetime | None:
        return await self._work.next_due(now)

    async def retry(self, item: WorkId, at: datetime, reason: str) -> None:
        await self._work.retry(item, at, reason)

    async def park(self, item: WorkId, now: datetime, reason: str) -> None:
        await self._work.park(item, now, reason)

    async def enqueue(self, effects: Sequence[Effect]) -> None:
        await self._work.enqueue(effects)


class FusedVault(Vault):
    """An opened vault with points around making and destroying keys. Whoever opened it closes it."""

    def __init__(self, vault: Vault, fuse: Fuse) -> None:
        super().__init__(vault._file, vault._secret)
        self._fuse = fuse

    def make(self, count: int) -> list[bytes]:
        with self._fuse.around("vault.make"):
            return super().make(count)

    def destroy(self, key_ids: Collection[bytes]) -> int:
        if not key_ids:
            return 0
        with self._fuse.around("vault.destroy"):
            return super().destroy(key_ids)

"""Who holds which work row. No lease depends on the wall clock, so a jumped clock never ends a live one.

A lease of this process runs out by the monotonic clock. A lease of another process stands as long as that
process lives, which is known from the lock on its owner file: a dead process's leases are free at once, and
a living one gives its own back.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.model.errors import StoreUnavailable
from bot.model.ids import WorkId


class Leases:
    """Leases of this process (`owner`) and what can be told of others."""

    def __init__(self, path: Path, owner: str, ticks: Callable[[], float]) -> None:
        self.owner = owner
        self._path = path
        self._ticks = ticks
        self._until: dict[WorkId, float] = {}

    def hold(self, items: Iterable[WorkId], seconds: float) -> None:
        """These are ours for so long."""
        until = self._ticks() + seconds
        self._until.update(dict.fromkeys(items, until))

    def forget(self, items: Iterable[WorkId]) -> None:
        """These are finished, given back or parked."""
        for item in items:
            self._until.pop(item, None)

    def remaining(self, item: WorkId, owner: str) -> float | None:
        """Seconds this lease still stands, 0 when it ran out, None when another living process has it."""
        if owner != self.owner:
            return None if is_alive(owner_file(self._path, owner)) else 0.0
        return max(0.0, self._until.get(item, 0.0) - self._ticks())


@contextmanager
def leases(path: Path, ticks: Callable[[], float]) -> Iterator[Leases]:
    """Leases for a database at `path`, under a fresh owner."""
    owner = secrets.token_hex(8)
    try:
        for old in path.parent.glob(f"{path.name}-owner-*"):
            is_alive(old)
        file = _lock(owner_file(path, owner))
    except OSError as error:
        raise StoreUnavailable(f"the owner file: {error.strerror}") from error
    try:
        yield Leases(path, owner, ticks)
    finally:
        owner_file(path, owner).unlink(missing_ok=True)
        os.close(file)


def owner_file(path: Path, owner: str) -> Path:
    """Where an owner keeps its lock."""
    return path.with_name(f"{path.name}-owner-{owner}")


def is_alive(file: Path) -> bool:
    """Does a living process hold this lock? A file nobody holds is taken away."""
    try:
        handle = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        file.unlink(missing_ok=True)
        return False
    finally:
        os.close(handle)


def _lock(file: Path) -> int:
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        # Somebody tidying up may have taken it away between making and locking it.
        if file.exists() and file.stat().st_ino == os.fstat(handle).st_ino:
            return handle
        os.close(handle)

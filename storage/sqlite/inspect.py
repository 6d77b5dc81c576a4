"""Looking at a database that may be in use, without changing anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage.sqlite.connections import unavailable
from storage.sqlite.migrate import migrations


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """`found` is None where there is no database yet; `known` is the newest this program can use."""

    found: int | None
    known: int


def inspect(path: Path) -> Versions:
    """The versions; raises `StoreUnavailable` for what is no database or cannot be read."""
    known = max(migrations())
    if not path.is_file():
        return Versions(found=None, known=known)
    # Where nothing waits in a log the main file is whole, and SQLite need not make files beside it to read it.
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if log.is_file() and log.stat().st_size else "mode=ro&immutable=1"
    with unavailable(), closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
    return Versions(found=found, known=known)

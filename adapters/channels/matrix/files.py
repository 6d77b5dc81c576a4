"""Small files of the adapter's own that only BART may read: replaced as a whole, or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from bot.model.errors import StartError, StartTrouble


def load(path: Path) -> dict[str, Any]:
    """What was saved; empty when nothing was. A file that cannot be read stops the start: nothing is guessed."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StartError(StartTrouble.FOR_GOOD, f"{path}: cannot be read ({type(error).__name__})") from error
    if not isinstance(found, dict):
        raise StartError(StartTrouble.FOR_GOOD, f"{path}: holds something else than BART wrote")
    return found


def save(path: Path, record: dict[str, Any]) -> None:
    """On disk when it returns, for the owner's eyes only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

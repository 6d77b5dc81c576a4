"""`bart learn`: what residents allowed BART to keep and learn from."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import ending
from bot.cli.asking import Args, Commands, command
from bot.cli.asking import group as commands_of
from bot.cli.opening import stored, tenant
from bot.model.errors import InputError

if TYPE_CHECKING:
    from bot.app import Storage

STDOUT = "-"


def add_to(commands: Commands) -> None:
    """The commands."""
    inner = commands_of(commands, "learn", "write out what residents allowed BART to learn from")
    parser = command(inner, "export", "write labelled messages as JSONL, masked, for retraining", stored(export))
    parser.add_argument("file", metavar="FILE", help="- is stdout")
    parser.add_argument("--tenant", metavar="T", help="only of this tenant")


async def export(storage: Storage, args: Args) -> int:
    """All or nothing; says on stderr how many, so that stdout holds nothing but the messages."""
    from bot.app import labelled
    from bot.labelled import lines

    only = tenant(storage.config, args.tenant) if args.tenant else None
    rows = await labelled(storage, only)
    if not rows:
        sys.stderr.write("nothing to export: no resident has allowed it\n")
        return ending.DONE
    if args.file == STDOUT:
        sys.stdout.write(lines(rows))
        sys.stdout.flush()
    else:
        _write(Path(args.file), lines(rows))
    groups = len({row["group"] for row in rows})
    sys.stderr.write(f"{len(rows)} messages from {groups} groups\n")
    return ending.DONE


def _write(path: Path, text: str) -> None:
    """The whole file or none of it, for its owner alone."""
    if path.is_dir():
        raise InputError(str(path), "is a folder")
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink()
        raise

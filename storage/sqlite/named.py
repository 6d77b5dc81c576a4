"""Named SQL: every statement is a `-- name: …` block in one of the files in `queries/`."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def sql(name: str) -> str:
    """The statement under this name; `KeyError` when there is none."""
    return statements()[name]


@cache
def statements() -> dict[str, str]:
    """All statements by name."""
    found: dict[str, str] = {}
    for file in resources.files("storage.sqlite").joinpath("queries").iterdir():
        parts = NAME.split(file.read_text("utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"{file.name}: {name} is there twice")
            found[name] = text.strip().rstrip(";")
    return found

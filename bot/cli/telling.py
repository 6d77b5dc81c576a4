"""What commands say: plain lines, and tables with aligned columns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

GAP = "  "


def say(*lines: str) -> None:
    """Lines on stdout."""
    for line in lines:
        sys.stdout.write(f"{clean(line)}\n")
    sys.stdout.flush()


def table(head: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """Rows under their heads, columns aligned; the line `empty` where there are none."""
    if not rows:
        return say(empty)
    cells = [[clean(str(cell)) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        say(GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return None


def clean(text: str) -> str:
    """Names come from outside: nothing in them may steer a terminal or break a line."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def time(at: datetime) -> str:
    """A moment, UTC, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%MZ}"

"""Every log call in the code says a fixed action with fields that may be logged."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.logs import FIELDS
from tests.support import sources

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
ACTION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
STRUCTURED = {"exc_info", "stack_info"}


def log_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls like `log.info(...)` and `self._log.info(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = ast.unparse(node.func.value).rpartition(".")[2].lstrip("_")
            if owner in {"log", "logger"}:
                yield node


def faults(call: ast.Call) -> Iterator[str]:
    first = call.args[0] if call.args else None
    if not (isinstance(first, ast.Constant) and ACTION.fullmatch(str(first.value))):
        yield f"line {call.lineno}: the action is not a fixed name with a dot"
    if len(call.args) > 1:
        yield f"line {call.lineno}: arguments without a name"
    for field in call.keywords:
        if field.arg is not None and field.arg not in FIELDS | STRUCTURED:
            yield f"line {call.lineno}: {field.arg} is not on the list of bot/logs.py and would be redacted"


@pytest.mark.parametrize("path", sources.product(), ids=str)
def test_every_log_call_would_come_out_whole(path: Path) -> None:
    assert [fault for call in log_calls(sources.tree(path)) for fault in faults(call)] == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('log.info("intake.batch", events=3)', 0),
        ('log.exception("desk.failed", exc_info=error, **counts)', 0),
        ('self._log.info("a.b", text="glas")', 1),
        ('log.info("Somebody said something")', 1),
        ('log.info(f"a.{b}", "glas")', 2),
        ("log.info()", 1),
        ('cache.info("Whatever")', 0),
    ],
)
def test_a_wrong_call_would_be_seen(code: str, count: int) -> None:
    assert len([fault for call in log_calls(ast.parse(code)) for fault in faults(call)]) == count

"""Sizes and habits that keep a newcomer able to find the place of a change in a minute (DESIGN, budgets)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import sources

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
CODE = (".py", ".sql", ".js", ".css", ".html")
UNDONE = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b(?!.*#\d+)")
SQL = re.compile(
    r"\b(?:select\s.+\sfrom\s|insert\s+(?:or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s"
    r"|(?:create|alter|drop)\s+(?:unique\s+)?(?:table|index|trigger|view)\s)",
    re.IGNORECASE | re.DOTALL,
)
STATEMENT = re.compile(r"\s*(?:select|insert|update|delete|create|alter|drop|with)\b", re.IGNORECASE)


def long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name} ({lines} lines)"


def sql_strings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_sql(node.value):
            yield node.lineno


def is_sql(text: str) -> bool:
    return bool(STATEMENT.match(text) and SQL.search(text))


def comment_share(paths: tuple[Path, ...]) -> float:
    lines = [line.strip() for path in paths for line in sources.text(path).splitlines()]
    return sum(line.startswith("#") for line in lines) / len(lines)


def length(paths: tuple[Path, ...]) -> int:
    return sum(len(sources.text(path).splitlines()) for path in paths)


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sources.files(*CODE), ids=str)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(sources.text(path).splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", sources.files(".py"), ids=str)
def test_no_function_is_too_long(path: Path) -> None:
    assert list(long_functions(sources.tree(path))) == []


@pytest.mark.parametrize("path", sources.product(), ids=str)
def test_sql_is_in_sql_files(path: Path) -> None:
    assert list(sql_strings(sources.tree(path))) == []


@pytest.mark.parametrize("path", sources.files(*CODE, ".md", ".toml", "Makefile", "run"), ids=str)
def test_nothing_is_left_undone_without_an_issue(path: Path) -> None:
    assert [line for line in sources.text(path).splitlines() if UNDONE.search(line)] == []


@pytest.mark.parametrize("path", sources.tests(), ids=str)
def test_tests_use_fakes_and_no_mocks(path: Path) -> None:
    banned = {"unittest.mock", "mock", "pytest_mock"}
    assert banned.isdisjoint(imports(sources.tree(path)))


def test_comments_say_why_and_are_few() -> None:
    assert comment_share(sources.product()) <= 0.04


def test_there_is_a_line_of_test_for_each_line_of_source() -> None:
    assert length(sources.tests()) >= length(sources.product())


@pytest.mark.parametrize("path", sources.product(), ids=str)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(sources.tree(path)) or not sources.text(path).strip()


# the checks above see what they should


def test_a_long_function_would_be_seen() -> None:
    body = "\n".join("    x = 1" for _ in range(LONGEST_FUNCTION))
    assert list(long_functions(ast.parse(f"def f():\n{body}\n"))) == ["f (41 lines)"]
    assert list(long_functions(ast.parse(f"async def f():\n{body[10:]}\n"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM groups",
        "\n  insert or replace into x values (1)",
        "update x set a = 1",
        "DELETE FROM x",
        "CREATE UNIQUE INDEX i on x(a)",
        "with a as (select 1 from b ) select * from a",
    ],
)
def test_sql_would_be_seen(text: str) -> None:
    assert list(sql_strings(ast.parse(f"x = {text!r}"))) == [1]


@pytest.mark.parametrize(
    "text", ["Select a desk", "PRAGMA journal_mode=WAL", "update of a card", "BEGIN IMMEDIATE"]
)
def test_plain_words_are_no_sql(text: str) -> None:
    assert list(sql_strings(ast.parse(f"x = {text!r}"))) == []


def test_an_unfinished_thing_would_be_seen_unless_an_issue_has_it() -> None:
    word = "TO" + "DO"
    assert UNDONE.search(f"# {word}: later")
    assert not UNDONE.search(f"# {word} (#12): later")
    assert not UNDONE.search("# to do this right")

"""The project's own files, for tests of how it is built."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

PACKAGES = ("bot", "adapters", "nlp", "storage")
ROOT = Path(__file__).parents[2]


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Tracked and new files with these suffixes, without what git ignores; paths from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return tuple(sorted(Path(one) for one in listed if one.endswith(suffixes) and (ROOT / one).is_file()))


def product() -> tuple[Path, ...]:
    """Python that ships."""
    return tuple(path for path in files(".py") if path.parts[0] in PACKAGES)


def tests() -> tuple[Path, ...]:
    """Python of the tests."""
    return tuple(path for path in files(".py") if path.parts[0] == "tests")


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))

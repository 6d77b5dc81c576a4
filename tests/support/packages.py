"""A package as pip would install it, without pip: on the path, with its entry points known."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.support.shell import CLEAN, Ended


def install(folder: Path) -> None:
    """Write what pip would note about the package in this folder."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    noted = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    noted.mkdir()
    told = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (noted / "METADATA").write_text(told, "utf-8")
    lines = [
        line
        for group, points in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
    ]
    (noted / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")


def with_package(folder: Path, *words: str, pytest: bool = False) -> Ended:
    """`bart`, or pytest, in a process that has this package installed."""
    program = ["pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"] if pytest else ["bot"]
    path = os.pathsep.join((str(folder), str(Path.cwd())))
    done = subprocess.run(
        [sys.executable, "-m", *program, *words],
        env=CLEAN | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

"""The first command of a newcomer: it works, or one line says what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VENV_MISSING = "Python cannot make a virtual environment here: apt install python3-venv"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(name, tmp_path)
    return tmp_path


def make(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *words], cwd=clone, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def python(clone: Path, refuses: str) -> str:
    """A Python that is like ours, but fails where its code has this in it."""
    script = clone / "python"
    script.write_text(f'#!/bin/sh\ncase "$2" in *"{refuses}"*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    script.chmod(0o755)
    return f"PYTHON={script}"


def test_a_python_without_venv_is_told_in_one_line(clone: Path) -> None:
    done = make(clone, "install", python(clone, refuses="import venv"))
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == VENV_MISSING
    assert not (clone / ".venv").exists()


def test_an_old_python_is_told_in_one_line(clone: Path) -> None:
    done = make(clone, "install", python(clone, refuses="version_info"))
    assert done.returncode != 0
    assert done.stderr.startswith("BART needs Python 3.11 or newer")


def test_no_python_at_all_is_told_in_one_line(clone: Path) -> None:
    assert make(clone, "install", "PYTHON=/nowhere/python3").stderr.startswith("BART needs Python 3.11 or newer")


def test_an_install_is_done_again_only_when_the_project_changed(clone: Path) -> None:
    stamp = clone / ".venv/.installed"
    stamp.parent.mkdir()
    stamp.touch()
    os.utime(clone / "pyproject.toml", (1, 1))
    assert "pip" not in make(clone, "-n", "install").stdout
    os.utime(stamp, (0, 0))
    assert "pip install" in make(clone, "-n", "install").stdout


@pytest.mark.parametrize("habit", ["run", "test", "longer", "check", "bench", "soak", "screenshots"])
def test_every_habit_installs_first_when_needed(clone: Path, habit: str) -> None:
    assert "pip install" in make(clone, "-n", habit).stdout


def test_what_make_run_gets_goes_to_bart(clone: Path) -> None:
    assert ".venv/bin/bart run --port 9000" in make(clone, "-n", "run", "ARGS=--port 9000").stdout


def test_make_without_a_word_lists_the_habits(clone: Path) -> None:
    listed = {line.split()[0] for line in make(clone).stdout.splitlines()}
    assert listed >= {"install", "run", "test", "longer", "check", "bench", "soak", "screenshots", "clean"}


def test_ci_calls_what_everybody_calls() -> None:
    script = Path(".ci/run")
    lines = script.read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("make")] == [
        "make install",
        "make synapse",
        "make training",
        "make check",
        "make test",
        "make longer",
        "make soak",
    ]
    assert "set -euo pipefail" in lines
    assert os.access(script, os.X_OK)


def test_the_homeserver_is_installed_once_and_beside_bart(clone: Path) -> None:
    first = make(clone, "-n", "synapse").stdout
    assert "venv --clear .venv-synapse" in first
    assert ".venv-synapse/bin/python -m pip install" in first
    assert ".venv/" not in first
    stamp = clone / ".venv-synapse/.installed"
    stamp.parent.mkdir()
    stamp.touch()
    assert "pip" not in make(clone, "-n", "synapse").stdout

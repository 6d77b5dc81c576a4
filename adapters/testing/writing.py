"""Writes a working adapter under a name of its own: a package with its tests, ready to be changed."""

from __future__ import annotations

import re
import tempfile
from importlib import resources
from pathlib import Path

from adapters.testing.ladder import Kind
from bot.model.errors import InputError
from bot.ports.version import PORT_VERSION

NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
FIXTURES = {Kind.CHANNEL: "bart_rig", Kind.DESK: "bart_desk_rig", Kind.GEOCODER: "bart_geocoder_rig"}

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "bart-{dashed}"
version = "0.1.0"
description = "A {kind} for BART: {name}."
requires-python = ">=3.11"
dependencies = ["bart-buurt"]

[project.optional-dependencies]
test = ["pytest>=9"]

[project.entry-points."bart.{kind}s"]
{name} = "bart_{name}:{kind}"

[project.entry-points."bart.rigs"]
{name} = "bart_{name}.rig:Rig"

[tool.setuptools]
packages = ["bart_{name}"]
"""
README = """\
# bart-{dashed}

A {kind} for BART, written for ports {version}.

    pip install -e '.[test]'       # into the environment that BART is in
    pytest                         # the checks that every {kind} must pass
    bart adapter check {name}      # the same, with the rungs it reaches

In BART's settings:

    [{kind}s.my_{name}]
    kind = "{name}"
"""
TEST = '''\
"""This {kind} passes the checks that every {kind} must pass: each becomes a test of this file."""

import pytest

from bart_{name}.rig import Rig


@pytest.fixture
def {fixture}():
    return Rig()
'''


def write(kind: Kind, name: str, into: Path) -> Path:
    """Returns the new folder. All of it is there or, with an `InputError`, nothing."""
    if not NAME.fullmatch(name):
        raise InputError("NAME", f'"{name}" must be 2 to 31 of a-z, 0-9 and _, beginning with a letter')
    folder = into / f"bart-{name.replace('_', '-')}"
    if folder.exists():
        raise InputError(str(folder), "is there already")
    if not into.is_dir():
        raise InputError(str(into), "is no folder")
    try:
        with tempfile.TemporaryDirectory(dir=into, prefix=".bart-") as there:
            made = Path(there) / "made"
            for path, text in files(kind, name).items():
                (made / path).parent.mkdir(parents=True, exist_ok=True)
                (made / path).write_text(text, "utf-8")
            made.rename(folder)
    except OSError as error:
        raise InputError(str(folder), f"cannot be written: {error.strerror}") from None
    return folder


def files(kind: Kind, name: str) -> dict[str, str]:
    """What is written where, below the new folder."""
    told = {
        "name": name,
        "dashed": name.replace("_", "-"),
        "kind": kind.value,
        "fixture": FIXTURES[kind],
        "version": f"{PORT_VERSION[0]}.{PORT_VERSION[1]}",
    }
    written = {
        "pyproject.toml": PYPROJECT.format(**told),
        "README.md": README.format(**told),
        "tests/test_contract.py": TEST.format(**told),
    }
    for source in resources.files(f"adapters.testing.skeletons.{kind}").iterdir():
        if source.name.endswith(".py"):
            written[f"bart_{name}/{source.name}"] = _renamed(source.read_text("utf-8"), name)
    return written


def _renamed(text: str, name: str) -> str:
    camel = "".join(part.title() for part in name.split("_"))
    return text.replace("Example", camel).replace("example", name)

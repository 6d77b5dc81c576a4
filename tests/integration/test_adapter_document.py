"""The document for authors of adapters builds a channel that works, from nothing but what stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.testing.ladder import LADDER, Kind, Rung, checks
from adapters.testing.writing import files
from bot.ports import channel
from bot.ports import checks as checking
from bot.ports.version import PORT_VERSION, misfit
from tests.support.packages import install, with_package

DOCUMENT = Path("docs/writing-an-adapter.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", DOCUMENT, re.S)


def documented() -> dict[str, str]:
    """The files that a reader has written down at the end."""
    built = {}
    for kind, text in BLOCKS:
        if kind == "python":
            head, _, body = text.partition("\n")
            built[head.removeprefix("# ")] = body
        elif kind == "toml" and "[project]" in text:
            built["pyproject.toml"] = text
    return built


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for path, text in documented().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    install(tmp_path)
    return tmp_path


def test_what_it_builds_passes_every_check(package: Path) -> None:
    done = with_package(package, pytest=True)
    assert done.code == 0, done.out
    assert f"{len(checks(Kind.CHANNEL))} passed" in done.out


def test_what_it_builds_reaches_the_rung_it_says(package: Path) -> None:
    done = with_package(package, "adapter", "check", "sprong")
    assert (done.code, done.err) == (0, "")
    (shown,) = [text for kind, text in BLOCKS if kind == "text"]
    first, second, last = (" ".join(line.split()) for line in shown.splitlines()[1:] if line != "...")
    assert [done.lines[0], done.lines[1], done.lines[-1]] == [first, second, last]


def test_it_is_what_the_command_writes() -> None:
    written = files(Kind.CHANNEL, "sprong")
    built = documented()
    assert {path: text.rstrip() for path, text in written.items() if path in built} == {
        path: text.rstrip() for path, text in built.items()
    }
    assert set(written) - set(built) == {"README.md"}


def test_its_commands_are_those_there_are() -> None:
    (steps,) = [text for kind, text in BLOCKS if kind == "bash"]
    assert re.findall(r"^bart (.*)$", steps, re.M) == ["adapter new sprong", "adapter check sprong"]


def test_it_names_every_optional_protocol_of_channels() -> None:
    optional = {
        name
        for module in (channel, checking)
        for name, one in vars(module).items()
        if getattr(one, "_is_runtime_protocol", False) and one.__module__ == module.__name__
    }
    named = set(re.findall(r"`(\w+)` \(", DOCUMENT))
    assert optional <= named


def test_its_table_of_rungs_has_every_rung() -> None:
    assert set(re.findall(r"^\| (\w+) \|", DOCUMENT, re.M)) >= {rung.value for rung in Rung}
    assert set(LADDER) == set(Kind)


@pytest.mark.parametrize(
    ("written_for", "told"),
    [
        (f"{PORT_VERSION[0]}.{PORT_VERSION[1] + 1}", "upgrade BART"),
        (f"{PORT_VERSION[0] - 1}.1", "a newer release of it is needed"),
        ("1.0", ""),
    ],
)
def test_what_it_says_of_versions_is_so(written_for: str, told: str) -> None:
    assert misfit(written_for).endswith(told)
    assert told in DOCUMENT

"""The rooms of the house: what stands where, which way imports go, and that no test is forgotten."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support import sources

PROJECT: dict[str, Any] = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
WITHOUT_TESTS = {"support", "fakes", "bench"}
"""Helpers, stand-ins for servers of others, and measurements."""
KINDS = {"channels", "desks", "geocoders", "alerts"}
ADAPTERS = sorted(
    {
        ".".join(path.parts[:3])
        for path in sources.product()
        if path.parts[0] == "adapters" and path.parts[1] in KINDS and len(path.parts) > 3
    }
)
PORTS = [
    path.stem
    for path in sources.product()
    if path.parent == Path("bot/ports") and re.search(r"^class \w+\(Protocol\)", sources.text(path), re.M)
]


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([tool, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_go_one_way() -> None:
    done = linted(Path.cwd())
    assert done.returncode == 0, done.stdout


def test_an_import_the_wrong_way_would_be_seen(tmp_path: Path) -> None:
    for name in ("bot", "adapters", "nlp", "storage"):
        for path in sources.product():
            if path.parts[0] == name:
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(sources.text(path), "utf-8")
    (tmp_path / "pyproject.toml").write_text(Path("pyproject.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "bot/model/wrong.py").write_text("import adapters\n")
    done = linted(tmp_path)
    assert done.returncode == 1
    assert "bot.model.wrong -> adapters" in done.stdout


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_adapter_is_kept_apart_from_the_others(adapter: str) -> None:
    (apart,) = [contract for contract in CONTRACTS if contract["type"] == "independence"]
    assert adapter in apart["modules"]


@pytest.mark.parametrize("port", PORTS)
def test_every_port_ships_its_fake(port: str) -> None:
    assert Path(f"bot/ports/fakes/{port}.py").is_file()


@pytest.mark.parametrize("port", PORTS)
def test_every_port_has_a_contract_that_its_fake_keeps_too(port: str) -> None:
    contract = Path(f"tests/contract/test_{port}.py")
    assert contract.is_file()
    helpers = [
        path for path in sources.files(".py") if path.parts[:2] in {("tests", "support"), ("adapters", "testing")}
    ]
    assert any(f"bot.ports.fakes.{port} import" in sources.text(path) for path in (contract, *helpers))


def test_every_test_is_in_a_file_that_is_collected() -> None:
    lost = [
        path
        for path in sources.tests()
        if not path.name.startswith("test_") and any(is_test(node) for node in sources.tree(path).body)
    ]
    assert lost == []


def test_every_folder_of_tests_has_tests() -> None:
    folders = {path.parts[1] for path in sources.tests() if len(path.parts) > 2} - WITHOUT_TESTS
    tested = {path.parts[1] for path in sources.tests() if path.name.startswith("test_")}
    assert folders == tested
    assert PROJECT["tool"]["pytest"]["ini_options"]["testpaths"] == ["tests"]


def test_every_file_of_tests_has_tests() -> None:
    empty = [
        path
        for path in sources.tests()
        if path.name.startswith("test_") and not any(is_test(node) for node in ast.walk(sources.tree(path)))
    ]
    assert [path for path in empty if "TestCase" not in sources.text(path)] == []


def test_every_test_asserts_something() -> None:
    """A test that cannot fail proves nothing. Helpers of tests may assert on their behalf."""
    idle = [
        f"{path}:{node.name}"
        for path in sources.tests()
        for node in ast.walk(sources.tree(path))
        if is_test(node) and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not can_fail(node)
    ]
    assert idle == []


def is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")


def can_fail(test: ast.AST) -> bool:
    return any(isinstance(node, ast.Assert | ast.Call) for node in ast.walk(test))


HERE = "/wo" + "rk/"
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "registry.np" + "mjs")


@pytest.mark.parametrize("path", sources.files(".py", ".md", ".toml", ".yml", "Makefile", "run"), ids=str)
def test_the_project_speaks_of_itself_alone(path: Path) -> None:
    """No paths of a machine it was written on, no hosts that may be others elsewhere."""
    assert [word for word in (HERE, *HOSTS) if word in sources.text(path)] == []


def test_the_process_can_be_read_in_its_folder() -> None:
    steps = {path.stem for path in sources.product() if path.parent == Path("bot/process")}
    chain = {
        "monitor",
        "interpret",
        "consent",
        "enrich",
        "route",
        "register",
        "amend",
        "follow",
        "publish",
        "notify",
    }
    assert chain | {"rights"} <= steps


def test_the_map_names_every_file_of_the_front_room_and_none_that_is_gone() -> None:
    named = {Path(one) for one in re.findall(r"`(bot/[\w/.]+)`", Path("CONTRIBUTING.md").read_text("utf-8"))}
    front = {path for path in sources.product() if path.parent == Path("bot") and path.name != "__init__.py"}
    assert front <= named
    assert [str(path) for path in named if not path.exists()] == []


def test_the_version_is_told_once_and_repeated_right() -> None:
    version = PROJECT["project"]["version"]
    assert f'softwareVersion: "{version}"' in Path("publiccode.yml").read_text("utf-8")


def test_the_licence_is_here_in_full() -> None:
    licence = Path("LICENSE").read_text("utf-8")
    assert licence.startswith("European Union Public Licence v. 1.2")
    assert all(f"\n{article}. " in licence for article in range(1, 16))
    assert PROJECT["project"]["license"] == "EUPL-1.2"

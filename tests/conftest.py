"""Shared by all tests: the browser and the Matrix homeserver, or the one line that says how to get them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ADVICE = {
    "browser": "browser tests need Chromium: apt install chromium",
    "synapse": "Matrix tests need Synapse: make synapse",
    "training": "training tests need PyTorch: make training",
}
_FOUND = pytest.StashKey[dict[str, str | None]]()


def pytest_configure(config: pytest.Config) -> None:
    browsers = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    synapse = Path(os.environ.get("BART_SYNAPSE") or Path(__file__).parents[1] / ".venv-synapse")
    config.stash[_FOUND] = {
        "browser": next((path for path in browsers if path), None),
        "training": "torch" if find_spec("torch") else None,
        "synapse": str(synapse) if (synapse / "bin" / "synapse_homeserver").exists() else None,
    }


LONGER = ("synapse", "training")
"""Markers of tests that take a server or a training; `make longer` runs them, with all of tests/faults."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is not there is left out on a developer's machine; in CI its tests run, and fail."""
    for item in items:
        if "faults" in item.path.parts or any(item.get_closest_marker(name) for name in LONGER):
            item.add_marker("longer")
    for marker, found in config.stash[_FOUND].items():
        if found is None and not os.environ.get("CI"):
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.skip(reason=ADVICE[marker]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for advice in ADVICE.values():
        skipped = [one for one in terminalreporter.stats.get("skipped", []) if advice in str(one.longrepr)]
        if skipped:
            terminalreporter.write_line(f"{len(skipped)} left out; {advice}")


@pytest.fixture(scope="session")
def chromium_path(request: pytest.FixtureRequest) -> str:
    """Debian's Chromium, for playwright's `executable_path`."""
    return _found(request, "browser")


@pytest.fixture(scope="session")
def synapse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A `tests.support.synapse.Synapse` that runs for the whole session."""
    _found(request, "synapse")
    # Not at the top: the test of this gate takes this file alone.
    support = import_module("tests.support.synapse")
    with support.running(tmp_path_factory.mktemp("synapse")) as server:
        yield server


def _found(request: pytest.FixtureRequest, marker: str) -> str:
    path = request.config.stash[_FOUND][marker]
    if path is None:
        pytest.fail(ADVICE[marker], pytrace=False)
    return path

"""Shared by all tests: the browser, or the one line that says how to get it."""

from __future__ import annotations

import os
import shutil

import pytest

ADVICE = "browser tests need Chromium: apt install chromium"
_CHROMIUM = pytest.StashKey[str | None]()


def pytest_configure(config: pytest.Config) -> None:
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    config.stash[_CHROMIUM] = next((path for path in found if path), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium browser tests are left out on a developer's machine; in CI they run, and fail."""
    if config.stash[_CHROMIUM] is None and not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=ADVICE))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if ADVICE in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} left out; {ADVICE}")


@pytest.fixture(scope="session")
def chromium_path(request: pytest.FixtureRequest) -> str:
    """Debian's Chromium, for playwright's `executable_path`."""
    path = request.config.stash[_CHROMIUM]
    if path is None:
        pytest.fail(ADVICE, pytrace=False)
    return path

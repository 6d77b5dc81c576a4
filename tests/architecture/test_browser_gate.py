"""Without a browser or a homeserver: told in one line at home, a failure in CI, never silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TEST = """
import pytest

@pytest.mark.browser
def test_page(chromium_path):
    assert chromium_path

def test_other():
    pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two tests with our conftest."""
    shutil.copy("tests/conftest.py", tmp_path)
    (tmp_path / "test_page.py").write_text(TEST)
    markers = "".join(f"    {name}: x\n" for name in ("browser", "synapse", "training", "longer"))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nmarkers =\n{markers}")
    return tmp_path


def pytest_in(project: Path, path: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"CI", "PATH"}}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project,
        env=kept | {"PATH": path} | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_at_home_one_line_says_how_to_get_it(project: Path) -> None:
    done = pytest_in(project, path="/nowhere")
    assert done.returncode == 0
    assert "1 passed, 1 skipped" in done.stdout
    assert "1 left out; browser tests need Chromium: apt install chromium" in done.stdout


def test_in_ci_it_is_a_failure(project: Path) -> None:
    done = pytest_in(project, path="/nowhere", CI="true")
    assert done.returncode == 1
    assert "1 passed, 1 error" in done.stdout
    assert "apt install chromium" in done.stdout


def test_with_a_browser_it_runs(project: Path) -> None:
    fake = project / "bin" / "chromium"
    fake.parent.mkdir()
    fake.touch(mode=0o755)
    assert "2 passed" in pytest_in(project, path=str(fake.parent)).stdout


def test_a_homeserver_that_is_not_there_is_told_the_same_way(project: Path) -> None:
    test = TEST.replace("browser", "synapse").replace("chromium_path", "synapse")
    (project / "test_page.py").write_text(test)
    at_home = pytest_in(project, path="/nowhere", BART_SYNAPSE="/nowhere")
    assert at_home.returncode == 0
    assert "1 left out; Matrix tests need Synapse: make synapse" in at_home.stdout
    in_ci = pytest_in(project, path="/nowhere", BART_SYNAPSE="/nowhere", CI="true")
    assert in_ci.returncode == 1
    assert "1 passed, 1 error" in in_ci.stdout

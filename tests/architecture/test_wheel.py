"""An installed BART has everything a checkout has: texts, SQL, pages, the demo."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.support import sources

SETUPTOOLS: dict[str, Any] = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
FIND = SETUPTOOLS["packages"]["find"]
PATTERNS = SETUPTOOLS["package-data"]["*"]
STAYS_HERE = (Path("nlp/corpus"),)
"""Training data, for who has a checkout."""
SHIPPED = [
    path
    for path in sources.files("")
    if path.parts[0] in sources.PACKAGES
    and path.suffix not in {".py", ".md"}
    and not any(path.is_relative_to(folder) for folder in STAYS_HERE)
]


def test_every_file_beside_the_code_is_in_the_wheel() -> None:
    left = [str(path) for path in SHIPPED if not any(path.match(pattern) for pattern in PATTERNS)]
    assert left == []


def test_every_folder_with_such_a_file_is_a_package() -> None:
    """With or without an `__init__.py`: setuptools takes every folder below ours whose name could be imported."""
    assert set(FIND) == {"include", "exclude"}
    assert {f"{package}*" for package in sources.PACKAGES} == set(FIND["include"])
    assert all(part.isidentifier() for path in SHIPPED for part in path.parent.parts)


def test_what_the_models_learnt_from_stays_here_and_nothing_that_runs_needs_it() -> None:
    assert FIND["exclude"] == [f"{'.'.join(folder.parts)}*" for folder in STAYS_HERE]
    without = "import sys; sys.modules['nlp.corpus'] = None"
    used = "import bot.app, nlp.classify, nlp.scoring, nlp.interpreter; nlp.interpreter.interpreter()"
    subprocess.run([sys.executable, "-c", f"{without}; {used}"], check=True)


def test_there_is_such_a_file_of_every_kind_bart_needs() -> None:
    needed = {".sql", ".po", ".toml", ".html", ".css", ".js", ".svg", ".geojson"}
    assert needed <= {path.suffix for path in SHIPPED}


def test_adapters_of_this_project_come_in_by_the_door_of_all() -> None:
    points = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    for kind in ("channels", "desks", "geocoders"):
        built_in = {path.name for path in Path("adapters", kind).iterdir() if (path / "__init__.py").is_file()}
        named = {value.partition(":")[0].rpartition(".")[2] for value in points[f"bart.{kind}"].values()}
        assert built_in == named

"""The document for makers of apps does what it says, in bash, against a BART that runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from adapters.channels.http import posts
from adapters.channels.http.deliveries import Event
from adapters.channels.http.description import _PROBLEMS
from tests.support.shell import Server, serving

DOCUMENT = Path("docs/http-channel.md").read_text("utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"```(\w+)\n(.*?)```", DOCUMENT, re.S))
CONFIG = """
[tenants.delft]
name = "Gemeente Delft"
municipality = "Delft"
geocoder = "straten"
privacy_contact = "fg@delft.example"
[geocoders.straten]
kind = "gazetteer"
file = "demo"
"""


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """`bart run` with the settings of the document."""
    file = folder / "config.toml"
    file.write_text(CONFIG + BLOCKS["toml"], "utf-8")
    with serving(folder / "data", "--config", str(file)) as server:
        yield server
        assert server.stop() == 0


def bash(url: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The worked example, as a reader runs it."""
    told = os.environ | {"BART": url} | environ
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", BLOCKS["bash"]], env=told, capture_output=True, text=True, check=False
    )


def test_the_worked_example_is_answered_as_the_document_says(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        done = bash(server.url)
        assert (done.stderr, json.loads(done.stdout)) == ("", json.loads(BLOCKS["json"]))
        served = httpx.get(f"{server.url}/koppeling/buurtapp/openapi.json").json()
        assert served["servers"] == [{"url": "/koppeling/buurtapp"}]
        wrong = json.loads(bash(server.url, KEY="x" * 64).stdout)
        assert (wrong["status"], wrong["field"]) == (401, "bart-signature")


def table(head: str) -> set[str]:
    """The words in code in the first column of the table under this head."""
    rows = DOCUMENT.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row.split(" | ")[0])}


def test_it_names_every_event_and_every_call() -> None:
    assert table("event") == {kind.__struct_config__.tag for kind in Event.__args__}
    assert table("`type`") == {kind.__struct_config__.tag for kind in posts.Out.__args__}


@pytest.mark.parametrize("status", ["202", *(status for status in _PROBLEMS if status not in {"404", "405"})])
def test_it_says_what_to_do_with_every_answer(status: str) -> None:
    rows = DOCUMENT.split("| answer | means | do |", 1)[1].split("\n\n", 1)[0]
    assert status in rows

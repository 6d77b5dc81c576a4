"""What is an extra and is not installed is told in one line that says what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shell import CLEAN

CONFIG = """
[tenants.delft]
name = "Delft"
municipality = "Delft"
privacy_contact = "delft"
geocoder = "straten"
desk = "loket"
[desks.loket]
kind = "embedded"
tenant = "delft"
[geocoders.straten]
kind = "gazetteer"
file = "demo"
[channels.wijk]
tenant = "delft"
"""
TELEGRAM = 'kind = "telegram"\ntoken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"\n'
MATRIX = 'kind = "matrix"\nhomeserver = "http://127.0.0.1:9"\nuser = "@bart:example.nl"\ntoken = "geheim"\n'
WITHOUT = "import sys; sys.modules[sys.argv.pop(1)] = None; from bot.cli import main; sys.exit(main(sys.argv[1:]))"
"""`bart` in an environment where this module was never installed."""


def bart(without: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-c", WITHOUT, without, *words)
    return subprocess.run(command, env=CLEAN, capture_output=True, text=True, timeout=60, check=False)


def config(folder: Path, channel: str) -> tuple[str, ...]:
    file = folder / "config.toml"
    file.write_text(CONFIG + channel, "utf-8")
    return ("--config", str(file), "--data", str(folder / "data"))


@pytest.mark.parametrize(
    ("kind", "channel", "module"), [("telegram", TELEGRAM, "telegram"), ("matrix", MATRIX, "nio")]
)
@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_channel_without_its_extra_says_in_one_line_what_to_install(
    tmp_path: Path, verb: str, kind: str, channel: str, module: str
) -> None:
    done = bart(module, verb, *config(tmp_path, channel))
    told = [line for line in (done.stdout + done.stderr).splitlines() if "pip install" in line]
    assert len(told) == 1
    assert f'bart.channels "{kind}"' in told[0]
    assert f"needs {module}, which is not installed: pip install 'bart-buurt[{kind}]'" in told[0]
    assert "Traceback" not in done.stderr
    assert done.returncode != 0


def test_channels_that_need_no_extra_work_without_those_of_others(tmp_path: Path) -> None:
    room = '[channels.wijk.rooms.plein]\nname = "Plein"\nresidents.jan = { name = "Jan", admin = true }\n'
    web = f'kind = "web"\n{room}'
    done = bart("nio", "check", *config(tmp_path, web))
    assert "pip install" not in done.stdout + done.stderr
    assert done.returncode == 0

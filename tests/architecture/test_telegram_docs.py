"""docs/telegram.md is true where a test can tell."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from adapters.channels.telegram import options, words
from adapters.channels.telegram.mapping import UPDATES
from adapters.channels.telegram.options import API, WEBHOOK_PORTS
from adapters.channels.telegram.rendering import LONGEST_TEXT
from bot.process.monitor import TAKE_BACK
from tests.support import sources

TEXT = Path("docs/telegram.md").read_text("utf-8")
FOLDER = Path("adapters/channels/telegram")


def test_every_setting_is_told_and_no_other() -> None:
    told = re.findall(r"^\| `(\w+)` \|", TEXT.split("## Settings")[1].split("## Does")[0], re.MULTILINE)
    assert told == [field.name for field in msgspec.structs.fields(options._Table)]
    assert f"`{API}`" in TEXT


def test_every_log_line_that_is_told_of_is_written_and_the_other_way_round() -> None:
    code = "".join(sources.text(path) for path in sources.product() if path.is_relative_to(FOLDER))
    written = set(re.findall(r'"(telegram\.\w+)"', code))
    told = set(re.findall(r"`(telegram\.\w+)", TEXT))
    assert told <= written
    assert set(re.findall(r'log\.(?:warning|error)\(\s*"(telegram\.\w+)"', code)) <= told


def test_limits_words_and_ports_are_the_code_s() -> None:
    assert str(LONGEST_TEXT) in TEXT
    assert f"`{TAKE_BACK}`" in TEXT
    assert words.LAPSED in TEXT
    assert all(str(port) in TEXT for port in WEBHOOK_PORTS if port)
    assert "message_reaction" not in UPDATES

"""What residents say is nowhere on disk: not in the database, its WAL, logs or temporary files."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot import logs
from bot.app import DATABASE, Storage, labelled, open_app
from bot.config import load
from bot.labelled import lines
from bot.model.ids import IncidentId
from bot.model.incident import Stage
from storage.vault import KEY_FILE, SLOT_BYTES, unseal
from tests.support.demo import GLASS, JAN, eventually, let_in, neighbourhood, press, running, say, stages
from tests.support.logging import logging_as_before
from tests.support.scan import find

STEM = "zvquux"
"""In every generated word, and in nothing else."""
MESSAGES = 10_000
AT_ONCE = 100
SAMPLE = Path(__file__).parents[2] / "nlp" / "corpus" / "sample.jsonl"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process and SQLite put temporary files now."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    for variable in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Everything that is logged, debug lines of libraries too, goes to this file."""
    with file.open("w", encoding="utf-8") as stream, logging_as_before():
        logs.configure("debug", "json", stream)
        yield


def ordinary() -> list[str]:
    """Messages of the sample chats that report nothing, as they are."""
    lines = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
    return [line["text"] for line in lines if line["intent"] == "none" and len(line["text"]) > 12]


def test_the_scan_finds_words_in_whatever_form_they_were_left(tmp_path: Path) -> None:
    words = "glás bij de bak"
    for name, data in {
        "plain": words.encode(),
        "escaped": json.dumps({"text": words}).encode(),
        "sixteen": words.encode("utf-16-le"),
        **{f"base64-{shift}": base64.b64encode(b"x" * shift + words.encode() + b"yz") for shift in range(3)},
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "file").write_bytes(b"\0\1" + data)
        assert find([words, "something else"], folder) == [(words, "file")]


async def test_ten_thousand_ordinary_messages_leave_no_word_on_disk(tmp_path: Path, temporary: Path) -> None:
    texts = ordinary()
    with logging_to(tmp_path / "log.jsonl"):
        # Light reads ten thousand messages in the time of this test; where words go does not depend on who reads.
        async with neighbourhood(tmp_path, reader="light") as app:
            for start in range(0, MESSAGES, AT_ONCE):
                await asyncio.gather(
                    *(
                        say(app, f"{number:06}", f"{texts[number % len(texts)]} {STEM}{number:06}")
                        for number in range(start, start + AT_ONCE)
                    )
                )
            assert find([STEM, *texts], tmp_path) == []
            # The same scan, a moment later: what is planted on purpose is found while the WAL is open.
            with closing(sqlite3.connect(tmp_path / "data" / DATABASE)) as planted:
                planted.execute(
                    "INSERT INTO cursors (kind, name, cursor, at) VALUES ('planted', 'x', ?, '')", [STEM]
                )
                planted.commit()
                assert (STEM, f"{DATABASE}-wal") in find([STEM], tmp_path)
                planted.execute("DELETE FROM cursors WHERE kind = 'planted'")
                planted.commit()
            (temporary / "left-behind").write_text(STEM)
            assert (STEM, "left-behind") in find([STEM], tmp_path)
            (temporary / "left-behind").unlink()
    assert find(texts, tmp_path) == []
    # Something was logged, so that there was something to look through.
    assert (tmp_path / "log.jsonl").stat().st_size > 0


async def test_a_candidate_and_its_author_rest_only_encrypted(tmp_path: Path, temporary: Path) -> None:
    with logging_to(tmp_path / "log.jsonl"):
        async with neighbourhood(tmp_path) as app:
            await say(app, "candidate", f"{GLASS} {STEM}")

            async def is_asked() -> bool:
                return await stages(app) == [Stage.PROPOSED]

            assert await stages(app) == [Stage.HELD]
            assert find([STEM, GLASS], tmp_path) == []
            await eventually(is_asked)
            assert find([STEM, GLASS], tmp_path) == []
    assert find([STEM, GLASS], tmp_path) == []


PERSONAL = f"{GLASS}, bel Wilhelmina op 06-24681357, kenteken XK-482-P"


async def test_of_an_example_no_name_number_or_plate_is_anywhere_and_its_words_only_sealed(
    tmp_path: Path, temporary: Path
) -> None:
    environ = {
        "BART_SERVER__DATA": str(tmp_path / "data"),
        "BART_TENANTS__PARIJSPLEIN__LEARNING": "true",
        "BART_GROUP__LEARNING": "true",
    }
    raw = ["Wilhelmina", "24681357", "XK-482-P"]
    with logging_to(tmp_path / "log.jsonl"):
        async with open_app(load(None, environ)) as app, running(app):
            await let_in(app)
            await say(app, "candidate", PERSONAL)
            await press(app, "Nee", JAN)
            await press(app, "Geen melding", JAN)

            async def is_kept() -> bool:
                return len(await app.database.examples.every(None)) == 1

            await eventually(is_kept)
            (example,) = await app.database.examples.every(None)
            assert example.text == f"{GLASS}, bel [naam] op [telefoonnummer], kenteken [kenteken]"
            storage = Storage(config=app.config, clock=app.parts.clock, vault=app.vault, database=app.database)
            (row,) = await labelled(storage, None)
            assert not [word for word in raw if word in lines([row])]
            assert find([*raw, GLASS], tmp_path) == []
            await say(app, "stop", "/leerniet")

            async def is_gone() -> bool:
                return await app.database.examples.every(None) == []

            await eventually(is_gone)
    assert find([*raw, GLASS], tmp_path) == []
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE)) as database:
        assert database.execute("SELECT count(*) FROM examples").fetchone() == (0,)


def sealed(database: sqlite3.Connection) -> list[tuple[str, bytes]]:
    return database.execute("SELECT incident_id, content FROM sealed").fetchall()


def opened(rows: list[tuple[str, bytes]], keys: Path) -> list[bytes]:
    """Everything that any key of the file opens."""
    raw = keys.read_bytes()
    slots = [raw[start : start + SLOT_BYTES] for start in range(0, len(raw), SLOT_BYTES)]
    tries = [unseal(slot[16:], content, IncidentId(incident)) for incident, content in rows for slot in slots]
    return [plain for plain in tries if plain is not None]


async def test_after_a_lapse_nothing_of_the_case_opens_from_a_full_copy_of_the_folder(
    tmp_path: Path, temporary: Path
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    async with neighbourhood(tmp_path, DEADLINES__PROPOSAL="2") as app:
        await say(app, "candidate", f"{GLASS} {STEM}")
        with closing(sqlite3.connect(data / DATABASE)) as reader:
            reader.execute("BEGIN")
            before = sealed(reader)
            assert any(STEM.encode() in plain for plain in opened(before, data / KEY_FILE))

            async def lapsed() -> bool:
                return await stages(app) == [Stage.LAPSED]

            await eventually(lapsed)
            await eventually(lambda: opened(before, data / KEY_FILE) == [])
            # The reader still sees the ciphertext, and the copy has all there is; no key opens it.
            shutil.copytree(data, copy)
            assert sealed(reader) == before
        assert any(content in (copy / f"{DATABASE}-wal").read_bytes() for _, content in before)
        assert opened(before, copy / KEY_FILE) == []
        with closing(sqlite3.connect(copy / DATABASE)) as copied:
            assert sealed(copied) == []

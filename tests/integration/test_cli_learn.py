"""`bart learn export` on a real data folder."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from bot.app import Storage
from bot.model.ids import AccountName, TenantId
from bot.model.snapshot import Commit
from nlp.corpus.validate import check
from tests.support.examples import an_example
from tests.support.records import NOON, a_group
from tests.support.shell import Shell

TENANT = TenantId("parijsplein")
TEXT = "vol glas bij de glasbak, bel Kees op 06-12345678"


@pytest.fixture
def empty(tmp_path: Path) -> Shell:
    """A folder with an empty database."""
    shell = Shell(data=tmp_path / "data")
    assert shell.bart("migrate").code == 0
    return shell


async def furnish(storage: Storage) -> None:
    """Two groups; a name slipped through in one message."""
    groups = [a_group(name, tenant_id=TENANT, account=AccountName("buurt")) for name in ("g1", "g2")]
    kept = [
        an_example("i1", "g1", tenant_id=TENANT),
        an_example("i2", "g1", tenant_id=TENANT, text=TEXT, places=("bij de glasbak",)),
        an_example("i3", "g2", tenant_id=TENANT),
    ]
    await storage.database.store.commit(Commit(now=NOON, changes=(*groups, *kept)))


def test_an_export_is_a_labelled_file_that_the_validator_accepts(empty: Shell, tmp_path: Path) -> None:
    empty.storage(furnish)
    file = tmp_path / "residents.jsonl"
    done = empty.bart("learn", "export", str(file))
    assert (done.code, done.out, done.err) == (0, "", "3 messages from 2 groups\n")
    assert check([file]) == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    texts = [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
    assert "vol glas bij de glasbak, bel [naam] op [telefoonnummer]" in texts
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["residents.jsonl"]


def test_a_dash_writes_the_messages_and_nothing_else_to_stdout(empty: Shell) -> None:
    empty.storage(furnish)
    done = empty.bart("learn", "export", "-")
    assert done.code == 0
    assert [json.loads(line)["group"] for line in done.out.splitlines()] == ["r001", "r001", "r002"]
    assert done.err == "3 messages from 2 groups\n"


def test_with_nothing_to_export_no_file_is_made(empty: Shell, tmp_path: Path) -> None:
    done = empty.bart("learn", "export", str(tmp_path / "residents.jsonl"))
    assert (done.code, done.out) == (0, "")
    assert done.err == "nothing to export: no resident has allowed it\n"
    assert not (tmp_path / "residents.jsonl").exists()


def test_a_file_that_cannot_be_written_is_named_and_nothing_stays_behind(empty: Shell, tmp_path: Path) -> None:
    empty.storage(furnish)
    assert empty.bart("learn", "export", str(tmp_path)).err == f"bart: {tmp_path}: is a folder\n"
    lost = empty.bart("learn", "export", str(tmp_path / "nowhere" / "file"))
    assert lost.code == 1
    assert "No such file or directory" in lost.err
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_export_replaces_the_one_before(empty: Shell, tmp_path: Path) -> None:
    empty.storage(furnish)
    file = tmp_path / "residents.jsonl"
    file.write_text("old\n", "utf-8")
    empty.bart("learn", "export", str(file), "--tenant", "parijsplein")
    assert check([file]) == []


def test_an_unknown_tenant_is_wrong_input(empty: Shell) -> None:
    done = empty.bart("learn", "export", "-", "--tenant", "elders")
    assert done.code == 2
    assert 'there is no tenant "elders"' in done.err


def test_learn_without_more_says_what_there_is(empty: Shell) -> None:
    assert empty.bart("learn").code == 2
    assert "for retraining" in empty.bart("learn", "--help").out

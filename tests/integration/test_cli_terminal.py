"""Commands that ask somebody at a terminal: passwords that are not shown, and being sure before erasing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import Storage
from bot.model.ids import GroupId, TenantId
from bot.model.snapshot import Commit
from tests.support import records
from tests.support.shell import Shell, typed

PASSWORD = "een lang wachtwoord"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder with one group."""
    shell = Shell(data=tmp_path / "data")
    assert shell.bart("migrate").code == 0

    async def furnish(storage: Storage) -> None:
        group = records.a_group("g1", tenant_id=TenantId("parijsplein"), version=-1)
        commit = Commit(now=records.NOON, expected={GroupId("g1"): -1}, changes=(group,))
        await storage.database.store.commit(commit)

    shell.storage(furnish)
    return shell


def add(shell: Shell, first: str, second: str) -> tuple[int, str]:
    answers = [("Password: ", first), ("Once more: ", second)]
    words = ("account", "add", "anna", "--role", "desk", "--data", str(shell.data))
    done = typed(*words, answers=answers)
    return done.code, done.out


def test_a_password_is_asked_twice_and_not_shown(shell: Shell) -> None:
    code, seen = add(shell, PASSWORD, PASSWORD)
    assert code == 0
    assert seen.endswith("anna can log in now\n")
    assert PASSWORD not in seen


def test_two_passwords_that_differ_make_no_account(shell: Shell) -> None:
    code, seen = add(shell, PASSWORD, "een ander wachtwoord")
    assert code == 2
    assert seen.endswith("bart: password: the two are not the same\n")
    assert shell.bart("account", "list").lines == ["there are no accounts yet"]


@pytest.mark.parametrize(("answer", "code", "left"), [("g1", 0, 0), ("yes", 1, 1), ("", 1, 1)])
def test_erasing_a_group_wants_its_id_typed(shell: Shell, answer: str, code: int, left: int) -> None:
    question = 'erases everything of "Buurt g1" for good. Type its ID to go on:'
    done = typed("group", "purge", "g1", "--data", str(shell.data), answers=[(question, answer)])
    assert done.code == code
    assert ("is erased" in done.out) is (code == 0)
    assert len([line for line in shell.bart("group", "list").lines if line.startswith("g1 ")]) == left

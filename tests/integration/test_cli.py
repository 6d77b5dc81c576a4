"""Every command of `bart` on a real data folder."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import Storage
from bot.model.effect import Action, Lane
from bot.model.group import GroupState
from bot.model.ids import GroupId, IncidentId, TenantId, WorkId
from bot.model.incident import Stage
from bot.model.snapshot import Commit, Seal, Snapshot
from bot.model.staff import AuditEntry, StaffAccount
from tests.support import records
from tests.support.shell import Shell

HERE = TenantId("parijsplein")
GROUP = GroupId("g1")
WORDS = "bah, ligt weer vol glas"
PASSWORD = "een lang wachtwoord"


@pytest.fixture
def empty(tmp_path: Path) -> Shell:
    """A folder with an empty database."""
    shell = Shell(data=tmp_path / "data")
    assert shell.bart("migrate").code == 0
    return shell


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a group, a report, an incident on its way to the desk, and two parked effects."""
    shell = Shell(data=tmp_path_factory.mktemp("furnished") / "data")
    assert shell.bart("migrate").code == 0
    shell.storage(furnish)
    return shell.data


@pytest.fixture
def shell(furnished: Path, tmp_path: Path) -> Shell:
    """A copy of the furnished folder."""
    shutil.copytree(furnished, tmp_path / "data")
    return Shell(data=tmp_path / "data")


async def furnish(storage: Storage) -> None:
    now = storage.clock.moment().now
    group = records.a_group("g1", tenant_id=HERE, version=-1)
    filing = records.an_incident("i1", "g1", tenant_id=HERE, stage=Stage.FILING, category="zwerfvuil")
    filed = records.a_filed_incident("i2", "g1", "r1", tenant_id=HERE, category="zwerfvuil")
    report = records.a_report("r1", tenant_id=HERE, category="zwerfvuil", note="Wij komen kijken.")
    content = records.a_content(WORDS)
    await storage.database.store.commit(
        Commit(
            now=now,
            expected={GROUP: -1},
            changes=(
                group,
                filing,
                filed,
                report,
                Seal(incident_id=filing.id, content=content),
                records.an_evidence(tenant_id=HERE),
            ),
            effects=(
                records.an_effect(
                    "file",
                    action=Action.FILE,
                    group_id=GROUP,
                    incident_id=filing.id,
                    key="report:i1",
                    lane=Lane.ANSWER,
                ),
                records.an_effect("poll", action=Action.POLL, args={"desk": "gemeente"}),
            ),
        )
    )
    for item in await storage.database.work.claim(now, 10, timedelta(minutes=1)):
        await storage.database.work.park(item.id, now, "DeskUnsure")


def group_of(shell: Shell) -> Snapshot:
    async def load(storage: Storage) -> Snapshot:
        return (await storage.database.store.load([GROUP]))[GROUP]

    return shell.storage(load)


def trail(shell: Shell) -> list[tuple[str, str, str]]:
    async def read(storage: Storage) -> list[AuditEntry]:
        return await storage.database.audit.entries(50)

    return [(one.actor, one.act, one.subject) for one in reversed(shell.storage(read))]


def parked(shell: Shell) -> dict[str, WorkId]:
    async def read(storage: Storage) -> dict[str, WorkId]:
        return {one.action: one.id for one in await storage.database.parking.parked()}

    return shell.storage(read)


def queued(shell: Shell) -> list[Action]:
    async def claim(storage: Storage) -> list[Action]:
        items = await storage.database.work.claim(storage.clock.moment().now, 10, timedelta(minutes=1))
        return [item.effect.action for item in items]

    return shell.storage(claim)


# groups


def test_groups_are_listed_by_name_with_their_state(shell: Shell) -> None:
    done = shell.bart("group", "list")
    assert (done.code, done.err) == (0, "")
    assert done.lines == [
        "ID NAME TENANT ACCOUNT STATE OPEN REPORTS PROMPTS IN 7 DAYS",
        "g1 Buurt g1 parijsplein web on 1 0",
    ]


def test_a_group_is_shown_with_its_permission_and_evidence_and_without_words(shell: Shell) -> None:
    done = shell.bart("group", "show", "g1")
    assert "state on" in done.lines
    assert "permission all since 2026-11-21 12:00Z" in done.lines
    assert "open reports 1" in done.lines
    assert "incidents filed 1, filing 1" in done.lines
    assert "2026-11-21 12:00Z granted admin - -" in done.lines
    assert "glas" not in done.out


def test_pausing_and_resuming_keeps_the_permission(shell: Shell) -> None:
    assert shell.bart("group", "pause", "g1").lines == ["g1 is paused"]
    assert group_of(shell).group.state is GroupState.PAUSED
    assert shell.bart("group", "pause", "g1").lines == ["g1 was paused already"]
    assert shell.bart("group", "resume", "g1").lines == ["g1 is on"]
    assert group_of(shell).group.state is GroupState.ON
    assert shell.bart("group", "resume", "g1").lines == ["g1 was on already"]
    assert trail(shell) == [("cli", "group.pause", "g1"), ("cli", "group.resume", "g1")]


def test_an_operator_resumes_but_never_grants(shell: Shell) -> None:
    shell.bart("group", "pause", "g1")

    async def admin_leaves(storage: Storage) -> None:
        known = (await storage.database.store.load([GROUP]))[GROUP].group
        lost = records.replace(known, permission=None)
        commit = Commit(now=records.NOON, expected={GROUP: known.version}, changes=(lost,))
        await storage.database.store.commit(commit)

    shell.storage(admin_leaves)
    assert shell.bart("group", "resume", "g1").lines == ["g1 is waiting: an admin must give permission first"]


def test_a_group_an_admin_stopped_stays_stopped(shell: Shell) -> None:
    async def stop(storage: Storage) -> None:
        known = (await storage.database.store.load([GROUP]))[GROUP].group
        stopped = records.replace(known, state=GroupState.STOPPED, permission=None)
        commit = Commit(now=records.NOON, expected={GROUP: known.version}, changes=(stopped,))
        await storage.database.store.commit(commit)

    shell.storage(stop)
    done = shell.bart("group", "pause", "g1")
    assert (done.code, done.err) == (1, "bart: group g1 is stopped, not on: nothing is read there\n")
    assert shell.bart("group", "resume", "g1").code == 1
    assert group_of(shell).group.state is GroupState.STOPPED


def test_purging_erases_the_group_and_keeps_the_proof(shell: Shell) -> None:
    done = shell.bart("group", "purge", "g1", "--yes")
    assert done.lines == ["g1 is erased; what desks have of it stays with them"]
    assert shell.bart("group", "list").lines == ["there are no groups yet"]
    assert shell.bart("report", "list").lines == ["there are no reports yet"]
    assert trail(shell) == [("cli", "group.purge", "g1")]


def test_purging_asks_and_without_anybody_to_ask_does_nothing(shell: Shell) -> None:
    done = shell.bart("group", "purge", "g1", stdin="g1\n")
    assert (done.code, done.err) == (2, "bart: --yes: is needed where nobody can be asked\n")
    assert group_of(shell).group.id == GROUP


@pytest.mark.parametrize("verb", ["show", "pause", "resume", "purge"])
def test_an_unknown_group_is_wrong_input(shell: Shell, verb: str) -> None:
    done = shell.bart("group", verb, "g9")
    assert (done.code, done.err) == (2, 'bart: ID: there is no group "g9"; bart group list shows them\n')


def test_a_group_of_a_tenant_that_the_settings_lost_is_named(shell: Shell) -> None:
    async def elsewhere(storage: Storage) -> None:
        commit = Commit(
            now=records.NOON, expected={GroupId("g2"): -1}, changes=(records.a_group("g2", version=-1),)
        )
        await storage.database.store.commit(commit)

    shell.storage(elsewhere)
    done = shell.bart("group", "pause", "g2")
    assert done.code == 2
    assert (
        done.err == 'bart: demo.toml: tenants: there is no tenant "zonstad" any more, but group g2 belongs to it\n'
    )


# reports


def test_reports_are_listed_by_tenant_and_whether_they_are_open(shell: Shell) -> None:
    row = "r1 ref-r1 gemeente parijsplein zwerfvuil received 2026-11-21 12:00Z 1 glasbak, Parijsplein"
    assert shell.bart("report", "list").lines[1:] == [row]
    assert shell.bart("report", "list", "--open", "--tenant", "parijsplein").lines[1:] == [row]
    done = shell.bart("report", "list", "--tenant", "delft")
    assert (done.code, done.err) == (2, 'bart: --tenant: there is no tenant "delft"; there is: parijsplein\n')


def test_a_report_is_shown_with_what_the_desk_says(shell: Shell) -> None:
    done = shell.bart("report", "show", "r1")
    assert "the desk says Wij komen kijken." in done.lines
    assert "status received since 2026-11-21 12:00Z" in done.lines
    assert shell.bart("report", "show", "r9").code == 2


# work


def test_parked_effects_are_listed_and_can_be_tried_again(shell: Shell) -> None:
    listed = shell.bart("work", "list").lines
    number = parked(shell)["file"]
    assert any(line.startswith(f"{number} file g1 i1 0 ") and line.endswith(" DeskUnsure") for line in listed)
    assert queued(shell) == []
    assert shell.bart("work", "retry", str(number)).code == 0
    assert queued(shell) == [Action.FILE]
    assert trail(shell) == [("cli", "work.retry", "file i1")]


def test_dropping_a_filing_tells_the_group_in_the_transaction_that_ends_it(shell: Shell) -> None:
    done = shell.bart("work", "drop", str(parked(shell)["file"]))
    assert "the group is told" in done.out
    known = group_of(shell)
    assert (known.incidents[IncidentId("i1")].stage, known.incidents[IncidentId("i1")].hint) == (
        Stage.FAILED,
        "gave_up",
    )
    assert IncidentId("i1") not in known.contents
    assert list(parked(shell)) == ["poll"]
    assert queued(shell) == [Action.CARD]
    assert trail(shell) == [("cli", "work.drop", "file i1")]


def test_dropping_anything_else_only_ends_it(shell: Shell) -> None:
    assert shell.bart("work", "drop", str(parked(shell)["poll"])).code == 0
    assert list(parked(shell)) == ["file"]
    assert queued(shell) == []


@pytest.mark.parametrize("verb", ["retry", "drop"])
def test_what_is_not_parked_cannot_be_retried_or_dropped(shell: Shell, verb: str) -> None:
    done = shell.bart("work", verb, "999")
    assert (done.code, done.err) == (2, "bart: ID: nothing is parked under 999; bart work list shows what is\n")


# accounts


def test_an_account_is_added_listed_disabled_and_enabled(empty: Shell) -> None:
    added = empty.bart(
        "account", "add", "Anna", "--role", "desk", "--role", "police", "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    assert (added.code, added.lines) == (0, ["anna can log in now"])
    assert empty.bart("account", "list").lines[1].startswith("anna parijsplein desk, police 20")
    assert empty.bart("account", "disable", "anna").lines == ["anna is disabled"]
    assert empty.bart("account", "disable", "anna").lines == ["anna was disabled already"]
    assert empty.bart("account", "list").lines[1].endswith(" disabled")
    assert empty.bart("account", "enable", "anna").lines == ["anna is enabled"]
    acts = ["account.add", "account.disabled", "account.enabled"]
    assert trail(empty) == [("cli", act, "anna") for act in acts]


def test_the_first_account_can_be_made_before_bart_ever_ran(tmp_path: Path) -> None:
    shell = Shell(data=tmp_path / "new")
    assert shell.bart("account", "add", "anna", "--role", "desk", "--password-stdin", stdin=PASSWORD).code == 0
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_password_is_replaced_and_never_shown(empty: Shell) -> None:
    async def account(storage: Storage) -> StaffAccount | None:
        return await storage.database.staff.account("anna")

    empty.bart("account", "add", "anna", "--role", "desk", "--password-stdin", stdin=PASSWORD)
    before = empty.storage(account)
    done = empty.bart("account", "password", "anna", "--password-stdin", stdin="nog een lang wachtwoord")
    after = empty.storage(account)
    assert done.lines == ["anna has a new password"]
    assert before is not None
    assert after is not None
    assert before.password != after.password
    assert "wachtwoord" not in after.password


@pytest.mark.parametrize(
    ("words", "stdin", "err"),
    [
        (["add", "anna", "--role", "desk", "--password-stdin"], "kort\n", "password: use 12 to 200 characters"),
        (["add", "an na", "--role", "desk", "--password-stdin"], PASSWORD, "name: use 2 to 60 of a-z"),
        (["add", "anna", "--role", "desk"], PASSWORD, "--password-stdin: is needed where nobody can be asked"),
        (["add", "anna", "--role", "desk", "--tenant", "x"], "", '--tenant: there is no tenant "x"'),
        (["add", "anna", "--role", "boss"], "", "argument --role: invalid choice: 'boss'"),
        (["add", "anna"], "", "the following arguments are required: --role"),
        (["disable", "bob"], "", 'NAME: there is no account "bob"'),
        (["password", "bob", "--password-stdin"], PASSWORD, 'NAME: there is no account "bob"'),
    ],
)
def test_wrong_input_about_accounts_is_named(empty: Shell, words: list[str], stdin: str, err: str) -> None:
    done = empty.bart("account", *words, stdin=stdin)
    assert done.code == 2
    assert err in done.err
    assert done.err.count("\n") == 1
    assert empty.bart("account", "list").lines == ["there are no accounts yet"]


def test_an_account_is_never_replaced_by_adding_it_again(empty: Shell) -> None:
    for code in (0, 2):
        assert (
            empty.bart("account", "add", "anna", "--role", "desk", "--password-stdin", stdin=PASSWORD).code == code
        )

"""What every staff book and audit trail keeps to."""

from __future__ import annotations

from bot.model.ids import TenantId
from bot.model.staff import StaffRole
from tests.support.backends import Backend
from tests.support.records import NOON, a_session, a_staff_account, an_audit_entry, later


async def test_an_account_comes_back_as_it_was_saved(backend: Backend) -> None:
    account = a_staff_account(failures=2, locked_until=later(minutes=5), disabled=True)
    await backend.staff.save_account(account)
    assert await backend.staff.account("anna") == account
    assert await backend.staff.account("bert") is None


async def test_saving_an_account_again_replaces_it(backend: Backend) -> None:
    await backend.staff.save_account(a_staff_account(failures=2))
    await backend.staff.save_account(a_staff_account(roles=frozenset({StaffRole.POLICE})))
    assert await backend.staff.accounts() == [a_staff_account(roles=frozenset({StaffRole.POLICE}))]


async def test_accounts_are_listed_by_name(backend: Backend) -> None:
    for name in ("chris", "anna", "bert"):
        await backend.staff.save_account(a_staff_account(name))
    assert [account.name for account in await backend.staff.accounts()] == ["anna", "bert", "chris"]


async def test_a_session_holds_until_it_expires(backend: Backend) -> None:
    await backend.staff.save_account(a_staff_account())
    await backend.staff.open_session(a_session())
    assert await backend.staff.session("t1", later(minutes=59)) == a_session()
    assert await backend.staff.session("t1", later(hours=1)) is None
    assert await backend.staff.session("t2", NOON) is None


async def test_saving_an_account_leaves_its_sessions(backend: Backend) -> None:
    await backend.staff.save_account(a_staff_account())
    await backend.staff.open_session(a_session())
    await backend.staff.save_account(a_staff_account(failures=1))
    assert await backend.staff.session("t1", NOON) == a_session()


async def test_a_closed_session_is_over(backend: Backend) -> None:
    await backend.staff.save_account(a_staff_account())
    await backend.staff.open_session(a_session())
    await backend.staff.close_session("t1")
    await backend.staff.close_session("t1")
    assert await backend.staff.session("t1", NOON) is None


async def test_the_audit_trail_is_read_newest_first(backend: Backend) -> None:
    entries = [an_audit_entry("one"), an_audit_entry("two"), an_audit_entry("three", at=later(hours=-1))]
    for entry in entries:
        await backend.audit.record(entry)
    assert await backend.audit.entries(2) == [entries[2], entries[1]]
    assert len(await backend.audit.entries(10)) == 3


async def test_the_audit_trail_of_one_thing_is_of_one_tenant(backend: Backend) -> None:
    ours = [an_audit_entry(act, subject="MB-1") for act in ("one", "two", "three")]
    other = an_audit_entry("four", subject="MB-2")
    theirs = an_audit_entry("five", subject="MB-1", tenant_id=TenantId("elders"))
    for entry in (*ours, other, theirs):
        await backend.audit.record(entry)
    assert await backend.audit.about(ours[0].tenant_id, "MB-1", 2) == [ours[2], ours[1]]
    assert await backend.audit.about(TenantId("niemand"), "MB-1", 10) == []

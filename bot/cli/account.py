"""`bart account`: who of the staff may log in."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cli import ending
from bot.cli.asking import Args, Commands, command, group
from bot.cli.opening import Stored, stored, tenant
from bot.cli.telling import say, table, time
from bot.model.errors import InputError
from bot.model.staff import AuditEntry, StaffAccount, StaffRole

if TYPE_CHECKING:
    from bot.app import Storage

ROLES = [role.value for role in StaffRole]
HEAD = ("NAME", "TENANT", "ROLES", "SINCE", "STATE")


def add_to(commands: Commands) -> None:
    """The commands."""
    inner = group(commands, "account", "add and manage accounts of staff")
    parser = command(inner, "add", "make an account; asks for its password", stored(add, makes=True))
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--tenant", metavar="T", help="whose staff; needed where there is more than one tenant")
    parser.add_argument(
        "--role", action="append", required=True, choices=ROLES, help="what it may do; may be given more than once"
    )
    _password_options(parser.add_argument)
    command(inner, "list", "show the accounts", stored(list_))
    parser = command(inner, "disable", "keep somebody out, at once", stored(_switching(disabled=True)))
    parser.add_argument("name", metavar="NAME")
    parser = command(inner, "enable", "let somebody in again", stored(_switching(disabled=False)))
    parser.add_argument("name", metavar="NAME")
    parser = command(inner, "password", "set a new password, which ends a lock as well", stored(password))
    parser.add_argument("name", metavar="NAME")
    _password_options(parser.add_argument)


def _password_options(add_argument: Callable[..., object]) -> None:
    add_argument("--password-stdin", action="store_true", help="read it from the first line of stdin")


async def add(storage: Storage, args: Args) -> int:
    """The first account is made like any other."""
    whose, name = tenant(storage.config, args.tenant), args.name.lower()
    if await storage.database.staff.account(name):
        raise InputError("NAME", f'there is an account "{name}" already; bart account password gives it a new one')
    roles = [StaffRole(role) for role in args.role]
    await _save(storage, storage.account(name, whose, roles, _password(args)), "account.add")
    say(f"{name} can log in now")
    return ending.DONE


async def list_(storage: Storage, _: Args) -> int:
    """By name."""
    now = storage.clock.moment().now
    rows = []
    for one in await storage.database.staff.accounts():
        locked = one.locked_until is not None and now < one.locked_until
        state = "disabled" if one.disabled else "locked" if locked else "on"
        rows.append((one.name, one.tenant_id, ", ".join(sorted(one.roles)), time(one.created_at), state))
    table(HEAD, rows, "there are no accounts yet")
    return ending.DONE


def _switching(disabled: bool) -> Stored:
    async def switch(storage: Storage, args: Args) -> int:
        word = "disabled" if disabled else "enabled"
        account = await _known(storage, args.name)
        if account.disabled is disabled:
            say(f"{account.name} was {word} already")
            return ending.DONE
        await _save(storage, replace(account, disabled=disabled), f"account.{word}")
        say(f"{account.name} is {word}")
        return ending.DONE

    return switch


async def password(storage: Storage, args: Args) -> int:
    """A forgotten or stolen one is replaced; wrong attempts are forgotten."""
    account = await _known(storage, args.name)
    fresh = storage.account(account.name, account.tenant_id, account.roles, _password(args))
    changed = replace(account, password=fresh.password, failures=0, locked_until=None)
    await _save(storage, changed, "account.password")
    say(f"{account.name} has a new password")
    return ending.DONE


def _password(args: Args) -> str:
    """From stdin, or asked twice on the terminal without showing it."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("--password-stdin", "is needed where nobody can be asked")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise InputError("password", "the two are not the same")
    return first


async def _known(storage: Storage, name: str) -> StaffAccount:
    account = await storage.database.staff.account(name.lower())
    if account is None:
        raise InputError("NAME", f'there is no account "{name}"; bart account list shows them')
    return account


async def _save(storage: Storage, account: StaffAccount, act: str) -> None:
    await storage.database.staff.save_account(account)
    await storage.database.audit.record(
        AuditEntry(
            at=storage.clock.moment().now, tenant_id=account.tenant_id, actor="cli", act=act, subject=account.name
        )
    )

"""`bart group`: neighbourhood groups, never what is said in them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli import ending
from bot.cli.asking import Args, Commands, command
from bot.cli.asking import group as commands_of
from bot.cli.opening import stored, tenant
from bot.cli.telling import say, table, time
from bot.model.errors import BartError, InputError
from bot.model.group import Group, GroupState
from bot.model.happening import Happening, Steered
from bot.model.ids import GroupId
from bot.model.snapshot import Commit, Snapshot
from bot.model.staff import AuditEntry
from bot.process.tuning import FADES, tuning

if TYPE_CHECKING:
    from bot.app import Storage

WEEK = timedelta(days=7)
HEAD = ("ID", "NAME", "TENANT", "ACCOUNT", "STATE", "OPEN REPORTS", "PROMPTS IN 7 DAYS")


def add_to(commands: Commands) -> None:
    """The commands."""
    inner = commands_of(commands, "group", "show, pause, resume or erase neighbourhood groups")
    parser = command(inner, "list", "show the groups", stored(list_))
    parser.add_argument("--tenant", metavar="T", help="only of this tenant")
    parser = command(inner, "show", "show a group's state, permission and counts", stored(show))
    parser.add_argument("id", metavar="ID")
    parser = command(inner, "pause", "stop reading along at once; what an admin allowed is kept", stored(pause))
    parser.add_argument("id", metavar="ID")
    parser = command(inner, "resume", "read along again, where an admin's permission still stands", stored(resume))
    parser.add_argument("id", metavar="ID")
    parser = command(inner, "purge", "erase everything of a group but the proofs of consent", stored(purge))
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--yes", action="store_true", help="do not ask whether you are sure")


async def list_(storage: Storage, args: Args) -> int:
    """By name."""
    only = tenant(storage.config, args.tenant) if args.tenant else None
    rows = [
        (one.id, one.name or "-", one.tenant_id, one.account, one.state, one.open_reports, one.prompts_7d)
        for one in await storage.database.views.groups(only)
    ]
    table(HEAD, rows, "there are no groups yet")
    return ending.DONE


async def show(storage: Storage, args: Args) -> int:
    """State, permission, counts and the record of what was allowed and refused."""
    known = await _known(storage, args.id)
    group, permission, now = known.group, known.group.permission, storage.clock.moment().now
    granted = f"{permission.reading} since {time(permission.granted_at)}" if permission else "none"
    open_reports = sum(report.status.is_open for report in known.reports.values())
    facts = (
        ("group", group.id),
        ("name", group.name or "-"),
        ("tenant", group.tenant_id),
        ("account", group.account),
        ("since", time(group.created_at)),
        ("state", group.state),
        ("permission", granted),
        ("text version", permission.text_version if permission else "-"),
        ("policy", group.settings.policy),
        ("opted out", sum(member.opted_out for member in known.members.values())),
        ("prompts in 7 days", sum(now - prompt.asked_at < WEEK for prompt in known.prompts)),
        ("asks at", _asks_at(known, now)),
        ("open reports", open_reports),
        ("incidents", _counted(Counter(str(one.stage) for one in known.incidents.values()))),
    )
    for name, value in facts:
        say(f"{name:<18} {value}")
    say("")
    rows = [
        (time(one.at), one.act, one.person[:8], one.incident_id or "-", one.text_version or "-")
        for one in await storage.database.views.evidence(group.id)
    ]
    table(("EVIDENCE", "ACT", "PERSON", "INCIDENT", "TEXT VERSION"), rows, "no evidence yet")
    return ending.DONE


def _asks_at(known: Snapshot, now: datetime) -> str:
    """The threshold, and why it is what it is."""
    tuned = tuning(known, now)
    why = f"{tuned.noes} no and {tuned.silent} unanswered of {tuned.asked} questions in {FADES.days} days"
    return f"{tuned.threshold:.2f} ({tuned.base:.2f} is set; {why})"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


async def pause(storage: Storage, args: Args) -> int:
    """Only what is on can be paused: elsewhere nothing is read anyway."""
    before, after = await _steer(storage, args.id, GroupState.ON, GroupState.PAUSED)
    say(f"{args.id} is paused" if before.state is GroupState.ON else f"{args.id} was {after.state} already")
    return ending.DONE


async def resume(storage: Storage, args: Args) -> int:
    """An operator never grants: without the admin's permission the group waits for one."""
    before, after = await _steer(storage, args.id, GroupState.PAUSED, GroupState.ON)
    if before.state is not GroupState.PAUSED:
        say(f"{args.id} was {after.state} already")
    elif after.state is GroupState.ON:
        say(f"{args.id} is on")
    else:
        say(f"{args.id} is {after.state}: an admin must give permission first")
    return ending.DONE


async def _steer(storage: Storage, name: str, start: GroupState, goal: GroupState) -> tuple[Group, Group]:
    """From one state to another through the chain, whose rules hold here too: the group before and after."""
    group_id, seen = GroupId(name), []

    async def happen(known: Mapping[GroupId, Snapshot]) -> list[tuple[GroupId, Happening]]:
        if group_id not in known:
            raise _unknown(name)
        state = known[group_id].group.state
        if state not in (start, goal):
            raise BartError(f"group {name} is {state}, not {start}: nothing is read there")
        seen.append(known[group_id].group)
        return [(group_id, Steered(state=goal))] if state is start else []

    after = await storage.turns().take([group_id], happen, Commit(now=storage.clock.moment().now))
    before, now = seen[-1], after[group_id].group
    if before.state is not now.state:
        await _audit(storage, before, f"group.{'pause' if goal is GroupState.PAUSED else 'resume'}")
    return before, now


async def purge(storage: Storage, args: Args) -> int:
    """Asks first. Proofs of consent stay: they hold no words, and without their salt they match nothing."""
    group = (await _known(storage, args.id)).group
    if not args.yes and not _sure(group):
        say("nothing was erased")
        return ending.WRONG
    if not await storage.database.housekeeping.purge(group.id):
        raise _unknown(args.id)
    await _audit(storage, group, "group.purge")
    say(f"{group.id} is erased; what desks have of it stays with them")
    return ending.DONE


def _sure(group: Group) -> bool:
    if not sys.stdin.isatty():
        raise InputError("--yes", "is needed where nobody can be asked")
    say(f'This erases everything of "{group.name or group.id}" for good. Type its ID to go on:')
    return sys.stdin.readline().strip() == group.id


async def _known(storage: Storage, name: str) -> Snapshot:
    known = (await storage.database.store.load([GroupId(name)])).get(GroupId(name))
    if known is None:
        raise _unknown(name)
    return known


def _unknown(name: str) -> InputError:
    return InputError("ID", f'there is no group "{name}"; bart group list shows them')


async def _audit(storage: Storage, group: Group, act: str) -> None:
    await storage.database.audit.record(
        AuditEntry(
            at=storage.clock.moment().now, tenant_id=group.tenant_id, actor="cli", act=act, subject=group.id
        )
    )

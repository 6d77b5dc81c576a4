"""`bart work`: effects that kept failing and were parked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli import ending
from bot.cli.asking import Args, Commands, command, group
from bot.cli.opening import stored
from bot.cli.telling import say, table, time
from bot.model.effect import Action, Parked
from bot.model.errors import InputError
from bot.model.happening import FilingOff
from bot.model.ids import WorkId
from bot.model.snapshot import Commit
from bot.model.staff import AuditEntry

if TYPE_CHECKING:
    from bot.app import Storage

HEAD = ("ID", "ACTION", "GROUP", "INCIDENT", "ATTEMPTS", "PARKED", "WHY")


def add_to(commands: Commands) -> None:
    """The commands."""
    inner = group(commands, "work", "show, retry or drop what kept failing and was set aside")
    command(inner, "list", "show what was set aside, oldest first", stored(list_))
    parser = command(inner, "retry", "try one again from the start", stored(retry))
    parser.add_argument("id", type=int, metavar="ID")
    parser = command(inner, "drop", "give one up; a group whose report was on its way is told so", stored(drop))
    parser.add_argument("id", type=int, metavar="ID")


async def list_(storage: Storage, _: Args) -> int:
    """Oldest first."""
    rows = [
        (
            one.id,
            one.action,
            one.group_id or "-",
            one.incident_id or "-",
            one.attempts,
            time(one.parked_at),
            one.reason or "-",
        )
        for one in await storage.database.parking.parked()
    ]
    table(HEAD, rows, "nothing is parked")
    return ending.DONE


async def retry(storage: Storage, args: Args) -> int:
    """Due now; a running server takes it at its next look."""
    parked = await _parked(storage, args.id)
    if not await storage.database.parking.unpark(parked.id, storage.clock.moment().now):
        raise _unknown(args.id)
    await _audit(storage, parked, "work.retry")
    say(f"{parked.id} ({parked.action}) will be tried again; a running server begins within half a minute")
    return ending.DONE


async def drop(storage: Storage, args: Args) -> int:
    """A report that will never be filed must not look as if it still were: its card says so, in the transaction
    that ends the row."""
    parked = await _parked(storage, args.id)
    if parked.action is Action.FILE and parked.group_id and parked.incident_id:
        over = FilingOff(incident_id=parked.incident_id, why="gave_up")
        envelope = Commit(now=storage.clock.moment().now, finished=(parked.id,))
        await storage.turns().one(parked.group_id, over, envelope)
        await _audit(storage, parked, "work.drop")
        say(f"{parked.id} ({parked.action}) is dropped; the group is told that it was not filed")
        return ending.DONE
    if not await storage.database.parking.drop(parked.id):
        raise _unknown(args.id)
    await _audit(storage, parked, "work.drop")
    say(f"{parked.id} ({parked.action}) is dropped")
    return ending.DONE


async def _parked(storage: Storage, number: int) -> Parked:
    for one in await storage.database.parking.parked():
        if one.id == WorkId(number):
            return one
    raise _unknown(number)


def _unknown(number: int) -> InputError:
    return InputError("ID", f"nothing is parked under {number}; bart work list shows what is")


async def _audit(storage: Storage, parked: Parked, act: str) -> None:
    """Only what belongs to a group belongs to a tenant."""
    if parked.group_id is None:
        return
    known = (await storage.database.store.load([parked.group_id])).get(parked.group_id)
    if known is not None:
        await storage.database.audit.record(
            AuditEntry(
                at=storage.clock.moment().now,
                tenant_id=known.group.tenant_id,
                actor="cli",
                act=act,
                subject=f"{parked.action} {parked.incident_id or parked.group_id}",
            )
        )

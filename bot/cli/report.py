"""`bart report`: what was filed, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli import ending
from bot.cli.asking import Args, Commands, command, group
from bot.cli.opening import stored, tenant
from bot.cli.telling import say, table, time
from bot.model.errors import InputError
from bot.model.ids import ReportId

if TYPE_CHECKING:
    from bot.app import Storage

HEAD = ("ID", "REFERENCE", "DESK", "TENANT", "CATEGORY", "STATUS", "FILED", "NEIGHBOURS", "PLACE")
MOST = 500


def add_to(commands: Commands) -> None:
    """The commands."""
    inner = group(commands, "report", "show reports and how they stand")
    parser = command(inner, "list", f"show reports, newest first, {MOST} at most", stored(list_))
    parser.add_argument("--open", action="store_true", help="only what is not closed")
    parser.add_argument("--tenant", metavar="T", help="only of this tenant")
    parser = command(inner, "show", "show one report", stored(show))
    parser.add_argument("id", metavar="ID")


async def list_(storage: Storage, args: Args) -> int:
    """Newest first."""
    only = tenant(storage.config, args.tenant) if args.tenant else None
    rows = [
        (
            one.id,
            one.reference,
            one.desk,
            one.tenant_id,
            one.category,
            one.status,
            time(one.filed_at),
            one.neighbours,
            one.place.public_label,
        )
        for one in await storage.database.views.reports(only, open_only=args.open, limit=MOST)
    ]
    table(HEAD, rows, "there are no open reports" if args.open else "there are no reports yet")
    return ending.DONE


async def show(storage: Storage, args: Args) -> int:
    """What the desk told of it, and nothing residents wrote."""
    one = await storage.database.views.report(None, ReportId(args.id))
    if one is None:
        raise InputError("ID", f'there is no report "{args.id}"; bart report list shows them')
    facts = (
        ("report", one.id),
        ("reference", one.reference),
        ("desk", one.desk),
        ("tenant", one.tenant_id),
        ("category", one.category),
        ("place", one.place.public_label),
        ("status", f"{one.status} since {time(one.changed_at)}"),
        ("filed", time(one.filed_at)),
        ("neighbours", one.neighbours),
        ("groups", one.groups),
        ("the desk says", one.note or "-"),
    )
    for name, value in facts:
        say(f"{name:<18} {value}")
    return ending.DONE

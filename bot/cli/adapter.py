"""`bart adapter`: for who writes a channel, desk or geocoder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli import ending
from bot.cli.asking import Args, Commands, command, group
from bot.cli.opening import quiet
from bot.cli.telling import say, table
from bot.model.errors import InputError, StartError

if TYPE_CHECKING:
    from adapters.testing.ladder import Check, Kind, Result

PATIENCE_S = 60.0
"""How long one check may take."""
KINDS = ("channel", "desk", "geocoder")
GROUPS = {kind: f"bart.{kind}s" for kind in KINDS} | {"alerts": "bart.alerts"}


def add_to(commands: Commands) -> None:
    """The commands."""
    inner = group(commands, "adapter", "write, check or list channels, desks and geocoders")
    parser = command(inner, "new", "write a working adapter with its tests, to be changed into yours", new)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--kind", choices=KINDS, default="channel", help="what it is; a channel unless said")
    parser.add_argument("--into", type=Path, default=Path(), metavar="DIR", help="where; here unless said")
    parser = command(
        inner, "check", "run every check on an installed adapter and say which rung it reaches", check
    )
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--kind", choices=KINDS, help="needed where several kinds have one of this name")
    parser.add_argument(
        "--rig", metavar="MODULE:NAME", help="how people use it, instead of its entry point bart.rigs"
    )
    command(inner, "list", "show the adapters that are installed here", list_)


def new(args: Args) -> int:
    """Says what to do next."""
    from adapters.testing.ladder import Kind
    from adapters.testing.writing import write

    folder = write(Kind(args.kind), args.name, args.into)
    say(f"written: {folder}", f"next: pip install -e '{folder}[test]' && pytest {folder}")
    return ending.DONE


def list_(args: Args) -> int:
    """Whether each has a rig, too."""
    from bot.registry import AdapterGroup, Registry

    registry = Registry()
    rows = [
        (kind, name, "yes" if registry.rig(name) else "no")
        for kind, entry in GROUPS.items()
        for name in registry.names(AdapterGroup(entry))
    ]
    table(("KIND", "NAME", "RIG"), rows, "no adapters")
    return ending.DONE


def check(args: Args) -> int:
    """Exit code 1 where a check does not hold, or the adapter does not load."""
    from adapters.testing.ladder import LADDER, Kind, Rung, reached
    from bot.registry import AdapterGroup, Registry

    quiet(args)
    registry = Registry()
    kind = _kind(registry, args.name, args.kind)
    registry.find(AdapterGroup(GROUPS[kind]), args.name, "NAME")
    say(f"{'ok':<5}  {'':<6}  loads from its entry point and fits these ports")
    make = _rig(args.rig) if args.rig else registry.rig(args.name)
    if make is None:
        raise InputError(
            "--rig", f'nothing says how people use "{args.name}": name a rig, or an entry point bart.rigs'
        )
    results = [_told(rung, one, make) for rung in Rung for one in LADDER[Kind(kind)][rung]]
    rung = reached(results)
    say(f"{args.name} reaches {rung}" if rung else f"{args.name} is not on the ladder yet")
    return ending.WRONG if any(result.fault for result in results) else ending.DONE


def _kind(registry: Any, name: str, asked: str | None) -> Kind:
    from adapters.testing.ladder import Kind
    from bot.registry import AdapterGroup

    found = [kind for kind in KINDS if name in registry.names(AdapterGroup(GROUPS[kind]))]
    if asked is not None:
        return Kind(asked)
    if not found:
        raise InputError("NAME", f'there is no adapter "{name}"; bart adapter list shows what is installed')
    if len(found) > 1:
        raise InputError("--kind", f'"{name}" is a {" and a ".join(found)}; say which')
    return Kind(found[0])


def _rig(where: str) -> Callable[[], Any]:
    module, _, name = where.partition(":")
    try:
        made: Callable[[], Any] = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError("--rig", f"{where} cannot be loaded: {error}") from None
    return made


def _told(rung: Any, one: Check, make: Callable[[], Any]) -> Result:
    """One line whatever happens: a fault in one check must not hide the next."""
    from adapters.testing.ladder import Result

    fault = asyncio.run(_faulted(one, make))
    word, why = (
        ("-", ": not shown by its rig") if fault is None else ("FAULT", f": {fault}") if fault else ("ok", "")
    )
    say(f"{word:<5}  {rung:<6}  {one.__name__.replace('_', ' ')}{why}")
    return Result(rung=rung, name=one.__name__, fault=fault)


async def _faulted(one: Check, make: Callable[[], Any]) -> str | None:
    from adapters.testing.ladder import can_show, run

    try:
        rig = make()
        if not can_show(rig, one):
            return None
        async with asyncio.timeout(PATIENCE_S):
            await run(one, rig)
    except AssertionError as error:
        return str(error) or "does not hold"
    except TimeoutError:
        return f"takes longer than {PATIENCE_S:g} s"
    except StartError as error:
        return str(error)
    except Exception as error:
        # An adapter in the making can fail in any way; its author wants to know which.
        return f"{type(error).__name__}: {error}"
    return ""

"""`bart migrate`, `bart version` and `bart bench`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.cli import ending
from bot.cli.asking import Args, Commands, command
from bot.cli.opening import settings, stored
from bot.cli.telling import say
from bot.model.errors import BartError

if TYPE_CHECKING:
    from bot.app import Storage


def add_to(commands: Commands) -> None:
    """The commands."""
    command(commands, "migrate", "bring the database up to date; bart run does the same", migrate)
    command(commands, "version", "say which version this is", version)
    command(commands, "bench", "measure speed and memory, in a checkout of the project", bench, passes_on=True)


def migrate(args: Args) -> int:
    """Says from which version to which."""
    from bot.app import versions

    before = versions(settings(args)).found

    async def told(storage: Storage, _: Args) -> int:
        after = versions(storage.config).known
        if before == after:
            say(f"the database is at version {after} already")
        else:
            say(
                f"the database went from {'nothing' if before is None else f'version {before}'} to version {after}"
            )
        return ending.DONE

    return stored(told, makes=True)(args)


def version(_: Args) -> int:
    """The program's own; the database's is told by `bart check`."""
    say(f"bart {bot.__version__}")
    return ending.DONE


def bench(args: Args) -> int:
    """Run `tests.bench`, which is in the repository and not in what is installed."""
    checkout = Path(bot.__file__).parents[1]
    if not (checkout / "tests" / "bench" / "__main__.py").is_file():
        raise BartError("bench needs a checkout of the project: its measurements are in tests/bench")
    sys.path.insert(0, str(checkout))
    sys.argv = ["bart bench", *args.rest]
    runpy.run_module("tests.bench", run_name="__main__", alter_sys=True)
    return ending.DONE

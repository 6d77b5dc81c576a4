"""The command line `bart`: reads what was asked, opens what that needs, says how it ended.

Nothing heavy is imported before a command needs it, so that `bart --help` and `bart version` answer at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cli.account import add_to as add_account
from bot.cli.adapter import add_to as add_adapter
from bot.cli.asking import Parser
from bot.cli.check import add_to as add_check
from bot.cli.classify import add_to as add_classify
from bot.cli.ending import guarded
from bot.cli.gazetteer import add_to as add_gazetteer
from bot.cli.group import add_to as add_group
from bot.cli.learn import add_to as add_learn
from bot.cli.report import add_to as add_report
from bot.cli.run import add_to as add_run
from bot.cli.upkeep import add_to as add_upkeep
from bot.cli.work import add_to as add_work

__all__ = ["main"]


_ADD = (
    add_run,
    add_check,
    add_work,
    add_group,
    add_report,
    add_account,
    add_gazetteer,
    add_adapter,
    add_classify,
    add_learn,
    add_upkeep,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 something is wrong, 2 wrong use, input or config."""
    parser = build()
    args, rest = parser.parse_known_args(argv)
    if rest and not args.passes_on:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    args.rest = rest
    return guarded(args)


def build() -> Parser:
    """The parser with every command."""
    parser = Parser(
        prog="bart",
        description="BART (Burger Alert Real Time): a chat bot that lives in Dutch neighbourhood groups.",
        epilog="Settings: --config FILE, or the variable BART_CONFIG; without either the demo.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    for add in _ADD:
        add(commands)
    return parser

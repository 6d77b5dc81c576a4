"""How commands are written down: parsers that answer wrong use in one line, and the options all commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[Any]"
Args = argparse.Namespace
Act = Callable[[Args], int]
"""Does what a command says and returns the exit code."""


class Parser(argparse.ArgumentParser):
    """Wrong use is one line on stderr and exit code 2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Leaves the program."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def command(commands: Commands, name: str, help_: str, act: Act, passes_on: bool = False) -> Parser:
    """A command that does something. With `passes_on` it takes options it does not know and hands them on."""
    parser: Parser = commands.add_parser(name, help=help_, description=sentence(help_))
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings (variable BART_CONFIG)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder, instead of server.data")
    parser.add_argument("--debug", action="store_true", help="log everything and show where an error arose")
    parser.set_defaults(act=act, passes_on=passes_on)
    return parser


def group(commands: Commands, name: str, help_: str) -> Commands:
    """A command with commands of its own."""
    parser: Parser = commands.add_parser(name, help=help_, description=sentence(help_))
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest=f"{name}_command")


def sentence(text: str) -> str:
    """A line of help as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."

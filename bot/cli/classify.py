"""`bart classify` and `bart evaluate`: what messages mean, and how often that is what people say they mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from bot.cli import ending
from bot.cli.asking import Args, Commands, Parser, command
from bot.cli.telling import say
from bot.model.errors import InputError

MODELS = ("auto", "full", "light", "rules")
STDIN = "-"
LABELS = {"intent": str, "urgent": bool, "location": list, "pii": list}


def add_to(commands: Commands) -> None:
    """The commands."""
    parser = command(
        commands, "classify", "say what the messages of a JSONL file mean, one JSON line each", classify
    )
    parser.add_argument("--explain", action="store_true", help="add the reasons")
    _common(parser, "?")
    _common(command(commands, "evaluate", "score a model on a labelled JSONL file", evaluate), None)


def _common(parser: Parser, times: str | None) -> None:
    parser.add_argument(
        "--model", choices=MODELS, default=MODELS[0], help="which one reads; the best that runs here by default"
    )
    parser.add_argument("file", nargs=times, default=STDIN, metavar="FILE", help="- is stdin")


def classify(args: Args) -> int:
    """One line for each message, in order; stops at the first bad line."""
    from nlp.classify import answer, classified, rows
    from nlp.interpreter import interpreter

    with _lines(args.file) as (lines, name):
        for row, meaning in classified(rows(lines, name), interpreter(args.model)):
            told = answer(row, meaning)
            if args.explain:
                told["reasons"] = list(meaning.reasons)
            # A broken pair of surrogates cannot leave as UTF-8; JSON may write it as an escape.
            sys.stdout.write(_json(told) + "\n")
    return ending.DONE


def evaluate(args: Args) -> int:
    """Every figure as `name: value`."""
    from nlp.classify import answer, classified, rows
    from nlp.interpreter import interpreter
    from nlp.scoring import figures

    with _lines(args.file) as (lines, name):
        labelled = [_labelled(row, f"{name}: message {row['id']}") for row in rows(lines, name)]
    if not labelled:
        raise InputError(args.file, "has no messages")
    pairs = [(row, answer(row, meaning)) for row, meaning in classified(labelled, interpreter(args.model))]
    for key, value in figures(pairs).items():
        say(f"{key}: {value:g}")
    return ending.DONE


def _labelled(row: Any, where: str) -> Any:
    for key, kind in LABELS.items():
        if not isinstance(row.get(key), kind):
            raise InputError(where, f"has no label {key}")
    return {"category": None, "ref": None, **row}


def _json(told: dict[str, Any]) -> str:
    line = json.dumps(told, ensure_ascii=False)
    return line if line.isprintable() or _is_utf8(line) else json.dumps(told)


def _is_utf8(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def _lines(file: str) -> Iterator[tuple[BinaryIO, str]]:
    if file == STDIN:
        yield sys.stdin.buffer, "stdin"
        return
    with Path(file).open("rb") as lines:
        yield lines, file

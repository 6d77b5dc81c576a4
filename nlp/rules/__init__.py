"""The rule interpreter: word lists and a few points, until a trained model takes its place."""

from __future__ import annotations

from bot.ports.interpreter import Interpreter
from nlp.rules.interpreter import RuleInterpreter


def interpreter() -> Interpreter:
    """The interpreter that needs nothing but the word lists beside it."""
    return RuleInterpreter()

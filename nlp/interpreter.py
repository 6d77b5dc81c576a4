"""Which interpreter reads the messages."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec

from bot.model.errors import ConfigError
from bot.model.ids import PersonKey
from bot.model.reading import Reading
from bot.ports.interpreter import Interpreter
from nlp.rules.interpreter import RuleInterpreter

FULL, LIGHT, RULES, AUTO = "full", "light", "rules", "auto"
MODELS = (FULL, LIGHT, RULES)
NEEDED = ("onnxruntime", "tokenizers")
"""What the second stage runs on: the extra `full`."""


def best() -> str:
    """The best model that runs here: "full" where its packages are installed, else "light"."""
    return FULL if all(find_spec(name) for name in NEEDED) else LIGHT


def interpreter(model: str = AUTO, entities: str = "off") -> Interpreter:
    """The interpreter of a name in `MODELS`, or the best one that runs here.

    ConfigError where "full" is asked for and its packages are not there; ValueError names a model that does not
    exist. `entities` is a spaCy model that adds candidates for names and places: "auto" where one is installed,
    "off", or its name; ConfigError where it is not there.
    """
    model = best() if model == AUTO else model
    if model == RULES:
        return RuleInterpreter()
    if model not in MODELS:
        raise ValueError(f'there is no model "{model}"; there are {", ".join(MODELS)}')
    if model == FULL and best() != FULL:
        raise ConfigError("interpreter.kind", 'is "full", which needs: pip install "bart-buurt[full]"')
    # spaCy, numpy and the weights are loaded only where they are used.
    from nlp.pipeline.interpreter import PipelineInterpreter, blank  # noqa: PLC0415 - on purpose, see above

    reader = PipelineInterpreter(blank(entities, full=model == FULL))
    # Weights and word lists are read now: who says that BART is ready must not wait at the first message.
    reader.interpret([Reading(text="goedemorgen", author=PersonKey(""), at=datetime(2026, 1, 1, tzinfo=UTC))])
    return reader

"""Which interpreter reads the messages."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.model.ids import PersonKey
from bot.model.reading import Reading
from bot.ports.interpreter import Interpreter
from nlp.rules.interpreter import RuleInterpreter

LIGHT = "light"
RULES = "rules"
MODELS = (LIGHT, RULES)


def interpreter(model: str = LIGHT, entities: str = "off") -> Interpreter:
    """The interpreter of a name in `MODELS`; ValueError names one that does not exist.

    `entities` is a spaCy model that adds candidates for names and places: "auto" where one is installed, "off", or
    its name; ConfigError where it is not there.
    """
    if model == RULES:
        return RuleInterpreter()
    if model != LIGHT:
        raise ValueError(f'there is no model "{model}"; there are {", ".join(MODELS)}')
    # spaCy, numpy and the weights are loaded only where they are used.
    from nlp.pipeline.interpreter import PipelineInterpreter, blank  # noqa: PLC0415 - on purpose, see above

    reader = PipelineInterpreter(blank(entities))
    # Weights and word lists are read now: who says that BART is ready must not wait at the first message.
    reader.interpret([Reading(text="goedemorgen", author=PersonKey(""), at=datetime(2026, 1, 1, tzinfo=UTC))])
    return reader

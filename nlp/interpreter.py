"""Which interpreter reads the messages."""

from __future__ import annotations

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

    return PipelineInterpreter(blank(entities))

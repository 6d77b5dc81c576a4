"""Which interpreter reads the messages."""

from __future__ import annotations

from bot.ports.interpreter import Interpreter
from nlp.rules.interpreter import RuleInterpreter

LIGHT = "light"
RULES = "rules"
MODELS = (LIGHT, RULES)


def interpreter(model: str = LIGHT) -> Interpreter:
    """The interpreter of a name in `MODELS`; ValueError names one that does not exist."""
    if model == RULES:
        return RuleInterpreter()
    if model != LIGHT:
        raise ValueError(f'there is no model "{model}"; there are {", ".join(MODELS)}')
    # numpy and the weights are loaded only where they are used.
    from nlp.light.interpreter import LightInterpreter  # noqa: PLC0415 - on purpose, see above

    return LightInterpreter()

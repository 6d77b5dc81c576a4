"""An interpreter that means what a test says it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.model.reading import NOTHING, Interpretation, Reading

Meaning = Interpretation | Callable[[Reading], Interpretation]


class FakeInterpreter:
    """`meanings` by message text; every other text means nothing. A meaning may look at the reading."""

    def __init__(self, meanings: Mapping[str, Meaning] | None = None) -> None:
        self.meanings = dict(meanings or {})

    def interpret(self, readings: Sequence[Reading]) -> list[Interpretation]:
        """One interpretation per reading, in order."""
        return [self._one(reading) for reading in readings]

    def _one(self, reading: Reading) -> Interpretation:
        meaning = self.meanings.get(reading.text, NOTHING)
        return meaning if isinstance(meaning, Interpretation) else meaning(reading)

"""The light stage by itself: linear heads, guard rules, and a second look that weighs both."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.reading import Interpretation, Reading
from nlp.decision import decide, ruled_out
from nlp.light.model import Model, shipped
from nlp.light.stage import opinions, see_all, spans

BATCH = 256


class LightInterpreter:
    """Keeps nothing of what it reads; the same reading always means the same."""

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or shipped()

    def interpret(self, readings: Sequence[Reading]) -> list[Interpretation]:
        """One interpretation per reading, in order."""
        found: list[Interpretation] = []
        for at in range(0, len(readings), BATCH):
            found += self._batch(readings[at : at + BATCH])
        return found

    def _batch(self, readings: Sequence[Reading]) -> list[Interpretation]:
        seen = see_all(readings)
        thought = opinions(self._model, seen)
        placed = [not ruled_out(one, opinion) for one, opinion in zip(seen, thought, strict=True)]
        where = spans(self._model.tagger, seen, placed)
        pair = self._model.small["pair"]
        return [
            decide(one, places, opinion, pair) for one, places, opinion in zip(seen, where, thought, strict=True)
        ]

"""What messages mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.model.reading import Interpretation, Reading


class Interpreter(Protocol):
    """Synchronous and CPU-bound; the host calls it off the event loop.

    Never raises for any text, answers in bounded time, keeps nothing of what it read.
    """

    def interpret(self, readings: Sequence[Reading]) -> list[Interpretation]:
        """One interpretation per reading, in order."""
        ...

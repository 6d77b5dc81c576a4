"""An adapter that says what a test wants."""

from __future__ import annotations


class FakeChecks:
    """`Checks` that answers, or raises what it was given; counts how often it was asked."""

    def __init__(self, answer: str = "answers", error: Exception | None = None) -> None:
        self._answer = answer
        self._error = error
        self.asked = 0

    async def check(self) -> str:
        """The answer, or the error."""
        self.asked += 1
        if self._error is not None:
            raise self._error
        return self._answer

"""Languages."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.model.channel import Post
from bot.model.wording import Saying, Wording


class Texts(Protocol):
    """One catalogue per language. An unknown key or language, and a missing or unknown slot,
    are faults: `KeyError` names them."""

    @property
    def version(self) -> str:
        """Changes whenever a text changes: proofs say which version somebody answered."""
        ...

    def post(self, saying: Saying, language: str) -> Post: ...

    def text(self, wording: Wording, language: str) -> str:
        """One template without emphasis, for toasts, labels and pages."""
        ...

    def slots_of(self, key: str) -> frozenset[str]:
        """The slots a template must be given, no more and no less; "button.<value>" for labels."""
        ...

    def date(self, at: datetime, language: str) -> str:
        """A day as people say it ("3 maart"). `at` is in the time zone of who reads it."""
        ...

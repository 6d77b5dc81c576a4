"""A package of somebody else, for tests of finding adapters."""

from __future__ import annotations

from bot.ports.setup import Setup

NOT_A_FACTORY = "text"


class Adapter:
    """Remembers what it was set up with."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup


def adapter(setup: Setup) -> Adapter:
    """The factory."""
    return Adapter(setup)

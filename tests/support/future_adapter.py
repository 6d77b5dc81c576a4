"""An adapter that was written for ports to come."""

from __future__ import annotations

from bot.ports.setup import Setup

PORT_VERSION = "9000.1"


def adapter(setup: Setup) -> Setup:
    """Never called."""
    return setup

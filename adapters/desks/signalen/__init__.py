"""The desk of a municipality that works with Signalen, by its public API or with a service account."""

from __future__ import annotations

from adapters.desks.signalen.desk import SignalenDesk
from adapters.desks.signalen.options import read_options
from bot.ports.setup import Setup

__all__ = ["SignalenDesk", "desk"]


def desk(setup: Setup) -> SignalenDesk:
    """The desk of this setup, to be entered before use; raises `ConfigError` for a wrong option."""
    return SignalenDesk(setup, read_options(setup.where, setup.options))

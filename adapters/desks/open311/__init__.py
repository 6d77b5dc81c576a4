"""A municipality's own system behind Open311 GeoReport v2, with mySociety's extension for updates."""

from __future__ import annotations

from adapters.desks.ledger import Ledger
from adapters.desks.open311.adapter import Open311Desk
from adapters.desks.open311.client import Client
from adapters.desks.open311.options import read_options
from bot.ports.setup import Setup

__all__ = ["Open311Desk", "desk"]


def desk(setup: Setup) -> Open311Desk:
    """The desk of this setup, to be entered before use; raises `ConfigError` for a wrong option."""
    options = read_options(setup.where, setup.options)
    return Open311Desk(setup, options, Client(options), Ledger(setup.data / "ledger.db"))

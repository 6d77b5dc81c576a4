"""The desk BART brings along, for municipalities without a system: a system of its own, in one SQLite file."""

from __future__ import annotations

from adapters.desks.embedded.adapter import EmbeddedDesk
from adapters.desks.embedded.database import Database
from adapters.desks.embedded.options import read_options
from adapters.desks.embedded.rehearsal import DryRunDesk, dry_run
from bot.ports.setup import Setup

__all__ = ["DryRunDesk", "EmbeddedDesk", "desk", "dry_run"]


def desk(setup: Setup) -> EmbeddedDesk:
    """The desk of this setup, to be entered before use; raises `ConfigError` for a wrong option."""
    return EmbeddedDesk(
        tenant_id=setup.tenant_id,
        clock=setup.clock,
        options=read_options(setup.where, setup.options),
        database=Database(setup.data / "desk.db"),
    )

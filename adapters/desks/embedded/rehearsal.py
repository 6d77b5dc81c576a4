"""The dry run desk: a queue of its own that shows what would be sent, and sends nothing to anybody."""

from __future__ import annotations

from dataclasses import replace

from adapters.desks.embedded.adapter import EmbeddedDesk
from adapters.desks.embedded.database import Database
from adapters.desks.embedded.options import read_options
from bot.model.desk import DeskCapabilities
from bot.ports.setup import Setup

PREFIX = "PROEF"


class DryRunDesk(EmbeddedDesk):
    """The embedded desk under another name: whoever tries BART out reads on its pages, to the letter, what a
    real desk would have got, and can play what a municipality would answer. Residents read that it is a rehearsal.
    """

    def capabilities(self) -> DeskCapabilities:
        """All that the embedded desk can, as a rehearsal."""
        return replace(super().capabilities(), rehearsal=True)

    async def check(self) -> str:
        """Says first that nothing is sent: an operator who forgot would find out too late."""
        return f"a rehearsal, nothing is sent; {await super().check()}"


def dry_run(setup: Setup) -> DryRunDesk:
    """The dry run desk of this setup; raises `ConfigError` for a wrong option."""
    return DryRunDesk(
        tenant_id=setup.tenant_id,
        clock=setup.clock,
        options=read_options(setup.where, {"prefix": PREFIX, **setup.options}),
        database=Database(setup.data / "desk.db"),
    )

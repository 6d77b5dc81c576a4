"""A desk for a municipality without a system: reports go out by e-mail, and its answers come back the same way."""

from __future__ import annotations

from adapters.desks.ledger import Ledger
from adapters.desks.mail.adapter import MailDesk
from adapters.desks.mail.inbox import Inbox
from adapters.desks.mail.options import read_options
from adapters.desks.mail.outbox import Outbox
from bot.ports.setup import Setup

__all__ = ["MailDesk", "desk"]


def desk(setup: Setup) -> MailDesk:
    """The desk of this setup, to be entered before use; raises `ConfigError` for a wrong option."""
    options = read_options(setup.where, setup.options)
    return MailDesk(setup, options, Outbox(options), Inbox(options), Ledger(setup.data / "ledger.db"))

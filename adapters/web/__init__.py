"""The pages and the HTTP API: chat, desk, overview, staff logins, health and metrics."""

from adapters.web.accounts import make_account
from adapters.web.app import site
from adapters.web.record import Site

__all__ = ["Site", "make_account", "site"]

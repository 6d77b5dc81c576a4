"""The HTTP channel: how an existing neighbourhood app connects. Entry point `bart.channels`: http."""

from __future__ import annotations

from adapters.channels.http.channel import HttpChannel
from adapters.channels.http.options import read_options
from bot.ports.channel import Channel
from bot.ports.setup import Setup

__all__ = ["PORT_VERSION", "HttpChannel", "channel"]

PORT_VERSION = "1.1"


def channel(setup: Setup) -> Channel:
    """The channel of one app; raises `ConfigError` naming the key that is wrong."""
    return HttpChannel(setup, read_options(setup.where, setup.options))

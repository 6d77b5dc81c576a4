"""The web channel: its own platform, living in the memory of one process. Entry point `bart.channels`: web."""

from __future__ import annotations

from adapters.channels.web.channel import WebChannel
from adapters.channels.web.options import read_options
from bot.ports.channel import Channel
from bot.ports.setup import Setup

__all__ = ["WebChannel", "channel"]


def channel(setup: Setup) -> Channel:
    """A web channel with the rooms of `setup.options`; raises `ConfigError` naming the key that is wrong."""
    return WebChannel(setup, read_options(setup.where, setup.options))

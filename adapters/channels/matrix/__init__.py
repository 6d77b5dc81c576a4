"""A bot account on a Matrix homeserver. Entry point `bart.channels`: matrix. Needs the extra `matrix`."""

from __future__ import annotations

from adapters.channels.matrix.channel import MatrixChannel
from adapters.channels.matrix.options import read_options
from bot.ports.channel import Channel
from bot.ports.setup import Setup

__all__ = ["PORT_VERSION", "MatrixChannel", "channel"]

PORT_VERSION = "1.1"


def channel(setup: Setup) -> Channel:
    """A Matrix account as `setup.options` say; raises `ConfigError` naming the key that is wrong."""
    return MatrixChannel(setup, read_options(setup.where, setup.options))

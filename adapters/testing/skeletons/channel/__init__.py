"""A channel of BART. Entry point `bart.channels`: example."""

from __future__ import annotations

from bot.model.errors import ConfigError
from bot.ports.channel import Channel
from bot.ports.setup import Setup

from .channel import ExampleChannel
from .network import Network

PORT_VERSION = "1.1"
"""The version of BART's ports that this was written for."""


def channel(setup: Setup) -> Channel:
    """Made from the table `[channels.<name>]` of the settings; nothing happens before it is entered."""
    for key in setup.options:
        raise ConfigError(f"{setup.where}.{key}", "there is no such setting")
    return ExampleChannel(Network())

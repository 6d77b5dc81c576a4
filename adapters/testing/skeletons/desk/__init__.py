"""A desk of BART. Entry point `bart.desks`: example."""

from __future__ import annotations

from bot.model.errors import ConfigError
from bot.ports.desk import Desk
from bot.ports.setup import Setup

from .desk import ExampleDesk
from .system import System

PORT_VERSION = "1.1"
"""The version of BART's ports that this was written for."""


def desk(setup: Setup) -> Desk:
    """Made from the table `[desks.<name>]` of the settings; nothing happens before it is entered."""
    for key in setup.options:
        raise ConfigError(f"{setup.where}.{key}", "there is no such setting")
    return ExampleDesk(System())

"""A geocoder of BART. Entry point `bart.geocoders`: example."""

from __future__ import annotations

from bot.model.errors import ConfigError
from bot.ports.geocoder import Geocoder
from bot.ports.setup import Setup

from .geocoder import ExampleGeocoder

PORT_VERSION = "1.1"
"""The version of BART's ports that this was written for."""


def geocoder(setup: Setup) -> Geocoder:
    """Made from the table `[geocoders.<name>]` of the settings."""
    for key in setup.options:
        raise ConfigError(f"{setup.where}.{key}", "there is no such setting")
    return ExampleGeocoder()

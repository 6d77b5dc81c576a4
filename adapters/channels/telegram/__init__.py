"""Telegram groups, on python-telegram-bot. Entry point `bart.channels`: telegram."""

from __future__ import annotations

from adapters.channels.telegram.channel import TelegramChannel
from adapters.channels.telegram.options import read_options
from bot.ports.channel import Channel
from bot.ports.setup import Setup

__all__ = ["PORT_VERSION", "TelegramChannel", "channel"]

PORT_VERSION = "1.1"


def channel(setup: Setup) -> Channel:
    """A bot account on Telegram; raises `ConfigError` naming the key that is wrong."""
    return TelegramChannel(setup, read_options(setup.where, setup.options))

"""A strict Telegram: its Bot API on loopback, and the people in its chats. Refuses what Telegram refuses."""

from __future__ import annotations

from tests.fakes.telegram.flood import Limits
from tests.fakes.telegram.methods import BotApi
from tests.fakes.telegram.server import Served, serve
from tests.fakes.telegram.world import BOT_ID, TOKEN, Chat, World

__all__ = ["BOT_ID", "TOKEN", "BotApi", "Chat", "Limits", "Served", "World", "serve"]

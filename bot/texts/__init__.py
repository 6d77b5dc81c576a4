"""Everything BART says, one gettext catalogue per language (docs/texts.md)."""

from __future__ import annotations

from bot.texts.catalogue import Catalogue

__all__ = ["Catalogue"]

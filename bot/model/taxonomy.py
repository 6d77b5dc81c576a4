"""The categories BART can recognise; slugs are stable. The table is `taxonomy.toml` beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class DeskKind(StrEnum):
    """Which kind of desk a category belongs to when it is not urgent."""

    MUNICIPALITY = "gemeente"
    POLICE = "politie"
    CARE = "zorg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """`about_people`: never released by anybody but the author, never repeated by the bot."""

    slug: str
    name: str
    desk: DeskKind
    can_be_urgent: bool
    about_people: bool


ABOUT_PEOPLE = frozenset({"verdacht", "jongeren", "zorg", "drugs", "geweld", "vermist"})
"""Sensitive classes (CONVERSATION.md, confidence bands)."""


@cache
def taxonomy() -> dict[str, Category]:
    """All categories by slug, in the order of the file."""
    text = resources.files("bot.model").joinpath("taxonomy.toml").read_text("utf-8")
    return {
        slug: Category(
            slug=slug,
            name=row["name"],
            desk=DeskKind(row["desk"]),
            can_be_urgent=row.get("urgent", False),
            about_people=slug in ABOUT_PEOPLE,
        )
        for slug, row in tomllib.loads(text).items()
    }


def category(slug: str) -> Category:
    """The category, or `overig` for a slug this version does not know."""
    table = taxonomy()
    return table.get(slug) or table["overig"]

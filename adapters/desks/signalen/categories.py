"""Which of the municipality's categories a report belongs in: our list, its own words, and the live tree."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import NamedTuple

from bot.model.errors import DeskCredentials, DeskRefused

PATH = "/signals/v1/public/terms/categories/{}/sub_categories/{}"
"""The server wants this prefix, whatever the host."""
LAST_RESORT = "overig/overig"


class Finer(NamedTuple):
    """`words`: of each list one must be in the text."""

    category: str
    to: str
    words: tuple[re.Pattern[str], ...]


@cache
def table() -> tuple[Mapping[str, str], tuple[Finer, ...]]:
    """Our list: plain, and finer by words."""
    read = tomllib.loads(resources.files(__package__).joinpath("categories.toml").read_text("utf-8"))
    finer = tuple(
        Finer(row["category"], row["to"], tuple(_any_of(words) for words in row["words"])) for row in read["finer"]
    )
    return read["plain"], finer


def _any_of(words: list[str]) -> re.Pattern[str]:
    parts = [re.escape(word.removesuffix("*")) + ("" if word.endswith("*") else r"\b") for word in words]
    return re.compile(rf"\b(?:{'|'.join(parts)})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """`active` are the main/sub the municipality uses now; `own` what its config says of ours."""

    active: frozenset[str]
    own: Mapping[str, str] = field(default_factory=dict)

    def choose(self, category: str, text: str, but: frozenset[str] = frozenset()) -> str:
        """Main/sub for this report. Raises `DeskRefused` for what is not the municipality's, and
        `DeskCredentials` where the tree has nothing to file under.
        """
        plain, finer = table()
        if category not in plain and category not in self.own:
            raise DeskRefused("category", "belongs to police or care, not to the municipality")
        wanted = [self.own[category]] if category in self.own else _wanted(category, text, plain, finer)
        for path in (*wanted, LAST_RESORT):
            if path in self.active and path not in but:
                return path
        raise DeskCredentials(f"category: {LAST_RESORT} is not there or not active")

    def all_of(self, category: str) -> tuple[str, ...]:
        """Every main/sub that a report of this category may be under."""
        plain, finer = table()
        found = (
            [self.own[category]] if category in self.own else [one.to for one in finer if one.category == category]
        )
        found += [plain[category]] if category in plain and category not in self.own else []
        return tuple(dict.fromkeys(path for path in found if path in self.active))

    def lost(self) -> tuple[str, ...]:
        """Our categories that would go to the last resort, although they have a place of their own."""
        wanted = dict(table()[0]) | dict(self.own)
        return tuple(sorted(ours for ours, path in wanted.items() if path not in self.active))


def _wanted(category: str, text: str, plain: Mapping[str, str], finer: tuple[Finer, ...]) -> list[str]:
    fitting = [
        one.to for one in finer if one.category == category and all(words.search(text) for words in one.words)
    ]
    return [*fitting, plain[category]]


def path_of(category: str) -> str:
    """Main/sub as the server wants it."""
    main, _, sub = category.partition("/")
    return PATH.format(main, sub)

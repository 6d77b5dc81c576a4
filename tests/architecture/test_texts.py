"""Code and catalogue fit: nothing says a text that is not there, and no text is there that nothing says.

Seen statically: keys that are literals, and f-strings with one hole that is filled from a fixed set of words.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from bot.filing import NEUTRAL
from bot.model.buttons import Button
from bot.model.report import Status
from bot.model.taxonomy import taxonomy
from bot.model.tenant import Numbers
from bot.process.cards import SAFE_TO_SOLVE
from bot.process.posts import BUILDERS, FALLBACKS, OFFERS
from bot.texts import Catalogue
from tests.support import sources

CATALOGUE = Catalogue.load()
KEYS = frozenset(CATALOGUE.templates["nl"])
NUMBERS = {one.name for one in fields(Numbers)}
FOR_OPERATORS = "instead."
"""Named by operators in the routes of their config."""
SHORT = ".short"
"""A button's label where there is little room; `Catalogue` looks for it beside the label."""
WORDS = {*taxonomy(), *Status, *Button}
"""What fills the hole of an f-string, beside whole keys."""
TOLD = {"say": 0, "whisper": 1}
"""Methods of `Flow` whose argument at this place is a text, or a post made of several (`BUILDERS`)."""
SAID = {"toast": 0, "_answer": 2, "_answers": 0}
FILLED_BY_HAND = {"permission.ask", "permission.on"}
"""Texts that `posts.post` fills with more than numbers."""
MODULES = tuple(path for path in sources.product() if path.parts[0] == "bot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A text named in code. `slots` is None where what fills it cannot be seen."""

    key: str
    where: str
    slots: frozenset[str] | None


def literals(node: ast.AST | None) -> Iterator[str]:
    """The string this is, or the two it may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def slots_of(node: ast.AST | None, scope: ast.AST) -> frozenset[str] | None:
    """The keys of a dict, written in place or given a name once in the same function."""
    if node is None:
        return frozenset()
    if isinstance(node, ast.Name):
        bound = [
            one.value
            for one in ast.walk(scope)
            if isinstance(one, ast.Assign) and any(getattr(t, "id", "") == node.id for t in one.targets)
        ]
        changed = any(
            isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store) and ast.unparse(one.value) == node.id
            for one in ast.walk(scope)
        )
        return slots_of(bound[0], scope) if len(bound) == 1 and not changed else None
    if not isinstance(node, ast.Dict):
        return None
    found: set[str] = set()
    for key, value in zip(node.keys, node.values, strict=True):
        inner = slots_of(value, scope) if key is None else frozenset(literals(key))
        if (not inner and key is not None) or inner is None:
            return None
        found |= inner
    return frozenset(found)


def wordings(path: Path) -> Iterator[Use]:
    """Every `Wording` whose key is written out."""
    functions = [node for node in ast.walk(sources.tree(path)) if isinstance(node, ast.FunctionDef)]
    for scope in functions:
        for call in ast.walk(scope):
            if isinstance(call, ast.Call) and name_of(call) == "Wording":
                given = {word.arg: word.value for word in call.keywords}
                for key in literals(given.get("key")):
                    yield Use(key=key, where=f"{path}:{call.lineno}", slots=slots_of(given.get("slots"), scope))


def told(path: Path, table: dict[str, int]) -> Iterator[Use]:
    for call in ast.walk(sources.tree(path)):
        place = table.get(name_of(call)) if isinstance(call, ast.Call) else None
        if isinstance(call, ast.Call) and place is not None and len(call.args) > place:
            for key in literals(call.args[place]):
                yield Use(key=key, where=f"{path}:{call.lineno}", slots=None)


WORDED = [use for path in MODULES for use in wordings(path)]
PROCESS = [path for path in MODULES if path.parts[1] == "process"]
POSTED = [use for path in PROCESS for use in told(path, TOLD)]
ANSWERED = [use for path in PROCESS for use in told(path, SAID)]


def strings() -> Iterator[str]:
    """Every string in the code, those with one hole filled with every word that may go in."""
    plain = {
        node.value
        for path in MODULES
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    yield from plain
    for path in MODULES:
        for node in ast.walk(sources.tree(path)):
            if (
                isinstance(node, ast.JoinedStr)
                and sum(isinstance(v, ast.FormattedValue) for v in node.values) == 1
            ):
                parts = [v.value if isinstance(v, ast.Constant) else None for v in node.values]
                for word in WORDS | (plain & KEYS):
                    yield "".join(word if part is None else str(part) for part in parts)


def test_every_text_is_said_somewhere() -> None:
    said = set(strings())
    assert (
        sorted(key for key in KEYS - said if not key.startswith(FOR_OPERATORS) and not key.endswith(SHORT)) == []
    )


def test_every_short_label_is_that_of_a_button() -> None:
    assert {key.removesuffix(SHORT) for key in KEYS if key.endswith(SHORT)} <= {f"button.{one}" for one in Button}


@pytest.mark.parametrize("use", WORDED, ids=lambda use: f"{use.where} {use.key}")
def test_a_text_that_is_worded_exists_and_gets_its_slots(use: Use) -> None:
    assert use.key in KEYS
    assert use.slots is None or use.slots == CATALOGUE.slots_of(use.key)


def test_slots_can_be_seen_for_most_texts() -> None:
    seen = sum(use.slots is not None for use in WORDED)
    assert seen >= 0.8 * len(WORDED) > 0


@pytest.mark.parametrize("use", POSTED + ANSWERED, ids=lambda use: f"{use.where} {use.key}")
def test_a_text_that_is_said_exists(use: Use) -> None:
    assert use.key in KEYS | BUILDERS.keys()


def test_a_text_said_as_it_is_wants_nothing_but_numbers() -> None:
    keys = {use.key for use in POSTED + ANSWERED if not use.key.startswith("toast.")} - BUILDERS.keys()
    keys |= {key for key in KEYS if key.startswith(FOR_OPERATORS)}
    more = {key for key in keys if not CATALOGUE.slots_of(key) <= NUMBERS}
    assert more == FILLED_BY_HAND


def test_a_toast_has_no_slots() -> None:
    assert [key for key in KEYS if key.startswith("toast.") and CATALOGUE.slots_of(key)] == []


def test_a_neutral_line_for_a_desk_wants_at_most_a_count() -> None:
    assert all(CATALOGUE.slots_of(key) <= {"count"} for key in [*NEUTRAL.values(), "neutral.dont_know"])


def test_fallbacks_and_buttons_belong_to_texts_that_are_said() -> None:
    named = {use.key for use in POSTED + ANSWERED} | set(strings())
    posts = KEYS | BUILDERS.keys()
    assert (FALLBACKS.keys() | OFFERS.keys()) <= named & posts
    assert {text for text in FALLBACKS.values() if text} <= posts


def test_a_tip_is_there_for_what_is_safe_to_solve() -> None:
    assert {f"tip.{slug}" for slug in SAFE_TO_SOLVE} == {key for key in KEYS if key.startswith("tip.")}

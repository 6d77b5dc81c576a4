"""From TOML tables to frozen records. Whatever is wrong is told with the exact key and where it was set."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import EnumType
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from bot.model.errors import ConfigError

T = TypeVar("T")
Table = Mapping[str, Any]
FREE = Mapping[str, Any]
"""The type of a table whose keys its owner, an adapter, checks itself."""

PREFIX = "BART_"
_HHMM = re.compile(r"\d\d:\d\d")
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where values came from: the file, and the environment variable for each key set there."""

    file: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def error(self, key: str, what: str) -> ConfigError:
        """An error that says in which file or variable the key was set."""
        variable = self.variables.get(key)
        return ConfigError(_line(f"{variable} ({key})" if variable else f"{self.file}: {key}"), _line(what))


def decode(kind: type[T], table: Table, source: Source, key: str = "") -> T:
    """The record `kind` from a table; unknown, missing and ill-typed keys raise `ConfigError`."""
    decoded: T = _value(kind, table, source, key)
    return decoded


def settings(kind: type[Any], key: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of a record and the records in it, with its default (`dataclasses.MISSING` where required).

    Below a table of named records the name is written `<name>`. Free tables are left out.
    """
    hints = get_type_hints(kind)
    for one in dataclasses.fields(kind):
        path = _join(key, one.name)
        hint = hints[one.name]
        if dataclasses.is_dataclass(hint):
            yield from settings(_record(hint), path)
        elif dataclasses.is_dataclass(named := _named(hint)):
            yield from settings(_record(named), f"{path}.<name>")
        elif hint != FREE:
            made = one.default_factory
            yield path, made() if made is not dataclasses.MISSING else one.default


def overlay(kind: type[Any], table: Table, environ: Mapping[str, str], file: str) -> tuple[Table, Source]:
    """The table with `BART_<SECTION>__<KEY>` variables laid over it, and where each key came from.

    A variable is text, turned into what its key wants; a list is written with commas. In a free table it
    stays text, unless the file has a number or true/false under that key.
    """
    merged = _copy(table)
    variables = {}
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and "__" in variable:
            path = _place(merged, variable)
            variables[".".join(path)] = variable
            _put(merged, path, environ[variable], kind, variable)
    return merged, Source(file=file, variables=variables)


def _line(text: str) -> str:
    """Names come from outside: a line break in one must not break the one line of an error."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _value(hint: Any, value: Any, source: Source, key: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return _fields(_record(hint), _table(value, source, key), source, key)
    if (named := _named(hint)) is not None:
        table = _table(value, source, key)
        return {name: _value(named, below, source, _join(key, name)) for name, below in table.items()}
    if hint == FREE:
        return dict(_table(value, source, key))
    return _leaf(hint, value, source, key)


def _fields(kind: type[Any], table: Table, source: Source, key: str) -> Any:
    known = {one.name: one for one in dataclasses.fields(kind)}
    for name in table:
        if name not in known:
            raise source.error(_join(key, name), f"there is no such setting; known here: {', '.join(known)}")
    hints = get_type_hints(kind, include_extras=True)
    for name, one in known.items():
        if name not in table and one.default is one.default_factory is dataclasses.MISSING:
            raise source.error(_join(key, name), "is required")
    given = {name: _value(hints[name], value, source, _join(key, name)) for name, value in table.items()}
    return kind(**given)


def _leaf(hint: Any, value: Any, source: Source, key: str) -> Any:
    if hint is time and isinstance(value, str) and _HHMM.fullmatch(value):
        value = f"{value}:00"
    try:
        return msgspec.convert(value, hint, dec_hook=_path)
    except msgspec.ValidationError as wrong:
        raise source.error(key, _plain(str(wrong), hint)) from None


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    raise msgspec.ValidationError("Expected `str`")


def _plain(message: str, hint: Any) -> str:
    """msgspec's words in ours; never the value itself, which may be a secret."""
    if hint is time:
        return 'expected a time like "22:00"'
    bare = message.partition(" - at ")[0]
    if bare.startswith("Invalid enum value"):
        return f"expected one of {', '.join(_choices(hint))}"
    for word, plain in _WORDS.items():
        bare = bare.replace(f"`{word}`", plain)
    return bare[:1].lower() + bare[1:]


def _choices(hint: Any) -> list[str]:
    inner = get_args(hint)[0] if get_origin(hint) is frozenset else hint
    members = inner.__members__.values() if isinstance(inner, EnumType) else get_args(inner)
    return [str(member) for member in members]


def _table(value: Any, source: Source, key: str) -> Table:
    if not isinstance(value, Mapping):
        raise source.error(key, "expected a table")
    return value


def _named(hint: Any) -> Any:
    """The record type of a table of named records; None for anything else."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {dict, Mapping} and dataclasses.is_dataclass(args[1]):
        return args[1]
    return None


def _record(hint: Any) -> type[Any]:
    kind: type[Any] = hint
    return kind


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _copy(table: Table) -> dict[str, Any]:
    return {name: _copy(value) if isinstance(value, Mapping) else value for name, value in table.items()}


def _place(table: Table, variable: str) -> list[str]:
    """The path a variable names. Names from the file are met without regard to case, `-` being `_`."""
    path = []
    here: Any = table
    for part in variable.removeprefix(PREFIX).lower().split("__"):
        if not part:
            raise ConfigError(
                _line(variable), "expected BART_<SECTION>__<KEY>, with two underscores between names"
            )
        names = here if isinstance(here, Mapping) else {}
        name = next((name for name in names if name.lower().replace("-", "_") == part), part)
        path.append(name)
        here = names.get(name)
    return path


def _put(table: dict[str, Any], path: list[str], text: str, kind: type[Any], variable: str) -> None:
    here = table
    for name in path[:-1]:
        below = here.setdefault(name, {})
        if not isinstance(below, dict):
            raise ConfigError(_line(variable), f"{name} is a value, not a table")
        here = below
    hint = _hint(kind, path)
    if hint is None and isinstance(here.get(path[-1]), bool | int | float):
        hint = type(here[path[-1]])
    here[path[-1]] = _from_text(hint, text, f"{variable} ({'.'.join(path)})")


def _hint(kind: Any, path: list[str]) -> Any:
    """The type a path leads to; None in a free table and where nothing is known."""
    hint = kind
    for name in path:
        hint = get_type_hints(hint).get(name) if dataclasses.is_dataclass(hint) else _named(hint)
        if hint is None:
            return None
    return hint


def _from_text(hint: Any, text: str, where: str) -> Any:
    if get_origin(hint) in {frozenset, tuple, list}:
        return [part.strip() for part in text.split(",") if part.strip()]
    if hint in {int, float, bool}:
        try:
            return msgspec.convert(text.strip(), hint, strict=False)
        except msgspec.ValidationError as wrong:
            raise ConfigError(_line(where), _plain(str(wrong), hint)) from None
    return text

"""Checks every label of the corpus that a machine can check: `python -m nlp.corpus.validate [FILE …]`."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.model.reading import Intent
from bot.model.taxonomy import taxonomy
from nlp.corpus.reading import files

KEYS = (
    "id", "group", "place", "platform", "at", "author", "text", "reply_to", "media",
    "intent", "category", "urgent", "location", "pii", "ref", "why",
)  # fmt: skip
PLATFORMS = frozenset({"whatsapp", "telegram", "signal", "matrix", "other"})
MEDIA = frozenset({None, "photo", "video", "audio"})
AT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d")
TEXTS = ("id", "group", "place", "platform", "at", "author", "text", "intent")
MAYBE_TEXTS = ("reply_to", "media", "category", "ref", "why")
LISTS = ("location", "pii")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a file; `field` is empty when the whole line is."""

    file: str
    line: int
    field: str
    what: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.field}: {self.what}" if self.field else f"{where}: {self.what}"


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What earlier lines of all files said."""

    ids: dict[str, str] = field(default_factory=dict)
    """Message id → `file:line`."""
    rows: dict[str, Row] = field(default_factory=dict)
    homes: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Group → its file, place and platform."""
    last: dict[str, str] = field(default_factory=dict)
    """Group → time of its latest message."""


def check(paths: Iterable[Path]) -> list[Fault]:
    """Every fault of these files, in order; they share one space of ids."""
    seen = _Seen()
    return [fault for path in paths for fault in _file(path, seen)]


def _file(path: Path, seen: _Seen) -> Iterator[Fault]:
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        yield Fault(file=path.name, line=0, field="", what=f"is not UTF-8 at byte {error.start}")
        return
    if lines.pop() != "":
        yield Fault(file=path.name, line=len(lines) + 1, field="", what="the last line has no line end")
        return
    group = None
    done: set[str] = set()
    for number, line in enumerate(lines, 1):
        row, faults = _parse(line)
        if not faults:
            faults = [*_alone(row), *_among(row, seen, path.name)]
            if row["group"] in done:
                faults.append(("group", f"{row['group']} goes on after another group began"))
            if group not in {None, row["group"]}:
                done.add(str(group))
            group = row["group"]
            _remember(row, seen, path.name, number)
        for name, what in faults:
            yield Fault(file=path.name, line=number, field=name, what=what)


def _parse(line: str) -> tuple[Row, list[tuple[str, str]]]:
    """The row and what is wrong with its form; further checks need a row of good form."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, [("", f"is not JSON: {error.msg} at column {error.colno}")]
    if not isinstance(row, dict):
        return {}, [("", "is not a JSON object")]
    if tuple(row) != KEYS:
        missing, strange = [k for k in KEYS if k not in row], [k for k in row if k not in KEYS]
        what = (
            f"missing {missing}, unknown {strange}" if missing or strange else "in another order than documented"
        )
        return row, [("", f"keys: {what}")]
    return row, list(_types(row))


def _types(row: Row) -> Iterator[tuple[str, str]]:
    for name in TEXTS:
        if not isinstance(row[name], str) or (not row[name] and name != "text"):
            yield name, "must be a text that is not empty"
    for name in MAYBE_TEXTS:
        if row[name] is not None and (not isinstance(row[name], str) or not row[name]):
            yield name, "must be null or a text that is not empty"
    for name in LISTS:
        if not isinstance(row[name], list) or not all(isinstance(piece, str) and piece for piece in row[name]):
            yield name, "must be a list of texts that are not empty"
    if not isinstance(row["urgent"], bool):
        yield "urgent", "must be true or false"


def _alone(row: Row) -> Iterator[tuple[str, str]]:
    """What can be seen on one line."""
    yield from _values(row)
    yield from _labels(row)
    for name in LISTS:
        pieces: list[str] = row[name]
        for piece, times in Counter(pieces).items():
            if piece not in row["text"]:
                yield name, f"{piece!r} is not in the text"
            if piece != piece.strip():
                yield name, f"{piece!r} begins or ends with a space"
            if times > 1:
                yield name, f"{piece!r} is listed twice"


def _values(row: Row) -> Iterator[tuple[str, str]]:
    if row["platform"] not in PLATFORMS:
        yield "platform", f"{row['platform']!r} is none of {sorted(PLATFORMS)}"
    if row["media"] not in MEDIA:
        yield "media", f"{row['media']!r} is not null, photo, video or audio"
    if not row["text"] and row["media"] is None:
        yield "text", "is empty without media"
    if not AT.fullmatch(row["at"]) or not _is_time(row["at"]):
        yield "at", f"{row['at']!r} is not a time like 2026-03-02T21:14"
    if not row["id"].startswith(f"{row['group']}-"):
        yield "id", f"{row['id']!r} does not begin with its group"


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _labels(row: Row) -> Iterator[tuple[str, str]]:
    intent, slug = row["intent"], row["category"]
    if intent not in set(Intent):
        yield "intent", f"{intent!r} is none of {[str(one) for one in Intent]}"
        return
    if intent == Intent.NONE:
        for name in ("category", "urgent", "location", "ref"):
            if row[name]:
                yield name, "a message that is none has no such label"
        return
    if slug not in taxonomy():
        yield "category", f"{slug!r} is not in the taxonomy"
    elif row["urgent"] and not taxonomy()[slug].can_be_urgent and not row["why"]:
        yield "urgent", f"the taxonomy has no urgent {slug}: say in `why` what the danger is"
    if row["urgent"] and intent == Intent.SOLVED:
        yield "urgent", "what is solved is not urgent"
    if intent == Intent.REPORT and row["ref"] is not None:
        yield "ref", "a report starts something new and refers to nothing"
    if intent != Intent.REPORT and row["ref"] is None:
        yield "ref", f"{intent} must say which report it is about"


def _among(row: Row, seen: _Seen, file: str) -> Iterator[tuple[str, str]]:
    """What can only be seen beside the lines before this one."""
    group = row["group"]
    if row["id"] in seen.ids:
        yield "id", f"{row['id']!r} is already at {seen.ids[row['id']]}"
    home = seen.homes.get(group, (file, row["place"], row["platform"]))
    for name, was, now in zip(
        ("group", "place", "platform"), home, (file, row["place"], row["platform"]), strict=True
    ):
        if was != now:
            yield name, f"{group} was {was!r} before and is {now!r} here"
    if row["at"] < seen.last.get(group, ""):
        yield "at", f"{row['at']} is before the message above it in {group}"
    for name in ("reply_to", "ref"):
        if row[name] is not None:
            yield from _points(name, row, seen.rows.get(row[name]))
    replied = seen.rows.get(row["reply_to"])
    if row["ref"] and replied and replied["intent"] == Intent.REPORT and replied["id"] != row["ref"]:
        yield "ref", f"replies to the report {replied['id']} and is about {row['ref']}"


def _points(name: str, row: Row, target: Row | None) -> Iterator[tuple[str, str]]:
    if target is None:
        yield name, f"{row[name]!r} is no earlier message"
        return
    if target["group"] != row["group"]:
        yield name, f"{row[name]!r} is in another group"
    if name == "reply_to":
        return
    if target["intent"] != Intent.REPORT:
        yield name, f"{row[name]!r} is no report but {target['intent']}"
    elif target["category"] != row["category"]:
        yield "category", f"{row['category']!r}, while the report {row[name]} is {target['category']!r}"


def _remember(row: Row, seen: _Seen, file: str, number: int) -> None:
    seen.ids.setdefault(row["id"], f"{file}:{number}")
    seen.rows.setdefault(row["id"], row)
    seen.homes.setdefault(row["group"], (file, row["place"], row["platform"]))
    seen.last[row["group"]] = max(row["at"], seen.last.get(row["group"], ""))


def main(arguments: list[str]) -> int:
    """Print the faults of these files, or of the corpus; 1 when there are any."""
    paths = [Path(argument) for argument in arguments] or files()
    faults = check(paths)
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{len(paths)} files, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

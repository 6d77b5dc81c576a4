"""What a played conversation led to, for comparing a disturbed run with an undisturbed one."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.consent import commit_to
from bot.model.ids import GroupId, IncidentId
from bot.model.snapshot import Snapshot
from bot.ports.housekeeping import Terms
from storage.sqlite import Database, open_database
from storage.vault import KEY_FILE, SLOT_BYTES, open_vault
from tests.support.platform import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Nothing in here differs between two runs of the same story: no ids, no times."""

    group_state: str
    incidents: tuple[tuple[str, str, int, bool], ...]
    """Stage, category, witnesses, whether the card shows the newest step."""
    reports: tuple[tuple[str, str, int], ...]
    evidence: tuple[str, ...]
    consents: int
    contents: int
    keys: int
    parked: int
    cases: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Text, status and thread at the desk."""
    posts: Counter[str]
    """What the group reads now."""
    whispers: Counter[str]
    toasts: frozenset[str]
    """Repeats of these show for a second and harm nobody."""


async def outcome(platform: Platform, data: Path) -> Outcome:
    """Read it from the database, the key file, the desk and the network; the process must be dead."""
    async with _opened(data) as database:
        await database.housekeeping.expire(datetime.now(UTC), Terms())
        (line,) = await database.views.groups(None)
        known = (await database.store.load([line.id]))[line.id]
        evidence = await database.views.evidence(GroupId(line.id))
        parked = await database.parking.parked()
    _every_filing_was_consented(platform, known, data)
    shown = [post.text for post in platform.network.shown(known.group.room)]
    return Outcome(
        group_state=known.group.state,
        incidents=tuple(
            sorted((i.stage, i.category, len(i.witnesses), i.shown >= i.step) for i in known.incidents.values())
        ),
        reports=tuple(sorted((r.reference, r.status, r.moves) for r in known.reports.values())),
        evidence=tuple(sorted(one.act for one in evidence)),
        consents=len(_rows(data, "SELECT id FROM consents")),
        contents=len(known.contents),
        keys=_keys(data),
        parked=len(parked),
        cases=tuple(
            sorted(
                (held.case.text, str(held.case.status), tuple(f"{e.kind}: {e.text}" for e in held.case.thread))
                for held in platform.desk.held.values()
            )
        ),
        posts=Counter(shown),
        whispers=Counter(one.now.text for one in platform.network.whispers),
        toasts=frozenset(text for _, _, text in platform.network.toasts),
    )


def is_idle(data: Path) -> bool:
    """Is nothing due but the next poll?"""
    query = "SELECT id FROM work WHERE action <> 'poll' AND state = 'queued' AND due_at <= ?"
    return not _rows(data, query, datetime.now(UTC).isoformat())


def _every_filing_was_consented(platform: Platform, known: Snapshot, data: Path) -> None:
    """To the letter: the proof on disk fits the text and place that the desk has."""
    given = _rows(data, "SELECT incident_id, commitment FROM consents WHERE subject = 'filing'")
    for held in platform.desk.held.values():
        content = known.contents[IncidentId(held.filing.own)]
        assert (held.filing.own, commit_to(content, held.filing.place, held.filing.text)) in given


@asynccontextmanager
async def _opened(data: Path) -> AsyncIterator[Database]:
    async with open_vault(data) as vault, open_database(data / "bart.db", vault) as database:
        yield database


def _rows(data: Path, query: str, *params: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{data / 'bart.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query, params).fetchall()


def _keys(data: Path) -> int:
    raw = (data / KEY_FILE).read_bytes()
    slots = (raw[start : start + SLOT_BYTES] for start in range(0, len(raw), SLOT_BYTES))
    return sum(slot != bytes(SLOT_BYTES) for slot in slots)

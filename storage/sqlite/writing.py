"""What one commit writes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.model.consent import Consent, Evidence
from bot.model.effect import Effect
from bot.model.errors import Conflict
from bot.model.example import Example, Unlearn
from bot.model.group import Group, Member
from bot.model.ids import GroupId, IncidentId
from bot.model.incident import Content, Incident
from bot.model.report import Contribution, Report
from bot.model.snapshot import Commit, CountTraffic, Erase, Prompt, Seal
from storage.sqlite.connections import Session
from storage.sqlite.examples import erase_examples, save_example
from storage.sqlite.rows import (
    content_bytes,
    effect_row,
    flat,
    group_row,
    incident_row,
    listed,
    report_row,
    text_of,
)
from storage.vault import Vault

SAVES: Mapping[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Group: ("save_group", group_row),
    Member: ("save_member", flat),
    Incident: ("save_incident", incident_row),
    Report: ("save_report", report_row),
    Consent: ("add_consent", flat),
    Evidence: ("add_evidence", flat),
    Contribution: ("add_contribution", flat),
    Prompt: ("save_prompt", flat),
    CountTraffic: ("count_traffic", flat),
}
"""Statement and parameters by kind of change. What is sealed or erased is written after these."""


class Writing:
    """One commit inside one transaction. `made` collects fresh keys, to destroy if it comes to nothing."""

    def __init__(self, session: Session, vault: Vault, commit: Commit, made: list[bytes]) -> None:
        self._session = session
        self._vault = vault
        self._commit = commit
        self._made = made
        self.touched: set[GroupId] = set()
        """Groups whose snapshot looks different after this, traffic included."""

    async def write(self) -> list[bytes]:
        """Raises `Conflict`. Returns the keys to destroy once the transaction is on disk."""
        commit, session = self._commit, self._session
        await self._compare_versions()
        await self._save_changes()
        erased = await self._save_contents() + await self._save_examples()
        await self._bump_versions()
        await add_effects(session, self._vault, commit.effects, commit.now, self._made)
        if commit.finished:
            await session.run("finish_work", ids=listed(commit.finished))
        await self._save_cursors()
        return erased

    async def _compare_versions(self) -> None:
        expected = self._commit.expected
        if not expected:
            return
        rows = await self._session.run("current_versions", ids=listed(expected))
        current = {row["id"]: row["version"] for row in rows}
        if any(current.get(group, -1) != version for group, version in expected.items()):
            raise Conflict("a group has changed since it was read")

    async def _save_changes(self) -> None:
        by_kind: dict[type, list[dict[str, Any]]] = defaultdict(list)
        for change in self._commit.changes:
            if type(change) in SAVES:
                by_kind[type(change)].append(SAVES[type(change)][1](change))
        for kind, rows in by_kind.items():
            try:
                await self._session.run_many(SAVES[kind][0], rows)
            except sqlite3.IntegrityError as error:
                # The only rule a group can break: somebody else has just made a group of the same room.
                if kind is Group:
                    raise Conflict("the room has another group by now") from error
                raise

    async def _save_contents(self) -> list[bytes]:
        contents: dict[IncidentId, Content | None] = {}
        for change in self._commit.changes:
            if isinstance(change, Seal):
                contents[change.incident_id] = change.content
            elif isinstance(change, Erase):
                contents[change.incident_id] = None
        erasing = [incident for incident, content in contents.items() if content is None]
        sealing = {incident: content for incident, content in contents.items() if content is not None}
        if sealing:
            await self._seal(sealing)
        if not erasing:
            return []
        return [row["key_id"] for row in await self._session.run("erase_sealed", ids=listed(erasing))]

    async def _save_examples(self) -> list[bytes]:
        erased: list[bytes] = []
        for change in self._commit.changes:
            if isinstance(change, Unlearn):
                erased += await erase_examples(self._session, change)
            elif isinstance(change, Example):
                (key_id,) = await make_keys(self._vault, 1, self._made)
                await save_example(self._session, self._vault, change, key_id)
        return erased

    async def _seal(self, contents: Mapping[IncidentId, Content]) -> None:
        rows = await self._session.run("keys_of_sealed", ids=listed(contents))
        keys: dict[IncidentId, bytes] = {row["incident_id"]: row["key_id"] for row in rows}
        keyless = [incident for incident in contents if incident not in keys]
        keys.update(zip(keyless, await make_keys(self._vault, len(keyless), self._made), strict=True))
        await self._session.run_many(
            "save_sealed",
            [
                {
                    "incident_id": incident,
                    "key_id": keys[incident],
                    "content": self._vault.seal(keys[incident], content_bytes(content), incident),
                }
                for incident, content in contents.items()
            ],
        )

    async def _bump_versions(self) -> None:
        """Every group whose snapshot looks different now, expected or not. Traffic is left out: it changes
        with nearly every batch, is never decided on exactly, and would make every message a conflict.
        """
        groups: set[GroupId] = set()
        incidents: set[IncidentId] = set()
        reports: set[str] = set()
        for change in self._commit.changes:
            match change:
                case Group(id=group_id):
                    groups.add(group_id)
                case Report(id=report_id):
                    reports.add(report_id)
                case Contribution() | Seal() | Erase():
                    incidents.add(change.incident_id)
                case Member() | Incident() | Consent() | Evidence() | Prompt() | Example() | Unlearn():
                    groups.add(change.group_id)
                case CountTraffic(group_id=group_id):
                    self.touched.add(group_id)
        for statement, ids in (("groups_of_incidents", incidents), ("groups_of_reports", reports)):
            if ids:
                rows = await self._session.run(statement, ids=listed(ids))
                groups.update(row["group_id"] for row in rows)
        self.touched |= groups
        if groups:
            await self._session.run("bump_versions", ids=listed(groups))

    async def _save_cursors(self) -> None:
        commit, at = self._commit, text_of(self._commit.now)
        for kind, cursor in (("channel", commit.cursor), ("desk", commit.desk_cursor)):
            if cursor is not None:
                await self._session.run("save_cursor", kind=kind, name=cursor[0], cursor=cursor[1], at=at)
        hashes = [self._vault.delivery(account, event) for account, event in commit.deliveries]
        await self._session.run_many("add_delivery", [{"hash": value, "at": at} for value in hashes])


async def add_effects(
    session: Session, vault: Vault, effects: tuple[Effect, ...], now: datetime, made: list[bytes]
) -> None:
    """Queue effects whose `idem` was never seen. Of two with one `idem` the first counts."""
    by_hash = {vault.idem(effect.idem): effect for effect in reversed(effects)}
    if not by_hash:
        return
    seen = {row["idem"] for row in await session.run("seen_work", hashes=listed(by_hash))}
    fresh = {value: effect for value, effect in reversed(by_hash.items()) if value not in seen}
    rows = [effect_row(effect) for effect in fresh.values()]
    addressed = [(row, effect) for row, effect in zip(rows, fresh.values(), strict=True) if effect.to]
    if addressed:
        key = await _day_key(session, vault, now, made)
        for row, effect in addressed:
            row["to_key"] = key
            row["to_sealed"] = vault.seal(key, (effect.to or "").encode(), effect.idem)
    await session.run_many("remember_work", [{"seen": value} for value in fresh])
    await session.run_many("add_work", rows)


async def make_keys(vault: Vault, count: int, made: list[bytes]) -> list[bytes]:
    """Fresh keys, on disk, noted in `made`. Only inside a transaction: the sweep relies on that."""
    if not count:
        return []
    keys = await asyncio.to_thread(vault.make, count)
    made.extend(keys)
    return keys


async def _day_key(session: Session, vault: Vault, now: datetime, made: list[bytes]) -> bytes:
    day = now.date().isoformat()
    rows = await session.run("read_day_key", day=day)
    if rows:
        found: bytes = rows[0]["key_id"]
        return found
    (key,) = await make_keys(vault, 1, made)
    await session.run("add_day_key", day=day, key_id=key)
    return key

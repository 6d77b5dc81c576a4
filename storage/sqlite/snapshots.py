"""Snapshots read from rows, kept while their group's version stands, and opened anew for each load."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.model.consent import Consent
from bot.model.group import Group, Member
from bot.model.ids import GroupId, IncidentId, PersonKey, ReportId
from bot.model.incident import Content, Incident
from bot.model.report import Report
from bot.model.snapshot import Prompt, Snapshot, Traffic
from storage.sqlite.connections import Session
from storage.sqlite.rows import listed, open_content, text_of, unflat, unpacked
from storage.vault import Vault

Value = TypeVar("Value")

PROMPT_WINDOW = timedelta(days=30)
CACHED_GROUPS = 4096


class Contents(Mapping[IncidentId, Content]):
    """Sealed contents of one snapshot, opened one by one when they are asked for and not before."""

    def __init__(self, sealed: Mapping[IncidentId, tuple[bytes, bytes]]) -> None:
        self._sealed = sealed

    def __getitem__(self, incident: IncidentId) -> Content:
        content = open_content(self._sealed[incident][0], incident, self._sealed[incident][1])
        if content is None:
            raise KeyError(incident)
        return content

    def __iter__(self) -> Iterator[IncidentId]:
        return iter(self._sealed)

    def __len__(self) -> int:
        return len(self._sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A group as it rests in the cache: `sealed` is key id and ciphertext, never plaintext or keys."""

    snapshot: Snapshot
    sealed: Mapping[IncidentId, tuple[bytes, bytes]]

    @property
    def version(self) -> int:
        """The version this was read at."""
        return self.snapshot.group.version

    def opened(self, vault: Vault, traffic: Traffic, now: datetime) -> Snapshot:
        """What a caller gets. An incident whose key is gone has no content."""
        keyed = {
            incident: (key, cipher)
            for incident, (key_id, cipher) in self.sealed.items()
            if (key := vault.key(key_id)) is not None
        }
        since = now - PROMPT_WINDOW
        prompts = self.snapshot.prompts
        if prompts and prompts[0].asked_at <= since:
            prompts = tuple(prompt for prompt in prompts if prompt.asked_at > since)
        return replace(self.snapshot, contents=Contents(keyed), traffic=traffic, prompts=prompts)


@dataclass(frozen=True, slots=True)
class Trust:
    """What a checked snapshot rests on: nobody else has written since, and it is still the same day.

    Without it every batch would ask for the version of each of its groups, and among 100,000 groups that costs
    a page of the file each.
    """

    data_version: int
    today: str


@dataclass(slots=True)
class _Entry:
    kept: Kept
    traffic: Traffic
    trust: Trust | None


class SnapshotCache:
    """The groups used last, at most `CACHED_GROUPS`."""

    def __init__(self) -> None:
        self._entries: OrderedDict[GroupId, _Entry] = OrderedDict()
        self._writes = 0

    @property
    def writes(self) -> int:
        """Goes up with everything this process writes about groups."""
        return self._writes

    def trusted(self, group: GroupId, trust: Trust) -> tuple[Kept, Traffic] | None:
        """What was kept, if it needs no check."""
        entry = self._entries.get(group)
        if entry is None or entry.trust != trust:
            return None
        self._entries.move_to_end(group)
        return entry.kept, entry.traffic

    def of_version(self, group: GroupId, version: int) -> Kept | None:
        """What was kept, if it is of this version."""
        entry = self._entries.get(group)
        return entry.kept if entry is not None and entry.kept.version == version else None

    def keep(
        self, found: Mapping[GroupId, Kept], traffic: Mapping[GroupId, Traffic], trust: Trust, writes: int
    ) -> None:
        """Remember what was found; what was used longest ago goes. It is trusted only if this process has
        written nothing since `writes`: a commit in between may not be in what was read."""
        given = trust if writes == self._writes else None
        for group, kept in found.items():
            self._entries[group] = _Entry(kept, traffic[group], given)
            self._entries.move_to_end(group)
        while len(self._entries) > CACHED_GROUPS:
            self._entries.popitem(last=False)

    def distrust(self, groups: Collection[GroupId] | None = None) -> None:
        """This process has written about these groups, or about any."""
        self._writes += 1
        for entry in (
            self._entries.values()
            if groups is None
            else (self._entries[group] for group in groups if group in self._entries)
        ):
            entry.trust = None


async def read_snapshots(session: Session, ids: Collection[GroupId], now: datetime) -> dict[GroupId, Kept]:
    """These groups in a handful of queries, whatever their number."""
    groups: dict[GroupId, Group] = {}
    examples: dict[GroupId, dict[PersonKey, int]] = {}
    for row in await session.run("load_groups", ids=listed(ids)):
        group = replace(unpacked(Group, row["record"]), version=row["version"])
        groups[group.id], examples[group.id] = group, unpacked(dict[PersonKey, int], row["examples"])
    wanted = listed(groups)
    members: dict[GroupId, dict[PersonKey, Member]] = defaultdict(dict)
    for row in await session.run("load_members", ids=wanted):
        member = unflat(Member, row)
        members[member.group_id][member.key] = member
    incidents: dict[GroupId, dict[IncidentId, Incident]] = defaultdict(dict)
    for row in await session.run("load_incidents", ids=wanted):
        incident = unpacked(Incident, row["record"])
        incidents[GroupId(row["group_id"])][incident.id] = incident
    prompts: dict[GroupId, list[Prompt]] = defaultdict(list)
    for row in await session.run("load_prompts", ids=wanted, since=text_of(now - PROMPT_WINDOW)):
        prompt = unflat(Prompt, row)
        prompts[prompt.group_id].append(prompt)
    belongings = await _read_belongings(session, incidents)
    return {
        group_id: Kept(
            snapshot=Snapshot(
                group=group,
                members=members[group_id],
                incidents=incidents[group_id],
                reports=belongings.reports_of(incidents[group_id]),
                consents=_those(belongings.consents, incidents[group_id]),
                prompts=tuple(prompts[group_id]),
                examples=examples[group_id],
            ),
            sealed=_those(belongings.sealed, incidents[group_id]),
        )
        for group_id, group in groups.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Belongings:
    reports: Mapping[ReportId, Report]
    consents: Mapping[IncidentId, Consent]
    sealed: Mapping[IncidentId, tuple[bytes, bytes]]

    def reports_of(self, incidents: Mapping[IncidentId, Incident]) -> dict[ReportId, Report]:
        ids = (incident.report_id for incident in incidents.values())
        return {report: self.reports[report] for report in ids if report is not None and report in self.reports}


async def _read_belongings(
    session: Session, incidents: Mapping[GroupId, Mapping[IncidentId, Incident]]
) -> _Belongings:
    every = [incident for some in incidents.values() for incident in some.values()]
    if not every:
        return _Belongings(reports={}, consents={}, sealed={})
    ids = listed([incident.id for incident in every])
    report_ids = listed([incident.report_id for incident in every if incident.report_id])
    # Oldest first, so that the last yes of an incident is the one that stays.
    consents = [unflat(Consent, row) for row in await session.run("load_consents", ids=ids)]
    return _Belongings(
        reports={
            ReportId(row["id"]): unpacked(Report, row["record"])
            for row in await session.run("load_reports", ids=report_ids)
        },
        consents={consent.incident_id: consent for consent in consents},
        sealed={
            IncidentId(row["incident_id"]): (row["key_id"], row["content"])
            for row in await session.run("load_sealed", ids=ids)
        },
    )


def _those(
    values: Mapping[IncidentId, Value], incidents: Mapping[IncidentId, Incident]
) -> dict[IncidentId, Value]:
    return {incident: values[incident] for incident in incidents if incident in values}

"""A store that forgets everything at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.model.consent import Consent, Evidence
from bot.model.errors import Conflict
from bot.model.example import Example, Unlearn
from bot.model.group import Group, Member
from bot.model.ids import AccountName, GroupId, IncidentId, ReportId, Room
from bot.model.incident import Incident
from bot.model.report import Contribution, Report
from bot.model.snapshot import Change, Commit, CountTraffic, Erase, Prompt, Seal, Snapshot, Traffic
from bot.ports.fakes.memory import Memory

PROMPT_WINDOW = timedelta(days=30)
DELIVERY_WINDOW = timedelta(hours=48)


class FakeStore:
    """`Store` in memory. Contents rest in the clear: only use it with invented people."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def groups(self, account: AccountName, rooms: Collection[Room]) -> Mapping[Room, GroupId]:
        """The groups of these rooms."""
        return {
            group.room: group.id
            for group in self.memory.groups.values()
            if group.account == account and group.room in rooms
        }

    async def load(self, ids: Collection[GroupId]) -> Mapping[GroupId, Snapshot]:
        """What is known now."""
        return {group: self._snapshot(self.memory.groups[group]) for group in ids if group in self.memory.groups}

    async def commit(self, commit: Commit) -> None:
        """All or nothing."""
        memory = self.memory
        self._check(commit)
        touched = {group for change in commit.changes for group in self._groups_of(change)}
        for change in commit.changes:
            self._apply(change)
        for change in commit.changes:
            if isinstance(change, Report):
                touched |= {one.group_id for one in memory.incidents.values() if one.report_id == change.id}
            elif isinstance(change, Seal | Erase | Contribution) and change.incident_id in memory.incidents:
                touched.add(memory.incidents[change.incident_id].group_id)
        memory.bump(touched)
        for effect in commit.effects:
            memory.enqueue(effect)
        for item in commit.finished:
            memory.work.pop(item, None)
        if commit.cursor is not None:
            memory.cursors["channel", commit.cursor[0]] = commit.cursor[1]
        if commit.desk_cursor is not None:
            memory.cursors["desk", commit.desk_cursor[0]] = commit.desk_cursor[1]
        for delivery in commit.deliveries:
            memory.deliveries.setdefault(delivery, commit.now)

    async def cursor(self, kind: str, name: str) -> str | None:
        """The committed cursor."""
        return self.memory.cursors.get((kind, name))

    async def handled(self, account: AccountName, events: Collection[str]) -> frozenset[str]:
        """Which of these were deliveries in the last 48 hours."""
        since = self.memory.now() - DELIVERY_WINDOW
        known = self.memory.deliveries
        return frozenset(event for event in events if (account, event) in known and known[account, event] > since)

    async def concerned(self, desk: str, references: Collection[str]) -> Mapping[str, tuple[GroupId, ...]]:
        """The groups that have an incident on each of these references."""
        found: dict[str, set[GroupId]] = defaultdict(set)
        for incident in self.memory.incidents.values():
            report = self.memory.reports.get(incident.report_id or ReportId(""))
            if report and report.desk == desk and report.reference in references:
                found[report.reference].add(incident.group_id)
        return {reference: tuple(sorted(groups)) for reference, groups in found.items()}

    def _check(self, commit: Commit) -> None:
        memory = self.memory
        for group_id, version in commit.expected.items():
            current = memory.groups[group_id].version if group_id in memory.groups else -1
            if current != version:
                raise Conflict("a group has changed since it was read")
        rooms = {(group.account, group.room): group.id for group in memory.groups.values()}
        for change in commit.changes:
            if isinstance(change, Group) and rooms.get((change.account, change.room), change.id) != change.id:
                raise Conflict("the room has another group by now")
        consents = [one.id for one in (*memory.consents, *commit.changes) if isinstance(one, Consent)]
        contributions = [
            one.id for one in (*memory.contributions, *commit.changes) if isinstance(one, Contribution)
        ]
        if len(set(consents)) < len(consents) or len(set(contributions)) < len(contributions):
            raise ValueError("consents and contributions are only inserted, once each")

    def _groups_of(self, change: Change) -> set[GroupId]:
        match change:
            case Group(id=group_id):
                return {group_id}
            case Member() | Incident() | Consent() | Evidence() | Prompt() | Example() | Unlearn():
                return {change.group_id}
            case _:
                return set()

    def _apply(self, change: Change) -> None:
        memory = self.memory
        match change:
            case Group():
                known = memory.groups.get(change.id)
                memory.groups[change.id] = replace(change, version=known.version if known else -1)
            case Member():
                memory.members[change.group_id, change.key] = change
            case Incident():
                memory.incidents[change.id] = change
            case Report():
                memory.reports[change.id] = change
            case Prompt():
                memory.prompts[change.incident_id] = change
            case CountTraffic():
                self._count(change)
            case _:
                self._add(change)

    def _add(self, change: Change) -> None:
        memory = self.memory
        match change:
            case Consent():
                memory.consents.append(change)
            case Evidence():
                memory.evidence.append(change)
            case Contribution():
                memory.contributions.append(change)
            case Seal():
                memory.contents[change.incident_id] = change.content
            case Erase():
                memory.contents.pop(change.incident_id, None)
            case Example():
                memory.examples[change.id] = change
            case Unlearn():
                self._unlearn(change)

    def _unlearn(self, change: Unlearn) -> None:
        examples = self.memory.examples
        theirs = [
            one.id
            for one in examples.values()
            if (one.group_id, one.person) == (change.group_id, change.person)
            and change.incident_id in (None, one.id)
        ]
        for example in theirs:
            del examples[example]

    def _count(self, change: CountTraffic) -> None:
        key = (change.group_id, change.day)
        so_far = self.memory.traffic.get(key, Traffic())
        self.memory.traffic[key] = Traffic(
            messages=so_far.messages + change.messages, bot_posts=so_far.bot_posts + change.bot_posts
        )

    def _snapshot(self, group: Group) -> Snapshot:
        memory, now = self.memory, self.memory.now()
        mine = sorted(
            (one for one in memory.incidents.values() if one.group_id == group.id),
            key=lambda one: (one.began_at, one.id),
        )
        incidents: dict[IncidentId, Incident] = {one.id: one for one in mine}
        reports = [one.report_id for one in mine if one.report_id in memory.reports]
        first = (now.date() - timedelta(days=group.settings.quiet.share_days)).isoformat()
        days = [count for (where, day), count in memory.traffic.items() if where == group.id and day > first]
        prompts = [
            one
            for one in memory.prompts.values()
            if one.group_id == group.id and one.asked_at > now - PROMPT_WINDOW
        ]
        return Snapshot(
            group=group,
            members={key: member for (where, key), member in memory.members.items() if where == group.id},
            incidents=incidents,
            reports={report: memory.reports[report] for report in reports if report},
            consents={one.incident_id: one for one in memory.consents if one.incident_id in incidents},
            contents={one: memory.contents[one] for one in incidents if one in memory.contents},
            prompts=tuple(sorted(prompts, key=lambda one: (one.asked_at, one.incident_id))),
            traffic=Traffic(
                messages=sum(count.messages for count in days), bot_posts=sum(count.bot_posts for count in days)
            ),
            examples=Counter(one.person for one in memory.examples.values() if one.group_id == group.id),
        )

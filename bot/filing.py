"""Effects that reach a desk: file, amend, poll; and the geocoder on the network, after consent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import structlog

from bot.comparing import Comparing
from bot.metrics import Metrics
from bot.model.desk import Addition, Filed, Filing, Similar
from bot.model.effect import WorkItem
from bot.model.errors import (
    ChannelError,
    DeskError,
    DeskLater,
    DeskRefused,
    DeskUnsure,
    NoConsent,
    PhotoError,
    UnknownReport,
)
from bot.model.group import Group
from bot.model.happening import (
    AddedElsewhere,
    Amended,
    FilingDelayed,
    FilingDone,
    FilingOff,
    Happening,
    Located,
    StatusTold,
)
from bot.model.ids import AccountName, ContributionId, GroupId, IncidentId, ReportId, TenantId
from bot.model.incident import Content, Incident, Stage
from bot.model.reading import Area
from bot.model.report import ContributionKind, Report, StatusChange
from bot.model.snapshot import Commit, Snapshot
from bot.model.wording import Wording
from bot.ports.channel import Channel, FetchesMedia
from bot.ports.clock import Clock
from bot.ports.desk import Desk
from bot.ports.geocoder import Geocoder
from bot.ports.photos import Photos
from bot.ports.store import Store
from bot.process import register, route
from bot.process.flow import Context
from bot.turn import Happened, Turns

log = structlog.get_logger()

NEUTRAL = {
    ContributionKind.STILL: "neutral.still",
    ContributionKind.SOLVED: "neutral.solved",
    ContributionKind.NOT_SOLVED: "neutral.not_solved",
    ContributionKind.WITHDRAWAL: "neutral.withdrawal",
}


@dataclass(slots=True, kw_only=True)
class FilingOffice:
    """Runs the effects of the key `report:<incident>`, in order, and polls."""

    comparing: Comparing
    desks: Mapping[str, Desk]
    channels: Mapping[AccountName, Channel]
    geocoders: Mapping[TenantId, Geocoder]
    photos: Photos
    store: Store
    turns: Turns
    clock: Clock
    metrics: Metrics
    context: Callable[[Group], Context]

    async def file(self, item: WorkItem) -> None:
        """File a report: never without a fitting consent, never twice."""
        known, incident = await self._incident(item)
        if known is None or incident is None:
            return await self._finish(item)
        try:
            consent = register.consent_for(known, incident)
            content = known.contents.get(incident.id)
            if content is None:
                raise NoConsent("erased")
            filing = register.filing(incident, consent, content)
            # Who came later is a contribution of their own, right behind this.
            filing = replace(filing, neighbours=_neighbours(item, incident))
        except NoConsent as error:
            log.warning("filing.no_consent", why=error.why)
            return await self._tell(item, known, FilingOff(incident_id=incident.id, why="no_consent"))
        name = route.route_of(self.context(known.group).tenant, incident.category, incident.place).desk
        desk = self.desks.get(name)
        if desk is None:
            # Somebody took it out of the config: the operator finds this parked, and may put the desk back.
            log.error("filing.no_desk", desk=name)
            await self._delayed(known, incident)
            raise DeskLater(0, "no such desk")
        try:
            filed, joins = await self._file_once(item, desk, filing, known, incident)
        except DeskRefused as error:
            self.metrics.desk_failed(name, error)
            log.warning("filing.refused", desk=name, field=error.field)
            return await self._tell(item, known, FilingOff(incident_id=incident.id, why="refused"))
        except DeskError as error:
            self.metrics.desk_failed(name, error)
            await self._delayed(known, incident)
            raise
        done = FilingDone(incident_id=incident.id, desk=name, filed=filed, joins=joins)
        if joins is not None and joins.report_id is not None:
            return await self._tell_all(item, known, done, (name, filed.reference, joins.report_id))
        return await self._tell(item, known, done)

    async def _file_once(
        self, item: WorkItem, desk: Desk, filing: Filing, known: Snapshot, incident: Incident
    ) -> tuple[Filed, Similar | None]:
        """And what it was added to, if it was open already. After any earlier attempt look first whether it
        arrived. A desk that cannot be searched must have said that nothing happened; else a person decides."""
        if item.attempts:
            if desk.capabilities().searches_own:
                found = await desk.find(filing.own)
                if found is not None:
                    return found, None
            elif item.reason != DeskLater.__name__:
                raise DeskUnsure("cannot be looked up", for_a_person=True)
        joins = incident.similar or await self.comparing.surely_open(known, incident)
        if joins is not None and await self._add_to(desk, filing, joins):
            return Filed(reference=joins.reference, status=joins.status), joins
        return await desk.file(filing), None

    async def _add_to(self, desk: Desk, filing: Filing, joins: Similar) -> bool:
        """False where the desk does not take it there any more: then it becomes a report of its own."""
        addition = Addition(
            own=filing.own,
            kind=ContributionKind.OBSERVATION,
            at=filing.seen_at,
            text=filing.text,
            neighbours=filing.neighbours,
        )
        try:
            await desk.add(joins.reference, addition)
        except (DeskRefused, UnknownReport) as error:
            log.warning("filing.not_joined", error=type(error).__name__)
            return False
        return True

    async def _delayed(self, known: Snapshot, incident: Incident) -> None:
        """Tell the group once that the desk is away; the work row stays."""
        if not incident.retries:
            happening = FilingDelayed(incident_id=incident.id)
            await self.turns.one(known.group.id, happening, Commit(now=self.clock.moment().now))

    async def amend(self, item: WorkItem) -> None:
        """Bring a contribution to the desk, behind the report's filing."""
        known, incident = await self._incident(item)
        report = known.report_of(incident) if known and incident else None
        if known is None or incident is None or report is None:
            return await self._finish(item)
        args = item.effect.args
        kind = ContributionKind(args["kind"])
        contribution = ContributionId(args["contribution"])
        taken = False
        try:
            addition = await self._addition(item, known, incident, kind, contribution)
            own = kind is not ContributionKind.WITHDRAWAL or not incident.joined
            if addition is not None and not own:
                taken = True
            elif addition is not None:
                await self.desks[report.desk].add(report.reference, addition)
                taken = True
        except (DeskRefused, UnknownReport, PhotoError) as error:
            log.warning("amend.refused", kind=kind, error=type(error).__name__)
        except DeskError as error:
            self.metrics.desk_failed(report.desk, error)
            raise
        amended = Amended(incident_id=incident.id, contribution_id=contribution, kind=kind, taken=taken)
        if taken:
            return await self._tell_all(item, known, amended, (report.desk, report.reference, report.id))
        return await self._tell(item, known, amended)

    async def _addition(
        self,
        item: WorkItem,
        known: Snapshot,
        incident: Incident,
        kind: ContributionKind,
        contribution: ContributionId,
    ) -> Addition | None:
        content = known.contents.get(incident.id)
        now = self.clock.moment().now
        neighbours = _neighbours(item, incident)
        if kind is ContributionKind.PHOTO:
            photo = await self._photo(known, content, int(item.effect.args["photo"]))
            return Addition(own=contribution, kind=kind, at=now, photo=photo) if photo else None
        if kind in NEUTRAL:
            text = self._neutral(known, NEUTRAL[kind], neighbours)
            return Addition(own=contribution, kind=kind, at=now, text=text, neighbours=neighbours)
        said = content.words if content else ()
        words = next((one.text for one in said if one.contribution == contribution), None)
        if "dont_know" in item.effect.args:
            words = self._neutral(known, "neutral.dont_know", neighbours)
        return Addition(own=contribution, kind=kind, at=now, text=words, neighbours=neighbours) if words else None

    def _neutral(self, known: Snapshot, key: str, count: int) -> str:
        texts = self.context(known.group).texts
        slots = {"count": str(count)} if "count" in texts.slots_of(key) else {}
        return texts.text(Wording(key=key, slots=slots), known.group.settings.language)

    async def _photo(self, known: Snapshot, content: Content | None, index: int) -> bytes | None:
        """Fetched only now, after consent, cleaned in memory and never kept here."""
        if known.group.account not in self.channels or content is None or index >= len(content.photos):
            return None
        channel = self.channels[known.group.account]
        if not isinstance(channel, FetchesMedia):
            return None
        limit = channel.capabilities(known.group.room).largest_photo
        try:
            raw = await channel.fetch(known.group.room, content.photos[index], limit)
        except ChannelError as error:
            log.warning("photo.gone", error=type(error).__name__)
            return None
        return await asyncio.to_thread(self.photos.clean, raw)

    async def locate(self, item: WorkItem) -> None:
        """Ask the geocoder on the network; it gets the consented place words and nothing else."""
        known, incident = await self._incident(item)
        content = known.contents.get(incident.id) if known and incident else None
        if known is None or incident is None or content is None:
            return await self._finish(item)
        geocoder = self.geocoders[known.group.tenant_id]
        area = Area(centre=known.group.centre)
        for words in content.places[:3]:
            places = await geocoder.find(words[:100], area)
            if places:
                return await self._tell(item, known, Located(incident_id=incident.id, places=places))
        return await self._tell(item, known, Located(incident_id=incident.id, places=()))

    async def poll(self, item: WorkItem) -> None:
        """Status changes of one desk, with the desk's cursor in the same transaction."""
        name = item.effect.args["desk"]
        try:
            changes = await self.desks[name].changes(await self.store.cursor("desk", name))
        except DeskError as error:
            self.metrics.desk_failed(name, error)
            raise
        named = {c.reference for c in changes.changes} | {c.merged_into for c in changes.changes if c.merged_into}
        concerned = await self.store.concerned(name, named)

        async def happen(there: Mapping[GroupId, Snapshot]) -> Happened:
            return told(name, changes.changes, concerned, there)

        envelope = Commit(now=self.clock.moment().now, desk_cursor=(name, changes.cursor), finished=(item.id,))
        await self.turns.take(frozenset(chain.from_iterable(concerned.values())), happen, envelope)

    async def _incident(self, item: WorkItem) -> tuple[Snapshot | None, Incident | None]:
        group_id, incident_id = item.effect.group_id, item.effect.incident_id
        if group_id is None or incident_id is None:
            return None, None
        known = (await self.store.load([group_id])).get(group_id)
        return known, known.incidents.get(IncidentId(incident_id)) if known else None

    async def _tell(self, item: WorkItem, known: Snapshot, happening: Happening) -> None:
        envelope = Commit(now=self.clock.moment().now, finished=(item.id,))
        await self.turns.one(known.group.id, happening, envelope)

    async def _tell_all(
        self, item: WorkItem, known: Snapshot, happening: FilingDone | Amended, on: tuple[str, str, ReportId]
    ) -> None:
        """The group, and in the same turn the other groups that have the report: their cards count along."""
        desk, reference, report = on
        here = known.group.id
        concerned = await self.store.concerned(desk, {reference})
        others = set(concerned.get(reference, ())) - {here}
        photo = isinstance(happening, Amended) and happening.kind is ContributionKind.PHOTO

        async def happen(there: Mapping[GroupId, Snapshot]) -> Happened:
            joining = there[here].incidents.get(happening.incident_id) if here in there else None
            # What joins just now is on the report only after this.
            more = joining.here if joining is not None and joining.report_id is None else 0
            added = AddedElsewhere(report_id=report, neighbours=seen(there, report) + more, photo=photo)
            return [(here, happening), *((other, added) for other in sorted(others))]

        envelope = Commit(now=self.clock.moment().now, finished=(item.id,))
        await self.turns.take({here, *others}, happen, envelope)

    async def _finish(self, item: WorkItem) -> None:
        await self.store.commit(Commit(now=self.clock.moment().now, finished=(item.id,)))


def told(
    desk: str,
    changes: Sequence[StatusChange],
    concerned: Mapping[str, Collection[GroupId]],
    there: Mapping[GroupId, Snapshot],
) -> Happened:
    """Each change for each group that has the report. Groups of a report that was merged have the kept one from
    then on, also within these changes."""
    groups = {reference: set(known) for reference, known in concerned.items()}
    found: list[tuple[GroupId, Happening]] = []
    for change in changes:
        kept = _report(there, desk, change.merged_into) if change.merged_into else None
        mine = groups.get(change.reference, set())
        total = seen(there, kept.id) if kept else 0
        happening = StatusTold(desk=desk, change=change, kept=kept, neighbours=total)
        found += [(group, happening) for group in sorted(mine)]
        merged = _report(there, desk, change.reference) if kept else None
        if kept and merged:
            joint = AddedElsewhere(report_id=kept.id, neighbours=total + seen(there, merged.id))
            theirs = groups.setdefault(change.merged_into, set())
            theirs |= mine
            found += [(group, joint) for group in sorted(theirs)]
    return found


def seen(there: Mapping[GroupId, Snapshot], report: ReportId) -> int:
    """How many residents of these groups see it, without who says that it is solved."""
    on = (i for known in there.values() for i in known.incidents.values() if i.report_id == report)
    see = (({one.author} | one.witnesses) - one.solved_by for one in on if one.stage is not Stage.WITHDRAWN)
    return sum(map(len, see))


def _report(there: Mapping[GroupId, Snapshot], desk: str, reference: str) -> Report | None:
    reports = (report for known in there.values() for report in known.reports.values())
    return next((one for one in reports if (one.desk, one.reference) == (desk, reference)), None)


def _neighbours(item: WorkItem, incident: Incident) -> int:
    """How many saw it when the effect was written."""
    return int(item.effect.args.get("neighbours", incident.neighbours))

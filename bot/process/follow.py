"""Status from the desk. Step 8 of the chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.model.desk import Similar
from bot.model.effect import Action, Effect
from bot.model.errors import IllegalMove
from bot.model.group import GroupState
from bot.model.happening import AddedElsewhere, BulletinDue, StatusTold
from bot.model.incident import Incident, Stage
from bot.model.report import MOVES, Report, Status, StatusChange
from bot.process import quiet
from bot.process.flow import Flow
from bot.process.posts import news

BULLETIN_HOLDS = 3
"""Reports that fit one batched post (320 characters); more wait for the next day's."""


def step(flow: Flow) -> Flow:
    """A desk's change reaches the report and every incident on it in this group."""
    match flow.happening:
        case StatusTold(desk=desk, change=change) as told:
            for report in flow.after.reports.values():
                if (report.desk, report.reference) == (desk, change.reference):
                    flow = _merged(flow, report, told) if told.kept else _changed(flow, report, change)
        case AddedElsewhere() as added:
            flow = _added(flow, added)
        case BulletinDue():
            flow = _bulletin(flow)
    return flow


def moved(report: Report, change: StatusChange) -> Report | None:
    """The report after the change; None when it tells nothing new.

    Desks repeat themselves and skip steps: an old or equal change is nothing new, and an open status after
    a closed one means that the report was reopened in between.
    """
    same = (report.status, report.changed_at) == (change.status, change.at)
    if same or (change.at < report.changed_at and report.moves > 0):
        return None
    try:
        return report.move(change)
    except IllegalMove:
        if report.status.is_open or not change.status.is_open:
            return None
    reopened = report.move(replace(change, status=Status.REOPENED))
    return reopened.move(change) if change.status in MOVES[Status.REOPENED] else reopened


def _changed(flow: Flow, report: Report, change: StatusChange) -> Flow:
    after = moved(report, change)
    if after is None:
        return flow.tally("status.repeated", change.status)
    flow = flow.put_report(after).tally("status", after.status)
    for incident in flow.after.incidents.values():
        if incident.report_id == report.id and incident.stage in (Stage.FILED, Stage.FINISHED):
            flow = _incident(flow, incident, after)
    return flow


def _merged(flow: Flow, report: Report, told: StatusTold) -> Flow:
    """The desk let it go on as another report, and so do the incidents on it: their cards follow that one."""
    after, kept = moved(report, told.change), told.kept
    if after is None or kept is None or kept.id == report.id:
        return flow.tally("status.repeated", told.change.status)
    kept = flow.after.reports.get(kept.id, kept)
    # No incident is on it any more, so no term of theirs would ever wipe it.
    flow = flow.put_report(replace(after.coarse(), merged_into=kept.id)).tally("report.merged")
    # Not written: it is another group's row, or has not changed.
    flow = replace(flow, after=replace(flow.after, reports={**flow.after.reports, kept.id: kept}))
    similar = Similar(
        reference=kept.reference,
        category=kept.category,
        place=kept.place,
        filed_at=kept.filed_at,
        status=kept.status,
        desk=kept.desk,
        report_id=kept.id,
        neighbours=told.neighbours,
    )
    for incident in flow.after.incidents.values():
        if incident.report_id == report.id and incident.stage is Stage.FILED:
            joins = replace(incident.stepped(flow.now), report_id=kept.id, similar=similar, elsewhere=None)
            flow = flow.put(replace(joins, deadline=None, words_from=frozenset()))
    return flow


def _added(flow: Flow, added: AddedElsewhere) -> Flow:
    """The card counts everybody who sees it, in whatever group."""
    for incident in flow.after.incidents.values():
        if incident.report_id != added.report_id or incident.stage is not Stage.FILED:
            continue
        elsewhere = max(added.neighbours - incident.here, 0)
        if added.photo or incident.here + elsewhere != incident.neighbours:
            flow = flow.put(replace(incident.stepped(flow.now), elsewhere=elsewhere))
    return flow


def _incident(flow: Flow, incident: Incident, report: Report) -> Flow:
    if report.status.is_open:
        if incident.stage is Stage.FINISHED:
            incident = incident.to(Stage.FILED, flow.now)
        fresh = replace(incident.stepped(flow.now), deadline=None)
        if report.status is Status.REOPENED:
            fresh = replace(fresh, solved_by=frozenset(), verified=False)
        return flow.put(fresh)
    if incident.stage is Stage.FINISHED:
        return flow
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.verify)
    flow = flow.put(replace(incident.stepped(flow.now), deadline=ends, words_from=frozenset()))
    return flow.effect(_bulletin_effect(flow)) if report.status is Status.CLOSED else flow


def _bulletin_effect(flow: Flow) -> Effect:
    """One batched post a day, at the group's hour (CONVERSATION.md section 4)."""
    zone = ZoneInfo(flow.context.tenant.zone)
    hour = flow.settings.quiet.bulletin_at
    today = flow.now.astimezone(zone).date()
    due = quiet.next_time(datetime.combine(today, hour, zone), flow.now).astimezone(UTC)
    return Effect(
        action=Action.BULLETIN,
        idem=f"bulletin:{flow.group.id}:{due.isoformat()}",
        due_at=due,
        group_id=flow.group.id,
    )


def _bulletin(flow: Flow) -> Flow:
    closed = news(flow.after)
    if not closed or flow.group.state is not GroupState.ON:
        return flow
    told = closed[:BULLETIN_HOLDS]
    for incident in told:
        report = flow.after.report_of(incident)
        flow = flow.put(replace(incident, announced=report.moves if report else incident.announced))
    if len(closed) > len(told):
        flow = flow.effect(_bulletin_effect(flow))
    return flow.say("bulletin", {"incidents": ",".join(incident.id for incident in told)})

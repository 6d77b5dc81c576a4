"""File a new report. Step 6 of the chain. Filing takes a `Consent` by type, and it must fit to the letter."""

from __future__ import annotations

from dataclasses import replace

from bot.model.consent import Consent, commit_to
from bot.model.desk import Filing
from bot.model.effect import Action, Effect, Lane
from bot.model.errors import NoConsent
from bot.model.group import GroupState
from bot.model.happening import FilingDelayed, FilingDone, FilingOff
from bot.model.ids import ContributionId, ReportId
from bot.model.incident import Content, Incident, Stage
from bot.model.report import Contribution, ContributionKind, Report
from bot.model.snapshot import Snapshot
from bot.process import compare
from bot.process.flow import Flow
from bot.process.monitor import is_opted_out


def consent_for(known: Snapshot, incident: Incident) -> Consent:
    """The consent this incident may be filed with, checked again when the effect runs; raises `NoConsent`."""
    consent = known.consents.get(incident.id)
    if incident.stage is not Stage.FILING:
        raise NoConsent("stage")
    if consent is None or consent.id != incident.consent_id:
        raise NoConsent("none")
    if not consent.neutral and consent.given_by != incident.author:
        raise NoConsent("not_author")
    if known.group.state not in (GroupState.ON, GroupState.PAUSED):
        raise NoConsent("permission")
    if is_opted_out(known, consent.given_by) and not incident.despite_opt_out:
        raise NoConsent("opted_out")
    return consent


def filing(incident: Incident, consent: Consent, content: Content) -> Filing:
    """What goes to the desk: exactly what was consented to; raises `NoConsent` when it is anything else."""
    if incident.place is None or consent.incident_id != incident.id:
        raise NoConsent("incomplete")
    if commit_to(content, incident.place, content.outgoing) != consent.commitment:
        raise NoConsent("changed")
    return Filing(
        own=incident.id,
        tenant_id=incident.tenant_id,
        category=incident.category,
        text=content.outgoing,
        place=incident.place,
        seen_at=incident.began_at,
        contact=content.contact,
        neighbours=incident.neighbours,
    )


def step(flow: Flow) -> Flow:
    """Send what is due to its desk, and take in what came of it."""
    match flow.happening:
        case FilingDone() as done:
            flow = _done(flow, done)
        case FilingDelayed(incident_id=incident_id):
            incident = flow.after.incidents.get(incident_id)
            if incident is not None and incident.stage is Stage.FILING:
                delayed = replace(incident, retries=incident.retries + 1)
                flow = flow.put(delayed.stepped(flow.now) if incident.retries == 0 else delayed)
        case FilingOff() as off:
            flow = _off(flow, off)
    for incident in flow.after.incidents.values():
        before = flow.before.incidents.get(incident.id)
        if incident.stage is Stage.FILING and (before is None or before.stage is not Stage.FILING):
            flow = flow.effect(_file(flow, incident))
    return flow


def _file(flow: Flow, incident: Incident) -> Effect:
    return Effect(
        action=Action.FILE,
        idem=f"file:{incident.id}",
        due_at=flow.now,
        group_id=flow.group.id,
        incident_id=incident.id,
        args={"neighbours": str(incident.neighbours)},
        lane=Lane.ANSWER,
        key=f"report:{incident.id}",
    )


def _done(flow: Flow, done: FilingDone) -> Flow:
    incident = flow.after.incidents.get(done.incident_id)
    if incident is None or incident.stage is not Stage.FILING or incident.place is None:
        return flow.tally("filed.unexpected")
    flow = flow.save(
        Contribution(
            id=ContributionId(flow.moment.fresh("observation")),
            tenant_id=flow.group.tenant_id,
            incident_id=incident.id,
            person=incident.yes_by or incident.author,
            kind=ContributionKind.OBSERVATION,
            at=flow.now,
            consent_id=incident.consent_id,
        )
    ).tally("filed", done.desk)
    report = _known_report(flow, done)
    if report is not None:
        return _join(flow, incident, report)
    if done.joins is not None:
        return compare.joined_with_words(_keep_what_went_out(flow, incident), incident, done.joins)
    report = Report(
        id=ReportId(flow.moment.fresh("report")),
        tenant_id=flow.group.tenant_id,
        desk=done.desk,
        reference=done.filed.reference,
        category=incident.category,
        place=incident.place,
        filed_at=flow.now,
        changed_at=flow.now,
        status=done.filed.status,
        link=done.filed.link,
    )
    flow = _keep_what_went_out(flow.put_report(report), incident)
    # What it was to join may have ended in the meantime.
    return flow.put(replace(incident.to(Stage.FILED, flow.now), report_id=report.id, similar=None))


def _keep_what_went_out(flow: Flow, incident: Incident) -> Flow:
    """Once filed, what was masked is not needed any more: the words as typed go, what the desk has stays."""
    content = flow.after.contents.get(incident.id)
    if content is None:
        return flow
    places = tuple(words for words in content.places if words in content.outgoing)
    return flow.seal(incident.id, replace(content, text="", places=places))


def _known_report(flow: Flow, done: FilingDone) -> Report | None:
    for report in flow.after.reports.values():
        if (report.desk, report.reference) == (done.desk, done.filed.reference):
            return report
    return None


def _join(flow: Flow, incident: Incident, report: Report) -> Flow:
    """The desk took it as one more observation of a report this group has already: one card per report."""
    for other in flow.after.incidents.values():
        if other.report_id == report.id and other.stage is Stage.FILED and other.id != incident.id:
            joined = replace(other.stepped(flow.now), witnesses=other.witnesses | {incident.author})
            content = flow.after.contents.get(incident.id)
            flow = flow.put(joined)
            if content is not None:
                flow = flow.whisper(content.address, "duplicate.added", joined, {"incident": joined.id})
            return flow.put(incident.to(Stage.DROPPED, flow.now)).tally("merged")
    return flow.put(replace(incident.to(Stage.FILED, flow.now), report_id=report.id))


def _off(flow: Flow, off: FilingOff) -> Flow:
    incident = flow.after.incidents.get(off.incident_id)
    if incident is None or incident.stage is not Stage.FILING:
        return flow
    if off.why == "no_consent":
        content = flow.after.contents.get(incident.id)
        if content is not None:
            flow = flow.whisper(content.address, "filing.not_sent")
        return flow.put(incident.to(Stage.WITHDRAWN, flow.now)).tally("filing.no_consent")
    return flow.put(replace(incident.to(Stage.FAILED, flow.now), hint=off.why)).tally("filing.failed", off.why)

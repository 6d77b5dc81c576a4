"""Is this open already, next door or at the desk? Step 9 of the chain.

Twice: when the group is about to be asked, among what other groups of the tenant have filed; and when somebody
has said yes, at the desk as well. Of what others filed only kind, place, day and status are ever told, never who,
in which group or in what words. What is about people is not compared at all.
Runs at the end, because a yes may have been taken by any step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.model.channel import Chose, Person
from bot.model.desk import Similar
from bot.model.effect import Action, Effect, Lane
from bot.model.happening import Compared, DeadlinePassed
from bot.model.ids import IncidentId, ReportId
from bot.model.incident import Content, Incident, Stage
from bot.model.report import ContributionKind, Report
from bot.model.snapshot import PromptAnswer
from bot.model.taxonomy import category
from bot.process import amend, consent, quiet
from bot.process.flow import Flow
from bot.process.likeness import Alike, Likeness, Sighting, likeness
from bot.process.policy import Verdict

STILL_WANTED = timedelta(minutes=1)
"""A search that takes longer than the time to take a report back comes too late."""


def step(flow: Flow) -> Flow:
    """What was found, what its author says of it, and the search before something new is filed."""
    match flow.happening:
        case DeadlinePassed(incident_id=incident_id, near=near) if near:
            flow = _before_asking(flow, incident_id, near)
        case DeadlinePassed(incident_id=incident_id):
            flow = _unanswered(flow, incident_id)
        case Compared(incident_id=incident_id, near=near):
            flow = _before_filing(flow, incident_id, near)
        case Chose() as chose:
            flow = _chose(flow, chose)
    return _look(flow)


def comparable(incident: Incident) -> bool:
    """Can this be compared? What is about people, or nowhere, cannot."""
    return not incident.sensitive and incident.place is not None and incident.place.point is not None


def best(
    incident: Incident, content: Content | None, near: tuple[Similar, ...]
) -> tuple[Similar, Likeness] | None:
    """What it is most like, if that is worth a word. Without its text: that is for comparing only."""
    mine = Sighting(
        category=incident.category,
        at=incident.began_at,
        place=incident.place,
        text=content.outgoing if content else "",
    )
    found: tuple[Similar, Likeness] | None = None
    for one in near:
        if one.key in incident.unlike or category(one.category).about_people or not comparable(incident):
            continue
        theirs = Sighting(category=one.category, at=one.filed_at, place=one.place, text=one.text)
        alike = likeness(mine, theirs)
        if alike.alike is not Alike.DIFFERENT and (found is None or alike.score > found[1].score):
            found = (replace(one, text=""), alike)
    return found


# --- before the group is asked ---


def _before_asking(flow: Flow, incident_id: IncidentId, near: tuple[Similar, ...]) -> Flow:
    """Instead of asking whether to report it: count the author in, or ask whether it is the same."""
    incident, old = flow.after.incidents.get(incident_id), flow.before.incidents.get(incident_id)
    newly = old is not None and old.stage is Stage.HELD and incident is not None
    if incident is None or not newly or incident.stage is not Stage.PROPOSED or incident.on_request:
        return flow
    found = best(incident, flow.after.contents.get(incident.id), near)
    if found is None:
        return flow
    similar, alike = found
    flow = flow.tally("similar", alike.alike)
    if alike.alike is Alike.SURE:
        # Nobody has pressed anything, so not even the way back to the author is kept: the card is.
        return _join(flow.erase(incident.id), incident, similar)
    return flow.put(replace(incident.to(Stage.SIMILAR, flow.now, incident.deadline), similar=similar))


# --- before it is filed ---


def _look(flow: Flow) -> Flow:
    """Somebody said yes just now: look, beside the minute in which it can be taken back."""
    for incident in flow.after.incidents.values():
        old = flow.before.incidents.get(incident.id)
        newly = incident.stage is Stage.RELEASED and (old is None or old.stage is not Stage.RELEASED)
        asked = old is not None and old.stage is Stage.SIMILAR
        if newly and not asked and incident.similar is None and comparable(incident):
            flow = flow.effect(
                Effect(
                    action=Action.COMPARE,
                    idem=f"compare:{incident.id}:{incident.step}",
                    due_at=flow.now,
                    group_id=flow.group.id,
                    incident_id=incident.id,
                    lane=Lane.ANSWER,
                    not_after=flow.now + STILL_WANTED,
                )
            )
    return flow


def _before_filing(flow: Flow, incident_id: IncidentId, near: tuple[Similar, ...]) -> Flow:
    incident = flow.after.incidents.get(incident_id)
    if incident is None or incident.stage is not Stage.RELEASED or incident.similar is not None:
        return flow
    found = best(incident, flow.after.contents.get(incident.id), near)
    if found is None:
        return flow
    similar, alike = found
    flow = flow.tally("similar", alike.alike)
    if alike.alike is Alike.SURE:
        # The preview says so now, and it is filed only after that could be seen.
        return flow.put(replace(incident.stepped(flow.now), similar=similar))
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.contact)
    return flow.put(replace(incident.to(Stage.SIMILAR, flow.now, ends), similar=similar, contact_wanted=False))


def _unanswered(flow: Flow, incident_id: IncidentId) -> Flow:
    """Who said yes before meant it: without an answer it goes out as a report of its own."""
    old, incident = flow.before.incidents.get(incident_id), flow.after.incidents.get(incident_id)
    lapsed = incident is not None and incident.stage is Stage.LAPSED
    if old is None or incident is None or not lapsed or old.stage is not Stage.SIMILAR or old.yes_by is None:
        return flow
    return _release(flow, replace(old, similar=None))


def _release(flow: Flow, incident: Incident) -> Flow:
    given = flow.after.consents.get(incident.id)
    return consent.release(flow, incident, given.confirmed_by if given else None)


# --- what the author says ---


def _chose(flow: Flow, chose: Chose) -> Flow:
    judged = consent.judge(flow.before, chose)
    handler = _HANDLERS.get(judged[1]) if judged else None
    incident = flow.after.incidents.get(judged[0].id) if judged else None
    if handler is None or incident is None or incident.similar is None:
        return flow
    return handler(flow, incident, incident.similar, chose.person)


def _same(flow: Flow, incident: Incident, similar: Similar, _: Person) -> Flow:
    """It is still so: one more who sees it, and no words."""
    flow = consent.answered(flow, incident, PromptAnswer.YES)
    return _join(_wordless(flow, incident), incident, similar).toast("toast.thanks_seen")


def _solved(flow: Flow, incident: Incident, similar: Similar, person: Person) -> Flow:
    """It was reported, and is gone."""
    flow = consent.answered(flow, incident, PromptAnswer.YES)
    joined = _joined(flow, incident, similar)
    flow = _on_report(_wordless(flow, incident), joined, similar).put(joined)
    return amend.solved(flow, joined, person)


def _add(flow: Flow, incident: Incident, similar: Similar, person: Person) -> Flow:
    """There is more to tell. Words released already go there; else they are asked for."""
    flow = consent.answered(flow, incident, PromptAnswer.YES)
    if incident.yes_by is not None:
        return _release(flow, incident)
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.contact)
    asked = replace(incident, words_from=frozenset({person.key}), words_until=ends)
    return _join(_wordless(flow, incident), asked, similar)


def _other(flow: Flow, incident: Incident, similar: Similar, _: Person) -> Flow:
    """Something else: on as if nothing had been found."""
    other = replace(incident, similar=None, unlike=incident.unlike | {similar.key})
    if incident.yes_by is not None:
        return _release(flow, other)
    ends = quiet.lapses(flow.after, incident)
    return flow.put(other.to(Stage.PROPOSED, flow.now, ends))


_HANDLERS: Mapping[Verdict, Callable[[Flow, Incident, Similar, Person], Flow]] = {
    Verdict.SAME: _same,
    Verdict.SAME_SOLVED: _solved,
    Verdict.ADD: _add,
    Verdict.OTHER: _other,
}


# --- joining ---


def _join(flow: Flow, incident: Incident, similar: Similar) -> Flow:
    """One more on a report of others: the desk hears a number, the group gets a card that follows it."""
    joined = _joined(flow, incident, similar)
    flow = _on_report(flow, joined, similar).put(joined).tally("joined")
    contribution = amend.contribute(flow, joined, None, ContributionKind.STILL)
    return flow.save(contribution).effect(amend.amending(flow, joined, contribution))


def _joined(flow: Flow, incident: Incident, similar: Similar) -> Incident:
    report_id = similar.report_id or ReportId(flow.moment.fresh("report"))
    filed = incident.to(Stage.FILED, flow.now)
    return replace(filed, report_id=report_id, similar=similar)


def joined_with_words(flow: Flow, incident: Incident, similar: Similar) -> Flow:
    """The desk added consented words to a report of others."""
    joined = _joined(flow, incident, replace(similar, text=""))
    return _on_report(flow, joined, similar).put(joined).tally("joined")


def _on_report(flow: Flow, incident: Incident, similar: Similar) -> Flow:
    """The report as far as it is known here. One of another group is not written: its row may have moved on."""
    report = Report(
        id=incident.report_id or ReportId(""),
        tenant_id=flow.group.tenant_id,
        desk=similar.desk,
        reference=similar.reference,
        category=similar.category,
        place=similar.place,
        filed_at=similar.filed_at,
        changed_at=similar.filed_at,
        status=similar.status,
    )
    if similar.report_id is None:
        return flow.put_report(report)
    if report.id in flow.after.reports:
        return flow
    return replace(flow, after=replace(flow.after, reports={**flow.after.reports, report.id: report}))


def _wordless(flow: Flow, incident: Incident) -> Flow:
    """The words are not needed any more; the way back to who answered stays while the report is open."""
    content = flow.after.contents.get(incident.id)
    if content is None:
        return flow
    bare = replace(content, text="", outgoing="", masked=0, photos=(), places=(), contact="")
    return flow.seal(incident.id, bare)

"""Learning on the spot: may BART keep this message, masked, to read better later? Beside the chain, run after it.

Asked privately, of the author alone, about one exact text, and only where tenant and group have it on. The
answer is the label. It never changes what is filed; a no means that this person is not asked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.buttons import KINDS, Button, read_choice
from bot.model.channel import Chose, Deleted, Person, Private
from bot.model.consent import Subject
from bot.model.example import Example, Unlearn
from bot.model.group import GroupState, Member
from bot.model.happening import DeadlinePassed, Revised
from bot.model.ids import PersonKey, PostRef
from bot.model.incident import Content, Incident, Learning, Stage
from bot.model.reading import Intent
from bot.model.snapshot import PromptAnswer
from bot.process import consent, quiet
from bot.process.flow import Flow
from bot.process.policy import Verdict

LEAST = timedelta(minutes=1)
"""With less left before the words of a declined message must go, its author is not asked."""

AFTER_NO = (Button.NOT_A_REPORT, Button.RATHER_NOT, Button.NO_EXAMPLE)


def step(flow: Flow) -> Flow:
    """Answers, what ends the question, then the question itself. Runs before `publish`, which erases words."""
    match flow.happening:
        case Chose() as chose:
            flow = _chose(flow, chose)
        case DeadlinePassed(incident_id=incident_id):
            incident = flow.after.incidents.get(incident_id)
            if incident is not None and is_waiting(incident) and _is_late(incident, flow.now):
                flow = flow.put(_closed(incident))
        case Deleted(post=post):
            flow = _source_gone(flow, post)
        case Revised(edited=edited):
            flow = _source_gone(flow, edited.post)
    for incident in flow.after.incidents.values():
        before = flow.before.incidents.get(incident.id)
        if before is not None and before.stage is not incident.stage:
            flow = _moved(flow, incident)
    return flow if is_on(flow) else _close(flow, None)


def is_on(flow: Flow) -> bool:
    """Do tenant and group both allow the question, and does BART read here?"""
    return flow.group.state is GroupState.ON and flow.settings.learning and flow.context.tenant.learning_days > 0


def is_waiting(incident: Incident) -> bool:
    """Do the words of this declined message still wait for its author's answer?"""
    return incident.stage is Stage.DECLINED and incident.learning is Learning.OPEN


def words(incident: Incident, content: Content) -> str:
    """What would be kept: what may leave the group, and of a home not even the address."""
    text = content.outgoing
    if incident.place is not None and incident.place.home:
        for phrase in content.places:
            text = text.replace(phrase, "[adres]") if phrase else text
    return text.strip()


def forget(flow: Flow, person: Person) -> Flow:
    """Nothing of this person is left to learn from, and no question about it stands."""
    flow = _close(flow, person.key)
    if not flow.after.examples.get(person.key):
        return flow
    flow = _count(flow, person.key, 0).save(Unlearn(group_id=flow.group.id, person=person.key))
    return flow.evidence("unlearned", person.key)


def leave_alone(flow: Flow, person: Person, no_learning: bool) -> Flow:
    """Remember whether somebody wants to be asked at all."""
    known = flow.after.members.get(person.key)
    if known is None and not no_learning:
        return flow
    known = known or Member(group_id=flow.group.id, key=person.key)
    return flow.put_member(replace(known, no_learning=no_learning))


def _moved(flow: Flow, incident: Incident) -> Flow:
    if incident.stage is Stage.WITHDRAWN:
        return _unlearn(flow, incident)
    if incident.stage is Stage.DECLINED and _answer(flow, incident) is PromptAnswer.NO:
        ends = quiet.lapses(flow.after, incident)
        return _ask(flow, incident, ends) if ends - flow.now >= LEAST else flow
    if incident.stage is Stage.FILED and incident.yes_by == incident.author:
        return _ask(flow, incident, incident.deadline)
    return flow


def _ask(flow: Flow, incident: Incident, ends: datetime | None) -> Flow:
    content = flow.after.contents.get(incident.id)
    member = flow.after.members.get(incident.author)
    skips = member is not None and (member.no_learning or member.opted_out)
    about_people = incident.sensitive or incident.neutral or incident.despite_opt_out
    if not is_on(flow) or skips or about_people or flow.context.room.private is Private.NEVER:
        return flow
    if content is None or not words(incident, content) or incident.learning is not Learning.NOT_ASKED:
        return flow
    flow = flow.put(replace(incident, learning=Learning.OPEN, deadline=ends))
    return flow.whisper(content.address, "learn.ask", incident, {"incident": incident.id}).tally("learn.asked")


def _chose(flow: Flow, chose: Chose) -> Flow:
    judged, choice = consent.judge(flow.before, chose), read_choice(chose.choice)
    if judged is None or choice is None:
        return flow
    incident = flow.after.incidents[judged[0].id]
    if judged[1] is Verdict.WITHDRAW:
        return _taken_back(flow, incident)
    return _answered(flow, incident, chose.person, choice[1]) if judged[1] is Verdict.LEARN else flow


def _answered(flow: Flow, incident: Incident, person: Person, button: Button) -> Flow:
    """The author answers; the consent, the example and the label come of it, or a no that is remembered."""
    content = flow.after.contents.get(incident.id)
    open_now = incident.learning is Learning.OPEN and not (is_waiting(incident) and _is_late(incident, flow.now))
    if content is None or not open_now or not is_on(flow):
        return flow.toast("toast.no_longer")
    if button is Button.NO_EXAMPLE:
        flow = leave_alone(flow.put(_closed(incident)), person, no_learning=True)
        flow = flow.evidence("learning_refused", person.key, incident)
        return flow.whisper(person.address, "learn.refused").tally("learn.answered", "no")
    flow = _keep(flow, incident, content, button).put(_closed(incident))
    return flow.whisper(person.address, "learn.kept").tally("learn.answered", "yes")


def _keep(flow: Flow, incident: Incident, content: Content, button: Button) -> Flow:
    """The consent to exactly this text, and the example; both or neither."""
    text = words(incident, content)
    given = consent.words_consent(flow, incident, incident.author, Subject.LEARNING, text)
    if given is None:
        return flow
    is_report = button is not Button.NOT_A_REPORT
    example = Example(
        id=incident.id,
        tenant_id=incident.tenant_id,
        group_id=incident.group_id,
        person=incident.author,
        consent_id=given.id,
        kept_at=flow.now,
        until=flow.now + timedelta(days=flow.context.tenant.learning_days),
        said_at=incident.began_at.replace(minute=0, second=0, microsecond=0),
        text=text,
        intent=Intent.REPORT if is_report else Intent.NONE,
        category=_kind(incident, button) if is_report else None,
        places=tuple(p for p in dict.fromkeys(content.places) if is_report and p.strip() and p in text),
        photo=bool(content.photos),
    )
    return _relabel(_count(flow, incident.author, 1).save(given, example), incident, button)


def _kind(incident: Incident, button: Button) -> str:
    index = KINDS.index(button) if button in KINDS else 0
    return (incident.category, *incident.kinds)[index] if index <= len(incident.kinds) else incident.category


def _relabel(flow: Flow, incident: Incident, button: Button) -> Flow:
    """What its author says about a no counts for the group's threshold too."""
    said = {Button.NOT_A_REPORT: PromptAnswer.NOT_A_REPORT, Button.RATHER_NOT: PromptAnswer.RATHER_NOT}.get(button)
    for prompt in flow.after.prompts:
        if said is not None and prompt.incident_id == incident.id:
            return flow.put_prompt(replace(prompt, answer=said))
    return flow


def _answer(flow: Flow, incident: Incident) -> PromptAnswer | None:
    return next((p.answer for p in flow.after.prompts if p.incident_id == incident.id), None)


def _source_gone(flow: Flow, post: PostRef) -> Flow:
    """Who edits or deletes the message does not stand by these words any more."""
    for incident in flow.after.incidents.values():
        if post in incident.sources:
            flow = _taken_back(flow, incident)
    return flow


def _taken_back(flow: Flow, incident: Incident) -> Flow:
    flow = _unlearn(flow, incident)
    return flow.put(_closed(incident)) if incident.learning is Learning.OPEN else flow


def _unlearn(flow: Flow, incident: Incident) -> Flow:
    if not flow.after.examples.get(incident.author):
        return flow
    return flow.save(Unlearn(group_id=flow.group.id, person=incident.author, incident_id=incident.id))


def _close(flow: Flow, author: PersonKey | None) -> Flow:
    """End the open questions of one person, or of everybody."""
    for incident in flow.after.incidents.values():
        if incident.learning is Learning.OPEN and author in (None, incident.author):
            flow = flow.put(_closed(incident))
    return flow


def _closed(incident: Incident) -> Incident:
    ends = None if incident.stage is Stage.DECLINED else incident.deadline
    return replace(incident, learning=Learning.CLOSED, deadline=ends)


def _is_late(incident: Incident, now: datetime) -> bool:
    return incident.deadline is None or incident.deadline <= now


def _count(flow: Flow, person: PersonKey, more: int) -> Flow:
    """One more for the happenings that follow in this batch; 0 for none left."""
    count = flow.after.examples.get(person, 0) + more if more else 0
    return replace(flow, after=replace(flow.after, examples={**flow.after.examples, person: count}))

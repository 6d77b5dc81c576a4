"""Add to what exists: "still there", "solved", an answer, a withdrawal. Step 7 of the chain.

A neighbour's words never leave here without being asked for; what goes to the desk without words is a
neutral count. Words go only when a resident replies to a question BART put to exactly this person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.model.channel import Chose, Deleted, Person, Private, Said
from bot.model.consent import Subject
from bot.model.desk import DeskCapabilities
from bot.model.effect import Action, Effect, Lane
from bot.model.happening import Amended, FilingDone, Heard
from bot.model.ids import ContributionId, PersonKey, PostRef
from bot.model.incident import Incident, Stage, Words
from bot.model.reading import Intent, Interpretation
from bot.model.report import Contribution, ContributionKind, Report
from bot.model.wording import cut
from bot.process import consent
from bot.process.flow import Flow
from bot.process.masking import OUTGOING_LIMIT, clean, mask
from bot.process.policy import Verdict


def step(flow: Flow) -> Flow:
    """What residents say and press about an incident that exists."""
    match flow.happening:
        case Heard(said=said, meaning=meaning):
            return _heard(flow, said, meaning)
        case Chose() as chose:
            return _chose(flow, chose)
        case Deleted(post=post):
            return _source_gone(flow, post)
        case FilingDone(incident_id=incident_id):
            incident = flow.after.incidents.get(incident_id)
            return _photos(flow, incident) if incident is not None else flow
        case Amended() as amended:
            return _amended(flow, amended)
    return flow


def desk_of(flow: Flow, report: Report) -> DeskCapabilities:
    """What the report's desk can do."""
    return flow.context.desks.get(report.desk, DeskCapabilities())


# --- what is said ---


def _heard(flow: Flow, said: Said, meaning: Interpretation) -> Flow:
    waiting = awaited(flow, said)
    if len(waiting) > 1:
        return flow.whisper(said.person.address, "answer.which").stop()
    if waiting:
        return _words(flow, waiting[0], said, meaning)
    about = flow.after.incidents.get(meaning.about) if meaning.about else None
    if about is None:
        return flow.stop()
    if meaning.intent is Intent.SOLVED:
        return solved(flow, about, said.person)
    if meaning.intent in (Intent.ADDITION, Intent.REPORT):
        return still(flow, about, said.person)
    return flow


def awaited(flow: Flow, said: Said) -> list[Incident]:
    """The incidents whose question these words may answer: the one whose card they reply to, or, said privately,
    each that waits for this person. A number in the words decides between several."""
    person = said.person.key
    waiting = [i for i in flow.after.incidents.values() if _asks(flow, i, person)]
    if not said.private:
        heard = flow.context.room.private is Private.ALWAYS
        return [
            i
            for i in waiting
            if said.reply_to is not None
            and said.reply_to == i.card
            and (heard or i.joined or _is_question(flow, i, person))
        ]
    named = [i for i in waiting if (r := flow.after.report_of(i)) and r.reference.lower() in said.text.lower()]
    return named or waiting


def _asks(flow: Flow, incident: Incident, person: PersonKey) -> bool:
    left = incident.words_until is not None and flow.now < incident.words_until
    return _is_question(flow, incident, person) or (left and person in incident.words_from)


def _is_question(flow: Flow, incident: Incident, person: PersonKey) -> bool:
    report = flow.after.report_of(incident)
    asked = report is not None and report.question is not None and not incident.joined
    return asked and incident.author == person


def _words(flow: Flow, incident: Incident, said: Said, meaning: Interpretation) -> Flow:
    """The reply to a question is this person's own release of exactly these words, and recorded as such. They
    see them first, with as long to take them back as for a report."""
    text = cut(mask(clean(said.text), meaning.personal)[0], OUTGOING_LIMIT)
    answers = _is_question(flow, incident, said.person.key)
    kind = ContributionKind.ANSWER if answers else ContributionKind.ADDITION
    subject = Subject.ANSWER if answers else Subject.ADDITION
    given = consent.words_consent(flow, incident, said.person.key, subject, text)
    content = flow.after.contents.get(incident.id)
    if given is None or content is None or not text:
        return flow
    contribution = contribute(flow, incident, said.person, kind)
    words = Words(contribution=contribution.id, person=said.person.key, text=text)
    flow = flow.put_consent(given).save(replace(contribution, consent_id=given.id))
    flow = flow.seal(incident.id, replace(content, words=(*content.words, words)))
    flow = flow.put(replace(incident.stepped(flow.now), words_from=incident.words_from - {said.person.key}))
    sent = flow.now + timedelta(seconds=flow.settings.deadlines.release)
    flow = flow.effect(replace(amending(flow, incident, contribution), due_at=sent))
    shown = {"incident": incident.id, "contribution": contribution.id}
    return flow.whisper(said.person.address, "answer.preview", incident, shown).stop()


def _take_back(flow: Flow, incident: Incident, person: Person) -> Flow:
    """[Toch niet] under the preview: what has not been sent yet is gone."""
    content = flow.after.contents.get(incident.id)
    kept = tuple(words for words in content.words if words.person != person.key) if content else ()
    if content is None or len(kept) == len(content.words):
        return flow.toast("toast.too_late")
    flow = flow.seal(incident.id, replace(content, words=kept))
    return flow.evidence("undone", person.key, incident).toast("toast.undone")


# --- what is pressed ---


def _chose(flow: Flow, chose: Chose) -> Flow:
    judged = consent.judge(flow.before, chose)
    handler = _HANDLERS.get(judged[1]) if judged else None
    incident = flow.after.incidents.get(judged[0].id) if judged else None
    return handler(flow, incident, chose.person) if handler and incident is not None else flow


def still(flow: Flow, incident: Incident, person: Person) -> Flow:
    """One more resident sees it. Counted once per person; the desk hears a number, no words. After the desk
    closed it, "still there" means that it is not solved."""
    report = flow.after.report_of(incident)
    if incident.stage is Stage.FILED and report is not None and not report.status.is_open:
        return not_solved(flow, incident, person)
    if person.key == incident.author or person.key in incident.witnesses or incident.stage.is_over:
        return flow.toast("toast.already_seen")
    seen = replace(incident, witnesses=incident.witnesses | {person.key})
    if incident.stage is Stage.HELD:
        return flow.put(seen)
    flow = flow.put(seen.stepped(flow.now)).toast("toast.thanks_seen").tally("witness")
    if incident.stage in (Stage.FILING, Stage.FILED):
        contribution = contribute(flow, incident, person, ContributionKind.STILL)
        flow = flow.save(contribution).effect(amending(flow, incident, contribution))
    return flow


def solved(flow: Flow, incident: Incident, person: Person) -> Flow:
    """A neighbour says it is solved: the desk hears it, the group may contradict."""
    if incident.stage is not Stage.FILED or person.key in incident.solved_by:
        return flow.toast("toast.already_seen")
    report = flow.after.report_of(incident)
    if report is None or not report.status.is_open:
        return flow
    contribution = contribute(flow, incident, person, ContributionKind.SOLVED)
    said = replace(incident.stepped(flow.now), solved_by=incident.solved_by | {person.key})
    return flow.put(said).save(contribution).effect(amending(flow, said, contribution)).toast("toast.counted")


def not_solved(flow: Flow, incident: Incident, person: Person) -> Flow:
    """The desk closed it, but it is not solved (rule 9): ask the desk to look again."""
    report = flow.after.report_of(incident)
    if report is None or report.status.is_open:
        return flow.toast("toast.no_longer")
    contribution = contribute(flow, incident, person, ContributionKind.NOT_SOLVED)
    if incident.stage is Stage.FINISHED:
        incident = incident.to(Stage.FILED, flow.now)
    again = replace(
        incident.stepped(flow.now),
        words_from=incident.words_from | ({person.key} if incident.id in flow.after.contents else frozenset()),
        words_until=flow.now + timedelta(seconds=flow.settings.deadlines.contact),
        solved_by=frozenset(),
        verified=False,
        deadline=None,
    )
    flow = flow.put(again).save(contribution).tally("not_solved")
    if again.words_from:
        flow = flow.whisper(person.address, "verify.ask_more", again, {"incident": again.id})
    return flow.effect(amending(flow, again, contribution)).toast("toast.counted")


def _verified(flow: Flow, incident: Incident, _: Person) -> Flow:
    report = flow.after.report_of(incident)
    if report is None or report.status.is_open:
        return flow.toast("toast.no_longer")
    finished = replace(incident.to(Stage.FINISHED, flow.now), verified=True)
    return flow.put(finished).tally("verified")


def withdraw(flow: Flow, incident: Incident, person: Person | None) -> Flow:
    """After filing: a withdrawal where the desk can take one, an honest line where it cannot."""
    content = flow.after.contents.get(incident.id)
    report = flow.after.report_of(incident)
    flow = flow.evidence("withdrawn", incident.author, incident)
    if incident.joined:
        # The report is of others; it goes on without this resident.
        flow = flow.whisper(content.address, "withdrawn.joined") if content else flow
        return flow.put(incident.to(Stage.WITHDRAWN, flow.now))
    can = report is None or desk_of(flow, report).withdraws
    if content is not None:
        flow = flow.whisper(content.address, "withdrawn.note" if can else "withdrawn.late")
    if report is not None and not can:
        return _follow_no_more(flow, incident, report)
    contribution = contribute(flow, incident, person, ContributionKind.WITHDRAWAL)
    return flow.save(contribution).effect(amending(flow, incident, contribution))


def _dont_know(flow: Flow, incident: Incident, person: Person) -> Flow:
    """ "I don't know" is an answer too, and not one that needs consent to words."""
    report = flow.after.report_of(incident)
    if report is None or report.question is None:
        return flow.toast("toast.no_longer")
    contribution = contribute(flow, incident, person, ContributionKind.ANSWER)
    flow = flow.put(incident.stepped(flow.now)).save(contribution).toast("toast.done")
    return flow.effect(amending(flow, incident, contribution, {"dont_know": "yes"}))


_HANDLERS: Mapping[Verdict, Callable[[Flow, Incident, Person], Flow]] = {
    Verdict.STILL: still,
    Verdict.SOLVED: solved,
    Verdict.NOT_SOLVED: not_solved,
    Verdict.VERIFIED: _verified,
    Verdict.WITHDRAW: withdraw,
    Verdict.DONT_KNOW: _dont_know,
    Verdict.TAKE_BACK: _take_back,
}


# --- what follows by itself ---


def _source_gone(flow: Flow, post: PostRef) -> Flow:
    """The author took the message away after it was filed: that is a withdrawal."""
    for incident in flow.after.incidents.values():
        filed = incident.stage in (Stage.FILING, Stage.FILED) and incident.sources[:1] == (post,)
        if filed and not incident.neutral:
            flow = withdraw(flow, incident, None)
    return flow


def _photos(flow: Flow, incident: Incident) -> Flow:
    """Photos follow the report they were consented with."""
    content = flow.after.contents.get(incident.id)
    before = flow.before.incidents.get(incident.id)
    newly = incident.stage is Stage.FILED and before is not None and before.stage is Stage.FILING
    if not newly or content is None:
        return flow
    for index, _ in enumerate(content.photos):
        contribution = contribute(flow, incident, None, ContributionKind.PHOTO, str(index))
        flow = flow.save(contribution)
        flow = flow.effect(amending(flow, incident, contribution, {"photo": str(index)}))
    return flow


def _amended(flow: Flow, amended: Amended) -> Flow:
    """The desk took it or never will; its words are not kept beyond that. A taken withdrawal ends the incident."""
    incident = flow.after.incidents.get(amended.incident_id)
    content = flow.after.contents.get(amended.incident_id)
    if content is not None and any(words.contribution == amended.contribution_id for words in content.words):
        rest = tuple(words for words in content.words if words.contribution != amended.contribution_id)
        flow = flow.seal(amended.incident_id, replace(content, words=rest))
    if not amended.taken:
        return flow.tally("amend.refused", amended.kind)
    if amended.kind is ContributionKind.PHOTO and incident is not None:
        return _photo_there(flow, incident)
    if incident is None or amended.kind is not ContributionKind.WITHDRAWAL or incident.stage is not Stage.FILED:
        return flow
    report = flow.after.report_of(incident)
    return _follow_no_more(flow, incident, report) if report is not None else flow


def _photo_there(flow: Flow, incident: Incident) -> Flow:
    """The desk has the photo: the card says so."""
    report = flow.after.report_of(incident)
    if report is None or incident.stage is not Stage.FILED:
        return flow
    return flow.put_report(replace(report, photos=report.photos + 1)).put(incident.stepped(flow.now))


def _follow_no_more(flow: Flow, incident: Incident, report: Report) -> Flow:
    if not incident.joined:
        flow = flow.put_report(replace(report, withdrawn=True))
    return flow.put(incident.to(Stage.WITHDRAWN, flow.now))


def contribute(
    flow: Flow, incident: Incident, person: Person | None, kind: ContributionKind, nth: str = ""
) -> Contribution:
    """A contribution record; without a person it is the author's."""
    return Contribution(
        id=ContributionId(flow.moment.fresh(f"{kind}{nth}:{incident.id}")),
        tenant_id=flow.group.tenant_id,
        incident_id=incident.id,
        person=person.key if person else incident.author,
        kind=kind,
        at=flow.now,
        consent_id=incident.consent_id if kind is ContributionKind.PHOTO else None,
    )


def amending(
    flow: Flow, incident: Incident, contribution: Contribution, more: Mapping[str, str] | None = None
) -> Effect:
    """The effect that brings a contribution to the desk, in order behind the report's filing.

    The count is that of this moment: a desk adds one for each "still there" that comes later.
    """
    neighbours = flow.after.incidents.get(incident.id, incident).neighbours
    args = {"contribution": contribution.id, "kind": contribution.kind, "neighbours": str(neighbours)}
    return Effect(
        action=Action.AMEND,
        idem=f"amend:{contribution.id}",
        due_at=flow.now,
        group_id=flow.group.id,
        incident_id=incident.id,
        args={**args, **(more or {})},
        lane=Lane.ANSWER,
        key=f"report:{incident.id}",
    )

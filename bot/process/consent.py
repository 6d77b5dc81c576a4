"""Ask, answer, lapse. Step 3 of the chain, and the only place that makes a `Consent`.

A yes counts when it was pressed before the proposal's deadline and the proposal is still there: whichever
of yes and lapse is committed first wins, and the other finds the incident at a later stage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.model.buttons import read_choice
from bot.model.channel import Chose, Deleted, Person, Private
from bot.model.consent import Consent, Subject, commit_to
from bot.model.group import Policy, Role
from bot.model.happening import DeadlinePassed, Revised
from bot.model.ids import ConsentId, IncidentId, PersonKey, PostRef
from bot.model.incident import ASKING, Incident, Stage
from bot.model.snapshot import Prompt, PromptAnswer, Snapshot
from bot.process import doubt, quiet
from bot.process.flow import Flow
from bot.process.policy import Verdict, Who, verdict
from bot.process.route import goes_elsewhere, has_desk
from bot.process.wordings import neutral_text

UNSEEN = timedelta(seconds=2)
"""How soon to look again whether the preview has reached the group."""

_LAPSES = ASKING | {Stage.LOCATING, Stage.ADMIN, Stage.DANGER, Stage.SELF_HELP}

ASKED_BACK = "asked_back"
"""`Incident.hint` of self-help whose resident was asked whether it worked."""


def step(flow: Flow) -> Flow:
    """Deadlines, presses, and what an edit or deletion does to what waits for a yes."""
    match flow.happening:
        case DeadlinePassed(incident_id=incident_id, heat=heat):
            flow = _deadline(flow, incident_id, heat)
        case Chose() as chose:
            flow = _chose(flow, chose)
        case Deleted(post=post):
            flow = _source_gone(flow, post)
        case Revised(edited=edited):
            flow = _source_changed(flow, edited.post)
    return _next_in_line(flow)


# --- deadlines ---


def _deadline(flow: Flow, incident_id: IncidentId, heat: int) -> Flow:
    incident = flow.after.incidents.get(incident_id)
    if incident is None or incident.deadline is None or incident.deadline > flow.now:
        return flow.stop()
    match incident.stage:
        case Stage.HELD:
            return _ask_or_not(flow, incident, heat)
        case Stage.SELF_HELP if incident.hint != ASKED_BACK:
            return _ask_back(flow, incident)
        case _ if incident.stage in _LAPSES:
            return answered(flow, incident, PromptAnswer.LAPSED).put(incident.to(Stage.LAPSED, flow.now))
        case Stage.RELEASED:
            return _file_if_shown(flow, incident)
        case Stage.FILED:
            return flow.put(incident.to(Stage.FINISHED, flow.now))
    return flow


def _file_if_shown(flow: Flow, incident: Incident) -> Flow:
    """Nothing is filed before the group could see what goes out and stop it."""
    if incident.shown >= incident.step:
        return flow.put(replace(incident.to(Stage.FILING, flow.now), contact_wanted=False))
    if flow.now - incident.changed_at > timedelta(seconds=flow.settings.deadlines.proposal):
        return flow.put(incident.to(Stage.LAPSED, flow.now))
    return flow.put(replace(incident, deadline=flow.now + UNSEEN)).tally("preview.unseen")


def _ask_back(flow: Flow, incident: Incident) -> Flow:
    """Who wanted to solve it hears once, privately, the question whether it worked; the buttons stay a while."""
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.self_help)
    content = flow.after.contents.get(incident.id)
    flow = flow.put(replace(incident, hint=ASKED_BACK, deadline=ends))
    return (
        flow.whisper(content.address, "selfhelp.check", incident, {"incident": incident.id}) if content else flow
    )


def _ask_or_not(flow: Flow, incident: Incident, heat: int) -> Flow:
    zone = ZoneInfo(flow.context.tenant.zone)
    decision = quiet.decide(flow.after, incident, flow.now, zone, heat)
    if isinstance(decision, quiet.Wait):
        return flow.put(replace(incident, deadline=decision.until)).tally("prompt.waits", decision.rule)
    if isinstance(decision, quiet.Drop):
        return flow.put(incident.to(Stage.DROPPED, flow.now)).tally("prompt.held", decision.rule)
    ends = quiet.lapses(flow.after, incident)
    asked = replace(incident.to(Stage.PROPOSED, flow.now, ends), asked_at=flow.now)
    flow = flow.put(asked)
    if not has_desk(flow.context.tenant, incident):
        return flow
    if incident.doubt:
        flow = flow.tally("category.asked")
    return flow.tally("prompt.asked").put_prompt(
        Prompt(group_id=flow.group.id, incident_id=incident.id, asked_at=flow.now, author=incident.author)
    )


def _next_in_line(flow: Flow) -> Flow:
    """When an open prompt is settled, who waited for it is looked at again."""
    settled = any(
        old.stage in ASKING and flow.after.incidents[key].stage not in ASKING
        for key, old in flow.before.incidents.items()
    )
    if not settled:
        return flow
    waited = timedelta(seconds=flow.settings.quiet.wait_min)
    for incident in flow.after.incidents.values():
        ready = incident.stage is Stage.HELD and incident.began_at + waited <= flow.now
        if ready and incident.deadline is not None and incident.deadline > flow.now:
            flow = flow.put(replace(incident, deadline=flow.now))
    return flow


# --- presses ---


def judge(known: Snapshot, chose: Chose) -> tuple[Incident, Verdict] | None:
    """The incident a press is about, and what the press means as things stood when it arrived."""
    choice = read_choice(chose.choice)
    incident = known.incidents.get(IncidentId(choice[0])) if choice else None
    if choice is None or incident is None:
        return None
    if incident.stage.is_unfiled and incident.deadline is not None and incident.deadline <= chose.at:
        return incident, Verdict.LATE
    who = who_is(incident, chose.person)
    policy = known.group.settings.policy
    return incident, verdict(policy, who, incident.stage, choice[1], incident.sensitive)


def who_is(incident: Incident, person: Person) -> Who:
    """Somebody's role towards an incident. Whoever released it may also undo that, and say where it is."""
    released = incident.stage in (Stage.LOCATING, Stage.RELEASED, Stage.SIMILAR) and person.key == incident.yes_by
    if person.key == incident.author or released:
        return Who.AUTHOR
    return Who.ADMIN if person.role is Role.ADMIN else Who.MEMBER


def _chose(flow: Flow, chose: Chose) -> Flow:
    judged = judge(flow.before, chose)
    if judged is None:
        return flow.toast("toast.no_longer").stop()
    incident, meant = judged
    toast = _late(incident) if meant is Verdict.LATE else _TOASTS.get(meant)
    if toast is not None:
        return flow.toast(toast).stop()
    handler = _HANDLERS.get(meant)
    return handler(flow, incident, chose.person) if handler else flow


def _release_words(flow: Flow, incident: Incident, person: Person) -> Flow:
    return _yes(flow, replace(incident, yes_by=person.key, neutral=_wordless(flow, incident)))


def _release_neutral(flow: Flow, incident: Incident, person: Person) -> Flow:
    return _yes(flow, replace(incident, yes_by=person.key, neutral=True))


def _wordless(flow: Flow, incident: Incident) -> bool:
    """After self-help the words are erased already; what can still be filed is the neutral text."""
    content = flow.after.contents.get(incident.id)
    return incident.stage is Stage.SELF_HELP and (content is None or not content.outgoing)


def _yes(flow: Flow, incident: Incident) -> Flow:
    said = doubt.settled(flow, incident)
    if said is None:
        return flow.toast("toast.no_longer")
    flow = doubt.count(answered(flow, said, PromptAnswer.YES), incident, said)
    if incident.doubt and goes_elsewhere(flow, said):
        return flow.put(replace(said, yes_by=None))
    flow = flow.put(said)
    return proceed(flow, said) if said.place is not None else flow


def proceed(flow: Flow, incident: Incident) -> Flow:
    """Somebody said yes and the place is known: on to an admin where the policy wants one, else released."""
    if incident.yes_by is None:
        return flow
    admin = flow.after.members.get(incident.yes_by)
    by_admin = admin is not None and admin.role is Role.ADMIN and admin.present
    if flow.settings.policy is Policy.ADMIN and not by_admin:
        ends = flow.now + timedelta(seconds=flow.settings.deadlines.proposal)
        return flow.put(incident.to(Stage.ADMIN, flow.now, ends))
    return release(flow, incident, None)


def release(flow: Flow, incident: Incident, confirmed_by: PersonKey | None) -> Flow:
    """Make the consent to exactly what will go out, and start the 60 seconds in which it can be undone."""
    content = flow.after.contents.get(incident.id)
    given_by = incident.yes_by
    if content is None or given_by is None:
        return flow.toast("toast.lapsed")
    # What is about people may be shown to its author alone; where that cannot be, only a neutral text goes.
    if incident.sensitive and flow.context.room.private is Private.NEVER:
        incident = replace(incident, neutral=True)
    if incident.neutral:
        content = replace(content, outgoing=neutral_text(flow.context, flow.group, incident), masked=0, photos=())
        flow = flow.seal(incident.id, content)
    consent = Consent(
        id=ConsentId(flow.moment.fresh("consent")),
        tenant_id=flow.group.tenant_id,
        group_id=flow.group.id,
        incident_id=incident.id,
        subject=Subject.FILING,
        given_by=given_by,
        given_at=flow.now,
        policy=flow.settings.policy,
        neutral=incident.neutral,
        commitment=commit_to(content, incident.place, content.outgoing),
        text_version=flow.context.texts.version,
        confirmed_by=confirmed_by,
    )
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.release)
    if incident.stage is Stage.RELEASED:
        released = replace(incident.stepped(flow.now), deadline=ends)
    else:
        released = incident.to(Stage.RELEASED, flow.now, ends)
    flow = flow.put_consent(consent).put(replace(released, consent_id=consent.id))
    if incident.sensitive and not incident.neutral:
        return flow.whisper(content.address, "preview", released, {"incident": incident.id})
    return flow


def words_consent(
    flow: Flow, incident: Incident, person: PersonKey, subject: Subject, text: str
) -> Consent | None:
    """Consent to words a resident gave when asked for them; None when the salt is gone."""
    content = flow.after.contents.get(incident.id)
    if content is None:
        return None
    return Consent(
        id=ConsentId(flow.moment.fresh("consent")),
        tenant_id=flow.group.tenant_id,
        group_id=flow.group.id,
        incident_id=incident.id,
        subject=subject,
        given_by=person,
        given_at=flow.now,
        policy=flow.settings.policy,
        neutral=False,
        commitment=commit_to(content, None, text),
        text_version=flow.context.texts.version,
    )


def _decline(flow: Flow, incident: Incident, _: Person) -> Flow:
    return answered(flow, incident, PromptAnswer.NO).put(incident.to(Stage.DECLINED, flow.now))


def _hide(flow: Flow, incident: Incident, _: Person) -> Flow:
    flow = answered(flow, incident, PromptAnswer.HIDDEN).put(incident.to(Stage.DECLINED, flow.now))
    return flow.toast("toast.hidden")


def _undo(flow: Flow, incident: Incident, person: Person) -> Flow:
    flow = flow.put(incident.to(Stage.DECLINED, flow.now)).evidence("undone", person.key, incident)
    return flow.toast("toast.undone")


def _confirm(flow: Flow, incident: Incident, person: Person) -> Flow:
    flow = flow.evidence("confirmed", person.key, incident)
    return release(flow, incident, person.key)


def _seen(flow: Flow, incident: Incident, person: Person) -> Flow:
    if person.key in incident.witnesses:
        return flow.toast("toast.already_seen")
    seen = replace(incident.stepped(flow.now), witnesses=incident.witnesses | {person.key})
    return flow.put(seen).toast("toast.thanks_seen")


def _self_help(flow: Flow, incident: Incident, _: Person) -> Flow:
    """The resident solves it: words and photos are erased at once, only the address stays for asking back."""
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.self_help)
    content = flow.after.contents.get(incident.id)
    flow = answered(flow, incident, PromptAnswer.SELF).put(incident.to(Stage.SELF_HELP, flow.now, ends))
    if content is None:
        return flow
    return flow.seal(incident.id, replace(content, text="", outgoing="", masked=0, photos=()))


def _self_helped(flow: Flow, incident: Incident, _: Person) -> Flow:
    return flow.put(incident.to(Stage.SOLVED, flow.now))


def _named(flow: Flow, incident: Incident, person: Person) -> Flow:
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.contact)
    flow = flow.put(replace(incident.stepped(flow.now), contact_wanted=True, deadline=ends))
    return flow.whisper(person.address, "contact.ask")


def _called(flow: Flow, incident: Incident, _: Person) -> Flow:
    if incident.danger_called:
        return flow
    return flow.put(replace(incident.stepped(flow.now), danger_called=True))


def _safe(flow: Flow, incident: Incident, person: Person) -> Flow:
    """No danger: the author says so, or two others. Then a normal prompt if it fits."""
    noes = incident.danger_noes | {person.key}
    if person.key != incident.author and len(noes - {incident.author}) < 2:
        return flow.put(replace(incident, danger_noes=noes)).toast("toast.counted")
    if not has_desk(flow.context.tenant, incident):
        return flow.put(incident.to(Stage.LAPSED, flow.now))
    wait = flow.now + timedelta(seconds=flow.settings.quiet.wait_min)
    if wait >= quiet.lapses(flow.after, incident) or incident.id not in flow.after.contents:
        return flow.put(incident.to(Stage.LAPSED, flow.now))
    return flow.put(replace(incident.to(Stage.HELD, flow.now, wait), danger_noes=noes))


_HANDLERS: dict[Verdict, Callable[[Flow, Incident, Person], Flow]] = {
    Verdict.RELEASE_WORDS: _release_words,
    Verdict.RELEASE_NEUTRAL: _release_neutral,
    Verdict.ASK_ADMIN: _release_words,
    Verdict.CONFIRM: _confirm,
    Verdict.DENY: _undo,
    Verdict.SEEN: _seen,
    Verdict.DECLINE: _decline,
    Verdict.HIDE: _hide,
    Verdict.SELF_HELP: _self_help,
    Verdict.SELF_HELPED: _self_helped,
    Verdict.UNDO: _undo,
    Verdict.NAMED: _named,
    Verdict.CALLED: _called,
    Verdict.SAFE: _safe,
}

_TOASTS = {
    Verdict.ONLY_AUTHOR: "toast.only_author",
    Verdict.ONLY_ADMIN: "toast.admin_only",
    Verdict.AUTHOR_DECIDES: "toast.author_decides",
    Verdict.OWN: "toast.own",
}


def _late(incident: Incident) -> str:
    """Why a button does nothing any more; "already sent" is said only of what was sent."""
    if incident.stage in (Stage.RELEASED, Stage.FILING) or incident.report_id is not None:
        return "toast.too_late"
    waits = incident.stage in (Stage.PROPOSED, Stage.LOCATING, Stage.ADMIN, Stage.LAPSED)
    return "toast.lapsed" if waits else "toast.no_longer"


# --- the source message changes ---


def _source_gone(flow: Flow, post: PostRef) -> Flow:
    for incident in flow.after.incidents.values():
        if post in incident.sources and incident.stage.is_unfiled and incident.stage is not Stage.DANGER:
            flow = _void(flow, incident)
    return flow


def _source_changed(flow: Flow, post: PostRef) -> Flow:
    """What somebody said yes to is not what stands there any more, so the yes is void."""
    for incident in flow.after.incidents.values():
        asked = incident.stage.is_unfiled and incident.stage not in (Stage.DANGER, Stage.HELD)
        if post in incident.sources and asked:
            flow = _void(flow, incident)
    return flow


def _void(flow: Flow, incident: Incident) -> Flow:
    content = flow.after.contents.get(incident.id)
    flow = flow.put(incident.to(Stage.WITHDRAWN, flow.now))
    if incident.yes_by is None:
        return flow
    flow = flow.evidence("voided", incident.author, incident)
    return flow.whisper(content.address, "voided") if content else flow


def answered(flow: Flow, incident: Incident, answer: PromptAnswer) -> Flow:
    for prompt in flow.after.prompts:
        if prompt.incident_id == incident.id and prompt.answer is PromptAnswer.NONE:
            flow = flow.put_prompt(replace(prompt, answer=answer, answered_at=flow.now))
            return flow.tally("prompt.answered", answer)
    return flow

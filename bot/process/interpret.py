"""What does it mean, given the group's open incidents? Step 2 of the chain.

Precedence: danger, then care, then everything else (DESIGN section 8, "Who wins"). Unsure is silent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model.channel import Said
from bot.model.happening import Heard, Revised
from bot.model.ids import IncidentId
from bot.model.incident import ASKING, Content, Incident, Stage
from bot.model.reading import Extent, Help, Intent, Interpretation
from bot.model.taxonomy import category
from bot.model.wording import cut
from bot.process import amend, commands, doubt, enrich, quiet
from bot.process.flow import Flow
from bot.process.masking import OUTGOING_LIMIT, clean, mask
from bot.process.monitor import is_opted_out
from bot.process.phrases import spoken
from bot.process.tuning import tuning

DANGER_LASTS = timedelta(minutes=30)
"""A second urgent message of the same kind within this time is the same incident."""

SAME_INCIDENT = timedelta(hours=24)
"""What was declined or lapsed is not asked about again for this long."""

_HELP_TEXT = {Help.CARE: "care", Help.SUICIDE: "help113", Help.HOME_VIOLENCE: "care"}


def step(flow: Flow) -> Flow:
    """A message becomes a danger card, help, a candidate, part of one, or nothing."""
    match flow.happening:
        case Heard(said=said, meaning=meaning):
            return _heard(flow, said, meaning)
        case Revised(edited=edited, meaning=meaning):
            return _revised(flow, edited.post, edited.text, meaning)
    return flow


def _heard(flow: Flow, said: Said, meaning: Interpretation) -> Flow:
    if meaning.urgent:
        return _danger(flow, said, meaning)
    if meaning.help is not None:
        return flow.whisper(said.person.address, _HELP_TEXT[meaning.help]).tally("care").stop()
    if meaning.looks_only:
        return flow.whisper(said.person.address, "behaviour.gate").tally("behaviour_gate").stop()
    if _expected(flow, said, meaning):
        return flow
    if commands.listen(said).command == commands.MELD and meaning.intent is Intent.NONE:
        return _candidate(flow, said, replace(meaning, intent=Intent.REPORT))
    if not flow.after.incidents and meaning.intent is Intent.NONE:
        return _unheard(flow, said)
    held = _unfinished_thought(flow, said)
    if held is not None and (meaning.intent is not Intent.NONE or meaning.resolved or said.media):
        return _continue(flow, held, said, meaning).stop()
    if "already_reported" in meaning.reasons:
        return _somebody_reported(flow)
    if meaning.intent is Intent.REPORT:
        return _candidate(flow, said, meaning)
    return flow if meaning.intent is not Intent.NONE else _unheard(flow, said)


def _expected(flow: Flow, said: Said, meaning: Interpretation) -> bool:
    """Did BART ask this person something these words may answer? `enrich` and `amend` take them then."""
    if commands.listen(said).command:
        return False
    for incident in flow.after.incidents.values():
        locating = incident.stage is Stage.LOCATING and incident.yes_by == said.person.key
        contact = incident.contact_wanted and incident.author == said.person.key and said.private
        if locating or contact or enrich.tells_where(incident, said, meaning):
            return True
    return bool(amend.awaited(flow, said))


def _unheard(flow: Flow, said: Said) -> Flow:
    """An ordinary message. Only who spoke to BART hears that it was not understood."""
    if commands.listen(said).to_bot and said.location is None and not said.reply_to:
        return flow.whisper(said.person.address, "notunderstood").stop()
    return flow.stop()


def _danger(flow: Flow, said: Said, meaning: Interpretation) -> Flow:
    """Rule 3: the 112 card at once, without consent, quotas or quiet hours, once per incident."""
    slug = meaning.category or "overig"
    for incident in flow.after.incidents.values():
        same = incident.id == meaning.about or incident.category == slug
        recent = flow.now - incident.began_at < DANGER_LASTS
        if incident.stage is Stage.DANGER and same and recent:
            return flow.tally("danger.joined").stop()
        mine = incident.author == said.person.key and incident.stage in ASKING | {Stage.HELD}
        if mine and same:
            return flow.put(_endanger(flow, incident)).tally("danger").stop()
    incident = _new(flow, said, slug, Stage.DANGER, flow.settings.deadlines.danger)
    incident = replace(incident, hint="gas" if "gas" in meaning.reasons else "")
    flow = _keep(flow, incident, said, meaning)
    return flow.tally("danger").stop()


def _endanger(flow: Flow, incident: Incident) -> Incident:
    ends = flow.now + timedelta(seconds=flow.settings.deadlines.danger)
    return replace(incident.to(Stage.DANGER, flow.now, ends), similar=None)


def _candidate(flow: Flow, said: Said, meaning: Interpretation) -> Flow:
    """Worth asking about? Then it is held, sealed, until its author has finished."""
    if said.person.anonymous:
        # Nobody could say yes: whoever presses is somebody else than who wrote.
        return flow.tally("unsure").stop()
    spoken = commands.listen(said)
    on_request = spoken.to_bot
    slug = meaning.category or "overig"
    if not on_request:
        if meaning.p_report < tuning(flow.after, flow.now).threshold or slug in flow.settings.topics_off:
            return flow.tally("unsure").stop()
        if flow.now - said.at > timedelta(seconds=flow.settings.quiet.stale_after):
            return flow.tally("prompt.held", quiet.Rule.STALE).stop()
        if _asked_before(flow, slug, meaning):
            return flow.tally("prompt.held", "same").stop()
    wait = 0 if on_request else flow.settings.quiet.wait_min
    incident = replace(
        _new(flow, said, slug, Stage.HELD, wait),
        on_request=on_request,
        despite_opt_out=is_opted_out(flow.after, said.person.key),
    )
    if on_request:
        incident = replace(incident, began_at=flow.now)
    return _keep(flow, incident, said, meaning).tally("candidate").stop()


def _asked_before(flow: Flow, slug: str, meaning: Interpretation) -> bool:
    """Never again for the same incident: same category, and the same place or none said."""
    label = meaning.resolved[0].label if meaning.resolved else None
    for incident in flow.after.incidents.values():
        alike = slug in (incident.category, *incident.doubt) and flow.now - incident.began_at < SAME_INCIDENT
        asked = incident.asked_at is not None and incident.stage.is_over
        here = label is None or incident.place is None or incident.place.label == label
        if alike and asked and here:
            return True
    return False


def _new(flow: Flow, said: Said, slug: str, stage: Stage, wait_s: int) -> Incident:
    return Incident(
        id=IncidentId(flow.moment.fresh("incident")),
        tenant_id=flow.group.tenant_id,
        group_id=flow.group.id,
        author=said.person.key,
        stage=stage,
        began_at=min(said.at, flow.now),
        changed_at=flow.now,
        category=slug,
        sources=(said.post,),
        sensitive=category(slug).about_people,
        deadline=flow.now + timedelta(seconds=wait_s),
    )


def _keep(flow: Flow, incident: Incident, said: Said, meaning: Interpretation) -> Flow:
    text = clean(commands.listen(said).text)
    outgoing, masked = mask(text, _shifted(meaning.personal, commands.listen(said).text, text))
    content = Content(
        address=said.person.address,
        text=text,
        outgoing=cut(outgoing, OUTGOING_LIMIT),
        masked=masked,
        salt=flow.moment.fresh("salt") + flow.moment.fresh("more salt"),
        photos=said.media,
        places=spoken(text, _shifted(meaning.places, commands.listen(said).text, text)),
    )
    incident = doubt.sorted_as(flow, incident, meaning)
    return flow.put(enrich.placed(incident, meaning.resolved)).seal(incident.id, content)


def _shifted(extents: tuple[Extent, ...], raw: str, cleaned: str) -> tuple[Extent, ...]:
    """Extents point into the text as interpreted; cleaning keeps every character's position."""
    return extents if len(raw) == len(cleaned) else ()


def _unfinished_thought(flow: Flow, said: Said) -> Incident | None:
    for incident in flow.after.incidents.values():
        if incident.stage is Stage.HELD and incident.author == said.person.key:
            return incident
    return None


def _continue(flow: Flow, held: Incident, said: Said, meaning: Interpretation) -> Flow:
    """One thought over several messages is one incident."""
    content = flow.after.contents.get(held.id)
    if content is None:
        return flow
    text = clean(said.text)
    outgoing, masked = mask(text, _shifted(meaning.personal, said.text, text))
    content = replace(
        content,
        text=f"{content.text}\n{text}".strip(),
        outgoing=cut(f"{content.outgoing}\n{outgoing}".strip(), OUTGOING_LIMIT),
        masked=content.masked + masked,
        photos=content.photos + said.media,
        places=content.places + spoken(text, _shifted(meaning.places, said.text, text)),
    )
    held = replace(
        held if held.place or not meaning.resolved else enrich.placed(held, meaning.resolved),
        sources=(*held.sources, said.post),
        deadline=quiet.first_look(flow.settings.quiet, held.began_at, flow.now),
    )
    return flow.put(held).seal(held.id, content)


def _somebody_reported(flow: Flow) -> Flow:
    """ "Al gemeld": what waits to be proposed is not needed any more."""
    for incident in flow.after.incidents.values():
        if incident.stage is Stage.HELD and not incident.on_request:
            flow = flow.put(incident.to(Stage.DROPPED, flow.now)).tally("prompt.held", quiet.Rule.ALREADY)
    return flow.stop()


def _revised(flow: Flow, post: str, text: str, meaning: Interpretation) -> Flow:
    """An edit before anybody was asked is simply the message; `consent` handles later ones."""
    for incident in flow.after.incidents.values():
        content = flow.after.contents.get(incident.id)
        if incident.stage is Stage.HELD and post in incident.sources and content is not None:
            if meaning.intent is not Intent.REPORT or len(incident.sources) > 1:
                return flow.put(incident.to(Stage.DROPPED, flow.now)).stop()
            words = clean(text)
            outgoing, masked = mask(words, _shifted(meaning.personal, text, words))
            again = doubt.sorted_as(flow, incident, meaning)
            flow = flow.put(enrich.placed(again, meaning.resolved))
            return flow.seal(
                incident.id, replace(content, text=words, outgoing=cut(outgoing, OUTGOING_LIMIT), masked=masked)
            ).stop()
    return flow

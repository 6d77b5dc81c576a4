"""Place, photo, contact: what a report still needs once somebody said yes. Step 4 of the chain."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.model.buttons import PICKS, read_choice
from bot.model.channel import Chose, Said
from bot.model.effect import Action, Effect, Lane
from bot.model.happening import Heard, Located
from bot.model.ids import PersonKey
from bot.model.incident import Incident, Stage
from bot.model.place import Place, sure_of
from bot.model.reading import Intent, Interpretation
from bot.process import consent
from bot.process.commands import listen
from bot.process.flow import Flow
from bot.process.phrases import point_words, spoken
from bot.process.policy import Verdict
from bot.process.route import has_desk, may_have_desk, name_the_number

BESIDE_PLACE = 4
"""So many more words than the place itself an answer in the chat may have ("oh ja, bij … dus")."""
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE = re.compile(r"(?:\+31|0031|0)[\s-]?[1-9](?:[\s-]?\d){8}(?!\d)")


def step(flow: Flow) -> Flow:
    """Answers to what was asked, then the question for what is still missing."""
    match flow.happening:
        case Heard(said=said, meaning=meaning):
            flow = _heard(flow, said, meaning)
        case Chose() as chose:
            flow = _picked(flow, chose)
        case Located(incident_id=incident_id, places=places):
            incident = flow.after.incidents.get(incident_id)
            if incident is not None and incident.stage is Stage.LOCATING:
                flow = _located(flow, incident, places)
    return _ask_for_place(flow)


def _ask_for_place(flow: Flow) -> Flow:
    for incident in flow.after.incidents.values():
        waits = incident.stage in (Stage.PROPOSED, Stage.SELF_HELP) and incident.yes_by is not None
        if waits and incident.place is None:
            ends = flow.now + timedelta(seconds=flow.settings.deadlines.proposal)
            flow = flow.put(incident.to(Stage.LOCATING, flow.now, ends))
            if not flow.context.locates_here:
                flow = flow.effect(_locate(flow, incident))
    return flow


def _locate(flow: Flow, incident: Incident) -> Effect:
    return Effect(
        action=Action.LOCATE,
        idem=f"locate:{incident.id}:{incident.step}",
        due_at=flow.now,
        group_id=flow.group.id,
        incident_id=incident.id,
        lane=Lane.ANSWER,
    )


def _heard(flow: Flow, said: Said, meaning: Interpretation) -> Flow:
    for incident in flow.after.incidents.values():
        if incident.stage is Stage.LOCATING and incident.yes_by == said.person.key:
            if meaning.resolved:
                return _located(flow, incident, meaning.resolved).stop()
            words = _place_words(incident, said, meaning)
            if words and not flow.context.locates_here:
                return _look_up(flow, incident, words).stop()
        if tells_where(incident, said, meaning):
            there = placed(incident.stepped(flow.now), meaning.resolved)
            here = there.place is None or has_desk(flow.context.tenant, there)
            return (flow.put(there) if here else name_the_number(flow, there)).stop()
        wanted = incident.stage is Stage.RELEASED and incident.contact_wanted
        if wanted and said.private and incident.author == said.person.key:
            return _contact(flow, incident, said).stop()
    return flow


def may_tell_where(incident: Incident, person: PersonKey) -> bool:
    """Is this somebody's own proposal without a place? Many answer in words before they press."""
    return incident.stage is Stage.PROPOSED and incident.author == person and incident.place is None


def tells_where(incident: Incident, said: Said, meaning: Interpretation) -> bool:
    """Does this say little else than where it is? A place in talk about something else is not taken for it."""
    if not may_tell_where(incident, said.person.key) or not meaning.resolved:
        return False
    if meaning.intent not in (Intent.NONE, Intent.ADDITION) or meaning.about not in (None, incident.id):
        return False
    if said.location is not None or (
        said.reply_to is not None and said.reply_to in (incident.card, *incident.sources)
    ):
        return True
    text = listen(said).text
    phrase = max(spoken(text, meaning.places), key=len, default=point_words(text))
    return bool(phrase) and len(text.replace(phrase, "").split()) <= BESIDE_PLACE


def placed(incident: Incident, places: tuple[Place, ...]) -> Incident:
    """With its place, and what there is to pick from where that is not sure."""
    return replace(incident, place=sure_of(places), choices=places[:3] if len(places) > 1 else ())


def _place_words(incident: Incident, said: Said, meaning: Interpretation) -> tuple[str, ...]:
    """What of an answer may go to a geocoder on the network: its place phrases, or all of it where it can be
    nothing but an answer."""
    text = listen(said).text
    words = spoken(text, meaning.places)
    if words:
        return words
    answers = said.private or (said.reply_to is not None and said.reply_to == incident.card)
    return (text,) if answers and text else ()


def _look_up(flow: Flow, incident: Incident, words: tuple[str, ...]) -> Flow:
    content = flow.after.contents.get(incident.id)
    if content is None:
        return flow
    asked = incident.stepped(flow.now)
    return flow.seal(incident.id, replace(content, places=words)).put(asked).effect(_locate(flow, asked))


def _located(flow: Flow, incident: Incident, places: tuple[Place, ...]) -> Flow:
    if not places:
        return flow.put(incident.stepped(flow.now))
    place = sure_of(places)
    if place is None:
        return flow.put(replace(incident.stepped(flow.now), choices=places[:3]))
    return _settle(flow, incident, place)


def _settle(flow: Flow, incident: Incident, place: Place) -> Flow:
    placed = replace(incident, place=place, choices=())
    if not may_have_desk(flow.context.tenant, placed.category, place):
        return name_the_number(flow, placed)
    return consent.proceed(flow, placed)


def _picked(flow: Flow, chose: Chose) -> Flow:
    judged = consent.judge(flow.before, chose)
    choice = read_choice(chose.choice)
    if judged is None or choice is None:
        return flow
    incident, meant = judged
    if meant is Verdict.NO_PLACE:
        return flow.toast("place.unknown")
    if meant is Verdict.PICK and choice[1] in PICKS:
        index = PICKS.index(choice[1])
        if index < len(incident.choices):
            return _settle(flow, incident, incident.choices[index])
    return flow


def _contact(flow: Flow, incident: Incident, said: Said) -> Flow:
    """E-mail or phone, because the author wants to leave it. A new consent covers it."""
    content = flow.after.contents.get(incident.id)
    found = _EMAIL.search(said.text) or _PHONE.search(said.text)
    if content is None or found is None:
        return flow.whisper(said.person.address, "contact.unclear")
    flow = flow.seal(incident.id, replace(content, contact=found.group()))
    flow = consent.release(flow, replace(incident, contact_wanted=False), None)
    return flow.whisper(said.person.address, "contact.thanks")

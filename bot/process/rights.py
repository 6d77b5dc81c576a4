"""What a resident may always do: be skipped, and come back. Beside the chain."""

from __future__ import annotations

from dataclasses import replace

from bot.model.channel import Person
from bot.model.group import Member
from bot.model.incident import Incident, Stage
from bot.process import learning
from bot.process.flow import Flow


def opt_out(flow: Flow, person: Person) -> Flow:
    """BART skips this person's messages from now on; what waits for their yes is dropped at once."""
    known = flow.after.members.get(person.key) or Member(group_id=flow.group.id, key=person.key)
    flow = flow.put_member(replace(known, opted_out=True))
    flow = learning.forget(drop_unfiled(flow, person), person)
    return flow.evidence("opted_out", person.key).whisper(person.address, "optout.done")


def opt_in(flow: Flow, person: Person) -> Flow:
    """BART may read this person's messages again."""
    known = flow.after.members.get(person.key)
    if known is not None:
        flow = flow.put_member(replace(known, opted_out=False))
    return flow.evidence("opted_in", person.key).whisper(person.address, "optin.done")


def stop_learning(flow: Flow, person: Person) -> Flow:
    """What BART kept of this person's words to learn from is erased, and nobody asks again."""
    flow = learning.leave_alone(learning.forget(flow, person), person, no_learning=True)
    return flow.whisper(person.address, "learn.stopped")


def learn_again(flow: Flow, person: Person) -> Flow:
    """This person may be asked again; nothing is kept before each yes."""
    flow = learning.leave_alone(flow, person, no_learning=False)
    return flow.evidence("learning_again", person.key).whisper(person.address, "learn.again")


def drop_unfiled(flow: Flow, person: Person) -> Flow:
    """Everything of this person that has not been filed is withdrawn, also in its 60 seconds. A standing 112 card
    is no message of theirs: it stays for the neighbours, without anything kept about who raised it."""
    for incident in _unfiled(flow, person):
        if incident.consent_id is not None:
            flow = flow.evidence("voided", person.key, incident)
        flow = flow.put(incident.to(Stage.WITHDRAWN, flow.now))
    for incident in flow.after.incidents.values():
        if incident.author == person.key and incident.stage is Stage.DANGER:
            flow = flow.erase(incident.id)
    return flow


def _unfiled(flow: Flow, person: Person) -> list[Incident]:
    mine = [i for i in flow.after.incidents.values() if i.author == person.key and i.stage.is_unfiled]
    return [i for i in mine if i.stage is not Stage.DANGER]

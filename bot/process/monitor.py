"""May BART look at this at all? Step 1 of the chain.

Before an admin's permission nothing but commands is read (rule 2). Of who opted out nothing is read but /meld.
"""

from __future__ import annotations

from dataclasses import replace

from bot.model.buttons import read_choice
from bot.model.channel import BotChanged, Chose, Deleted, MemberChanged, Moved, Said
from bot.model.group import GroupState
from bot.model.happening import Heard, Restarted, Revised, Steered
from bot.model.ids import PersonKey
from bot.model.snapshot import Snapshot
from bot.process import cards, commands, learning, permission, rights
from bot.process.flow import Flow

NUMBERS = ("1", "2", "3", "4", "5")
"""Of buttons, as many as a card may have."""
TAKE_BACK = "verwijder"
"""The word that takes back a message."""


def may_read(known: Snapshot, said: Said) -> bool:
    """May the words of this message be interpreted? Asked before interpretation, and again in the chain."""
    if is_opted_out(known, said.person.key):
        return known.group.state is GroupState.ON and commands.listen(said).command == commands.MELD
    if known.group.reads_all:
        return True
    return known.group.state is GroupState.ON and commands.listen(said).to_bot


def is_opted_out(known: Snapshot, person: PersonKey) -> bool:
    """Did this person ask to be skipped?"""
    member = known.members.get(person)
    return member is not None and member.opted_out


def step(flow: Flow) -> Flow:
    """Arrivals and departures, permission and commands; lets through only what may be looked at."""
    if flow.group.version < 0 and not isinstance(flow.happening, BotChanged):
        flow = _arrive(flow, flow.group.name)
    match flow.happening:
        case BotChanged() as changed:
            return _bot_changed(flow, changed).stop()
        case Moved() as moved:
            return flow.put_group(replace(flow.group, room=moved.to)).stop()
        case MemberChanged() as changed:
            return _member_changed(flow, changed).stop()
        case Restarted() if flow.group.state is GroupState.WAITING:
            return flow.say("intro.group")
        case Steered() as steered:
            return _steered(flow, steered).stop()
        case Heard() as heard:
            return _heard(flow, heard.said)
        case Revised() | Deleted():
            return flow if flow.group.state is not GroupState.GONE else flow.stop()
        case Chose() as chose:
            return _chose(flow, chose)
    return flow


def _bot_changed(flow: Flow, changed: BotChanged) -> Flow:
    group = flow.group
    if not changed.present:
        if group.state is GroupState.GONE:
            return flow
        flow = flow.put_group(replace(group, state=GroupState.GONE, permission=None))
        return permission.end_unfiled(flow)
    is_new = group.version < 0
    if not is_new and group.state is not GroupState.GONE:
        return flow
    return _arrive(flow, changed.room_name or group.name)


def _arrive(flow: Flow, name: str) -> Flow:
    """In a room for the first time, or again: nothing is read before an admin says yes."""
    version = max(flow.group.version, 0)
    flow = flow.put_group(
        replace(flow.group, name=name, state=GroupState.WAITING, permission=None, version=version)
    )
    return permission.mend_cards(flow).say("intro.group")


def _member_changed(flow: Flow, changed: MemberChanged) -> Flow:
    flow = permission.member_changed(flow, changed)
    if changed.present:
        return flow
    return learning.forget(rights.drop_unfiled(flow, changed.person), changed.person)


def _steered(flow: Flow, steered: Steered) -> Flow:
    """An operator may pause and go on, never grant: going on needs the admin's permission still there."""
    state = steered.state
    if flow.group.state is GroupState.GONE:
        return flow
    if state is GroupState.ON and flow.group.permission is None:
        state = GroupState.WAITING
    flow = flow.put_group(replace(flow.group, state=state))
    return flow if state is GroupState.ON else permission.end_unfiled(flow)


def _heard(flow: Flow, said: Said) -> Flow:
    if flow.group.state is GroupState.GONE:
        return flow.stop()
    numbered = _numbered(flow, said)
    if numbered is not None:
        return _chose(replace(flow, happening=numbered), numbered)
    taken_back = _taken_back(flow, said)
    if taken_back is not None:
        return replace(flow, happening=taken_back)
    spoken = commands.listen(said)
    if spoken.command:
        return commands.run(flow, said, spoken)
    if may_read(flow.after, said):
        return flow
    silent = not spoken.to_bot or flow.group.state is GroupState.ON
    return flow.stop() if silent else commands.answer(flow, said, "permission.waiting").stop()


def _chose(flow: Flow, chose: Chose) -> Flow:
    choice = read_choice(chose.choice)
    if choice is None:
        return flow.stop()
    owner, button = choice
    if owner == flow.group.id and permission.is_dialog(button):
        return permission.chose(flow, chose, button).stop()
    return flow


def _taken_back(flow: Flow, said: Said) -> Deleted | None:
    """ "Verwijder", in reply to one's own message or to the card about it, is the same as deleting the message:
    some networks tell nobody of that (Telegram)."""
    if said.reply_to is None or said.person.anonymous or said.text.strip(" .!").lower() != TAKE_BACK:
        return None
    for incident in flow.after.incidents.values():
        about = said.reply_to == incident.card or said.reply_to in incident.sources
        if about and incident.author == said.person.key and incident.sources:
            return Deleted(id=said.id, room=said.room, at=said.at, post=incident.sources[0])
    return None


def _numbered(flow: Flow, said: Said) -> Chose | None:
    """Every button also works as a number, typed in reply to the card (CONVERSATION.md, principle 7)."""
    number = said.text.strip()
    if said.reply_to is None or number not in NUMBERS:
        return None
    for incident in flow.after.incidents.values():
        if incident.card == said.reply_to:
            saying = cards.card(flow.after, incident, flow.context)
            offers = saying.offers if saying else ()
            if int(number) <= len(offers):
                offer = offers[int(number) - 1]
                return Chose(
                    id=said.id,
                    room=said.room,
                    at=said.at,
                    person=said.person,
                    choice=f"{offer.owner}:{offer.button}",
                )
    return None

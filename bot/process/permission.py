"""How an admin lets BART in, and what ends it. Used by `monitor`.

Of two admins who disagree the stricter one wins: a refusal ends reading at once, and for 24 hours only
the admin who refused can take it back. When the admin who granted leaves or loses rights, reading stops
at once and the other admins are asked (docs/decisions/0002).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model.buttons import Button
from bot.model.channel import Chose, MemberChanged, Person
from bot.model.group import GroupState, Member, Permission, Reading, Role
from bot.model.incident import Stage
from bot.process.flow import Flow

_DIALOG = frozenset(
    {
        Button.ABOUT,
        Button.I_AM_ADMIN,
        Button.GRANT,
        Button.GRANT_ON_REQUEST,
        Button.REFUSE,
        Button.READ_TERMS,
        Button.KEEP,
    }
)


def is_dialog(button: Button) -> bool:
    """Does this button belong to the permission dialog?"""
    return button in _DIALOG


def chose(flow: Flow, chose: Chose, button: Button) -> Flow:
    """A button of the permission dialog was pressed."""
    if button is Button.ABOUT:
        return flow.whisper(chose.person.address, "intro.about")
    if not flow.is_admin(chose.person):
        return flow.toast("toast.admin_only").whisper(chose.person.address, "permission.not_admin")
    if button in (Button.I_AM_ADMIN, Button.KEEP):
        return flow.whisper(chose.person.address, "permission.ask")
    if button is Button.READ_TERMS:
        return flow.whisper(chose.person.address, "permission.terms")
    if button is Button.REFUSE:
        return refuse(flow, chose.person)
    reading = Reading.ON_REQUEST if button is Button.GRANT_ON_REQUEST else Reading.ALL
    return grant(flow, chose.person, reading)


def grant(flow: Flow, person: Person, reading: Reading) -> Flow:
    """An admin says yes."""
    group = flow.group
    stands = timedelta(seconds=flow.settings.deadlines.refusal_stands)
    refused_by_other = (
        group.refused_by not in (None, person.key)
        and group.refused_at is not None
        and flow.now - group.refused_at < stands
    )
    if refused_by_other:
        return flow.toast("toast.other_admin").whisper(person.address, "permission.other_admin_refused")
    permission = Permission(
        granted_by=person.key,
        granted_at=flow.now,
        text_version=flow.context.texts.version,
        reading=reading,
    )
    # An operator's pause is not an admin's to end.
    state = GroupState.PAUSED if group.state is GroupState.PAUSED else GroupState.ON
    already = group.permission is not None and group.permission.reading is reading and group.state is GroupState.ON
    flow = flow.put_group(replace(group, state=state, permission=permission, refused_by=None, refused_at=None))
    known = flow.after.members.get(person.key) or Member(group_id=group.id, key=person.key)
    flow = flow.put_member(replace(known, role=Role.ADMIN, present=True))
    flow = mend_cards(flow)
    flow = flow.evidence("granted" if reading is Reading.ALL else "granted_on_request", person.key)
    if state is GroupState.PAUSED:
        return flow.whisper(person.address, "permission.paused")
    if already:
        return flow.toast("toast.done")
    if reading is Reading.ALL and not flow.context.room.hears_all:
        return flow.say("permission.on").whisper(person.address, "permission.deaf")
    return flow.say("permission.on" if reading is Reading.ALL else "permission.on_request")


def mend_cards(flow: Flow) -> Flow:
    """Show what changed while BART was out of the room, or silent after /stop."""
    for incident in flow.after.incidents.values():
        if incident.card is not None and incident.shown < incident.step:
            flow = flow.put(incident.stepped(flow.now))
    return flow


def refuse(flow: Flow, person: Person) -> Flow:
    """An admin says no, or stop. Reports that are filed go on."""
    was_on = flow.group.state is GroupState.ON
    flow = flow.put_group(
        replace(
            flow.group,
            state=GroupState.STOPPED,
            permission=None,
            refused_by=person.key,
            refused_at=flow.now,
        )
    )
    flow = end_unfiled(flow).evidence("stopped" if was_on else "refused", person.key)
    if was_on:
        return flow.say("permission.stopped")
    return flow.whisper(person.address, "permission.refused")


def member_changed(flow: Flow, changed: MemberChanged) -> Flow:
    """Roles and comings and goings, as far as BART must remember them."""
    key = changed.person.key
    known = flow.after.members.get(key)
    if known is not None or (changed.present and changed.role is Role.ADMIN):
        flow = flow.put_member(
            Member(
                group_id=flow.group.id,
                key=key,
                role=changed.role if changed.present else Role.MEMBER,
                opted_out=known.opted_out if known else False,
                present=changed.present,
                no_learning=known.no_learning if known else False,
            )
        )
    permission = flow.group.permission
    holds = changed.present and changed.role is Role.ADMIN
    if permission is not None and permission.granted_by == key and not holds:
        return _lose(flow, changed.person)
    return flow


def _lose(flow: Flow, person: Person) -> Flow:
    flow = flow.put_group(replace(flow.group, state=GroupState.WAITING, permission=None))
    return end_unfiled(flow).evidence("lost_rights", person.key).say("permission.lost")


def end_unfiled(flow: Flow) -> Flow:
    """Without permission nothing may wait for a yes any more. A standing 112 card stays."""
    for incident in flow.after.incidents.values():
        if incident.stage is Stage.HELD:
            flow = flow.put(incident.to(Stage.DROPPED, flow.now))
        elif incident.stage.is_unfiled and incident.stage is not Stage.DANGER:
            flow = flow.put(incident.to(Stage.LAPSED, flow.now))
    return flow

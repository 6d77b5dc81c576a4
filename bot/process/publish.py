"""Bring what the group sees in line with what is known. Step 10 of the chain.

No step says "edit the card": this one compares before and after, and everything whose card shows something
else now gets an effect. Deadlines become timers and ended incidents lose their words in the same way.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.channel import Chose
from bot.model.effect import Action, Effect, Lane
from bot.model.group import GroupState
from bot.model.happening import CardShown, Restarted
from bot.model.incident import Incident, Stage
from bot.process import learning
from bot.process.cards import card
from bot.process.flow import Flow

KEEPS_CONTENT = frozenset({Stage.FILING, Stage.FILED, Stage.FINISHED})
"""Stages whose sealed return address is still needed; unfiled ones keep theirs until their deadline."""


def step(flow: Flow) -> Flow:
    """Cards, timers and erasures that follow from what changed."""
    if isinstance(flow.happening, CardShown):
        return _shown(flow, flow.happening)
    if isinstance(flow.happening, Restarted):
        return _show_again(flow, flow.happening)
    for incident in flow.after.incidents.values():
        before = flow.before.incidents.get(incident.id)
        if before is incident:
            continue
        if incident.deadline is not None and (before is None or before.deadline != incident.deadline):
            flow = flow.effect(_timer(flow, incident, incident.deadline))
        if before is None or before.step != incident.step:
            flow = _card(flow, before, incident)
        if _wordless_now(incident):
            flow = _forget(flow, incident)
    return flow


def _timer(flow: Flow, incident: Incident, deadline: datetime) -> Effect:
    return Effect(
        action=Action.DEADLINE,
        # Of this happening alone: a deadline may come back to a moment whose timer has run already.
        idem=f"deadline:{incident.id}:{flow.moment.fresh(incident.id)}",
        due_at=deadline,
        group_id=flow.group.id,
        incident_id=incident.id,
        lane=Lane.ANSWER,
    )


def _card(flow: Flow, before: Incident | None, incident: Incident) -> Flow:
    if flow.group.state is GroupState.GONE:
        return flow
    # After /stop the group hears nothing more, but open questions are taken away.
    stood = before is not None and (before.card or card(flow.before, before, flow.context))
    stands = card(flow.after, incident, flow.context)
    if not stood and not stands:
        return flow
    if flow.group.state is GroupState.STOPPED and stands and incident.stage is not Stage.DANGER:
        return flow
    danger = incident.stage is Stage.DANGER
    lane = Lane.DANGER if danger else Lane.ANSWER if isinstance(flow.happening, Chose) else Lane.REST
    lives = timedelta(seconds=flow.settings.deadlines.danger_not_after)
    return flow.effect(
        Effect(
            action=Action.CARD,
            idem=f"card:{incident.id}:{incident.step}",
            due_at=flow.now,
            group_id=flow.group.id,
            incident_id=incident.id,
            args={"step": str(incident.step)},
            lane=lane,
            key=f"chat:{flow.group.id}:danger" if danger else f"chat:{flow.group.id}",
            not_after=incident.began_at + lives if danger and not incident.danger_called else None,
        )
    )


def _wordless_now(incident: Incident) -> bool:
    kept = incident.stage.is_unfiled or incident.stage in KEEPS_CONTENT
    return not kept and not learning.is_waiting(incident)


def _forget(flow: Flow, incident: Incident) -> Flow:
    """Words, address and a home go at once; category and square stay a day, to know the same thing again."""
    if incident.id in flow.after.contents:
        flow = flow.erase(incident.id)
    if incident.report_id is None and ((incident.place and incident.place.home) or incident.choices):
        place = None if incident.place and incident.place.home else incident.place
        flow = flow.put(replace(incident, place=place, choices=()))
    return flow


def _shown(flow: Flow, shown: CardShown) -> Flow:
    """Remember the post. This changes nothing that a card shows, so nothing follows."""
    incident = flow.after.incidents.get(shown.incident_id)
    if incident is None:
        return flow
    return flow.put(replace(incident, card=shown.ref, shown=max(shown.step, incident.shown)))


def _show_again(flow: Flow, restarted: Restarted) -> Flow:
    for incident in flow.after.incidents.values():
        if incident.card is not None and not incident.stage.is_over and card(flow.after, incident, flow.context):
            flow = flow.effect(
                Effect(
                    action=Action.CARD,
                    idem=f"again:{incident.id}:{restarted.stamp}",
                    due_at=flow.now,
                    group_id=flow.group.id,
                    incident_id=incident.id,
                    args={"step": str(incident.step), "again": "yes"},
                    key=f"chat:{flow.group.id}",
                )
            )
    return flow

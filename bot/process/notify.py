"""Who else is involved. Step 11 of the chain.

Everybody who contributed, in whatever group, hears of each change once: in the group through the card, the
author privately as well (but not that their own answer came in), because a report's questions and its closing
are theirs. What residents of one group add changes the cards of the others (`follow`), when the desk has it.
"""

from __future__ import annotations

from bot.model.happening import StatusTold
from bot.model.report import Status
from bot.process.flow import Flow


def step(flow: Flow) -> Flow:
    """Tell the authors of the incidents whose report moved."""
    if not isinstance(flow.happening, StatusTold):
        return flow
    for incident in flow.after.incidents.values():
        before, after = flow.before.report_of(incident), flow.after.report_of(incident)
        content = flow.after.contents.get(incident.id)
        known = flow.before.incidents.get(incident.id)
        if known is not None and content is not None and incident.report_id != known.report_id:
            flow = flow.whisper(content.address, "merged", incident, {"incident": incident.id})
            continue
        if after is None or before is after or content is None:
            continue
        if after.withdrawn or after.status is Status.RECEIVED:
            continue
        args = {"incident": incident.id, "move": str(after.moves)}
        flow = flow.whisper(content.address, "status", incident, args)
    return flow

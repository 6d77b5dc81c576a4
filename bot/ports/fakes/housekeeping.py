"""Forgetting in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.model.ids import GroupId, IncidentId
from bot.ports.fakes.memory import Memory
from bot.ports.housekeeping import Terms


class FakeHousekeeping:
    """`Housekeeping` in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def expire(self, now: datetime, terms: Terms) -> Mapping[str, int]:
        """Counts under the same names as the real one's."""
        memory = self.memory
        over = [one for one in memory.incidents.values() if one.stage.is_over]
        done = [one for one in over if one.deadline is None or one.deadline <= now]
        ended = [
            one
            for one in over
            if one.changed_at <= now - (terms.finished if one.report_id is not None else terms.ended)
        ]
        wordless = {one.id for one in done if one.report_id is None} | {one.id for one in ended}
        erased = [one for one in wordless if memory.contents.pop(one, None)]
        memory.bump({memory.incidents[one].group_id for one in erased} | {one.group_id for one in ended})
        for incident in ended:
            memory.archived[incident.id] = memory.incidents.pop(incident.id)
        gone = {one.id for one in ended}
        memory.contributions = [one for one in memory.contributions if one.incident_id not in gone]
        live = {one.report_id for one in memory.incidents.values()}
        for report_id in {one.report_id for one in ended} - live:
            if report_id is not None and report_id in memory.reports:
                memory.reports[report_id] = memory.reports[report_id].coarse()
        return {"archived": len(ended), "erased": len(erased), **self._forget(now, terms), "keys": 0}

    async def purge(self, group: GroupId) -> bool:
        """Everything of a group but the proofs."""
        memory = self.memory
        every = [*memory.incidents.values(), *memory.archived.values()]
        reports = {one.report_id for one in every if one.group_id == group}
        elsewhere = {one.report_id for one in every if one.group_id != group}
        self._drop_incidents({one.id for one in every if one.group_id == group})
        for report in reports - elsewhere:
            if report is not None:
                memory.reports.pop(report, None)
        memory.members = {key: one for key, one in memory.members.items() if one.group_id != group}
        memory.prompts = {key: one for key, one in memory.prompts.items() if one.group_id != group}
        memory.examples = {key: one for key, one in memory.examples.items() if one.group_id != group}
        memory.traffic = {key: one for key, one in memory.traffic.items() if key[0] != group}
        memory.work = {key: row for key, row in memory.work.items() if row.effect.group_id != group}
        return memory.groups.pop(group, None) is not None

    def _drop_incidents(self, incidents: set[IncidentId]) -> None:
        memory = self.memory
        for incident in incidents:
            memory.incidents.pop(incident, None)
            memory.archived.pop(incident, None)
            memory.contents.pop(incident, None)
        memory.contributions = [one for one in memory.contributions if one.incident_id not in incidents]

    def _forget(self, now: datetime, terms: Terms) -> dict[str, int]:
        memory = self.memory
        known = [one for one in memory.prompts.values() if one.author is not None]
        wiped = [one for one in known if one.asked_at <= now - terms.prompt_author]
        memory.prompts.update({one.incident_id: replace(one, author=None) for one in wiped})
        prompts = [one for one in memory.prompts.values() if one.asked_at <= now - terms.prompt]
        for prompt in prompts:
            del memory.prompts[prompt.incident_id]
        past = [one for one in memory.examples.values() if one.until <= now or one.kept_at <= now - terms.example]
        for example in past:
            del memory.examples[example.id]
        memory.bump({one.group_id for one in (*wiped, *prompts)} | {one.group_id for one in past})
        deliveries = [key for key, at in memory.deliveries.items() if at <= now - terms.delivery]
        for delivery in deliveries:
            del memory.deliveries[delivery]
        oldest = (now - terms.traffic).date().isoformat()
        days = [key for key in memory.traffic if key[1] < oldest]
        for day in days:
            del memory.traffic[day]
        sessions = [one.token for one in memory.sessions.values() if one.expires_at <= now]
        for token in sessions:
            del memory.sessions[token]
        return {
            "prompt_authors": len(wiped),
            "prompts": len(prompts),
            "deliveries": len(deliveries),
            "traffic": len(days),
            "sessions": len(sessions),
            "examples": len(past),
        }

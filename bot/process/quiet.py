"""The quiet engine: may BART ask now? All limits of CONVERSATION.md section 4, as one pure decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.model.group import QuietLimits
from bot.model.incident import ASKING, Incident
from bot.model.snapshot import Prompt, PromptAnswer, Snapshot

WEEK = timedelta(days=7)
TO_ANSWER = timedelta(minutes=5)
"""A candidate that waited so long that less than this is left to answer is not asked about any more."""
RECHECK = timedelta(seconds=30)
"""How soon a waiting candidate looks again when nothing says when its turn comes."""


class Rule(StrEnum):
    """Which limit held a prompt back; a label in the metrics."""

    NIGHT = "night"
    DAY = "day"
    GAP = "gap"
    OPEN = "open"
    NOES = "noes"
    AUTHOR = "author"
    SHARE = "share"
    HOT = "hot"
    ALREADY = "already"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Go ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Its turn may still come."""

    until: datetime
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Not this one."""

    rule: Rule


Decision = Ask | Wait | Drop


def lapses(known: Snapshot, incident: Incident) -> datetime:
    """When the words nobody said yes to are gone: 30 minutes after they were kept, waiting included."""
    return incident.began_at + timedelta(seconds=known.group.settings.deadlines.proposal)


def decide(known: Snapshot, incident: Incident, now: datetime, zone: ZoneInfo, heat: int) -> Decision:
    """May this candidate be proposed now? `heat` is messages in the group during the last minute."""
    ends = lapses(known, incident)
    if now >= ends:
        return Drop(rule=Rule.STALE)
    if incident.on_request:
        return Ask()
    limits = known.group.settings.quiet
    rule = _never(known, incident, limits, now, zone, heat)
    if rule is not None:
        return Drop(rule=rule)
    turn = _turn(known, limits, now)
    if turn is None:
        return Ask()
    gives_up = ends - min(TO_ANSWER, (ends - incident.began_at) / 2)
    if turn.rule is Rule.OPEN and now < gives_up:
        # An open prompt may be answered long before it lapses, so who waits for it waits as long as it may.
        return replace(turn, until=min(turn.until, gives_up))
    return turn if turn.until < gives_up else Drop(rule=turn.rule)


def _never(
    known: Snapshot, incident: Incident, limits: QuietLimits, now: datetime, zone: ZoneInfo, heat: int
) -> Rule | None:
    if is_night(limits, now, zone):
        return Rule.NIGHT
    if heat > limits.hot_messages_per_minute:
        return Rule.HOT
    today = [p for p in known.prompts if _day(p.asked_at, zone) == _day(now, zone)]
    if len(today) >= limits.prompts_per_day:
        return Rule.DAY
    if _noes_in_a_row(today) >= limits.noes_in_a_row:
        return Rule.NOES
    author_gap = timedelta(seconds=limits.author_gap)
    if any(p.author == incident.author and now - p.asked_at < author_gap for p in known.prompts):
        return Rule.AUTHOR
    return Rule.SHARE if _too_present(known, limits, now) else None


def _turn(known: Snapshot, limits: QuietLimits, now: datetime) -> Wait | None:
    open_now = [i for i in known.incidents.values() if i.stage in ASKING]
    if len(open_now) >= limits.open_prompts:
        ends = [i.deadline for i in open_now if i.deadline]
        return Wait(until=max(min(ends, default=now), now + RECHECK), rule=Rule.OPEN)
    last = max((p.asked_at for p in known.prompts), default=None)
    if last is not None and now - last < timedelta(seconds=limits.prompt_gap):
        return Wait(until=last + timedelta(seconds=limits.prompt_gap), rule=Rule.GAP)
    return None


def is_night(limits: QuietLimits, now: datetime, zone: ZoneInfo) -> bool:
    """Is it within the group's quiet hours? Equal times mean that there are none."""
    here = now.astimezone(zone).time()
    if limits.night_from <= limits.night_until:
        return limits.night_from <= here < limits.night_until
    return here >= limits.night_from or here < limits.night_until


def first_look(limits: QuietLimits, began: datetime, now: datetime) -> datetime:
    """When to look at a candidate again after its author's last message: residents type in pieces."""
    latest = began + timedelta(seconds=limits.wait_max)
    return max(now, min(now + timedelta(seconds=limits.wait_min), latest))


def next_time(at_hour: datetime, now: datetime) -> datetime:
    """`at_hour` if it is still to come, else the same time a day later."""
    return at_hour if at_hour > now else at_hour + timedelta(days=1)


def _noes_in_a_row(today: list[Prompt]) -> int:
    count = 0
    for prompt in reversed(today):
        if prompt.answer is PromptAnswer.NONE:
            continue
        if not prompt.answer.is_no:
            break
        count += 1
    return count


def _too_present(known: Snapshot, limits: QuietLimits, now: datetime) -> bool:
    week = sum(now - p.asked_at < WEEK for p in known.prompts)
    if week < limits.share_floor_per_week:
        return False
    posts = known.traffic.bot_posts + 1
    return posts > limits.share_max * (known.traffic.messages + posts)


def _day(at: datetime, zone: ZoneInfo) -> object:
    return at.astimezone(zone).date()

"""From a report's history to status changes: which steps are news, and which words residents may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.desks.signalen import states
from adapters.desks.signalen.ledger import Kept, News
from adapters.desks.signalen.rows import ReportRow, StepRow, utc
from adapters.desks.signalen.wording import LEAD
from bot.model.report import Status, StatusChange

AT_BIRTH = timedelta(seconds=2)
"""A report is born with the state Gemeld; its time differs from the report's by less than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a report's steps come to: news, and the report as it is remembered from now on."""

    news: tuple[News, ...]
    kept: Kept


def is_question(text: str | None, prefix: str) -> bool:
    """Did staff write this note for residents? A note of ours never counts, whatever a resident wrote in it."""
    said = (text or "").strip()
    return said.casefold().startswith(prefix.casefold()) and not said.startswith(LEAD)


def at_birth(row: ReportRow) -> bool:
    """Has nothing happened to its state yet?"""
    return row.status.state == "m" and abs(row.status.created_at - row.created_at) < AT_BIRTH


def needs_history(row: ReportRow, kept: Kept | None, prefix: str) -> bool:
    """Is there a step, or a note for residents, that may not have been told?"""
    if any(is_question(note.text, prefix) for note in row.notes):
        return True
    return not at_birth(row) and (kept is None or utc(row.status.created_at) > kept.seen_at)


def read_steps(row: ReportRow, steps: Sequence[StepRow], kept: Kept, prefix: str) -> Reading:
    """Of steps in any order. What was seen before is told again under the same key, and so told once."""
    news: list[News] = []
    status, asked = Status.RECEIVED, kept.asked
    seen = max(kept.seen_at, utc(row.status.created_at))
    for step in sorted(steps, key=lambda step: step.when):
        change = _change(row, step, kept.tells, prefix)
        if change is None:
            continue
        seen = max(seen, change.at)
        is_new = change.at > kept.seen_at
        # A note asks without moving the state; what comes after it is told as a move.
        if step.what == "CREATE_NOTE":
            asked = asked or is_new
        elif change.status is status and not change.note:
            continue
        else:
            status, asked = change.status, asked and not is_new
        news.append((f"{kept.number}:{step.identifier}", change))
    return Reading(news=tuple(news), kept=replace(kept, status=status, asked=asked, seen_at=seen))


def _change(row: ReportRow, step: StepRow, reference: str, prefix: str) -> StatusChange | None:
    at = utc(step.when)
    if step.what == "CREATE_NOTE":
        if not is_question(step.description, prefix):
            return None
        question = (step.description or "").strip()[len(prefix) :].strip()
        return StatusChange(reference=reference, status=Status.NEEDS_ANSWER, at=at, note=question)
    code = states.code_of(step.action)
    newest = abs(step.when - row.status.created_at) < AT_BIRTH
    if code is None:
        code = row.status.state if newest else None
    if step.what != "UPDATE_STATUS" or code is None or _is_birth(row, step, code):
        return None
    status = states.status_of(code)
    mailed = newest and bool(row.status.send_email) and row.status.state == code
    note = (step.description or "").strip() if states.tells(code) or mailed else ""
    return StatusChange(
        reference=reference,
        status=status,
        at=at,
        note="" if note.startswith(LEAD) else note,
        until=_until(status, at),
    )


def _is_birth(row: ReportRow, step: StepRow, code: str) -> bool:
    return code == "m" and abs(step.when - row.created_at) < AT_BIRTH


def _until(status: Status, at: datetime) -> datetime | None:
    return at + states.REACTION_DAYS if status is Status.NEEDS_ANSWER else None

"""Small pieces of what BART says: names of things, places, dates and phone numbers as slots."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.model.group import Group
from bot.model.incident import Incident
from bot.model.place import Place
from bot.model.report import Report, Status
from bot.model.taxonomy import category
from bot.model.wording import Wording
from bot.process.flow import Context


def plain(context: Context, key: str) -> Wording:
    """A text whose only slots are phone numbers, each of which the tenant has."""
    numbers = asdict(context.tenant.numbers)
    return Wording(key=key, slots={name: numbers[name] for name in context.texts.slots_of(key)})


def what(context: Context, language: str, slug: str) -> str:
    """A category in everyday words; one this version does not know is something else on the street."""
    return context.texts.text(Wording(key=f"what.{category(slug).slug}"), language)


def kind(context: Context, language: str, slug: str) -> str:
    """A category in the two or three words that fit on a button."""
    return context.texts.text(Wording(key=f"kind.{category(slug).slug}"), language)


def where(place: Place | None) -> str:
    """A place as the group may read it."""
    return place.public_label if place else ""


def date(context: Context, language: str, at: datetime) -> str:
    """A day as people say it, in the tenant's time zone."""
    return context.texts.date(at.astimezone(ZoneInfo(context.tenant.zone)), language)


def neutral_text(context: Context, group: Group, incident: Incident) -> str:
    """What goes out when somebody else than the author says yes: category, place and time only."""
    slots = {
        "what": what(context, group.settings.language, incident.category),
        "where": where(incident.place),
        "seen": date(context, group.settings.language, incident.began_at),
    }
    return context.texts.text(Wording(key="neutral.text", slots=slots), group.settings.language)


def status_line(context: Context, language: str, report: Report) -> Wording:
    """What the desk says about a report, in one line."""
    slots = {"number": report.reference}
    match report.status:
        case Status.PLANNED if report.planned_for is not None:
            slots["date"] = date(context, language, report.planned_for)
            return Wording(key="status.planned.date", slots=slots)
        case Status.FORWARDED:
            return Wording(key="status.forwarded", slots={**slots, "party": report.party})
        case Status.CLOSED | Status.CANCELLED if report.note:
            return Wording(key=f"status.{report.status}", slots={**slots, "note": report.note})
        case Status.CLOSED | Status.CANCELLED:
            return Wording(key=f"status.{report.status}.bare", slots=slots)
    return Wording(key=f"status.{report.status}", slots=slots)


def question(context: Context, language: str, report: Report) -> Wording | None:
    """The desk's open question."""
    if report.question is None:
        return None
    slots = {"number": report.reference, "question": report.question.text}
    if report.question.until is None:
        return Wording(key="desk.question.open", slots=slots)
    until = date(context, language, report.question.until)
    return Wording(key="desk.question", slots={**slots, "until": until})


def counted(key: str, count: int) -> Wording:
    """A text with its own form for one."""
    return Wording(key=f"{key}.one") if count == 1 else Wording(key=key, slots={"count": str(count)})

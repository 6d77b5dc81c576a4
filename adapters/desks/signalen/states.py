"""Signalen's workflow in our words. Codes and names are those of its 2.50.12; several codes are one status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from bot.model.report import Status


class State(NamedTuple):
    """`tells`: the text of such a step is meant for residents. Other texts may be remarks between colleagues."""

    name: str
    status: Status
    tells: bool = False


STATES: Mapping[str, State] = {
    "m": State("Gemeld", Status.RECEIVED),
    "i": State("In afwachting van behandeling", Status.RECEIVED),
    "b": State("In behandeling", Status.IN_PROGRESS),
    "ingepland": State("Ingepland", Status.PLANNED, tells=True),
    "h": State("On hold", Status.IN_PROGRESS),
    "o": State("Afgehandeld", Status.CLOSED, tells=True),
    "a": State("Geannuleerd", Status.CANCELLED, tells=True),
    "reopened": State("Heropend", Status.REOPENED, tells=True),
    "reopen requested": State("Verzoek tot heropenen", Status.REOPENED),
    "closure requested": State("Extern: verzoek tot afhandeling", Status.IN_PROGRESS),
    "reaction requested": State("Reactie gevraagd", Status.NEEDS_ANSWER, tells=True),
    "reaction received": State("Reactie ontvangen", Status.RECEIVED),
    "forward to external": State("Doorgezet naar extern", Status.FORWARDED),
    "ready to send": State("Extern: te verzenden", Status.FORWARDED),
    "sent": State("Extern: verzonden", Status.FORWARDED),
    "send failed": State("Extern: mislukt", Status.IN_PROGRESS),
    "done external": State("Extern: afgehandeld", Status.IN_PROGRESS),
    "s": State("Gesplitst", Status.CLOSED),
}
CLOSED = frozenset({"o", "a", "s"})
"""What the public API calls CLOSED."""
OPEN = tuple(code for code in STATES if code not in CLOSED)
REOPENS_FROM = frozenset({"o", "a"})
REACTION_DAYS = timedelta(days=5)
"""After that Signalen itself ends a Reactie gevraagd."""
SAID = "Status gewijzigd naar: "
"""How the history tells of a step; it has names, no codes."""
_BY_NAME = {state.name.casefold(): code for code, state in STATES.items()}


def status_of(code: str) -> Status:
    """Ours. A state of a later version is open and in somebody's hands: what else can be said of it?"""
    return STATES[code].status if code in STATES else Status.IN_PROGRESS


def code_of(action: str) -> str | None:
    """The state a line of the history tells of; None where it has a name that is not known here."""
    return _BY_NAME.get(action.removeprefix(SAID).strip().casefold()) if action.startswith(SAID) else None


def tells(code: str) -> bool:
    """May residents read the text of this step, also where nobody was mailed?"""
    return code in STATES and STATES[code].tells

"""The states of a report and where each may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class State(NamedTuple):
    """Its Dutch name, and the codes that may follow."""

    name: str
    then: frozenset[str]


def _state(name: str, then: str) -> State:
    return State(name, frozenset(filter(None, then.split(", "))))


STATES: Mapping[str, State] = {
    "m": _state("Gemeld", "m, i, b, ready to send, o, a, ingepland, reaction requested, forward to external"),
    "i": _state(
        "In afwachting van behandeling",
        "m, i, ingepland, closure requested, o, ready to send, b, a, reaction requested, forward to external",
    ),
    "b": _state(
        "In behandeling",
        "m, ingepland, b, o, a, ready to send, closure requested, reaction requested, forward to external",
    ),
    "ingepland": _state(
        "Ingepland", "m, ingepland, b, o, a, closure requested, reaction requested, forward to external"
    ),
    "h": _state("On hold", "ingepland, a"),
    "o": _state("Afgehandeld", "reopened, reopen requested"),
    "a": _state("Geannuleerd", "a, reopened, b"),
    "reopened": _state("Heropend", "reopened, b, o, a, ready to send, m, reaction requested, forward to external"),
    "reopen requested": _state("Verzoek tot heropenen", "o, reopened, a"),
    "closure requested": _state(
        "Extern: verzoek tot afhandeling", "m, closure requested, i, o, a, b, forward to external"
    ),
    "reaction requested": _state(
        "Reactie gevraagd",
        "m, i, b, ingepland, o, a, reaction requested, reaction received, ready to send, forward to external",
    ),
    "reaction received": _state(
        "Reactie ontvangen", "m, i, b, o, a, ingepland, reaction requested, ready to send, forward to external"
    ),
    "forward to external": _state(
        "Doorgezet naar extern",
        "closure requested, m, i, b, forward to external, ingepland, o, a, reaction requested, "
        "reaction received, ready to send",
    ),
    "ready to send": _state("Extern: te verzenden", "sent, send failed, a"),
    "sent": _state("Extern: verzonden", "done external, a"),
    "send failed": _state("Extern: mislukt", "m, ready to send, a"),
    "done external": _state("Extern: afgehandeld", "o, a, b"),
    "s": _state("Gesplitst", ""),
}
CLOSED = frozenset({"o", "a", "s"})
"""What the public calls CLOSED."""
TAKES_PHOTOS = frozenset({"m", "reaction requested"})
"""And Afgehandeld while it waits for feedback."""
ALWAYS_MAILED = frozenset({"o", "reopened", "reaction requested", "reaction received"})

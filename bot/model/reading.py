"""What goes into the interpreter and what comes out. Both live in memory only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.ids import IncidentId, PersonKey
from bot.model.place import Place, Point


class Intent(StrEnum):
    """What a message does (docs: LABELLING)."""

    REPORT = "report"
    ADDITION = "addition"
    SOLVED = "solved"
    NONE = "none"


class Help(StrEnum):
    """Somebody asks for help that is not a report (rule 6)."""

    CARE = "care"
    SUICIDE = "suicide"
    HOME_VIOLENCE = "home_violence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One earlier message of the group's short memory."""

    author: PersonKey
    text: str
    at: datetime
    by_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReport:
    """An incident of this group that a message may be about."""

    id: IncidentId
    category: str
    place: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One message to interpret, with what a neighbour would know. `roster` holds first names in the group."""

    text: str
    author: PersonKey
    at: datetime
    photo: bool = False
    reply_to: Line | None = None
    reply_about: IncidentId | None = None
    """The incident whose card or source message this replies to."""
    context: tuple[Line, ...] = ()
    open_reports: tuple[OpenReport, ...] = ()
    roster: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Characters `start:end` of the message text. `kind` is "place" or what personal data it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """What a message means. Probabilities are calibrated; `reasons` say why, without quoting the message."""

    intent: Intent = Intent.NONE
    p_report: float = 0.0
    categories: tuple[tuple[str, float], ...] = ()
    urgent: bool = False
    p_urgent: float = 0.0
    places: tuple[Extent, ...] = ()
    personal: tuple[Extent, ...] = ()
    about: IncidentId | None = None
    p_about: float = 0.0
    looks_only: bool = False
    """Suspicion that rests on how somebody looks (rule 5)."""
    help: Help | None = None
    reasons: tuple[str, ...] = ()
    resolved: tuple[Place, ...] = ()
    """Filled in by the host with a geocoder that runs here; best first."""

    @property
    def category(self) -> str | None:
        """The likeliest category."""
        return self.categories[0][0] if self.categories else None


NOTHING = Interpretation()
"""What an ordinary message means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where a geocoder should look first: around `centre`, metres."""

    centre: Point | None = None
    radius_m: float = 3000.0

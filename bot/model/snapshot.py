"""What is known about one group when something happens, and what changes because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.consent import Consent, Evidence
from bot.model.effect import Effect
from bot.model.example import Example, Unlearn
from bot.model.group import Group, Member
from bot.model.ids import AccountName, GroupId, IncidentId, PersonKey, ReportId, WorkId
from bot.model.incident import Content, Incident
from bot.model.report import Contribution, Report


class PromptAnswer(StrEnum):
    """How a prompt ended; the quiet engine counts them."""

    NONE = "none"
    YES = "yes"
    NO = "no"
    NOT_A_REPORT = "not_a_report"
    """No, and its author said that it is nothing to report."""
    RATHER_NOT = "rather_not"
    """No, although its author said that it is something to report."""
    SELF = "self"
    LAPSED = "lapsed"
    HIDDEN = "hidden"

    @property
    def is_no(self) -> bool:
        """Did its author say no?"""
        return self in (PromptAnswer.NO, PromptAnswer.NOT_A_REPORT, PromptAnswer.RATHER_NOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt in the quiet engine's log. `author` is wiped after a day."""

    group_id: GroupId
    incident_id: IncidentId
    asked_at: datetime
    author: PersonKey | None
    answer: PromptAnswer = PromptAnswer.NONE
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Messages in a group within the quiet engine's window (`QuietLimits.share_days`), and posts of the bot."""

    messages: int = 0
    bot_posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A group and everything of it that is not archived.

    `members` holds admins and who opted out. `prompts` are of the last 30 days, oldest first.
    `contents` are opened for incidents that have one. `consents` belong to incidents in here.
    """

    group: Group
    members: Mapping[PersonKey, Member] = field(default_factory=dict)
    incidents: Mapping[IncidentId, Incident] = field(default_factory=dict)
    reports: Mapping[ReportId, Report] = field(default_factory=dict)
    consents: Mapping[IncidentId, Consent] = field(default_factory=dict)
    contents: Mapping[IncidentId, Content] = field(default_factory=dict)
    prompts: tuple[Prompt, ...] = ()
    traffic: Traffic = field(default_factory=Traffic)
    examples: Mapping[PersonKey, int] = field(default_factory=dict)
    """How many messages each person allowed BART to keep and learn from."""

    def report_of(self, incident: Incident) -> Report | None:
        """The incident's report, if it has one."""
        return self.reports.get(incident.report_id) if incident.report_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Encrypt this content under the incident's own key and keep it until erased."""

    incident_id: IncidentId
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Destroy the incident's key and its sealed row."""

    incident_id: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTraffic:
    """Add to a group's daily counters. Counts only: no message is stored."""

    group_id: GroupId
    day: str
    """ISO date, UTC."""
    messages: int = 0
    bot_posts: int = 0


Change = (
    Group
    | Member
    | Incident
    | Report
    | Consent
    | Evidence
    | Contribution
    | Prompt
    | Seal
    | Erase
    | CountTraffic
    | Example
    | Unlearn
)
"""A record stands for "save this": insert or replace by id; Consent, Evidence, Contribution only insert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One transaction. `expected` are the versions read; a group that is new is expected at -1.

    Every group in `expected` that has changes gets version + 1. `finished` work rows are deleted.
    """

    now: datetime
    expected: Mapping[GroupId, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    cursor: tuple[AccountName, str] | None = None
    desk_cursor: tuple[str, str] | None = None
    deliveries: tuple[tuple[AccountName, str], ...] = ()
    """Event ids to remember as handled (stored as keyed hashes)."""
    finished: tuple[WorkId, ...] = ()

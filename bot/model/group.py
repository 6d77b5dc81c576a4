"""A group: one chat on one channel, with its area, settings and permission."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from bot.model.ids import AccountName, GroupId, PersonKey, Room, TenantId
from bot.model.place import Point


class Role(StrEnum):
    """What a person may do in a group on the network itself."""

    MEMBER = "member"
    ADMIN = "admin"


class Reading(StrEnum):
    """How far a permission goes."""

    ALL = "all"
    """New messages are read in memory to find reports."""
    ON_REQUEST = "on_request"
    """Only messages to BART itself are read."""


class Policy(StrEnum):
    """Whose yes releases words (DESIGN.md section 8)."""

    AUTHOR = "author"
    ANYONE = "anyone"
    ADMIN = "admin"


class GroupState(StrEnum):
    """Whether BART may read here."""

    WAITING = "waiting"
    """Invited; no admin has said yes. Nothing but commands is read."""
    ON = "on"
    PAUSED = "paused"
    """An operator or admin paused it; the permission stays."""
    STOPPED = "stopped"
    """An admin said no or /stop; the permission is over."""
    GONE = "gone"
    """BART is no longer in the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What an admin granted. The evidence is kept in an append-only table as well."""

    granted_by: PersonKey
    granted_at: datetime
    text_version: str
    reading: Reading = Reading.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietLimits:
    """When BART keeps quiet; the defaults are the table of CONVERSATION.md section 4. Durations in seconds."""

    open_prompts: int = 1
    prompts_per_day: int = 3
    prompt_gap: int = 20 * 60
    noes_in_a_row: int = 2
    author_gap: int = 6 * 3600
    wait_min: int = 20
    wait_max: int = 60
    hot_messages_per_minute: int = 6
    night_from: time = time(22, 0)
    night_until: time = time(7, 0)
    share_max: float = 0.02
    share_days: int = 7
    share_floor_per_week: int = 3
    tune_window: int = 20
    tune_no_rate: float = 0.30
    tune_step: float = 0.05
    stale_after: int = 120
    command_gap: int = 300
    bulletin_at: time = time(19, 0)
    alerts_per_sender_per_day: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long BART waits for people and desks, in seconds (CONVERSATION.md sections 1 and 2)."""

    proposal: int = 30 * 60
    release: int = 60
    contact: int = 10 * 60
    danger: int = 30 * 60
    danger_not_after: int = 10 * 60
    self_help: int = 3 * 3600
    verify: int = 14 * 24 * 3600
    refusal_stands: int = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    """A group's manners. Everything an admin can change."""

    policy: Policy = Policy.AUTHOR
    prompt_threshold: float = 0.85
    topics_off: frozenset[str] = frozenset()
    quiet: QuietLimits = field(default_factory=QuietLimits)
    deadlines: Deadlines = field(default_factory=Deadlines)
    language: str = "nl"
    learning: bool = False
    """May authors be asked whether a message is kept as an example? Only where the tenant allows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One neighbourhood group. `version` goes up with every change to it or to its incidents."""

    id: GroupId
    tenant_id: TenantId
    account: AccountName
    room: Room
    name: str
    created_at: datetime
    state: GroupState = GroupState.WAITING
    permission: Permission | None = None
    settings: GroupSettings = field(default_factory=GroupSettings)
    centre: Point | None = None
    refused_by: PersonKey | None = None
    refused_at: datetime | None = None
    version: int = 0

    @property
    def reads_all(self) -> bool:
        """May ordinary messages be looked at?"""
        return (
            self.state is GroupState.ON and self.permission is not None and self.permission.reading is Reading.ALL
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody BART must remember in a group: an admin, or who opted out of something. Others are not stored."""

    group_id: GroupId
    key: PersonKey
    role: Role = Role.MEMBER
    opted_out: bool = False
    present: bool = True
    no_learning: bool = False
    """Does not want to be asked whether a message may be kept to learn from."""

"""Names for identifiers, so that a group id is never passed where an incident id is meant.

Ids of people, rooms and posts that come from a network are opaque: never parse them, never log them raw.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

TenantId = NewType("TenantId", str)
"""The organisation that runs BART for an area (config key)."""

AccountName = NewType("AccountName", str)
"""One bot account on one network, as named in the config (`[channels.<account>]`)."""

Room = NewType("Room", str)
"""A network's own address of a group chat."""

PostRef = NewType("PostRef", str)
"""A network's own address of one post in a room."""

Address = NewType("Address", str)
"""A network's own address of a person. Stored sealed only."""

PersonKey = NewType("PersonKey", str)
"""Keyed hash of an address, different in every group."""

GroupId = NewType("GroupId", str)
IncidentId = NewType("IncidentId", str)
ReportId = NewType("ReportId", str)
ConsentId = NewType("ConsentId", str)
ContributionId = NewType("ContributionId", str)
WorkId = NewType("WorkId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The clock and the source of fresh ids for one happening, so that process steps stay pure.

    `now` is timezone-aware UTC. `seed` is random and never reused.
    """

    now: datetime
    seed: str

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("a Moment needs a timezone-aware time")

    def fresh(self, kind: str) -> str:
        """A random-looking id of 16 hex characters; the same moment and kind give the same id."""
        return hashlib.blake2b(f"{self.seed}:{kind}".encode(), digest_size=8).hexdigest()

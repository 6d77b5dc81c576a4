"""What Signalen answers, of it only what is used: everything else is left out while reading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from bot.model.place import Point

T = TypeVar("T")


class UnreadableError(Exception):
    """The answer is not what Signalen answers; the message says what is missing."""


class StatusRow(msgspec.Struct, frozen=True):
    state: str
    created_at: datetime
    text: str | None = None
    send_email: bool | None = None


class NoteRow(msgspec.Struct, frozen=True):
    text: str = ""


class CategoryRow(msgspec.Struct, frozen=True):
    main_slug: str = ""
    sub_slug: str = ""


class Geometry(msgspec.Struct, frozen=True):
    coordinates: tuple[float, float]

    @property
    def point(self) -> Point:
        return Point(lat=self.coordinates[1], lon=self.coordinates[0])


class LocationRow(msgspec.Struct, frozen=True):
    geometrie: Geometry
    address_text: str | None = None


class ReportRow(msgspec.Struct, frozen=True):
    """A row of the private list."""

    id: int
    id_display: str
    signal_id: str
    source: str
    text: str
    status: StatusRow
    created_at: datetime
    updated_at: datetime
    text_extra: str | None = None
    location: LocationRow | None = None
    category: CategoryRow = CategoryRow()
    notes: tuple[NoteRow, ...] = ()

    @property
    def all_text(self) -> str:
        """Text and what did not fit in it."""
        return f"{self.text}\n\n{self.text_extra}" if self.text_extra else self.text


class ReportPage(msgspec.Struct, frozen=True):
    results: tuple[ReportRow, ...]


class MadeRow(msgspec.Struct, frozen=True):
    """What both APIs answer to a new report."""

    id: int
    id_display: str
    signal_id: str
    created_at: datetime
    source: str = ""


class PublicStatus(msgspec.Struct, frozen=True):
    state: str


class PublicRow(msgspec.Struct, frozen=True):
    status: PublicStatus
    updated_at: datetime


class StepRow(msgspec.Struct, frozen=True):
    """A line of the history."""

    identifier: str
    when: datetime
    what: str
    action: str = ""
    description: str | None = None


class AttachmentPage(msgspec.Struct, frozen=True):
    results: tuple[dict[str, Any], ...] = ()


class FeatureProperties(msgspec.Struct, frozen=True):
    id: int


class Feature(msgspec.Struct, frozen=True):
    geometry: Geometry
    properties: FeatureProperties


class Features(msgspec.Struct, frozen=True):
    """`features` is null where there are none."""

    features: tuple[Feature, ...] | None = None


class SubRow(msgspec.Struct, frozen=True):
    slug: str
    is_active: bool = True


class MainRow(msgspec.Struct, frozen=True):
    slug: str
    sub_categories: tuple[SubRow, ...] = ()


class Href(msgspec.Struct, frozen=True):
    href: str | None = None


class Links(msgspec.Struct, frozen=True):
    next: Href | None = None


class MainPage(msgspec.Struct, frozen=True):
    results: tuple[MainRow, ...]
    links: Links = msgspec.field(default=Links(), name="_links")


class TokenRow(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = 60.0


def read(content: bytes, kind: type[T]) -> T:
    """Raises `UnreadableError`, without any of the content in it."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = str(error).partition(" - at ")[2] if isinstance(error, msgspec.ValidationError) else "no JSON"
        raise UnreadableError(what or "another shape") from None


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; Signalen answers in Dutch time."""
    return moment.astimezone(UTC)

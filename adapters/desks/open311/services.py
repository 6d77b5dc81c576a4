"""The services a municipality offers, what each asks, and our answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.desks.open311.client import Client
from adapters.desks.open311.options import Options
from adapters.desks.open311.reading import records, truth, words
from bot.model.desk import Filing
from bot.model.errors import DeskRefused, UnknownReport
from bot.ports.clock import Clock

FRESH = timedelta(hours=1)
"""How long the list is taken as it was: services change by the month."""
LISTS_OF_VALUES = ("singlevaluelist", "multivaluelist")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One question. `values` are the keys that can be chosen from; `server_set` ones are not for us."""

    code: str
    required: bool = False
    many: bool = False
    server_set: bool = False
    values: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """`metadata`: does it ask anything? `traceable`: does a report get an id, now or later?"""

    code: str
    name: str = ""
    metadata: bool = False
    traceable: bool = True


class Services:
    """Asked when first needed, and kept for an hour."""

    def __init__(self, client: Client, options: Options, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._until: datetime | None = None
        self._services: dict[str, Service] = {}
        self._asks: dict[str, tuple[Attribute, ...]] = {}

    async def all(self) -> Mapping[str, Service]:
        """By code. Raises what `Client.get` raises."""
        now = self._clock.moment().now
        if self._until is None or now >= self._until:
            found = [_service(table) for table in records(await self._client.get("services"))]
            self._services = {one.code: one for one in found if one.code}
            self._asks = {}
            self._until = now + FRESH
        return self._services

    async def service(self, category: str) -> Service:
        """The one for a category of ours; raises `DeskRefused` where there is none."""
        code = self._options.service_of(category)
        if not code:
            raise DeskRefused("category", f"no service is named for {category}")
        service = (await self.all()).get(code)
        if service is None:
            self._until = None
            raise DeskRefused("service_code", f'the desk has no service "{code}" any more')
        return service

    async def asks(self, service: Service) -> tuple[Attribute, ...]:
        """What the service wants to know."""
        if not service.metadata:
            return ()
        if service.code not in self._asks:
            try:
                answer = await self._client.get("services", service.code)
            except UnknownReport:
                raise DeskRefused("service_code", "its definition is not there") from None
            self._asks[service.code] = _attributes(answer)
        return self._asks[service.code]

    async def answers(self, service: Service, filing: Filing) -> list[tuple[str, str]]:
        """Form fields; raises `DeskRefused` naming a required question that the config does not answer."""
        templates = self._options.attributes.get(service.code, {})
        fields = []
        for one in await self.asks(service):
            if one.server_set:
                continue
            values = _values(one, templates.get(one.code, ""), filing)
            name = f"attribute[{one.code}]" + ("[]" if one.many else "")
            fields += [(name, value) for value in values]
        return fields


def unanswered(attributes: tuple[Attribute, ...], templates: Mapping[str, str]) -> list[str]:
    """Required questions without an answer, and answers that are no choice, for `bart check`."""
    wrong = []
    for one in attributes:
        template = templates.get(one.code, "")
        if one.required and not one.server_set and not template:
            wrong.append(f"{one.code} is required and has no answer")
        if template and "{" not in template and _strangers(one, _split(one, template)):
            wrong.append(f"{one.code} has no choice {template!r}; there is: {', '.join(one.values)}")
    return wrong


def _values(one: Attribute, template: str, filing: Filing) -> list[str]:
    point = filing.place.point
    slots = {
        "own": filing.own,
        "place": filing.place.label,
        "lat": f"{point.lat:.6f}" if point else "",
        "lon": f"{point.lon:.6f}" if point else "",
        "seen_at": filing.seen_at.astimezone(UTC).isoformat(timespec="seconds"),
        "neighbours": str(filing.neighbours),
        "category": filing.category,
    }
    values = _split(one, template.format_map(slots))
    if one.required and not values:
        raise DeskRefused(f"attribute[{one.code}]", "is required, and nothing in the config answers it")
    if strangers := _strangers(one, values):
        raise DeskRefused(f"attribute[{one.code}]", f"has no choice {strangers[0]!r}")
    return values


def _split(one: Attribute, value: str) -> list[str]:
    parts = value.split(",") if one.many else [value]
    return [part.strip() for part in parts if part.strip()]


def _strangers(one: Attribute, values: list[str]) -> list[str]:
    return [value for value in values if one.values and value not in one.values]


def _service(table: Mapping[str, Any]) -> Service:
    return Service(
        code=words(table, "service_code"),
        name=words(table, "service_name"),
        metadata=truth(table, "metadata"),
        traceable=words(table, "type") != "blackbox",
    )


def _attributes(answer: Any) -> tuple[Attribute, ...]:
    """A definition is one table with a list of attributes; some servers send the list alone."""
    tables = records(answer)
    if len(tables) == 1 and "attributes" in tables[0]:
        tables = [one for one in tables[0]["attributes"] or () if isinstance(one, Mapping)]
    return tuple(_attribute(table) for table in tables if words(table, "code"))


def _attribute(table: Mapping[str, Any]) -> Attribute:
    kind = words(table, "datatype")
    values = table.get("values") or ()
    listed = kind in LISTS_OF_VALUES
    # `variable` false is a line of text for whoever fills in a form, not a question.
    shown_only = bool(words(table, "variable")) and not truth(table, "variable")
    return Attribute(
        code=words(table, "code"),
        required=truth(table, "required"),
        many=kind == "multivaluelist",
        server_set=shown_only or words(table, "automated") == "server_set",
        values=tuple(words(one, "key") for one in values if isinstance(one, Mapping)) if listed else (),
        text=words(table, "description"),
    )

"""The settings: a TOML file, environment variables over it, frozen records out.

`load` is the only way in. Every error is a `ConfigError` of one line that names the file or variable, the exact
key and what is wrong with it. `config.example.toml` holds every setting; a test keeps it equal to this file.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from bot.model.errors import ConfigError
from bot.model.group import GroupSettings
from bot.model.ids import AccountName, TenantId
from bot.model.taxonomy import taxonomy
from bot.model.tenant import Numbers, Tenant
from bot.ports.housekeeping import Terms
from bot.tables import Source, Table, decode, overlay
from bot.tenancy import (
    RouteSettings,
    TenantSettings,
    answer_faults,
    neighbour_faults,
    region_faults,
    route_faults,
)
from bot.texts import Catalogue

Port = Annotated[int, Meta(ge=0, le=65535)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the pages are. Port 0 takes any free port. `public_url` is what people outside see, if different."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""
    data: Path = Path("data")

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is logged, and for whom: people (console) or machines (json)."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A neighbourhood to play in: anybody may be any resident, and the desk is open. Never with real people."""

    enabled: bool = False
    notice: str = "Dit is een proefbuurt. De buurt en de mensen zijn verzonnen."


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterSettings:
    """A channel or desk. `options` are all other keys of its table; the adapter checks those itself.

    They may be secrets, so they are never printed with it.
    """

    kind: str
    tenant: TenantId
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeocoderSettings:
    """A geocoder; tenants name it, and each gets its own. `options` as with channels and desks."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept (`Terms`), in the unit of their names."""

    ended_hours: AtLeastOne = 24
    finished_days: AtLeastOne = 30
    prompt_author_hours: AtLeastOne = 24
    prompt_days: AtLeastOne = 30
    delivery_hours: AtLeastOne = 48
    traffic_days: AtLeastOne = 14
    example_days: AtLeastOne = 180

    @property
    def terms(self) -> Terms:
        """The same as durations."""
        return Terms(
            ended=timedelta(hours=self.ended_hours),
            finished=timedelta(days=self.finished_days),
            prompt_author=timedelta(hours=self.prompt_author_hours),
            prompt=timedelta(days=self.prompt_days),
            delivery=timedelta(hours=self.delivery_hours),
            traffic=timedelta(days=self.traffic_days),
            example=timedelta(days=self.example_days),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How effects are run. Twelve attempts take 100 minutes; reports wait a week for a desk that is away."""

    lease_seconds: Seconds = 60.0
    attempts: AtLeastOne = 12
    backoff_seconds: Seconds = 5.0
    backoff_limit_seconds: Seconds = 1800.0
    concurrency: AtLeastOne = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreting:
    """Which interpreter reads the messages."""

    kind: Literal["auto", "full", "light", "rules"] = "auto"
    entities: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Background tiles from elsewhere, as a URL with {z}, {x} and {y}; none by default: nothing is fetched."""

    tiles: str = ""
    attribution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may stand in the file."""

    tenants: Mapping[TenantId, TenantSettings]
    channels: Mapping[AccountName, AdapterSettings]
    desks: Mapping[str, AdapterSettings] = field(default_factory=dict)
    geocoders: Mapping[str, GeocoderSettings] = field(default_factory=dict)
    server: Server = field(default_factory=Server)
    log: Log = field(default_factory=Log)
    demo: Demo = field(default_factory=Demo)
    group: GroupSettings = field(default_factory=GroupSettings)
    retention: Retention = field(default_factory=Retention)
    work: Work = field(default_factory=Work)
    interpreter: Interpreting = field(default_factory=Interpreting)
    map: Map = field(default_factory=Map)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Checked settings, and where they came from."""

    source: Source

    @property
    def tenant_records(self) -> Mapping[TenantId, Tenant]:
        """Every tenant as the process knows it."""
        days = self.retention.example_days
        return {name: settings.record(name, days) for name, settings in self.tenants.items()}

    def where(self, key: str) -> str:
        """How errors name a key: for `Setup.where`."""
        return f"{self.source.file}: {key}"


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The checked settings of a file, or of the demo that comes along; raises `ConfigError`."""
    file = path.name if path else "demo.toml"
    table, source = overlay(Settings, _read(path, file), environ, file)
    settings = decode(Settings, _with_options(table), source)
    values = {one.name: getattr(settings, one.name) for one in dataclasses.fields(Settings)}
    config = Config(source=source, **values)
    for key, what in _faults(config):
        raise source.error(key, what)
    return config


def _read(path: Path | None, file: str) -> Table:
    demo = resources.files("bot").joinpath("demo.toml")
    try:
        text = path.read_text("utf-8") if path else demo.read_text("utf-8")
        return tomllib.loads(text)
    except OSError as fault:
        raise ConfigError(str(path), f"cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(file, "is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(file, f"is not TOML: {fault}") from None


def _with_options(table: Table) -> Table:
    """An adapter's own keys under `options`; what is no table is left for `decode` to refuse."""
    shaped = dict(table)
    own = {"channels": {"kind", "tenant"}, "desks": {"kind", "tenant"}, "geocoders": {"kind"}}
    for section, known in own.items():
        if isinstance(adapters := table.get(section), Mapping):
            shaped[section] = {name: _split(adapter, known) for name, adapter in adapters.items()}
    return shaped


def _split(adapter: Any, known: set[str]) -> Any:
    if not isinstance(adapter, Mapping):
        return adapter
    own = {key: value for key, value in adapter.items() if key in known}
    return own | {"options": {key: value for key, value in adapter.items() if key not in known}}


Faults = Iterator[tuple[str, str]]
"""A key and what is wrong with it."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def _faults(config: Config) -> Faults:
    """What only shows when settings are seen together."""
    yield from _names(config)
    for tenant, settings in config.tenants.items():
        yield from _tenant_faults(config, tenant, settings)
    for section, adapters in (("channels", config.channels), ("desks", config.desks)):
        for name, adapter in adapters.items():
            if adapter.tenant not in config.tenants:
                yield f"{section}.{name}.tenant", _unknown("tenant", adapter.tenant, config.tenants)
    if config.server.public_url and not config.server.public_url.startswith(("http://", "https://")):
        yield "server.public_url", "expected an address that starts with https:// or http://"
    if config.work.backoff_limit_seconds < config.work.backoff_seconds:
        yield "work.backoff_limit_seconds", "is less than work.backoff_seconds"
    if config.retention.traffic_days < config.group.quiet.share_days:
        yield "retention.traffic_days", "is less than group.quiet.share_days, which counts over them"
    if config.map.tiles and not config.map.attribution:
        yield "map.attribution", "is required with map.tiles: makers of maps want to be named"
    yield from _group_faults(config.group)
    yield from _text_faults(config)


def _names(config: Config) -> Faults:
    sections: dict[str, Mapping[Any, Any]] = {
        "tenants": config.tenants,
        "channels": config.channels,
        "desks": config.desks,
        "geocoders": config.geocoders,
    }
    for section, names in sections.items():
        for name in names:
            if not _NAME.fullmatch(name):
                yield f"{section}.{name}", "a name is made of a-z, 0-9, - and _"
    for section in ("tenants", "channels"):
        if not sections[section]:
            yield section, "at least one is needed"


def _tenant_faults(config: Config, tenant: TenantId, settings: TenantSettings) -> Faults:
    key = f"tenants.{tenant}"
    try:
        ZoneInfo(settings.zone)
    except (ValueError, OSError, KeyError):
        yield f"{key}.zone", f'"{settings.zone}" is no IANA time zone; in the Netherlands: Europe/Amsterdam'
    if not settings.privacy_contact and not config.demo.enabled:
        yield (
            f"{key}.privacy_contact",
            "is required: residents must know whom to ask about their data (AVG art. 13)",
        )
    if settings.geocoder not in config.geocoders:
        yield f"{key}.geocoder", _unknown("geocoder", settings.geocoder, config.geocoders)
    if settings.desk:
        yield from _desk_faults(config, tenant, settings.desk, f"{key}.desk")
    for where, routes in _routes(tenant, settings):
        yield from route_faults(routes, where)
        for slug, route in routes.items():
            if route.desk:
                yield from _desk_faults(config, tenant, route.desk, f"{where}.{slug}.desk")
    for name, area in settings.areas.items():
        yield from region_faults(area, f"{key}.areas.{name}")
    yield from region_faults(settings.border, f"{key}.border", required=False)
    yield from neighbour_faults(settings.neighbours, f"{key}.neighbours")
    if settings.neighbours and not settings.border.ways:
        yield f"{key}.border", "is required with neighbours: without it no place lies outside the municipality"
    yield from answer_faults(settings.answers, f"{key}.answers")


def _routes(tenant: TenantId, settings: TenantSettings) -> Iterator[tuple[str, Mapping[str, RouteSettings]]]:
    """The routes of a tenant and of each of its areas, with their key."""
    yield f"tenants.{tenant}.routes", settings.routes
    for name, area in settings.areas.items():
        yield f"tenants.{tenant}.areas.{name}.routes", area.routes


def _desk_faults(config: Config, tenant: TenantId, desk: str, key: str) -> Faults:
    if desk not in config.desks:
        yield key, _unknown("desk", desk, config.desks)
    elif config.desks[desk].tenant != tenant:
        yield key, f'desk "{desk}" belongs to another tenant'


def _group_faults(group: GroupSettings) -> Faults:
    for slug in sorted(group.topics_off - taxonomy().keys()):
        yield "group.topics_off", _unknown("category", slug, taxonomy())
    fractions = {
        "group.prompt_threshold": group.prompt_threshold,
        "group.quiet.share_max": group.quiet.share_max,
        "group.quiet.tune_no_rate": group.quiet.tune_no_rate,
        "group.quiet.tune_step": group.quiet.tune_step,
    }
    for key, fraction in fractions.items():
        if not 0 <= fraction <= 1:
            yield key, "expected a number from 0 to 1"
    least = {"share_days": 1, "tune_window": 1, "open_prompts": 1}
    for section, record in (("quiet", group.quiet), ("deadlines", group.deadlines)):
        for one in dataclasses.fields(record):
            value, low = getattr(record, one.name), least.get(one.name, int(section == "deadlines"))
            if isinstance(value, int) and value < low:
                yield f"group.{section}.{one.name}", f"expected a whole number >= {low}"
    if group.quiet.wait_max < group.quiet.wait_min:
        yield "group.quiet.wait_max", "is less than group.quiet.wait_min"


def _text_faults(config: Config) -> Faults:
    """What the settings name of the catalogue must be there; all that a route's text can be given is numbers."""
    texts = Catalogue.load().templates
    language = config.group.language
    if language not in texts:
        yield "group.language", _unknown("language", language, texts)
        return
    numbers = {one.name for one in dataclasses.fields(Numbers)}
    every = [one for tenant, settings in config.tenants.items() for one in _routes(tenant, settings)]
    for key, routes in every:
        for slug, route in routes.items():
            text = texts[language].get(route.instead) if route.instead else None
            where = f"{key}.{slug}.instead"
            if route.instead and text is None:
                yield where, f'there is no text "{route.instead}" in the catalogue'
            elif text is not None and not text.slots <= numbers:
                yield where, f'the text "{route.instead}" is not one that names a number'


def _unknown(what: str, name: str, known: Any) -> str:
    there = ", ".join(dict.fromkeys(known)) or "none"
    return f'there is no {what} "{name}"; there is: {there}'

"""The HTTP side: GeoReport v2 with mySociety's updates, and a switch to FixMyStreet's read-only manners."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.fakes.open311.world import ENDED, KEY, POSTED, Held, Municipality, Service

FIELDS = frozenset(
    {
        "api_key",
        "jurisdiction_id",
        "service_code",
        "lat",
        "long",
        "address_string",
        "address_id",
        "email",
        "device_id",
        "account_id",
        "first_name",
        "last_name",
        "phone",
        "description",
        "media_url",
    }
)
UPDATE_NEEDS = ("service_request_id", "update_id", "status", "updated_datetime", "description")
JURISDICTION = re.compile(r"[A-Za-z0-9_-]*")
ATTRIBUTE = re.compile(r"attribute\[(\w+)\](\[\])?")
FORM = "application/x-www-form-urlencoded"
PARENTS = {
    "service_requests": "request",
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_request_updates": "request_update",
    "errors": "error",
}


class _BadError(Exception):
    def __init__(self, status: int, *told: str) -> None:
        super().__init__(*told)
        self.status = status
        self.told = told


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The next call fails so; `after` it took effect. `only`: of this path. `posted`: only what is posted."""

    status: int
    body: bytes = b"<html><body>Error</body></html>"
    kind: str = "text/html"
    after: bool = False
    only: str = ""
    posted: bool = False
    headers: Mapping[str, str] | None = None


class FakeOpen311:
    """`app` answers under `/open311/v2/`. `posts` is every body that was posted, `asked` every address."""

    def __init__(
        self,
        world: Municipality,
        *,
        jurisdiction: str = "",
        extension: bool = True,
        wrapped: bool = False,
        read_only: bool = False,
        loose: bool = False,
    ) -> None:
        self.world = world
        self.jurisdiction = jurisdiction
        self.extension = extension
        self.wrapped = wrapped
        self.read_only = read_only
        self.loose = loose
        """Ids as numbers, booleans as words, what is absent as null."""
        self.key = KEY
        self.posts: list[bytes] = []
        self.asked: list[str] = []
        self.faults: list[Fault] = []
        at = "/open311/v2/"
        self.app = Starlette(
            routes=[
                Route(at + "{what}/{id}.{form}", self._serve, methods=["GET", "POST"]),
                Route(at + "{what}.{form}", self._serve, methods=["GET", "POST"]),
            ]
        )

    def fail_next(self, status: int, **more: Any) -> None:
        self.faults.append(Fault(status=status, **more))

    async def _serve(self, request: Request) -> Response:
        what, form = request.path_params["what"], request.path_params["form"]
        self.asked.append(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        posted = request.method == "POST"
        hit = (one for one in self.faults if one.only in ("", what) and (posted or not one.posted))
        fault = next(hit, None)
        if fault is not None:
            self.faults.remove(fault)
            if not fault.after:
                return _broken(fault)
        if form not in ("json", "xml"):
            return PlainTextResponse("Not found", 404)
        try:
            name, answer = (
                self._posted(what, await self._form(request))
                if request.method == "POST"
                else self._got(what, request.path_params.get("id", ""), request.query_params)
            )
        except _BadError as error:
            code = error.status
            told = [{"code": code, "description": one} for one in error.told]
            return self._answer("errors", told, form, code)
        return _broken(fault) if fault is not None else self._answer(name, answer, form, 200)

    async def _form(self, request: Request) -> list[tuple[str, str]]:
        body = await request.body()
        self.posts.append(body)
        if request.headers.get("content-type", "").partition(";")[0] != FORM:
            return []
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True)

    def _posted(self, what: str, pairs: list[tuple[str, str]]) -> tuple[str, Any]:
        fields = dict(pairs)
        self._check_jurisdiction(fields)
        if what == "requests" and self.read_only:
            return "service_requests", [self._shown(one) for one in self.world.requests.values()]
        if not fields.get("api_key"):
            raise _BadError(400, "api_key is required")
        if fields["api_key"] != self.key:
            raise _BadError(403, "api_key is not known")
        if what == "requests":
            return "service_requests", [self._create(pairs, fields)]
        if what == "servicerequestupdates" and self.extension:
            return "service_request_updates", [self._update(fields)]
        raise _BadError(404, "no such call")

    def _create(self, pairs: list[tuple[str, str]], fields: dict[str, str]) -> dict[str, Any]:
        attributes: dict[str, list[str]] = {}
        for name, value in pairs:
            if match := ATTRIBUTE.fullmatch(name):
                attributes.setdefault(match[1], []).append(value)
            elif name not in FIELDS:
                raise _BadError(400, f"unexpected entries: {name}")
        service = self.world.services.get(fields.get("service_code", ""))
        if service is None:
            raise _BadError(400, "Bad request")
        _check_place(fields)
        missing = [one["code"] for one in service.attributes if _needed(one) and one["code"] not in attributes]
        if missing:
            raise _BadError(400, *(f"attribute {code} is required" for code in missing))
        if len(fields.get("description", "")) > 4000:
            raise _BadError(400, "description is too long")
        held = self.world.take(service.code, fields, attributes)
        if service.kind == "blackbox":
            return {"service_notice": "Thank you"}
        if self.world.looks_for_id is not None:
            token = f"token-{held.id}"
            self.world.tokens[token] = (held.id, self.world.looks_for_id)
            return {"token": token}
        return {"service_request_id": self._id(held.id)}

    def _update(self, fields: dict[str, str]) -> dict[str, Any]:
        missing = [name for name in UPDATE_NEEDS if name not in fields]
        if missing:
            raise _BadError(400, f"Bad request: {', '.join(missing)} missing")
        if fields["status"] not in POSTED:
            raise _BadError(400, "status is not one of the known ones, in capitals")
        _zoned(fields["updated_datetime"])
        held = self.world.requests.get(fields["service_request_id"])
        if held is None:
            raise _BadError(404, "no such service_request_id")
        if not self.world.comment(held, fields):
            raise _BadError(400, "Bad request: update_id was there already")
        return {"update_id": fields["update_id"]}

    def _got(self, what: str, name: str, query: Mapping[str, str]) -> tuple[str, Any]:
        self._check_jurisdiction(query)
        match what:
            case "services" if name:
                return "service_definition", self._definition(name)
            case "services":
                return "services", [self._service(one) for one in self.world.services.values()]
            case "tokens":
                return "service_requests", self._token(name)
            case "requests" if name:
                held = self.world.requests.get(name)
                if held is None:
                    raise _BadError(404, "no such request")
                return "service_requests", [self._shown(held)]
            case "requests":
                return "service_requests", [self._shown(one) for one in self._listed(query)]
            case "servicerequestupdates" if self.extension:
                return "service_request_updates", self._updates(query)
        raise _BadError(404, "no such call")

    def _check_jurisdiction(self, fields: Mapping[str, str]) -> None:
        given = fields.get("jurisdiction_id", "")
        if not JURISDICTION.fullmatch(given):
            raise _BadError(400, "jurisdiction_id is malformed")
        if self.jurisdiction and given != self.jurisdiction:
            raise _BadError(404 if given else 400, "jurisdiction_id is not known")

    def _service(self, one: Service) -> dict[str, Any]:
        metadata: Any = bool(one.attributes)
        return {
            "service_code": one.code,
            "service_name": one.name or one.code,
            "description": None if self.loose else "",
            "metadata": str(metadata).lower() if self.loose else metadata,
            "type": one.kind,
            "keywords": "",
            "group": "",
        }

    def _definition(self, code: str) -> dict[str, Any]:
        service = self.world.services.get(code)
        if service is None or not service.attributes:
            raise _BadError(404, "no such service_code")
        return {"service_code": code, "attributes": service.attributes}

    def _token(self, token: str) -> list[dict[str, Any]]:
        if token not in self.world.tokens:
            raise _BadError(404, "no such token")
        request, looks = self.world.tokens[token]
        if looks > 0:
            self.world.tokens[token] = (request, looks - 1)
            return []
        return [{"service_request_id": self._id(request), "token": token}]

    def _listed(self, query: Mapping[str, str]) -> Sequence[Held]:
        every = list(self.world.requests.values())
        if ids := query.get("service_request_id"):
            return [one for one in every if one.id in ids.split(",")]
        for name in ("start_date", "end_date"):
            if name in query:
                _zoned(query[name])
        since = _zoned(query["start_date"]) if "start_date" in query else None
        wanted = query["service_code"].split(",") if "service_code" in query else None
        return [
            one
            for one in every
            if (since is None or one.at >= since)
            and (wanted is None or one.service_code in wanted)
            and ("status" not in query or _plain(one) == query["status"])
        ]

    def _updates(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        if ("start_date" in query) != ("end_date" in query):
            raise _BadError(400, "start_date and end_date come together")
        start, end = (_zoned(query[name]) if name in query else None for name in ("start_date", "end_date"))
        if start and end and (end - start).days > 90:
            raise _BadError(400, "at most 90 days")
        return [
            {
                "update_id": one.id,
                "service_request_id": self._id(one.request),
                "status": one.status,
                "updated_datetime": one.at.isoformat(),
                "description": one.description,
                "media_url": None if self.loose else "",
            }
            for one in self.world.updates
            if (start is None or one.at >= start.replace(microsecond=0)) and (end is None or one.at <= end)
        ]

    def _shown(self, one: Held) -> dict[str, Any]:
        return {
            "service_request_id": self._id(one.id),
            "status": _plain(one) if not self.extension else one.status,
            "status_notes": one.notes or (None if self.loose else ""),
            "service_code": one.service_code,
            "service_name": one.service_code,
            "description": one.fields.get("description", ""),
            "agency_responsible": one.agency,
            "requested_datetime": one.at.isoformat(),
            "updated_datetime": one.changed.isoformat(),
            "expected_datetime": one.expected.isoformat() if one.expected else "",
            "address": one.fields.get("address_string", ""),
            "lat": one.fields.get("lat", ""),
            "long": one.fields.get("long", ""),
        }

    def _id(self, request: str) -> Any:
        return int(request) if self.loose else request

    def _answer(self, name: str, answer: Any, form: str, status: int) -> Response:
        if form == "xml":
            body = f'<?xml version="1.0" encoding="utf-8"?>{_xml(name, answer)}'
            return Response(body, status, media_type="application/xml")
        kept = {name: answer} if self.wrapped else answer
        return Response(json.dumps(kept), status, media_type="application/json")


def _broken(fault: Fault) -> Response:
    return Response(fault.body, fault.status, dict(fault.headers or {}), fault.kind)


def _plain(one: Held) -> str:
    return "closed" if one.status in ENDED else "open"


def _needed(attribute: Mapping[str, Any]) -> bool:
    return str(attribute.get("required")).lower() == "true" and attribute.get("automated") != "server_set"


def _check_place(fields: Mapping[str, str]) -> None:
    if "lat" in fields or "long" in fields:
        for name in ("lat", "long"):
            if not re.fullmatch(r"-?\d+(\.\d+)?", fields.get(name, "")):
                raise _BadError(400, f"{name} is no number")
    elif not (fields.get("address_string") or fields.get("address_id")):
        raise _BadError(400, "lat and long are required", "or address_string", "or address_id")


def _zoned(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _BadError(400, "no date-time") from None
    if found.tzinfo is None:
        raise _BadError(400, "a date-time has a zone")
    return found


def _xml(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"<{name}>{''.join(_xml(PARENTS.get(name, 'item'), one) for one in value)}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_xml(key, one) for key, one in value.items())}</{name}>"
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"

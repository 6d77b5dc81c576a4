"""The address we offer: a back office posts its updates here, as it would to FixMyStreet."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from adapters.desks.open311.options import Options
from adapters.desks.open311.reading import moment
from bot.model.request import Answer, Request

PATHS = ("/servicerequestupdates.json", "/servicerequestupdates.xml")
FORM = "application/x-www-form-urlencoded"
LARGEST = 64 * 1024
MOST_FIELDS = 200
NEEDED = ("service_request_id", "update_id", "updated_datetime", "status", "description")
XML, JSON = "application/xml", "application/json"


class PushRefusedError(Exception):
    """Why, as an HTTP status and words for a developer."""

    def __init__(self, status: HTTPStatus, what: str) -> None:
        super().__init__(what)
        self.status = status
        self.what = what


def update_of(request: Request, options: Options) -> Mapping[str, str]:
    """The fields of an update; raises `PushRefusedError`. Who sent it is told by the key it names."""
    if request.path not in PATHS or not options.push_key:
        raise PushRefusedError(HTTPStatus.NOT_FOUND, "there is only servicerequestupdates.json and .xml here")
    if request.method != "POST":
        raise PushRefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "updates are posted here")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise PushRefusedError(HTTPStatus.BAD_REQUEST, f"expected {FORM}")
    fields = _fields(request.body)
    if not hmac.compare_digest(fields.get("api_key", "").encode(), options.push_key.encode()):
        raise PushRefusedError(HTTPStatus.FORBIDDEN, "api_key is missing or wrong")
    if (
        options.jurisdiction_id
        and fields.get("jurisdiction_id", options.jurisdiction_id) != options.jurisdiction_id
    ):
        raise PushRefusedError(HTTPStatus.NOT_FOUND, "jurisdiction_id is not ours")
    # An empty description is an update without words, which is fine; a missing one is a mistake.
    for name in NEEDED:
        if name not in fields or (name != "description" and not fields[name].strip()):
            raise PushRefusedError(HTTPStatus.BAD_REQUEST, f"{name} is missing")
    if moment(fields, "updated_datetime") is None:
        raise PushRefusedError(HTTPStatus.BAD_REQUEST, "updated_datetime is no time of W3C with its zone")
    return fields


def taken(request: Request, update_id: str) -> Answer:
    """It is written down. The same update again is answered the same: whoever repeats heard nothing the first
    time."""
    if request.path.endswith(".xml"):
        inner = f"<request_update><update_id>{escape(update_id)}</update_id></request_update>"
        return _xml(HTTPStatus.OK, f"<service_request_updates>{inner}</service_request_updates>")
    return Answer(body=json.dumps([{"update_id": update_id}]).encode(), kind=JSON)


def refused(request: Request, error: PushRefusedError) -> Answer:
    """As the specification tells errors."""
    if request.path.endswith(".xml"):
        inner = f"<code>{error.status.value}</code><description>{escape(error.what)}</description>"
        return _xml(error.status, f"<errors><error>{inner}</error></errors>")
    told = [{"code": error.status.value, "description": error.what}]
    return Answer(status=error.status.value, body=json.dumps(told).encode(), kind=JSON)


def _xml(status: HTTPStatus, inner: str) -> Answer:
    return Answer(status=status.value, body=f'<?xml version="1.0" encoding="utf-8"?>{inner}'.encode(), kind=XML)


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise PushRefusedError(HTTPStatus.BAD_REQUEST, "the form cannot be read: expected UTF-8") from None
    return dict(pairs)

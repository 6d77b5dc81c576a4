"""The OpenAPI 3.1 description, made from the very types that read and write."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from adapters.channels.http import deliveries, posts
from adapters.channels.http.signing import WINDOW_S

VERSION = "1.0.0"
"""Of the agreement with apps, not of BART. The first number changes when an app must change."""
_REF = "#/components/schemas/{name}"

_SIGNED = (
    "Bart-Signature is the HMAC-SHA256, in lower-case hex, under the key named in Bart-Key, of: method, newline, "
    "path with query, newline, Bart-Timestamp, newline, body. Bart-Timestamp is in seconds since 1970 and at most "
    f"{WINDOW_S} seconds off. Each signature works once: sign every attempt anew."
)
_PROBLEMS = {
    "400": "Something in the delivery is wrong; `field` names it. Nothing of the delivery was taken.",
    "401": "The signature is missing, wrong, too old or used; `field` names the header.",
    "404": "There is no such path.",
    "405": "There is no such method here.",
    "409": "This delivery id came before with other events.",
    "413": "The body is larger than 8 MiB.",
    "415": "The body is not application/json.",
    "503": "Not now; Retry-After says when. Send the same delivery again.",
}
_ANSWERS = {
    "2XX": "Done. The same call again must change nothing.",
    "404": "The room, post, person or press is not there; with `moved_to` the room goes on under that id.",
    "410": "As 404.",
    "429": "Not now; Retry-After says when.",
    "4XX": "Never; `field` may say what is wrong. The call is not made again.",
    "5XX": "Not now. The call is made again.",
}


def description(path: str) -> dict[str, Any]:
    """For the app under this path of the pages."""
    _, schemas = msgspec.json.schema_components(
        [deliveries.Delivery, deliveries.Taken, posts.AdminsAre], ref_template=_REF
    )
    out, calls = msgspec.json.schema_components(list(get_args(posts.Out)), ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "BART, connection for a neighbourhood app",
            "version": VERSION,
            "description": f"{_SIGNED} What the bot posts to the webhook of the app is signed the same way.",
        },
        "servers": [{"url": path}],
        "security": [{"key": [], "timestamp": [], "signature": []}],
        "paths": {"/deliveries": {"post": _deliveries()}, "/openapi.json": {"get": _itself()}},
        "webhooks": {"bart": {"post": _webhook(list(out))}},
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "Bart-Key"},
                "timestamp": {"type": "apiKey", "in": "header", "name": "Bart-Timestamp"},
                "signature": {"type": "apiKey", "in": "header", "name": "Bart-Signature"},
            },
            "schemas": schemas | calls | {"Problem": _PROBLEM},
        },
    }


def _deliveries() -> dict[str, Any]:
    return {
        "operationId": "deliver",
        "summary": "Events in rooms that the bot is in; answered when they are on disk.",
        "requestBody": {"required": True, "content": _json("Delivery")},
        "responses": {
            "202": {"description": "Taken; the same delivery has the same answer.", "content": _json("Taken")},
            **{status: _problem(what) for status, what in _PROBLEMS.items()},
        },
    }


def _itself() -> dict[str, Any]:
    return {
        "operationId": "describe",
        "summary": "This description.",
        "security": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": {"application/openapi+json": {}}},
            "405": _problem(_PROBLEMS["405"]),
        },
    }


def _webhook(calls: list[dict[str, Any]]) -> dict[str, Any]:
    mapping = {call.__struct_config__.tag: _REF.format(name=call.__name__) for call in get_args(posts.Out)}
    schema = {"oneOf": calls, "discriminator": {"propertyName": "type", "mapping": mapping}}
    return {
        "operationId": "bart",
        "summary": "What the bot says and asks; the same `id` is the same post.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {status: {"description": what} for status, what in _ANSWERS.items()}
        | {"200": {"description": "Done; with this body for `admins`.", "content": _json("AdminsAre")}},
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}


def _problem(what: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}}
    return {"description": what, "content": content}


_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. `field` is the field of the body, or the header, that is wrong.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "field": {"type": "string"},
        "detail": {"type": "string"},
    },
    "required": ["type", "status"],
}

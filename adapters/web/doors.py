"""Doors for other programs: what is sent to `/koppeling/<account>/` goes to that channel, byte for byte.

Faults are told as RFC 9457 problem details: a program is on the other side, and its maker reads the log.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.web.pages import pages, status_of
from bot.model import request as model
from bot.model.errors import InputError, Later

DOORS = "/koppeling/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


async def knock(request: Request) -> Response:
    """The channel's answer; 404 where no channel of this name takes requests."""
    door = pages(request).site.doors.get(request.path_params["account"])
    if door is None:
        raise HTTPException(404)
    path, query = request.scope["raw_path"].decode("ascii"), request.scope["query_string"].decode("ascii")
    answer = await door.receive(
        model.Request(
            method=request.method,
            path="/" + request.path_params["path"],
            target=f"{path}?{query}" if query else path,
            headers=dict(request.headers),
            body=await request.body(),
        )
    )
    return Response(answer.body, answer.status, dict(answer.headers), answer.kind)


def problem(error: Exception) -> Response:
    """What went wrong, with the field where one is at fault; nothing about what went wrong inside."""
    status = status_of(error)
    told: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if isinstance(error, InputError):
        told |= {"field": error.where, "detail": error.what}
    headers = {"Retry-After": str(math.ceil(error.seconds))} if isinstance(error, Later) else {}
    return JSONResponse(told, status, headers, "application/problem+json")


ROUTES = [Route(DOORS + "{account}/{path:path}", knock, methods=list(METHODS))]

"""What everybody may ask: file, look, add a photo, read the categories."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes.signalen.checking import category_of, errors_of
from tests.fakes.signalen.workflow import CLOSED, TAKES_PHOTOS
from tests.fakes.signalen.world import Attachment, Report, World

LARGEST = 20 * 1024 * 1024
KINDS = {
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF8",
}


def moment(value: Any) -> str:
    """As the server writes times."""
    return str(value.isoformat())


def not_found() -> Response:
    return JSONResponse({"detail": "Niet gevonden."}, 404)


async def body_of(request: Request) -> Any:
    """JSON, or the refusal to read it."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return JSONResponse({"detail": "Unsupported media type in request."}, 415)
    try:
        return json.loads(await request.body())
    except ValueError:
        return JSONResponse({"detail": "JSON parse error"}, 400)


class Public:
    def __init__(self, world: World) -> None:
        self.world = world

    async def create(self, request: Request) -> Response:
        """`POST /v1/public/signals/`."""
        who = request.headers.get("x-forwarded-for") or (request.client.host if request.client else "")
        wait = self.world.wait_for_post(who)
        if wait:
            detail = {"detail": f"Request was throttled. Expected available in {wait} seconds."}
            return JSONResponse(detail, 429, {"Retry-After": str(wait)})
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        if errors := errors_of(body, self.world, private=False):
            return JSONResponse(errors, 400)
        source = body.get("source", "online")
        if (body["reporter"].get("email") or "").endswith(self.world.own_domain):
            source = "Interne melding"
        main, sub = category_of(body)
        return JSONResponse(self._shown(self.world.create(body, source, main, sub)), 201)

    async def look(self, request: Request) -> Response:
        """`GET /v1/public/signals/{uuid}`: open or closed, and no more."""
        report = self.world.by_uuid(request.path_params["uuid"])
        return JSONResponse(self._shown(report)) if report else not_found()

    def _shown(self, report: Report) -> dict[str, Any]:
        closed = report.status.state in CLOSED
        return {
            "_display": f"{self.world.prefix}{report.number}",
            "id": report.number,
            "id_display": f"{self.world.prefix}{report.number}",
            "signal_id": report.uuid,
            "status": {
                "state": "CLOSED" if closed else "OPEN",
                "state_display": "Gesloten" if closed else "Open",
            },
            "created_at": moment(report.created),
            "updated_at": moment(report.updated),
            "incident_date_start": report.body["incident_date_start"],
            "incident_date_end": report.body.get("incident_date_end"),
        }

    async def attach(self, request: Request) -> Response:
        """`POST /v1/public/signals/{uuid}/attachments/`."""
        report = self.world.by_uuid(request.path_params["uuid"])
        if report is None:
            return not_found()
        state = report.status.state
        if state not in TAKES_PHOTOS and not (state == "o" and report.feedback_asked):
            return JSONResponse(["Public uploads not allowed in current signal state."], 400)
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                return JSONResponse({"file": ["Er is geen bestand opgestuurd."]}, 400)
            content, name = await file.read(), file.filename or ""
        ending = name.rpartition(".")[2].casefold() if "." in name else ""
        if not content.startswith(KINDS.get(ending, b"\x00none")) or len(content) > LARGEST:
            return JSONResponse({"file": ["Bestandsextensie is niet toegestaan."]}, 400)
        at = self.world.tick()
        report.attachments.append(Attachment(name=name, content=content, at=at))
        report.updated = at
        link = f"/signals/media/attachments/{report.number}/{name}"
        return JSONResponse({"location": link, "is_image": True, "created_at": moment(at)}, 201)

    async def categories(self, request: Request) -> Response:
        """`GET /v1/public/terms/categories/`, a page of main categories with all their sub categories."""
        mains = list(dict.fromkeys(one.main for one in self.world.categories))
        page = int(request.query_params.get("page", "1"))
        size = int(request.query_params.get("page_size", "100"))
        shown = mains[(page - 1) * size : page * size]
        if page > 1 and not shown:
            return JSONResponse({"detail": "Ongeldige pagina."}, 404)
        path = str(request.url.replace(query=f"page={page + 1}&page_size={size}"))
        more = path if page * size < len(mains) else None
        return JSONResponse(
            {
                "_links": {"self": {"href": str(request.url)}, "next": {"href": more}, "previous": {"href": None}},
                "count": len(mains),
                "results": [self._main(main) for main in shown],
            }
        )

    async def category(self, request: Request) -> Response:
        """`GET .../MAIN/sub_categories/SUB`."""
        found = self.world.find(request.path_params["main"], request.path_params["sub"])
        if found is None:
            return not_found()
        return JSONResponse({"name": found.name, "slug": found.sub, "is_active": found.active})

    def _main(self, main: str) -> dict[str, Any]:
        subs = [
            {
                "name": one.name,
                "slug": one.sub,
                "is_active": one.active,
                "handling_message": "",
                "is_public_accessible": False,
            }
            for one in self.world.categories
            if one.main == main
        ]
        return {"name": main, "slug": main, "is_public_accessible": False, "sub_categories": subs}

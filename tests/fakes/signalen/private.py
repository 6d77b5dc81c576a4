"""What an account of the municipality may ask: the list with its filters, one report, its history, changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes.signalen.checking import category_of, errors_of
from tests.fakes.signalen.login import Login, forbidden
from tests.fakes.signalen.public import body_of, moment, not_found
from tests.fakes.signalen.workflow import STATES
from tests.fakes.signalen.world import BOT, Crash, Report, Step, World

MOST = 5000
GEO_PAGE = 4000


class WrongFilterError(Exception):
    """A filter that the server refuses."""


class Private:
    def __init__(self, world: World, login: Login) -> None:
        self.world = world
        self.login = login

    async def list(self, request: Request) -> Response:
        """`GET /v1/private/signals/`."""
        if refusal := self.login.refusal(request, "sia_read"):
            return refusal
        try:
            found = self._filtered(request.query_params)
        except WrongFilterError as error:
            return JSONResponse({str(error): ["Selecteer een geldige keuze."]}, 400)
        size = min(int(request.query_params.get("page_size", "100")), MOST)
        page = int(request.query_params.get("page", "1"))
        shown = found[(page - 1) * size : page * size]
        if page > 1 and not shown:
            return JSONResponse({"detail": "Ongeldige pagina."}, 404)
        following = str(request.url.include_query_params(page=page + 1)) if page * size < len(found) else None
        links = {"self": {"href": str(request.url)}, "next": {"href": following}, "previous": {"href": None}}
        rows = [self._row(report) for report in shown]
        return JSONResponse({"_links": links, "count": len(found), "results": rows})

    async def geography(self, request: Request) -> Response:
        """`GET /v1/private/signals/geography`: points with ids."""
        if refusal := self.login.refusal(request, "sia_read"):
            return refusal
        try:
            found = self._filtered(request.query_params)
        except WrongFilterError as error:
            return JSONResponse({str(error): ["Selecteer een geldige keuze."]}, 400)
        page = int(request.query_params.get("geopage", "1"))
        shown = found[(page - 1) * GEO_PAGE : page * GEO_PAGE]
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": list(report.point)},
                "properties": {"id": report.number, "created_at": moment(report.created)},
            }
            for report in shown
        ]
        headers = {"X-Total-Count": str(len(found))}
        if page * GEO_PAGE < len(found):
            headers["Link"] = f'<{request.url.include_query_params(geopage=page + 1)}>; rel="next"'
        return JSONResponse({"type": "FeatureCollection", "features": features or None}, headers=headers)

    def _filtered(self, params: QueryParams) -> list[Report]:
        tests: list[Callable[[Report], bool]] = []
        if "id" in params:
            wanted = _number(params["id"])
            tests.append(lambda report: report.number == wanted)
        if states := set(params.getlist("status")):
            if states - set(STATES):
                raise WrongFilterError("status")
            tests.append(lambda report: report.status.state in states)
        if sources := set(params.getlist("source")):
            # "online" is a value of reports, not a row of the table of sources.
            if sources - {*self.world.sources, "Interne melding"}:
                raise WrongFilterError("source")
            tests.append(lambda report: report.source in sources)
        tests += self._of_category(params)
        tests += _of_time(params)
        if word := params.get("note_keyword", "").casefold():
            tests.append(lambda report: any(word in note.text.casefold() for note in report.notes))
        found = [report for report in self.world.reports.values() if all(test(report) for test in tests)]
        return _ordered(found, params.get("ordering", "-created_at"))

    def _of_category(self, params: QueryParams) -> list[Callable[[Report], bool]]:
        mains, subs = set(params.getlist("maincategory_slug")), set(params.getlist("category_slug"))
        if mains - {one.main for one in self.world.categories}:
            raise WrongFilterError("maincategory_slug")
        if subs - {one.sub for one in self.world.categories}:
            raise WrongFilterError("category_slug")
        # Either is enough: the two do not narrow each other.
        return [lambda report: report.main in mains or report.sub in subs] if mains or subs else []

    def _row(self, report: Report, *, full: bool = False) -> dict[str, Any]:
        body, see = report.body, "sia_can_view_contact_details" in self.world.rights
        reporter = {key: body["reporter"].get(key) or "" for key in ("email", "phone")}
        row = {
            "id": report.number,
            "id_display": f"{self.world.prefix}{report.number}",
            "source": report.source,
            "text": body["text"],
            "text_extra": body.get("text_extra", ""),
            "status": _status(report.status),
            "location": body["location"] | {"address_text": _address(body)},
            "category": {"main_slug": report.main, "sub_slug": report.sub},
            "reporter": reporter if see else {key: "*****" if value else "" for key, value in reporter.items()},
            "created_at": moment(report.created),
            "updated_at": moment(report.updated),
            "notes": [{"text": one.text, "created_by": one.who} for one in reversed(report.notes)],
            "has_attachments": bool(report.attachments),
        }
        return row if full else row | {"signal_id": report.uuid}

    async def create(self, request: Request) -> Response:
        """`POST /v1/private/signals/`."""
        if refusal := self.login.refusal(request, "sia_read", "sia_write", "sia_signal_create_initial"):
            return refusal
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        if errors := errors_of(body, self.world, private=True):
            return JSONResponse(errors, 400)
        main, sub = category_of(body)
        report = self.world.create(body, body.get("source", "online"), main, sub, who=BOT)
        return JSONResponse(self._row(report), 201)

    def _known(self, request: Request) -> Report | None:
        number = request.path_params["number"]
        return self.world.reports.get(int(number)) if number.isdigit() else None

    async def one(self, request: Request) -> Response:
        """`GET /v1/private/signals/{id}`."""
        if refusal := self.login.refusal(request, "sia_read"):
            return refusal
        report = self._known(request)
        return JSONResponse(self._row(report, full=True)) if report else not_found()

    async def history(self, request: Request) -> Response:
        """`GET /v1/private/signals/{id}/history`, newest first."""
        if refusal := self.login.refusal(request, "sia_read"):
            return refusal
        report = self._known(request)
        if report is None:
            return not_found()
        what = request.query_params.get("what")
        steps = sorted([*report.statuses, *report.notes], key=lambda step: step.number, reverse=True)
        return JSONResponse([_told(step) for step in steps if what in (None, step.what)])

    async def attachments(self, request: Request) -> Response:
        """`GET /v1/private/signals/{id}/attachments/`."""
        if refusal := self.login.refusal(request, "sia_read"):
            return refusal
        report = self._known(request)
        if report is None:
            return not_found()
        rows = [{"is_image": True, "created_at": moment(one.at)} for one in report.attachments]
        return JSONResponse({"count": len(rows), "results": rows})

    async def change(self, request: Request) -> Response:
        """`PATCH /v1/private/signals/{id}`: all of it or nothing, under a lock that nobody waits for."""
        if refusal := self.login.refusal(request, "sia_read", "sia_write"):
            return refusal
        report = self._known(request)
        if report is None:
            return not_found()
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        if report.locked:
            raise Crash
        report.locked = True
        try:
            await asyncio.sleep(self.world.lock_seconds)
            return self._changed(report, body)
        finally:
            report.locked = False

    def _changed(self, report: Report, body: dict[str, Any]) -> Response:
        status, notes = body.get("status"), body.get("notes") or []
        needed = {"sia_signal_change_status": status, "sia_signal_create_note": notes}
        if any(given and right not in self.world.rights for right, given in needed.items()):
            return forbidden()
        errors = _wrong_status(report, status) if status is not None else {}
        if any(not note.get("text", "").strip() or len(note["text"]) > 3000 for note in notes):
            errors["notes"] = [{"text": ["Ensure this field has no more than 3000 characters."]}]
        if errors:
            return JSONResponse(errors, 400)
        if status is not None:
            self.world.put(
                report,
                status["state"],
                status.get("text") or "",
                send_email=bool(status.get("send_email")),
                who=BOT,
            )
        for note in notes[:1]:
            self.world.note(report.number, note["text"], who=BOT)
        return JSONResponse(self._row(report, full=True))


def _wrong_status(report: Report, status: dict[str, Any]) -> dict[str, Any]:
    if "state" not in status:
        raise Crash
    state, text = status["state"], status.get("text")
    if state not in STATES:
        return {"status": {"state": ["is not a valid choice."]}}
    if state == "reaction requested" and (wrong := _wrong_question(report, text)):
        return wrong
    if state == "forward to external" and not {"email_override", "send_email", "text"} <= set(status):
        raise Crash
    if state not in STATES[report.status.state].then:
        return {"state": [f"Invalid state transition from `{report.status.state}` to `{state}`"]}
    missing = {
        "text": state in ("o", "reopened") and not (text or "").strip(),
        "target_api": state == "ready to send" and not status.get("target_api"),
    }
    return {field: ["This field is required"] for field, is_missing in missing.items() if is_missing}


def _wrong_question(report: Report, text: str | None) -> dict[str, Any]:
    if not report.email:
        return {"status": {"state": "No email address known for signal."}}
    if text is None:
        raise Crash
    return {"status": {"text": ["Ensure this value has at most 1000 characters."]}} if len(text) > 1000 else {}


def _status(step: Step) -> dict[str, Any]:
    return {
        "text": step.text or None,
        "user": step.who or None,
        "state": step.state,
        "state_display": STATES[step.state].name,
        "send_email": step.send_email,
        "created_at": moment(step.at),
    }


def _told(step: Step) -> dict[str, Any]:
    action = f"Status gewijzigd naar: {STATES[step.state].name}" if step.state else "Notitie toegevoegd:"
    return {
        "identifier": f"{step.what}_{step.number}",
        "when": moment(step.at),
        "what": step.what,
        "action": action,
        "description": step.text or None,
        "who": step.who or "Signalen systeem",
    }


def _address(body: dict[str, Any]) -> str:
    address = body["location"].get("address") or {}
    return " ".join(str(address[key]) for key in ("openbare_ruimte", "huisnummer") if address.get(key))


def _number(value: str) -> int:
    if not value.isdigit():
        raise WrongFilterError("id")
    return int(value)


def _of_time(params: QueryParams) -> list[Callable[[Report], bool]]:
    tests: list[Callable[[Report], bool]] = []
    for name in ("created_after", "created_before", "updated_after", "updated_before"):
        if (value := params.get(name)) is None:
            continue
        try:
            tests.append(_within(name, datetime.fromisoformat(value)))
        except ValueError:
            raise WrongFilterError(name) from None
    return tests


def _within(name: str, edge: datetime) -> Callable[[Report], bool]:
    """Both edges belong to it."""
    field, _, end = name.partition("_")

    def test(report: Report) -> bool:
        at = report.created if field == "created" else report.updated
        return at >= edge if end == "after" else at <= edge

    return test


def _ordered(found: list[Report], ordering: str) -> list[Report]:
    name = ordering.removeprefix("-")
    keys: dict[str, Callable[[Report], Any]] = {
        "id": lambda report: report.number,
        "created_at": lambda report: report.created,
        "updated_at": lambda report: report.updated,
    }
    return sorted(found, key=keys.get(name, keys["created_at"]), reverse=ordering.startswith("-"))

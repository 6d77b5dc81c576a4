"""/loket: the cases of one tenant and what staff do with them. Plain forms; scripts only make it live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web import words
from adapters.web.maps import pin
from adapters.web.pages import pages
from adapters.web.sessions import desk_staff, field, note, read_form
from adapters.web.streams import beating, frame, stream
from bot.model.desk import STATUS_AFTER, Case, CaseAct, CaseDeed
from bot.model.errors import IllegalMove, InputError, UnknownReport
from bot.model.report import MOVES
from bot.model.staff import StaffAccount
from bot.model.tenant import Tenant
from bot.ports.office import Office

FIELDS: dict[CaseAct, tuple[str, ...]] = {
    CaseAct.START: ("text",),
    CaseAct.PLAN: ("until", "text"),
    CaseAct.ASK: ("text", "until"),
    CaseAct.FORWARD: ("party", "text"),
    CaseAct.CLOSE: ("text",),
    CaseAct.CANCEL: ("text",),
    CaseAct.REOPEN: ("text",),
}
REQUIRED = frozenset(
    {
        (CaseAct.PLAN, "until"),
        (CaseAct.ASK, "text"),
        (CaseAct.ASK, "until"),
        (CaseAct.FORWARD, "party"),
        (CaseAct.CLOSE, "text"),
        (CaseAct.CANCEL, "text"),
    }
)
NOON = time(12, 0)
DAY_END = time(23, 59)
SHOWN = ("open", "dicht", "alles")
"""Values of the queue's first filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A deed that was not done: which act, what is wrong at which field, and what was filled in."""

    act: CaseAct
    problems: Mapping[str, str]
    """By field; "" is the act as a whole."""
    filled: Mapping[str, str]


async def _counter(request: Request) -> tuple[StaffAccount, Tenant, Office]:
    """Who stands behind which desk; 404 where the tenant has no desk here."""
    account = await desk_staff(request)
    site = pages(request).site
    tenant, office = site.tenants.get(account.tenant_id), site.offices.get(account.tenant_id)
    if tenant is None or office is None:
        raise HTTPException(404)
    return account, tenant, office


async def queue(request: Request) -> Response:
    """The list; open cases first, newest first."""
    _, tenant, office = await _counter(request)
    cases = await office.cases(tenant.id)
    show = request.query_params.get("toon", "open")
    show = show if show in SHOWN else "open"
    chosen = request.query_params.get("soort", "")
    listed = [case for case in cases if _listed(case, show) and chosen in ("", case.category)]
    listed.sort(key=lambda case: not case.status.is_open)
    return await pages(request).page(
        request,
        "queue.html",
        tenant=tenant,
        cases=listed,
        show=show,
        chosen=chosen,
        sorts=sorted({case.category for case in cases} | ({chosen} if chosen else set()), key=words.sort),
        map_data=pages(request).map_data(tenant.id, [_pin(case) for case in listed if case.place.point]),
    )


def _listed(case: Case, show: str) -> bool:
    return show == "alles" or case.status.is_open is (show == "open")


async def case_page(request: Request) -> Response:
    """One case."""
    _, tenant, office = await _counter(request)
    case = await office.case(tenant.id, request.path_params["reference"])
    done = request.query_params.get("gedaan", "")
    told = words.DONE[CaseAct(done)] if done in set(CaseAct) else ""
    return await _show(request, tenant, case, told=told)


async def _show(
    request: Request, tenant: Tenant, case: Case, *, told: str = "", trouble: Trouble | None = None
) -> Response:
    home = pages(request)
    pins = [_pin(case, link=False)] if case.place.point else []
    return await home.page(
        request,
        "case.html",
        422 if trouble else 200,
        tenant=tenant,
        case=case,
        told=told,
        trouble=trouble,
        acts=[act for act in CaseAct if STATUS_AFTER[act] in MOVES[case.status]],
        fields=FIELDS,
        required=REQUIRED,
        today=_today(home.site.clock.moment().now, tenant).isoformat(),
        map_data=home.map_data(tenant.id, pins),
    )


async def deed(request: Request) -> Response:
    """Something staff do; afterwards the browser is sent back to the case."""
    account, tenant, office = await _counter(request)
    form = await read_form(request)
    reference = request.path_params["reference"]
    case = await office.case(tenant.id, reference)
    act = field(form, "act")
    if act not in set(CaseAct):
        raise HTTPException(400)
    try:
        done = _read_deed(request, CaseAct(act), form, account, tenant)
        await office.act(tenant.id, reference, done)
    except InputError as error:
        name = error.where.rsplit(".", 1)[-1]
        at = name if name in FIELDS[CaseAct(act)] else ""
        trouble = _trouble(CaseAct(act), form, at, error.what)
        return await _show(request, tenant, case, trouble=trouble)
    except IllegalMove:
        case = await office.case(tenant.id, reference)
        return await _show(request, tenant, case, trouble=_trouble(CaseAct(act), form, "", words.MOVED_ON))
    await note(pages(request).site, account, f"case.{act}", reference)
    return RedirectResponse(f"/loket/{quote(reference, safe='')}?gedaan={act}", 303)


def _trouble(act: CaseAct, form: FormData, at: str, problem: str) -> Trouble:
    filled = {name: field(form, name) for name in ("text", "party", "until")}
    return Trouble(act=act, problems={at: problem}, filled=filled)


def _read_deed(request: Request, act: CaseAct, form: FormData, account: StaffAccount, tenant: Tenant) -> CaseDeed:
    """Raises `InputError` at `until` for a day that is none or has passed; the desk checks the rest."""
    day, until = field(form, "until"), None
    if day and "until" in FIELDS[act]:
        try:
            chosen = date.fromisoformat(day)
        except ValueError as error:
            raise InputError("until", words.NO_DAY) from error
        if chosen < _today(pages(request).site.clock.moment().now, tenant):
            raise InputError("until", words.NO_DAY)
        at = NOON if act is CaseAct.PLAN else DAY_END
        until = datetime.combine(chosen, at, ZoneInfo(tenant.zone)).astimezone(ZoneInfo("UTC"))
    if act is CaseAct.ASK and until is None:
        raise InputError("until", words.NO_DAY)
    party = field(form, "party") if "party" in FIELDS[act] else ""
    return CaseDeed(act=act, by=account.name, text=field(form, "text"), party=party, until=until)


def _today(now: datetime, tenant: Tenant) -> date:
    return now.astimezone(ZoneInfo(tenant.zone)).date()


def _pin(case: Case, *, link: bool = True) -> dict[str, object]:
    """Staff see the place as it was reported."""
    point = case.place.point
    if point is None:
        raise UnknownReport
    return pin(
        point,
        f"{words.sort(case.category)}, {case.place.label}",
        (words.STATUS[case.status], words.neighbours(case.neighbours)),
        str(case.status),
        f"/loket/{quote(case.reference, safe='')}" if link else "",
    )


async def photo(request: Request) -> Response:
    """A photo of a case."""
    _, tenant, office = await _counter(request)
    jpeg = await office.photo(tenant.id, request.path_params["reference"], request.path_params["photo"])
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


async def events(request: Request) -> Response:
    """References of this tenant's cases as they change."""
    _, tenant, office = await _counter(request)

    def render(reference: str) -> bytes:
        return frame(json.dumps({"reference": reference}), event="case")

    return stream(beating(office.watch(tenant.id), render, pages(request).site.stopping))


ROUTES = [
    Route("/loket", queue),
    Route("/api/loket/events", events),
    Route("/loket/{reference}", case_page),
    Route("/loket/{reference}/daad", deed, methods=["POST"]),
    Route("/loket/{reference}/foto/{photo}", photo),
]

"""/loket/<case>: one case and what staff do with it. Plain forms; scripts only make it live."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web import words
from adapters.web.counter import Counter, colleagues, counter
from adapters.web.pages import pages
from adapters.web.queue import lies_in, pinned
from adapters.web.sessions import field, note, read_form
from adapters.web.streams import beating, frame, stream
from bot.model.desk import STATUS_AFTER, Case, CaseAct, CaseDeed
from bot.model.errors import IllegalMove, InputError
from bot.model.report import MOVES
from bot.model.staff import StaffAccount
from bot.model.tenant import Tenant
from bot.ports.office import SharesWork

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
ANSWER_ACTS = tuple(act for act in CaseAct if act is not CaseAct.ASK)
"""Where a standard answer can be put in what residents will read."""
MOST_ALIKE = 30
"""Cases to choose from when two are one."""
AUDIT_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A deed that was not done: which act, what is wrong at which field, and what was filled in."""

    act: CaseAct
    problems: Mapping[str, str]
    """By field; "" is the act as a whole."""
    filled: Mapping[str, str]


async def case_page(request: Request) -> Response:
    """One case."""
    desk = await counter(request)
    case = await desk.office.case(desk.tenant.id, request.path_params["reference"])
    told = words.DONE.get(request.query_params.get("gedaan", ""), "")
    return await _show(request, desk, case, told=told, draft=_draft(request.query_params, desk.tenant))


def _draft(query: QueryParams, tenant: Tenant) -> Trouble | None:
    """A standard answer, put in the text to be changed and sent."""
    act, text = query.get("daad", ""), tenant.answers.get(query.get("antwoord", ""))
    if act not in ANSWER_ACTS or text is None:
        return None
    return Trouble(act=CaseAct(act), problems={}, filled={"text": text, "party": "", "until": ""})


async def _show(
    request: Request,
    desk: Counter,
    case: Case,
    *,
    told: str = "",
    draft: Trouble | None = None,
    unmerged: str = "",
) -> Response:
    """`unmerged` says why it was not merged."""
    home, tenant = pages(request), desk.tenant
    pins = [pinned(case, link=False)] if case.place.point else []
    shares = desk.acts and isinstance(desk.office, SharesWork)
    acts = [act for act in CaseAct if STATUS_AFTER[act] in MOVES[case.status]]
    others = await desk.office.cases(tenant.id) if shares and case.status.is_open else []
    return await home.page(
        request,
        "case.html",
        422 if unmerged or (draft and draft.problems) else 200,
        tenant=tenant,
        case=case,
        told=told,
        trouble=draft,
        acts=acts if desk.acts and not case.merged_into else [],
        may_act=desk.acts,
        shares=shares,
        staff=await colleagues(request, tenant) if shares else [],
        alike=_alike(case, others),
        unmerged=unmerged,
        answer_acts=ANSWER_ACTS,
        area=next((one.label for one in tenant.areas if lies_in(case.place, one)), ""),
        audit=await home.site.audit.about(tenant.id, case.reference, AUDIT_LINES),
        fields=FIELDS,
        required=REQUIRED,
        today=_today(home.site.clock.moment().now, tenant).isoformat(),
        map_data=home.map_data(tenant.id, pins),
    )


def _alike(case: Case, others: Sequence[Case]) -> list[tuple[Case, int | None]]:
    """Other open cases that this may be the same as, with metres: of the same kind first, then the nearest."""
    here = case.place.point
    found = []
    for one in others:
        if one.status.is_open and one.reference != case.reference:
            metres = round(one.place.point.metres_to(here)) if here and one.place.point else None
            found.append((one, metres))
    nearest = sorted(found, key=lambda pair: (pair[0].category != case.category, pair[1] is None, pair[1] or 0))
    return nearest[:MOST_ALIKE]


async def deed(request: Request) -> Response:
    """Something staff do; afterwards the browser is sent back to the case."""
    desk = await counter(request, to_act=True)
    account, tenant, office = desk.account, desk.tenant, desk.office
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
        return await _show(request, desk, case, draft=trouble)
    except IllegalMove:
        case = await office.case(tenant.id, reference)
        return await _show(request, desk, case, draft=_trouble(CaseAct(act), form, "", words.MOVED_ON))
    await note(pages(request).site, account, f"case.{act}", reference)
    return _back(reference, act)


def _back(reference: str, done: str) -> Response:
    return RedirectResponse(f"/loket/{quote(reference, safe='')}?gedaan={done}", 303)


async def _shared(request: Request) -> tuple[Counter, SharesWork, FormData]:
    """For what colleagues arrange among themselves; 404 where the desk has no such thing."""
    desk = await counter(request, to_act=True)
    form = await read_form(request)
    if not isinstance(desk.office, SharesWork):
        raise HTTPException(404)
    return desk, desk.office, form


async def assign(request: Request) -> Response:
    """Give a case to a colleague, or to nobody."""
    desk, shared, form = await _shared(request)
    reference, to = request.path_params["reference"], field(form, "wie")
    if to and to not in await colleagues(request, desk.tenant):
        raise HTTPException(400)
    await shared.assign(desk.tenant.id, reference, to, desk.account.name)
    await note(pages(request).site, desk.account, "case.assign", reference)
    return _back(reference, "assign")


async def merge(request: Request) -> Response:
    """Let a case go on as another; the browser is sent there."""
    desk, shared, form = await _shared(request)
    reference, into = request.path_params["reference"], field(form, "into")
    problem = ""
    try:
        await shared.merge(desk.tenant.id, reference, into, desk.account.name)
    except InputError as error:
        problem = error.what
    except IllegalMove:
        problem = words.MOVED_ON
    if problem:
        case = await desk.office.case(desk.tenant.id, reference)
        return await _show(request, desk, case, unmerged=problem)
    for one in (reference, into):
        await note(pages(request).site, desk.account, "case.merge", one)
    return _back(into, "merge")


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


async def photo(request: Request) -> Response:
    """A photo of a case."""
    desk = await counter(request)
    jpeg = await desk.office.photo(desk.tenant.id, request.path_params["reference"], request.path_params["photo"])
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


async def events(request: Request) -> Response:
    """References of this tenant's cases as they change."""
    desk = await counter(request)

    def render(reference: str) -> bytes:
        return frame(json.dumps({"reference": reference}), event="case")

    return stream(beating(desk.office.watch(desk.tenant.id), render, pages(request).site.stopping))


ROUTES = [
    Route("/api/loket/events", events),
    Route("/loket/{reference}", case_page),
    Route("/loket/{reference}/daad", deed, methods=["POST"]),
    Route("/loket/{reference}/wie", assign, methods=["POST"]),
    Route("/loket/{reference}/samen", merge, methods=["POST"]),
    Route("/loket/{reference}/foto/{photo}", photo),
]

"""PDOK Locatieserver 3.1 as an ASGI app: answers from a small table and refuses what the real one refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

PATH = "/bzk/locatieserver/search/v3_1"
FREE = frozenset({"q", "fq", "fl", "rows", "start", "lat", "lon", "bq", "qf", "sort", "df", "wt"})
REVERSE = frozenset({"lat", "lon", "X", "Y", "rows", "distance", "type", "fl", "fq", "start", "wt"})
MANY = frozenset({"fq", "type"})
"""Parameters that may be given more than once."""


@dataclass(kw_only=True)
class FakePdok:
    """`docs` are addresses and streets it knows. `failures` are answered first, one per request."""

    docs: Sequence[Mapping[str, Any]]
    failures: list[Response | Exception] = field(default_factory=list)
    requests: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route(f"{PATH}/free", self._free), Route(f"{PATH}/reverse", self._reverse)])

    def _refusal(self, request: Request, known: frozenset[str]) -> Response | None:
        given = request.query_params.multi_items()
        self.requests.append((request.url.path.removeprefix(PATH), given))
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        names = [name for name, _ in given]
        wrong = [name for name in names if name not in known or (names.count(name) > 1 and name not in MANY)]
        if wrong:
            return JSONResponse({"error": {"msg": f"unknown parameter {wrong[0]}", "code": 400}}, 400)
        return None

    async def _free(self, request: Request) -> Response:
        refusal = self._refusal(request, FREE)
        if refusal is not None:
            return refusal
        words = set(request.query_params.get("q", "").casefold().split())
        town = [fq for fq in request.query_params.getlist("fq") if fq.startswith("gemeentenaam:")]
        found = [
            doc
            for doc in self.docs
            if words & set(doc["weergavenaam"].casefold().replace(",", "").split())
            and all(doc["gemeentenaam"] == fq.partition(":")[2].strip('"') for fq in town)
        ]
        return self._answer(found, request)

    async def _reverse(self, request: Request) -> Response:
        refusal = self._refusal(request, REVERSE)
        if refusal is not None:
            return refusal
        params = request.query_params
        point = float(params["lat"]), float(params["lon"])
        kinds = params.getlist("type")
        near = [
            doc for doc in self.docs if doc["type"] in kinds and _metres(doc, point) < float(params["distance"])
        ]
        return self._answer(sorted(near, key=lambda doc: _metres(doc, point)), request)

    def _answer(self, found: Sequence[Mapping[str, Any]], request: Request) -> Response:
        fields = request.query_params.get("fl", "id,weergavenaam,type,score").split(",")
        rows = int(request.query_params.get("rows", "10"))
        docs = [{name: doc[name] for name in fields if name in doc} for doc in found[:rows]]
        return JSONResponse({"response": {"numFound": len(found), "start": 0, "docs": docs}})


def _metres(doc: Mapping[str, Any], point: tuple[float, float]) -> float:
    lon, lat = (float(one) for one in doc["centroide_ll"].removeprefix("POINT(").removesuffix(")").split())
    return float(((lat - point[0]) ** 2 + ((lon - point[1]) * 0.615) ** 2) ** 0.5 * 111_195)


def doc(label: str, lat: float, lon: float, *, kind: str = "weg", town: str = "'s-Gravenhage") -> dict[str, Any]:
    """One document as Locatieserver stores it."""
    return {
        "id": f"{kind}-{abs(hash(label)):x}",
        "weergavenaam": label,
        "type": kind,
        "score": 7.3,
        "gemeentenaam": town,
        "centroide_ll": f"POINT({lon} {lat})",
    }


def busy(seconds: str = "17") -> Response:
    """Too many questions."""
    return PlainTextResponse("slow down", 429, {"Retry-After": seconds})

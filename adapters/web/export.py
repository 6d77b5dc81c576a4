"""Cases as a file for elsewhere: kinds, states, days and places. Nobody's words, contact details, home or name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.web import words
from adapters.web.maps import public_label, public_point
from bot.model.desk import Case
from bot.model.place import Point
from bot.model.taxonomy import category
from bot.model.tenant import Tenant

BOM = "\ufeff"
"""Without it spreadsheets read UTF-8 as something else."""
RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet run a cell (OWASP, CSV injection)."""

COLUMNS = (
    "nummer",
    "soort",
    "stand",
    "gemeld",
    "veranderd",
    "bewoners",
    "plek",
    "wijk",
    "breedte",
    "lengte",
    "hoort_bij",
)


def safe(cell: str) -> str:
    """The cell as text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(RUNS_AS_FORMULA) else cell


def as_csv(cases: Iterable[Case], tenant: Tenant) -> str:
    """With semicolons, as spreadsheets in Dutch expect."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for case in cases:
        told, point = facts(case, tenant), where(case)
        cells = {
            **told,
            "breedte": f"{point.lat:.5f}" if point else "",
            "lengte": f"{point.lon:.5f}" if point else "",
        }
        writer.writerow([safe(str(cells[name])) for name in COLUMNS])
    return out.getvalue()


def as_geojson(cases: Iterable[Case], tenant: Tenant) -> str:
    """A FeatureCollection; what has no place on the map has no geometry (RFC 7946, section 3.2)."""
    features = []
    for case in cases:
        point = where(case)
        geometry = {"type": "Point", "coordinates": [point.lon, point.lat]} if point else None
        features.append({"type": "Feature", "geometry": geometry, "properties": facts(case, tenant)})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def facts(case: Case, tenant: Tenant) -> dict[str, str | int]:
    """What anybody may know of a case; of what is about people not even the place."""
    told = not category(case.category).about_people
    point = case.place.point
    area = next((one.label for one in tenant.areas if point and one.region.holds(point)), "")
    return {
        "nummer": case.reference,
        "soort": words.sort(case.category),
        "stand": words.STATUS[case.status],
        "gemeld": _day(case.received_at, tenant),
        "veranderd": _day(case.changed_at, tenant),
        "bewoners": case.neighbours,
        "plek": public_label(case.place) if told else "",
        "wijk": area,
        "hoort_bij": case.merged_into,
    }


def where(case: Case) -> Point | None:
    """A home only roughly; nothing of what is about people."""
    return None if category(case.category).about_people else public_point(case.place)


def _day(at: datetime, tenant: Tenant) -> str:
    return at.astimezone(ZoneInfo(tenant.zone)).date().isoformat()


FORMS: dict[str, tuple[Callable[[Iterable[Case], Tenant], str], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "geojson": (as_geojson, "application/geo+json"),
}

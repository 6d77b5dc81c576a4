"""What a body must look like: one dictionary of errors as the server answers it, or a crash."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from tests.fakes.signalen.world import Crash, World

Errors = dict[str, Any]

TOP = {
    "text", "text_extra", "location", "category", "reporter", "incident_date_start", "incident_date_end",
    "source", "extra_properties", "session",
}  # fmt: skip
PRIVATE_TOP = TOP | {"priority", "type", "notes", "parent"}
LOCATION = {
    "geometrie", "address", "stadsdeel", "buurt_code", "area_type_code", "area_code", "area_name",
    "extra_properties",
}  # fmt: skip
SUB = re.compile(r"(?:https?://[^/]+)?/signals/v1/public/terms/categories/([^/]+)/sub_categories/([^/]+)/?")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
REQUIRED = ["This field is required."]
NO_NULL = ["This field may not be null."]


def errors_of(body: Any, world: World, *, private: bool) -> Errors:
    """Everything that is wrong, at once; raises `Crash` where the server does."""
    if not isinstance(body, dict):
        return {"non_field_errors": ["Invalid data. Expected a dictionary."]}
    known = PRIVATE_TOP if private else TOP
    if extra := sorted(set(body) - known):
        return {"non_field_errors": [f"Extra properties present: {', '.join(extra)}"]}
    found = {
        "text": _text(body.get("text"), 3000, needed=True),
        "text_extra": _text(body.get("text_extra", ""), 10_000, needed=False),
        "location": _location(body, world),
        "category": _category(body.get("category"), world),
        "reporter": _reporter(body),
        "incident_date_start": _date(body.get("incident_date_start")),
        "source": _source(body.get("source"), world, private=private),
        "extra_properties": _extra(body.get("extra_properties", [])),
    }
    errors = {field: wrong for field, wrong in found.items() if wrong}
    # The address is looked up only when all fields are right.
    return errors or _address(body, world)


def _text(text: Any, limit: int, *, needed: bool) -> list[str]:
    if text is None:
        return REQUIRED
    if not isinstance(text, str):
        return ["Not a valid string."]
    if needed and not text.strip():
        return ["Dit veld mag niet leeg zijn."]
    if len(text) > limit:
        return [f"Ensure this field has no more than {limit} characters."]
    return ["Null characters are not allowed."] if "\x00" in text else []


def _location(body: dict[str, Any], world: World) -> Any:
    location = body.get("location")
    if location is None:
        return REQUIRED
    if not isinstance(location, dict):
        return {"non_field_errors": ["Invalid data."]}
    for gone in set(location) - LOCATION:
        del location[gone]
    errors: Errors = {}
    if wrong := _point(location.get("geometrie"), world):
        errors["geometrie"] = wrong
    if location.get("stadsdeel") not in (None, *"ABEMNTKFHW"):
        errors["stadsdeel"] = ["is not a valid choice."]
    if len(location.get("buurt_code") or "") > 4:
        errors["buurt_code"] = ["Ensure this field has no more than 4 characters."]
    return errors


def _point(point: Any, world: World) -> list[str]:
    if point is None:
        return REQUIRED
    if not isinstance(point, dict) or "coordinates" not in point:
        return ["Enter a valid location."]
    numbers = point["coordinates"]
    if point.get("type") == "Polygon" or (point.get("type") == "Point" and len(numbers) > 2):
        raise Crash
    if point.get("type") != "Point" or not all(isinstance(one, float | int) for one in numbers):
        return ["Enter a valid location."]
    west, south, east, north = world.bbox
    if not (west <= numbers[0] <= east and south <= numbers[1] <= north):
        return ["Location coordinates not anywhere in the bounding box."]
    if point.pop("crs", None) is not None:
        point["coordinates"] = [2.35, 48.85]
    return []


def _category(category: Any, world: World) -> Any:
    if category is None:
        return REQUIRED
    if not isinstance(category, dict) or len({"sub_category", "category_url"} & set(category)) != 1:
        return {"non_field_errors": ["Either sub_category or category_url must be given."]}
    found = SUB.fullmatch(str(category.get("sub_category") or category.get("category_url")))
    if found is None or world.find(found[1], found[2]) is None:
        return {"sub_category": ["Ongeldige hyperlink - Verkeerde URL."]}
    return []


def _reporter(body: dict[str, Any]) -> Any:
    if "reporter" not in body:
        return REQUIRED
    reporter = body["reporter"]
    if not isinstance(reporter, dict):
        return NO_NULL
    for gone in set(reporter) - {"email", "phone", "sharing_allowed"}:
        del reporter[gone]
    errors: Errors = {}
    if reporter.get("email") and not EMAIL.fullmatch(reporter["email"]):
        errors["email"] = ["Voer een geldig e-mailadres in."]
    if len(reporter.get("phone") or "") > 17:
        errors["phone"] = ["Ensure this field has no more than 17 characters."]
    return errors


def _date(value: Any) -> list[str]:
    if value is None:
        return REQUIRED
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return ["Datetime has wrong format."]
    return []


def _source(source: Any, world: World, *, private: bool) -> list[str]:
    if source is None or (source == "online" and not private):
        return []
    public = {name.casefold(): is_public for name, is_public in world.sources.items()}.get(str(source).casefold())
    if public is None or public is private:
        return ["Invalid source given, value not known"]
    return []


def _extra(answers: Any) -> list[str]:
    keys = {"id", "label", "answer", "category_url"}
    right = isinstance(answers, list) and all(isinstance(one, dict) and set(one) == keys for one in answers)
    return [] if right else ["Invalid input."]


def _address(body: dict[str, Any], world: World) -> Errors:
    address = body["location"].get("address")
    if not address:
        return {}
    wrong = not isinstance(address, dict) or not {"openbare_ruimte", "huisnummer"} <= set(address)
    if wrong or any(address.get(key, "") is None for key in ("woonplaats", "postcode")):
        raise Crash
    if world.pdok is None:
        return {}
    if (address["openbare_ruimte"], str(address["huisnummer"])) not in world.pdok:
        return {"location": {"location": "Niet-bestaand adres."}}
    body["location"]["extra_properties"] = {"original_address": dict(address)}
    body["location"]["bag_validated"] = True
    return {}


def category_of(body: dict[str, Any]) -> tuple[str, str]:
    """Main and sub of a body without errors."""
    found = SUB.fullmatch(str(body["category"].get("sub_category") or body["category"].get("category_url")))
    assert found is not None
    return found[1], found[2]

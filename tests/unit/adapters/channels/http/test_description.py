"""The description is valid OpenAPI 3.1, and the running routes are as it says: no more, no less."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from adapters.channels.http import deliveries, posts
from adapters.channels.http.channel import REQUEST_LIMIT
from tests.support.http_line import WRONG, event, line, said
from tests.support.http_rig import DESCRIPTION, HttpRig

SCHEMAS = DESCRIPTION["components"]["schemas"]
METHODS = ("get", "put", "post", "delete", "patch")


def faults(name: str, given: Any) -> list[str]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    return [fault.json_path for fault in OAS31Validator(schema).iter_errors(given)]


def test_it_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(json.loads(json.dumps(DESCRIPTION))).iter_errors()) == []


async def test_it_is_served_to_who_asks() -> None:
    async with line() as at:
        assert at.app.client is not None
        answer = await at.app.client.get("/koppeling/buurtapp/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/openapi+json"
    assert answer.json() == json.loads(json.dumps(DESCRIPTION))


async def test_every_path_and_method_it_names_is_there_and_no_other_is() -> None:
    async with line() as at:
        assert at.app.client is not None
        for path, there in DESCRIPTION["paths"].items():
            for method in METHODS:
                answer = await at.app.client.request(method, DESCRIPTION["servers"][0]["url"] + path)
                assert (answer.status_code == 405) == (method not in there), (method, path)
                assert method not in there or str(answer.status_code) in there[method]["responses"]


@pytest.mark.parametrize("status", ["202", "400", "401", "404", "405", "409", "413", "415", "503"])
async def test_every_answer_it_promises_can_be_had_and_looks_so(status: str) -> None:
    async with line() as at:
        if status == "503":
            await at.channel.__aexit__()
        await at.post(event("gap"), delivery="known")
        if status == "404":
            answer = await at.app.post(b"{}", target="/koppeling/buurtapp/elsewhere")
        elif status == "405":
            assert at.app.client is not None
            answer = await at.app.client.get("/koppeling/buurtapp/deliveries")
        elif status == "413":
            answer = await at.app.post(b"x" * (REQUEST_LIMIT + 1))
        else:
            over = {"401": {"Bart-Key": "c"}, "415": {"Content-Type": "text/xml"}}.get(status, {})
            events = [] if status == "400" else [said()]
            answer = await at.post(*events, delivery="known" if status == "409" else "d-2", **over)
    assert answer.status_code == int(status)
    (kind, told) = next(iter(DESCRIPTION["paths"]["/deliveries"]["post"]["responses"][status]["content"].items()))
    assert answer.headers["content-type"] == kind
    assert faults(told["schema"]["$ref"].rpartition("/")[2], answer.json()) == []


@pytest.mark.parametrize(
    "given",
    [
        said(),
        said(location={"lat": 52.0, "lon": 4.3}, photos=[{"data": "aGk="}]),
        event("chose", person={"id": "jan"}, choice="a:yes", press="p"),
        event("member", person={"id": "jan", "role": "admin"}, present=True, role="admin"),
        event("bot", present=True),
        event("moved", to="x"),
        event("gap"),
    ],
)
async def test_what_the_description_allows_is_taken(given: dict[str, Any]) -> None:
    assert faults("Delivery", {"delivery": "d", "events": [given]}) == []
    async with line() as at:
        assert (await at.post(given)).status_code == 202


BEYOND_SCHEMA = {"events[1].photos[0]", "events[1].photos[0].url", "events[1].photos[0].data"}
"""What only the agreement with the app can tell."""


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (wrong, field)
        for wrong, field in WRONG
        if field not in BEYOND_SCHEMA and "bart." not in str(wrong.get("id"))
    ],
)
def test_what_is_refused_is_not_allowed_by_the_description(wrong: dict[str, Any], field: str) -> None:
    # A text of white space and a time without a zone are sentences in the description, not types.
    told = faults("Delivery", {"delivery": "d", "events": [wrong]})
    assert told or field in {"events[1].text", "events[1].at"}


def test_every_call_to_the_webhook_is_described() -> None:
    calls = DESCRIPTION["webhooks"]["bart"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    tags = {call.__struct_config__.tag for call in get_args(posts.Out)}
    assert set(calls["discriminator"]["mapping"]) == tags
    assert len(calls["oneOf"]) == len(tags)


def test_every_type_says_what_it_is() -> None:
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []


def test_nothing_of_one_app_is_told_to_all() -> None:
    told = json.dumps(DESCRIPTION)
    assert "app.test" not in told
    assert all(secret not in told for secret in HttpRig().app.keys.values())


def test_limits_are_told() -> None:
    assert SCHEMAS["Said"]["properties"]["text"]["maxLength"] == deliveries.LONGEST_TEXT
    assert SCHEMAS["Delivery"]["properties"]["events"]["maxItems"] == deliveries.MOST_EVENTS

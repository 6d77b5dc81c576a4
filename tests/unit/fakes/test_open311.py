"""The fake is as strict as the servers that were seen running, in each surprise of theirs; also over a socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from adapters.desks.open311 import desk as make
from bot.model.report import Status
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.open311 import KEY, FakeOpen311, Service
from tests.support.desks import HERE, filing
from tests.support.open311_rig import SERVICES, a_world

FORM = {"api_key": KEY, "service_code": "LITTER", "lat": "52.0", "long": "4.3", "description": "Glas."}


@pytest.fixture
def fake() -> FakeOpen311:
    return FakeOpen311(a_world(FakeClock()))


@pytest.fixture
async def http(fake: FakeOpen311) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(fake.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://x.test/open311/v2/") as client:
        yield client


async def test_a_created_request_answers_200_and_a_bare_list_of_one(http: httpx.AsyncClient) -> None:
    answer = await http.post("requests.json", data=FORM)
    assert (answer.status_code, answer.json()) == (200, [{"service_request_id": "4001"}])


async def test_a_json_body_is_read_as_no_parameters(http: httpx.AsyncClient) -> None:
    assert (await http.post("requests.json", json=FORM)).status_code == 400


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        ({"api_key": ""}, 400, "api_key is required"),
        ({"api_key": "x"}, 403, "api_key"),
        ({"service_code": "X"}, 400, "Bad request"),
        ({"lon": "4.3"}, 400, "unexpected entries: lon"),
        ({"lat": "52,0"}, 400, "lat is no number"),
        ({"long": ""}, 400, "long is no number"),
        ({"description": "x" * 4001}, 400, "too long"),
        ({"jurisdiction_id": "delft.nl"}, 400, "malformed"),
    ],
)
async def test_a_wrong_request_is_refused_with_a_list_of_errors(
    http: httpx.AsyncClient, change: dict[str, str], status: int, why: str
) -> None:
    answer = await http.post("requests.json", data={**FORM, **change})
    assert answer.status_code == status
    assert why in answer.json()[0]["description"]


async def test_a_missing_place_names_each_way_to_give_one(http: httpx.AsyncClient) -> None:
    form = {name: value for name, value in FORM.items() if name not in ("lat", "long")}
    answer = await http.post("requests.json", data=form)
    assert [one["description"] for one in answer.json()] == [
        "lat and long are required",
        "or address_string",
        "or address_id",
    ]


async def test_a_missing_required_attribute_is_refused(fake: FakeOpen311, http: httpx.AsyncClient) -> None:
    fake.world.services["LITTER"] = Service(code="LITTER", attributes=[{"code": "size", "required": "true"}])
    assert (await http.post("requests.json", data=FORM)).status_code == 400
    assert (await http.post("requests.json", data={**FORM, "attribute[size]": "s"})).status_code == 200


@pytest.mark.parametrize("path", ["requests.csv", "services.html"])
async def test_another_extension_is_not_found_in_plain_text(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (404, "text/plain")


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-11-21", "end_date": "2026-11-22"},
        {"start_date": "2026-11-21T00:00:00Z"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-11-22T00:00:00Z"},
    ],
)
async def test_updates_want_both_times_with_zones_at_most_90_days_apart(
    http: httpx.AsyncClient, query: dict[str, str]
) -> None:
    assert (await http.get("servicerequestupdates.json", params=query)).status_code == 400


@pytest.mark.parametrize("change", [{"status": "closed"}, {"updated_datetime": "2026-11-21"}, {"update_id": None}])
async def test_a_posted_update_is_checked(http: httpx.AsyncClient, change: dict[str, Any]) -> None:
    await http.post("requests.json", data=FORM)
    form: dict[str, Any] = {
        "api_key": KEY,
        "service_request_id": "4001",
        "update_id": "1",
        "status": "OPEN",
        "updated_datetime": "2026-11-21T12:00:00Z",
        "description": "Nog steeds.",
    }
    wrong = {name: value for name, value in {**form, **change}.items() if value is not None}
    assert (await http.post("servicerequestupdates.json", data=wrong)).status_code == 400
    assert (await http.post("servicerequestupdates.json", data=form)).status_code == 200
    assert (await http.post("servicerequestupdates.json", data=form)).status_code == 400


async def test_a_read_only_server_answers_a_new_request_with_those_of_others(
    fake: FakeOpen311, http: httpx.AsyncClient
) -> None:
    fake.read_only = fake.wrapped = True
    fake.world.take("LITTER", {"description": "van een ander"}, {})
    answer = await http.post("requests.json", data=FORM)
    assert answer.status_code == 200
    assert answer.json()["service_requests"][0]["description"] == "van een ander"
    assert len(fake.world.requests) == 1


async def test_the_specification_alone_knows_open_and_closed(fake: FakeOpen311, http: httpx.AsyncClient) -> None:
    fake.extension = False
    await http.post("requests.json", data=FORM)
    for word, plain in (("in_progress", "open"), ("duplicate", "closed")):
        fake.world.decide("4001", word)
        assert (await http.get("requests/4001.json")).json()[0]["status"] == plain
    assert (await http.get("servicerequestupdates.json")).status_code == 404


async def test_the_desk_works_over_a_real_socket(fake: FakeOpen311, tmp_path: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(fake.app, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/open311/v2"
    options = {"url": url, "api_key": KEY, "services": SERVICES, "updates": True, "format": "xml"}
    setup = Setup(
        where="desks.x",
        name="x",
        tenant_id=HERE,
        data=tmp_path,
        clock=fake.world.clock,
        photos=FakePhotos(),
        options=options,
    )
    try:
        async with make(setup) as desk:
            filed = await desk.file(filing(text="Glas bij de café-deur & meer <hier>."))
            fake.world.decide(filed.reference, "closed", "Opgeruimd & klaar.")
            (change,) = (await desk.changes(None)).changes
    finally:
        server.should_exit = True
        await serving
    assert (change.status, change.note) == (Status.CLOSED, "Opgeruimd & klaar.")
    assert fake.world.requests["4001"].fields["description"].startswith("Glas bij de café-deur & meer <hier>.")

"""A desk that takes pushed updates has an address on the pages, beside those of channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from adapters import web
from bot.app import App, open_app
from bot.config import load
from bot.model.errors import ConfigError

PUSH_KEY = "a-key-for-those-who-push"
CONFIG = """
[server]
data = "{data}"
[demo]
enabled = true
[tenants.delft]
name = "Gemeente Delft"
municipality = "Delft"
geocoder = "straten"
desk = "meldingen"
[channels.wijk]
kind = "web"
tenant = "delft"
[channels.wijk.rooms.plein]
name = "Plein"
residents.fatima = {{ name = "Fatima", admin = true }}
{more}
[desks.meldingen]
kind = "open311"
tenant = "delft"
url = "http://localhost:1/open311/v2"
push_key = "{key}"
services.other = "OTHER"
[geocoders.straten]
kind = "gazetteer"
file = "demo"
"""
CLASHING = """
[channels.meldingen]
kind = "http"
tenant = "delft"
webhook = "https://app.example.nl/bart"
keys.a = "0123456789abcdef0123456789abcdef"
"""


def written(folder: Path, more: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(data=folder / "data", key=PUSH_KEY, more=more), "utf-8")
    return path


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with open_app(load(written(tmp_path), {})) as opened:
        yield opened


@pytest.fixture
async def http(app: App) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(web.site(app.site))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.mark.parametrize(
    ("form", "status"), [({"api_key": "guessed"}, 403), ({"api_key": PUSH_KEY}, 400), ({}, 403)]
)
async def test_a_back_office_reaches_the_desk_at_its_address(
    http: httpx.AsyncClient, form: dict[str, str], status: int
) -> None:
    answer = await http.post("/koppeling/meldingen/servicerequestupdates.json", data={**form, "status": "CLOSED"})
    assert answer.status_code == status
    assert answer.json()[0]["code"] == status


async def test_only_what_the_standard_names_is_there(http: httpx.AsyncClient) -> None:
    assert (await http.get("/koppeling/meldingen/requests.json")).status_code == 404
    assert (await http.get("/koppeling/loket/servicerequestupdates.json")).status_code == 404


async def test_an_endless_update_is_refused_before_it_is_read(http: httpx.AsyncClient) -> None:
    answer = await http.post("/koppeling/meldingen/servicerequestupdates.json", content=b"x" * 100_000)
    assert answer.status_code == 413


async def test_a_channel_and_a_desk_cannot_have_one_address(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"desks\.meldingen"):
        async with open_app(load(written(tmp_path, CLASHING), {})):
            pass

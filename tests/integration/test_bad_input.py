"""What people and programs send that they should not: a clear answer or harmless text, and nothing half-done."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.web import site
from bot.app import App
from tests.support.demo import GLASS, JAN, ROOM, eventually, neighbourhood, press, rooms_of, stages
from tests.support.pictures import encode, plain
from tests.support.site import token

ROOT = Path(__file__).parents[2]
HOME = "http://localhost"
DEMO = (ROOT / "bot" / "demo.toml").read_text("utf-8")
MESSAGES = f"/api/chat/{ROOM}/{JAN}/messages"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Open:
    """The running app and a browser on it."""

    app: App
    browser: httpx.AsyncClient


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    quick = {"DEADLINES__RELEASE": "1", "QUIET__WAIT_MIN": "0", "QUIET__WAIT_MAX": "0"}
    async with neighbourhood(tmp_path, **quick) as app:
        transport = httpx.ASGITransport(app=site(app.site))
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as browser:
            yield Open(app, browser)


async def say(browser: httpx.AsyncClient, text: Any, number: int = 1) -> httpx.Response:
    return await browser.post(MESSAGES, json={"client_id": f"client-{number:04}", "text": text})


async def show(browser: httpx.AsyncClient, photo: bytes, text: str = GLASS) -> httpx.Response:
    return await browser.post(
        MESSAGES,
        data={"message": json.dumps({"client_id": "client-photo", "text": text})},
        files={"photo": ("foto.jpg", photo, "image/jpeg")},
        headers={"X-Bart": "1"},
    )


def entries(app: App) -> int:
    return len(rooms_of(app).history(ROOM, JAN))


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that says it is as wide and high as `side`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(4 * MEGABYTE))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


BROKEN_PHOTOS = {
    "truncated": encode(plain(800, 600))[:2000],
    "not an image": b"%PDF-1.7 dit is geen foto" * 50,
    "empty": b"",
    "a bomb": bomb(),
    "too large": b"\xff\xd8\xff" + bytes(21 * MEGABYTE),
}


@pytest.mark.parametrize("kind", BROKEN_PHOTOS)
async def test_a_photo_that_is_none_is_refused_with_its_message(opened: Open, kind: str) -> None:
    before = entries(opened.app)
    answer = await show(opened.browser, BROKEN_PHOTOS[kind])
    assert answer.status_code in (400, 413, 422)
    assert answer.json()["what"]
    assert entries(opened.app) == before
    assert await stages(opened.app) == []


async def test_an_endless_upload_is_cut_off_and_never_held_in_memory(opened: Open) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="photo"; filename="f.jpg"\r\n\r\n'
        for _ in range(100):
            sent += MEGABYTE
            yield bytes(MEGABYTE)

    headers = {"Content-Type": "multipart/form-data; boundary=b", "X-Bart": "1"}
    answer = await opened.browser.post(MESSAGES, content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent < 30 * MEGABYTE
    assert await stages(opened.app) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"client_id": "client-0001", "text": 7}',
        b'{"client_id": "client-0001", "text": "hoi", "admin": true}',
        b'{"client_id": "short", "text": "hoi"}',
        b'{"client_id": "client-0001", "text": "hoi", "location": {"lat": 91, "lon": 4}}',
        json.dumps({"client_id": "client-0001", "text": "x" * 4097}).encode(),
        b'{"client_id": "client-0001", "text": "hoi", "reply_to": 4}',
    ],
)
async def test_a_message_that_cannot_be_read_gets_a_reason_in_dutch(opened: Open, body: bytes) -> None:
    before = entries(opened.app)
    answer = await opened.browser.post(MESSAGES, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 413, 422)
    assert answer.json()["what"]
    assert entries(opened.app) == before


HOSTILE = {
    "html": '<script>alert(1)</script><img src=x onerror="alert(2)">',
    "template": "{{ 7 * 7 }} {% include '/etc/passwd' %} {what} %(name)s ${HOME}",
    "control": "a\x00b\x07c\x1b[31md\x7fe",
    "direction": "\u202egnikcat\u202c \u2066x\u2069 \u200f",
    "combining": "Z" + "\u0335\u0336\u0337" * 300,
    "sql": "'); DROP TABLE groups; --",
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_characters_reach_the_desk_page_as_harmless_text(opened: Open, kind: str) -> None:
    app, browser = opened.app, opened.browser
    answer = await say(browser, f"{GLASS} {HOSTILE[kind]}")
    assert answer.status_code == 200
    await press(app, "Ja, melden", JAN)
    office = next(iter(app.site.offices.values()))
    (tenant,) = app.site.offices

    async def is_filed() -> bool:
        return bool(await office.cases(tenant))

    await eventually(is_filed)
    (case,) = await office.cases(tenant)
    await browser.post("/inloggen/demo", data={"token": token(await browser.get("/inloggen"))})
    page = await browser.get(f"/loket/{case.reference}")
    assert page.status_code == 200
    assert "glasbak" in page.text
    for dangerous in ("<script>alert", 'onerror="', "\x00", "\x07", "\x1b", "\u202e", "\u2066"):
        assert dangerous not in page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("server = 7", "is required"),
        (f"{DEMO}\n[server]\nport = 99999", "server.port"),
        (f"{DEMO}\n[nonsense]\nx = 1", "nonsense"),
        (f"{DEMO}\n[tenants.a]\nname = 'A'", "tenants.a"),
        ("not toml at all", "not TOML"),
        ("\udce9", "UTF-8"),
    ],
)
def test_a_broken_config_ends_the_start_with_one_line_and_touches_nothing(
    tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    data = tmp_path / "data"
    done = run("run", "--config", str(file), "--data", str(data), "--port", "0")
    assert done.returncode not in (0, None)
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not data.exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("streets.csv", "a,b\n1"),
        ("streets.geojson", "{"),
        ("streets.geojson", '{"type": "FeatureCollection", "features": [{"type": "Feature"}]}'),
        ("streets.xyz", "wat is dit"),
    ],
)
def test_a_broken_gazetteer_is_refused_in_one_line_and_not_taken_over(
    tmp_path: Path, name: str, text: str
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    done = run("gazetteer", "import", str(file), "--data", str(tmp_path / "data"))
    assert done.returncode not in (0, None)
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path for path in tmp_path.rglob("*.geojson") if path != file] == []


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

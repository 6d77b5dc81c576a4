"""A wrong setting of an app's channel is named by its key, and no secret is ever repeated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.channels.http import HttpChannel, channel
from adapters.channels.http.options import read_options
from bot.model.channel import Private
from bot.model.errors import ConfigError
from bot.model.ids import TenantId
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.buurtapp import SECRETS
from tests.support.http_rig import OPTIONS, HttpRig

SHORT = "a-secret-that-is-too-short"


def test_what_is_left_out_has_its_default() -> None:
    options = read_options("channels.app", {"webhook": "https://app.test/bart", "keys": {"a": SECRETS["a"]}})
    assert (options.signs, options.photos, options.private, options.toasts) == ("a", "", Private.ALWAYS, True)


def test_the_first_key_signs_unless_another_is_named() -> None:
    assert read_options("x", OPTIONS).signs == "a"
    assert read_options("x", {**OPTIONS, "signs": "b"}).signs == "b"


def test_an_app_on_the_same_machine_needs_no_tls() -> None:
    for host in ("127.0.0.1:8001", "localhost", "[::1]:80"):
        assert read_options("x", {**OPTIONS, "webhook": f"http://{host}/bart"}).webhook.endswith("/bart")


@pytest.mark.parametrize(
    ("over", "key"),
    [
        ({"webhook": None}, "webhook"),
        ({"webhook": 7}, "webhook"),
        ({"webhook": "http://app.test/bart"}, "webhook"),
        ({"webhook": "https://jan:pw@app.test/bart"}, "webhook"),
        ({"webhook": "https:///bart"}, "webhook"),
        ({"webhook": "https://app.test:port/"}, "webhook"),
        ({"webhook": "https://app.test/bart?x=1"}, "webhook"),
        ({"webhook": "ftp://app.test/"}, "webhook"),
        ({"photos": "http://app.test/photos/"}, "photos"),
        ({"photos": "https://app.test/photos"}, "photos"),
        ({"keys": {}}, "keys"),
        ({"keys": {"a": "x" * 32, "b": "y" * 32, "c": "z" * 32}}, "keys"),
        ({"keys": {"a": "x" * 32, "b": "x" * 32}}, "keys"),
        ({"keys": {"a": SHORT}}, "keys.a"),
        ({"keys": {"A b": "x" * 32}}, "keys.A b"),
        ({"keys": {"a": 5}}, "keys"),
        ({"signs": "c"}, "signs"),
        ({"private": "sometimes"}, "private"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": 31}, "timeout_s"),
        ({"webhok": "x"}, "webhok"),
    ],
)
def test_the_key_that_is_wrong_is_named(over: dict[str, Any], key: str) -> None:
    options = {name: value for name, value in {**OPTIONS, **over}.items() if value is not None}
    with pytest.raises(ConfigError) as caught:
        read_options("channels.app", options)
    assert caught.value.where.startswith(f"channels.app.{key}")
    told = str(caught.value)
    assert all(secret not in told for secret in (*SECRETS.values(), SHORT, "x" * 32))


def test_secrets_are_not_printed_with_the_options() -> None:
    shown = repr(read_options("x", OPTIONS))
    assert all(secret not in shown for secret in SECRETS.values())


async def test_nothing_happens_before_the_channel_is_entered() -> None:
    rig = HttpRig()
    made = rig.channel()
    assert rig.app.calls == []
    assert made.capabilities(rig.room).idempotent_send
    await rig.app.stop()


def test_the_factory_reads_the_options() -> None:
    rig = HttpRig()
    setup = Setup(
        where="channels.app",
        name="app",
        tenant_id=TenantId("demo"),
        data=Path("unused"),
        clock=rig.clock,
        photos=FakePhotos(),
    )
    with pytest.raises(ConfigError, match=r"channels\.app\.webhook"):
        channel(setup)
    assert isinstance(channel(replace(setup, options=OPTIONS)), HttpChannel)

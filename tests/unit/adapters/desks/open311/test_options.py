"""The config says exactly which key is wrong, and `bart check` which line the other side has no answer to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.desks.open311 import Open311Desk, desk
from adapters.desks.open311.options import read_options
from bot.model.errors import ConfigError, DeskLater
from bot.ports.checks import Checks
from bot.ports.fakes.clock import FakeClock
from bot.ports.fakes.photos import FakePhotos
from bot.ports.setup import Setup
from tests.fakes.open311 import FakeOpen311, Service
from tests.support.desks import HERE
from tests.support.open311_rig import URL, a_world, open311_desk

GOOD: dict[str, Any] = {"url": URL + "/", "api_key": "secret-of-the-desk", "services": {"zwerfvuil": "LITTER"}}


def test_what_is_right_is_read_and_numbers_may_come_as_text() -> None:
    read = read_options("desks.x", {**GOOD, "poll_seconds": "300", "updates": "true"})
    assert (read.url, read.poll_seconds, read.updates, read.form) == (URL, 300, True, "json")
    assert "secret" not in repr(read)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"url": "melden.nl"}, "url"),
        ({"url": "http://melden.nl/v2"}, "url"),
        ({"url": "https://a:b@melden.nl/v2"}, "url"),
        ({"url": "https://melden.nl/v2/services.json"}, "url"),
        ({"url": "https://melden.nl:x/v2"}, "url"),
        ({"services": {}}, "services"),
        ({"services": {"afval": "X"}}, "services.afval"),
        ({"services": {"zwerfvuil": " "}}, "services.zwerfvuil"),
        ({"format": "html"}, "format"),
        ({"attributes": {"LITTER": {"size": "{naam}"}}}, "attributes.LITTER.size"),
        ({"push_key": "short"}, "push_key"),
        ({"poll_seconds": 5}, "poll_seconds"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"token": "x"}, "token"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options("desks.x", {**GOOD, **wrong})
    assert caught.value.where == f"desks.x.{key}"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("missing", ["url", "services"])
def test_what_is_missing_is_named(missing: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options("desks.x", {key: value for key, value in GOOD.items() if key != missing})
    assert caught.value.where == f"desks.x.{missing}"


def test_the_factory_makes_a_desk_and_touches_nothing(tmp_path: Path) -> None:
    setup = Setup(
        where="desks.x",
        name="x",
        tenant_id=HERE,
        data=tmp_path / "x",
        clock=FakeClock(),
        photos=FakePhotos(),
        options=GOOD,
    )
    assert isinstance(desk(setup), Open311Desk)
    assert not (tmp_path / "x").exists()


# bart check


def a_fake(**manners: Any) -> FakeOpen311:
    return FakeOpen311(a_world(FakeClock()), **manners)


async def test_all_is_well_is_said_with_what_is_good_to_know(tmp_path: Path) -> None:
    fake = a_fake()
    desk = open311_desk(fake, tmp_path, updates=False, services={"zwerfvuil": "LITTER"})
    assert isinstance(desk, Checks)
    told = await desk.check()
    assert told.startswith(
        "answers, 2 service(s); it has servicerequestupdates: set updates = true; no service for: "
    )
    assert told.endswith("an unknown outcome waits for a person (search = false)")
    assert fake.posts == []
    assert list(tmp_path.iterdir()) == []


async def test_with_a_service_for_all_else_nothing_is_left_over(tmp_path: Path) -> None:
    desk = open311_desk(a_fake(), tmp_path, services={"other": "LITTER"}, search=True)
    assert await desk.check() == "answers, 2 service(s)"


@pytest.mark.parametrize(
    ("options", "manners", "key", "what"),
    [
        ({"services": {"zwerfvuil": "GONE"}}, {}, "services.zwerfvuil", "it has: LAMP, LITTER"),
        ({"updates": True}, {"extension": False}, "updates", "no servicerequestupdates"),
        ({"api_key": ""}, {}, "api_key", "is empty"),
        ({"url": URL + "/wrong"}, {}, "url", "no services.json below it"),
        ({}, {"jurisdiction": "delft"}, "url", "jurisdiction_id"),
    ],
)
async def test_what_is_wrong_with_the_desk_is_named(
    tmp_path: Path, options: dict[str, Any], manners: dict[str, Any], key: str, what: str
) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        await open311_desk(a_fake(**manners), tmp_path, **options).check()
    assert caught.value.where == f"desks.meldingen.{key}"


async def test_a_required_question_without_an_answer_is_named(tmp_path: Path) -> None:
    fake = a_fake()
    size = {"code": "size", "datatype": "singlevaluelist", "required": True, "values": [{"key": "s", "name": "s"}]}
    fake.world.services["LITTER"] = Service(code="LITTER", attributes=[size])
    with pytest.raises(ConfigError, match="size is required and has no answer") as caught:
        await open311_desk(fake, tmp_path).check()
    assert caught.value.where == "desks.meldingen.attributes.LITTER"
    with pytest.raises(ConfigError, match="no choice 'xl'; there is: s"):
        await open311_desk(fake, tmp_path, attributes={"LITTER": {"size": "xl"}}).check()


async def test_no_services_at_all_is_told(tmp_path: Path) -> None:
    fake = a_fake()
    fake.world.services.clear()
    with pytest.raises(ConfigError, match="offers no services"):
        await open311_desk(fake, tmp_path).check()


async def test_a_desk_that_is_away_is_told_as_away(tmp_path: Path) -> None:
    fake = a_fake()
    fake.fail_next(503)
    with pytest.raises(DeskLater, match="503"):
        await open311_desk(fake, tmp_path).check()

"""What goes over the line for a report, what its answers mean, and that nothing is ever filed twice."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from adapters.desks.ledger import Ledger
from adapters.desks.open311 import Open311Desk
from adapters.desks.open311.client import Client
from adapters.desks.open311.sending import mark_of
from bot.model.desk import Filed
from bot.model.errors import DeskCredentials, DeskError, DeskLater, DeskRefused, DeskUnsure
from bot.model.place import Place
from bot.ports.fakes.clock import NOON, FakeClock
from tests.fakes.open311 import FakeOpen311, Service
from tests.support.desks import HERE, SQUARE, filing
from tests.support.open311_rig import a_world, open311_desk


@pytest.fixture
def fake() -> FakeOpen311:
    return FakeOpen311(a_world(FakeClock()))


def posted(fake: FakeOpen311, number: int = -1) -> dict[str, str]:
    return dict(parse_qsl(fake.posts[number].decode("ascii"), keep_blank_values=True))


async def filed(fake: FakeOpen311, folder: Path, **more: object) -> Filed:
    async with open311_desk(fake, folder) as desk:
        return await desk.file(filing(**more))


async def test_a_report_is_a_form_with_both_coordinates_and_our_own_mark(
    fake: FakeOpen311, tmp_path: Path
) -> None:
    await filed(fake, tmp_path, text="Glas bij de café-deur: 100% & meer.", neighbours=3)
    form = posted(fake)
    assert (form["lat"], form["long"]) == ("52.039000", "4.370000")
    assert form["service_code"] == "LITTER"
    assert form["address_string"] == "glasbak, Parijsplein"
    assert form["description"].splitlines() == [
        "Glas bij de café-deur: 100% & meer.",
        "Plaats: glasbak, Parijsplein",
        "Gezien door 3 bewoners.",
        mark_of("own-1"),
    ]
    assert b"caf%C3%A9" in fake.posts[-1]


async def test_who_reports_without_a_name_leaves_none(fake: FakeOpen311, tmp_path: Path) -> None:
    await filed(fake, tmp_path)
    assert not {"email", "phone", "first_name", "last_name", "account_id", "device_id"} & posted(fake).keys()


@pytest.mark.parametrize(("contact", "field"), [("jan@example.org", "email"), ("06 12345678", "phone")])
async def test_contact_details_go_in_a_field_of_their_own_and_never_in_the_public_description(
    fake: FakeOpen311, tmp_path: Path, contact: str, field: str
) -> None:
    await filed(fake, tmp_path, contact=contact)
    assert posted(fake)[field] == contact
    assert contact not in posted(fake)["description"]


async def test_a_home_is_not_in_the_public_description(fake: FakeOpen311, tmp_path: Path) -> None:
    home = Place(label="Londenlaan 12", point=SQUARE, home=True)
    await filed(fake, tmp_path, place=home)
    assert "Plaats: Londenlaan" in posted(fake)["description"]
    assert "12" not in posted(fake)["description"].replace(mark_of("own-1"), "")
    assert "address_string" not in posted(fake)


async def test_without_a_point_the_address_says_where(fake: FakeOpen311, tmp_path: Path) -> None:
    await filed(fake, tmp_path, point=None)
    assert posted(fake)["address_string"] == "glasbak, Parijsplein"
    assert not {"lat", "long"} & posted(fake).keys()


async def test_the_report_that_it_continues_is_named(fake: FakeOpen311, tmp_path: Path) -> None:
    await filed(fake, tmp_path, about="4000")
    assert "Vervolg op melding 4000." in posted(fake)["description"]


# required attributes

SIZE = {
    "variable": True,
    "code": "size",
    "datatype": "singlevaluelist",
    "required": True,
    "values": [{"key": "s", "name": "Klein"}, {"key": "l", "name": "Groot"}],
}
KINDS = {"variable": "true", "code": "kind", "datatype": "multivaluelist", "required": "true", "values": []}
FROM_US = {"variable": True, "code": "ref", "datatype": "string", "required": True, "automated": "hidden_field"}
THEIRS = {"variable": True, "code": "zone", "datatype": "string", "required": True, "automated": "server_set"}
LINE = {"variable": "false", "code": "intro", "datatype": "string", "required": "true"}


def asking(*attributes: dict[str, object], loose: bool = False) -> FakeOpen311:
    world = a_world(FakeClock())
    world.services["LITTER"] = Service(code="LITTER", attributes=list(attributes))
    return FakeOpen311(world, loose=loose)


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_required_questions_are_answered_from_the_config(tmp_path: Path, form: str) -> None:
    fake = asking(SIZE, KINDS, FROM_US, THEIRS, loose=True)
    answers = {"LITTER": {"size": "l", "kind": "glas, papier", "ref": "{own} om {seen_at}"}}
    async with open311_desk(fake, tmp_path, attributes=answers, format=form) as desk:
        await desk.file(filing())
    (held,) = fake.world.requests.values()
    assert held.attributes == {
        "size": ["l"],
        "kind": ["glas", "papier"],
        "ref": ["own-1 om 2026-11-21T12:00:00+00:00"],
    }


@pytest.mark.parametrize(("answers", "why"), [({}, "is required"), ({"size": "xl"}, "has no choice 'xl'")])
async def test_a_question_without_an_answer_is_refused_before_anything_is_posted(
    tmp_path: Path, answers: dict[str, str], why: str
) -> None:
    fake = asking(SIZE)
    async with open311_desk(fake, tmp_path, attributes={"LITTER": answers}) as desk:
        with pytest.raises(DeskRefused, match=why) as caught:
            await desk.file(filing())
    assert caught.value.field == "attribute[size]"
    assert fake.posts == []


async def test_a_line_of_explanation_is_no_question(tmp_path: Path) -> None:
    fake = asking(LINE)
    fake.world.services["LITTER"].attributes[0]["required"] = "false"
    async with open311_desk(fake, tmp_path) as desk:
        assert await desk.file(filing())


async def test_services_are_asked_once_an_hour(fake: FakeOpen311, tmp_path: Path) -> None:
    async with open311_desk(fake, tmp_path) as desk:
        for number in range(3):
            await desk.file(filing(f"own-{number}"))
        assert sum("services.json" in one for one in fake.asked) == 1
        fake.world.clock.advance(3600)
        await desk.file(filing("own-9"))
        assert sum("services.json" in one for one in fake.asked) == 2


@pytest.mark.parametrize(
    ("services", "field"), [({"verlichting": "LAMP"}, "category"), ({"zwerfvuil": "GONE"}, "service_code")]
)
async def test_a_category_without_a_service_is_refused(
    fake: FakeOpen311, tmp_path: Path, services: dict[str, str], field: str
) -> None:
    async with open311_desk(fake, tmp_path, services=services) as desk:
        with pytest.raises(DeskRefused) as caught:
            await desk.file(filing())
    assert (caught.value.field, fake.posts) == (field, [])


async def test_what_has_no_line_goes_to_the_service_for_all_else(fake: FakeOpen311, tmp_path: Path) -> None:
    async with open311_desk(fake, tmp_path, services={"other": "LAMP"}) as desk:
        await desk.file(filing())
    assert posted(fake)["service_code"] == "LAMP"


# answers


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("manners", [{}, {"wrapped": True}, {"loose": True}])
async def test_an_id_is_read_bare_or_wrapped_as_text_or_number(
    tmp_path: Path, manners: dict[str, bool], form: str
) -> None:
    fake = FakeOpen311(a_world(FakeClock()), **manners)
    async with open311_desk(fake, tmp_path, format=form) as desk:
        assert (await desk.file(filing())).reference == "4001"


async def test_a_token_that_has_its_id_soon_gives_that_id(fake: FakeOpen311, tmp_path: Path) -> None:
    fake.world.looks_for_id = 1
    assert (await filed(fake, tmp_path)).reference == "4001"


async def test_a_token_outlives_a_restart_and_keeps_the_number_that_residents_were_told(
    fake: FakeOpen311, tmp_path: Path
) -> None:
    fake.world.looks_for_id = 4
    told = await filed(fake, tmp_path)
    assert told.reference == mark_of("own-1")
    fake.world.clock.advance(300)
    async with open311_desk(fake, tmp_path) as desk:
        assert (await desk.changes(None)).changes == ()
        fake.world.clock.advance(300)
        assert (await desk.changes(None)).changes == ()
        fake.world.decide("4001", "closed", "Opgeruimd.")
        fake.world.clock.advance(300)
        (change,) = (await desk.changes(None)).changes
    assert (change.reference, change.note) == (told.reference, "Opgeruimd.")


async def test_a_service_that_gives_no_id_is_filed_and_cannot_be_added_to(
    fake: FakeOpen311, tmp_path: Path
) -> None:
    fake.world.services["LITTER"].kind = "blackbox"
    told = await filed(fake, tmp_path)
    assert told.reference == mark_of("own-1")


TRAPS = [{"wrapped": True}, {}]


@pytest.mark.parametrize("manners", TRAPS)
@pytest.mark.parametrize("others", [0, 1, 2])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_other_peoples_reports_are_no_answer_to_ours(
    tmp_path: Path, manners: dict[str, bool], others: int, form: str
) -> None:
    fake = FakeOpen311(a_world(FakeClock()), read_only=True, **manners)
    for number in range(others):
        fake.world.take("LITTER", {"description": f"van een ander {number}", "lat": "52.0", "long": "4.3"}, {})
    async with open311_desk(fake, tmp_path, format=form) as desk:
        with pytest.raises((DeskLater, DeskUnsure)) as caught:
            await desk.file(filing())
    # An empty bare list could also be a server that says nothing: then a person has to look.
    if others:
        assert "read-only" in str(caught.value)


async def test_an_id_that_we_know_already_is_no_answer_either(fake: FakeOpen311, tmp_path: Path) -> None:
    async with open311_desk(fake, tmp_path) as desk:
        await desk.file(filing("own-1"))
        fake.world.next_id = 4000
        with pytest.raises(DeskLater, match="read-only"):
            await desk.file(filing("own-2"))


# faults


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, DeskCredentials), (401, DeskCredentials), (400, DeskRefused), (404, DeskRefused)],
)
@pytest.mark.parametrize(("body", "kind"), [(b"<html></html>", "text/html"), (b"Not found", "text/plain")])
async def test_a_refusal_without_reasons_is_read_by_its_status(
    fake: FakeOpen311, tmp_path: Path, status: int, error: type[DeskError], body: bytes, kind: str
) -> None:
    fake.fail_next(status, body=body, kind=kind, only="requests")
    with pytest.raises(error):
        await filed(fake, tmp_path)


async def test_a_missing_key_is_told_as_such_though_it_comes_as_a_bad_request(
    fake: FakeOpen311, tmp_path: Path
) -> None:
    async with open311_desk(fake, tmp_path, api_key="") as desk:
        with pytest.raises(DeskCredentials):
            await desk.file(filing())


async def test_a_refusal_names_the_field(fake: FakeOpen311, tmp_path: Path) -> None:
    async with open311_desk(fake, tmp_path) as desk:
        fake.fail_next(
            400,
            body=b'[{"code":"x","description":"lat: decimal comma"}]',
            kind="application/json",
            only="requests",
        )
        with pytest.raises(DeskRefused) as caught:
            await desk.file(filing())
    assert caught.value.field == "lat"


async def test_a_busy_desk_says_how_long_to_wait(fake: FakeOpen311, tmp_path: Path) -> None:
    fake.fail_next(429, headers={"Retry-After": "90"}, only="requests")
    with pytest.raises(DeskLater) as caught:
        await filed(fake, tmp_path)
    assert caught.value.seconds == 90


async def test_after_a_refusal_it_may_be_filed_again(fake: FakeOpen311, tmp_path: Path) -> None:
    async with open311_desk(fake, tmp_path) as desk:
        fake.fail_next(429, only="requests")
        with pytest.raises(DeskLater):
            await desk.file(filing())
        assert await desk.find("own-1") is None
        assert (await desk.file(filing())).reference == "4001"


@pytest.mark.parametrize("status", [500, 502, 200])
@pytest.mark.parametrize("after", [True, False])
async def test_an_unknown_outcome_waits_for_a_person_where_the_list_need_not_show_it(
    fake: FakeOpen311, tmp_path: Path, status: int, after: bool
) -> None:
    async with open311_desk(fake, tmp_path) as desk:
        fake.fail_next(status, after=after, only="requests")
        with pytest.raises(DeskUnsure):
            await desk.file(filing())
        with pytest.raises(DeskUnsure) as caught:
            await desk.find("own-1")
        assert caught.value.for_a_person
        # The person saw that it is not there and let it be tried again.
        assert (await desk.file(filing())).reference


@pytest.mark.parametrize("after", [True, False])
async def test_an_unknown_outcome_is_looked_up_where_the_list_shows_all(
    fake: FakeOpen311, tmp_path: Path, after: bool
) -> None:
    async with open311_desk(fake, tmp_path, search=True) as desk:
        fake.fail_next(500, after=after, only="requests")
        with pytest.raises(DeskUnsure):
            await desk.file(filing())
    async with open311_desk(fake, tmp_path, search=True) as desk:
        found = await desk.find("own-1")
        assert (found is not None) is after
        assert (await desk.file(filing())).reference == "4001"
    assert len(fake.world.requests) == 1


async def test_a_crash_after_the_answer_is_no_second_report(fake: FakeOpen311, tmp_path: Path) -> None:
    told = await filed(fake, tmp_path)
    async with open311_desk(fake, tmp_path) as desk:
        assert await desk.find("own-1") == told
        assert await desk.file(filing()) == told
    assert len(fake.world.requests) == 1


class Broken(httpx.AsyncBaseTransport):
    """Fails every POST of a request in one way."""

    def __init__(self, inner: FakeOpen311, error: type[httpx.HTTPError]) -> None:
        self._inner = httpx.ASGITransport(inner.app)
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise self._error("x", request=request)
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (httpx.ConnectError, DeskLater),
        (httpx.ConnectTimeout, DeskLater),
        (httpx.ReadTimeout, DeskUnsure),
        (httpx.WriteError, DeskUnsure),
        (httpx.RemoteProtocolError, DeskUnsure),
    ],
)
async def test_only_what_never_left_may_be_sent_again_unseen(
    fake: FakeOpen311, tmp_path: Path, broken: type[httpx.HTTPError], error: type[DeskError]
) -> None:
    desk = open311_desk(fake, tmp_path)
    client = Client(desk._options, Broken(fake, broken))
    other = Open311Desk(desk._setup, desk._options, client, Ledger(tmp_path / "ledger.db"))
    async with other:
        with pytest.raises(error):
            await other.file(filing())


# the fake and the tenant, used as said


def test_the_fakes_clock_is_the_checks_clock(fake: FakeOpen311) -> None:
    assert (fake.world.clock.now, filing().tenant_id) == (NOON, HERE)

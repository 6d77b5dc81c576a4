"""Status: polled, pushed, repeated, out of order, in words nobody knows; and what residents read of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from adapters.desks.open311 import Open311Desk
from adapters.desks.open311.statuses import WORDS, status_after
from bot.model.errors import DeskLater, DeskRefused, DeskUnsure
from bot.model.report import ContributionKind, Status
from bot.model.request import Answer, Request
from bot.ports.channel import TakesRequests
from bot.ports.fakes.clock import NOON, FakeClock
from tests.fakes.open311 import FakeOpen311
from tests.fakes.open311.world import Update
from tests.support.desks import addition, filing
from tests.support.open311_rig import PUSH_KEY, a_world, open311_desk


@pytest.fixture
def fake() -> FakeOpen311:
    return FakeOpen311(a_world(FakeClock()))


@pytest.fixture
async def desk(fake: FakeOpen311, tmp_path: Path) -> AsyncIterator[Open311Desk]:
    async with open311_desk(fake, tmp_path, push_key=PUSH_KEY) as opened:
        await opened.file(filing())
        yield opened


async def told(desk: Open311Desk, cursor: str | None = None) -> list[tuple[Status, str]]:
    return [(one.status, one.note) for one in (await desk.changes(cursor)).changes]


@pytest.mark.parametrize("word", sorted(set(WORDS) - {"open", "reopen"}))
async def test_every_extended_word_is_told(fake: FakeOpen311, desk: Open311Desk, word: str) -> None:
    fake.world.clock.advance(60)
    fake.world.decide("4001", word, "Uitleg.")
    assert await told(desk) == [(WORDS[word], "Uitleg.")]


@pytest.mark.parametrize("word", ["open", "unchanged", "wachtrij"])
async def test_words_that_mean_no_more_than_open_are_no_news_about_an_open_report(
    fake: FakeOpen311, desk: Open311Desk, word: str
) -> None:
    fake.world.decide("4001", word)
    assert await told(desk) == []


@pytest.mark.parametrize("word", ["open", "reopen", "OPEN", "wachtrij"])
async def test_open_after_closed_is_reopened(fake: FakeOpen311, desk: Open311Desk, word: str) -> None:
    for theirs in ("closed", word):
        fake.world.clock.advance(60)
        fake.world.decide("4001", theirs)
    assert [status for status, _ in await told(desk)] == [Status.CLOSED, Status.REOPENED]


async def test_an_end_without_words_says_what_kind_of_end(fake: FakeOpen311, desk: Open311Desk) -> None:
    fake.world.decide("4001", "not_councils_responsibility")
    assert await told(desk) == [(Status.CANCELLED, "De gemeente gaat hier niet over.")]


async def test_what_staff_wrote_is_cleaned_of_markup_and_line_breaks(fake: FakeOpen311, desk: Open311Desk) -> None:
    fake.world.decide("4001", "closed", "<p>Dank&nbsp;u,\r\n <b>opgeruimd</b> &amp; klaar\x07</p>" + "x" * 5000)
    ((_, note),) = await told(desk)
    assert note.startswith("Dank u, opgeruimd & klaar xxx")
    assert len(note) == 1000


async def test_windows_overlap_and_nothing_is_told_twice(fake: FakeOpen311, desk: Open311Desk) -> None:
    fake.world.decide("4001", "in_progress")
    first = await desk.changes(None)
    fake.world.clock.advance(60)
    fake.world.decide("4001", "closed", "Klaar.")
    assert await told(desk, first.cursor) == [(Status.CLOSED, "Klaar.")]
    for _ in range(3):
        fake.world.clock.advance(60)
        assert len((await desk.changes(None)).changes) == 2


async def test_an_update_written_down_late_is_found_and_does_not_undo_what_came_after(
    fake: FakeOpen311, desk: Open311Desk
) -> None:
    fake.world.clock.advance(600)
    fake.world.decide("4001", "closed", "Klaar.")
    cursor = (await desk.changes(None)).cursor
    late = NOON + timedelta(seconds=300)
    fake.world.updates.append(Update(id="9", request="4001", status="investigating", at=late, description=""))
    fake.world.clock.advance(60)
    assert await told(desk, cursor) == []


async def test_after_months_away_every_window_is_one_that_servers_take(
    fake: FakeOpen311, desk: Open311Desk
) -> None:
    await desk.changes(None)
    fake.world.clock.advance(timedelta(days=100))
    fake.world.decide("4001", "closed", "Klaar.")
    assert await told(desk) == [(Status.CLOSED, "Klaar.")]


async def test_updates_about_others_are_left_alone(fake: FakeOpen311, desk: Open311Desk) -> None:
    other = fake.world.take("LITTER", {"description": "van een ander"}, {})
    fake.world.decide(other.id, "closed", "Klaar.")
    assert await told(desk) == []


async def test_without_the_extension_the_state_is_asked_for_all_at_once(tmp_path: Path) -> None:
    fake = FakeOpen311(a_world(FakeClock()), extension=False, loose=True)
    async with open311_desk(fake, tmp_path) as desk:
        for number in range(60):
            await desk.file(filing(f"own-{number}"))
        fake.asked.clear()
        fake.world.clock.advance(60)
        fake.world.decide("4007", "closed", "Opgeruimd.")
        assert await told(desk) == [(Status.CLOSED, "Opgeruimd.")]
        assert len(fake.asked) == 2
        fake.world.decide("4007", "open")
        fake.world.clock.advance(60)
        assert [status for status, _ in await told(desk)] == [Status.CLOSED, Status.REOPENED]


async def test_what_the_updates_lost_is_found_within_the_hour(fake: FakeOpen311, desk: Open311Desk) -> None:
    await desk.changes(None)
    fake.world.decide("4001", "closed", "Klaar.", publish=False)
    fake.world.clock.advance(60)
    assert await told(desk) == []
    fake.world.clock.advance(3600)
    assert await told(desk) == [(Status.CLOSED, "Klaar.")]


async def test_nothing_filed_means_nothing_asked(fake: FakeOpen311, tmp_path: Path) -> None:
    async with open311_desk(fake, tmp_path / "other") as desk:
        assert (await desk.changes(None)).changes == ()
    assert fake.asked == []


@pytest.mark.parametrize("status", [500, 400, 404, 200])
async def test_a_desk_that_is_away_is_asked_again_later(fake: FakeOpen311, desk: Open311Desk, status: int) -> None:
    fake.fail_next(status, only="servicerequestupdates")
    with pytest.raises(DeskLater):
        await desk.changes(None)
    fake.world.decide("4001", "closed", "Klaar.")
    assert await told(desk) == [(Status.CLOSED, "Klaar.")]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "9" * 19])
async def test_a_cursor_of_another_desk_is_refused(desk: Open311Desk, cursor: str) -> None:
    with pytest.raises(DeskRefused, match="cursor"):
        await desk.changes(cursor)


async def test_a_cursor_from_the_future_starts_over(fake: FakeOpen311, desk: Open311Desk) -> None:
    fake.world.decide("4001", "closed", "Klaar.")
    assert await told(desk, "999") == [(Status.CLOSED, "Klaar.")]


async def test_what_ended_a_year_ago_is_forgotten(fake: FakeOpen311, desk: Open311Desk) -> None:
    fake.world.decide("4001", "closed", "Klaar.")
    assert len(await told(desk)) == 1
    now = fake.world.clock.advance(timedelta(days=366))
    assert dict(await desk.expire(now)) == {"changes": 1, "added": 0, "seen": 1, "filed": 1}
    assert await desk.find("own-1") is None
    assert set((await desk.expire(now)).values()) == {0}


@pytest.mark.parametrize("known", list(Status))
@pytest.mark.parametrize("word", [*WORDS, "unchanged", "wachtrij", ""])
def test_no_word_opens_what_is_open_or_ends_what_ended_the_same_way(known: Status, word: str) -> None:
    status = status_after(word, known)
    assert status is None or status is not Status.REOPENED or not known.is_open
    assert status is not known or status is Status.PLANNED


# additions


async def test_an_addition_posts_the_words_and_leaves_the_status_to_staff(
    fake: FakeOpen311, desk: Open311Desk
) -> None:
    fake.world.decide("4001", "in_progress")
    await desk.changes(None)
    await desk.add("4001", addition(ContributionKind.SOLVED))
    (posted,) = fake.world.requests["4001"].added
    assert posted["status"] == "IN_PROGRESS"
    assert posted["description"] == "Volgens een buurtbewoner is dit opgelost."
    assert posted["updated_datetime"] == "2026-11-21T12:00:00+00:00"


async def test_an_addition_that_did_arrive_is_not_refused_for_having_arrived(
    fake: FakeOpen311, desk: Open311Desk
) -> None:
    fake.fail_next(500, only="servicerequestupdates", after=True)
    extra = addition(ContributionKind.STILL)
    with pytest.raises(DeskUnsure, match="500"):
        await desk.add("4001", extra)
    await desk.add("4001", extra)
    assert len(fake.world.requests["4001"].added) == 1


@pytest.mark.parametrize("kind", [ContributionKind.PHOTO, ContributionKind.WITHDRAWAL])
async def test_what_the_protocol_has_no_way_for_is_refused(desk: Open311Desk, kind: ContributionKind) -> None:
    with pytest.raises(DeskRefused):
        await desk.add("4001", addition(kind))


async def test_somebody_elses_report_can_be_added_to_and_is_followed(fake: FakeOpen311, desk: Open311Desk) -> None:
    other = fake.world.take("LITTER", {"description": "van een ander", "lat": "52.0", "long": "4.3"}, {})
    await desk.add(other.id, addition(ContributionKind.OBSERVATION, text="Hier ook."))
    assert other.added[0]["description"] == "Hier ook."
    fake.world.decide(other.id, "closed", "Klaar.")
    assert [one.reference for one in (await desk.changes(None)).changes] == [other.id]


# pushed to us

PUSHED = {
    "api_key": PUSH_KEY,
    "service_request_id": "4001",
    "update_id": "77",
    "status": "CLOSED",
    "updated_datetime": "2026-11-21T12:00:00Z",
    "description": "Opgeruimd & klaar.",
}


async def push(desk: Open311Desk, fields: dict[str, str], form: str = "json", **more: object) -> Answer:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    path = f"/servicerequestupdates.{form}"
    body = urlencode(fields).encode()
    values = {"method": "POST", "path": path, "target": path, "headers": headers, "body": body, **more}
    return await desk.receive(Request(**values))


async def test_a_pushed_update_is_told_at_once_and_once(fake: FakeOpen311, desk: Open311Desk) -> None:
    news: list[str] = []
    desk.on_change(lambda: news.append("news"))
    assert isinstance(desk, TakesRequests)
    fake.world.decide("4001", "closed", publish=False)
    for _ in range(2):
        answer = await push(desk, PUSHED)
        assert (answer.status, answer.body) == (200, b'[{"update_id": "77"}]')
    assert news
    assert await told(desk) == [(Status.CLOSED, "Opgeruimd & klaar.")]


async def test_a_pushed_update_is_answered_in_xml_where_xml_was_asked(desk: Open311Desk) -> None:
    answer = await push(desk, PUSHED, "xml")
    assert answer.kind == "application/xml"
    assert b"<request_update><update_id>77</update_id></request_update>" in answer.body


async def test_what_was_pushed_is_told_while_the_desk_cannot_be_asked(
    fake: FakeOpen311, desk: Open311Desk
) -> None:
    await push(desk, PUSHED)
    fake.fail_next(503)
    assert await told(desk) == [(Status.CLOSED, "Opgeruimd & klaar.")]


async def test_a_list_older_than_what_was_pushed_undoes_nothing(fake: FakeOpen311, desk: Open311Desk) -> None:
    fake.world.clock.advance(600)
    await push(desk, {**PUSHED, "updated_datetime": "2026-11-21T12:05:00Z"})
    assert await told(desk) == [(Status.CLOSED, "Opgeruimd & klaar.")]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "guessed"}, 403),
        ({"service_request_id": "1"}, 404),
        ({"service_request_id": ""}, 400),
        ({"update_id": " "}, 400),
        ({"status": ""}, 400),
        ({"updated_datetime": "gisteren"}, 400),
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_wrong_push_is_refused_and_changes_nothing(
    desk: Open311Desk, wrong: dict[str, str], status: int, form: str
) -> None:
    answer = await push(desk, {**PUSHED, **wrong}, form)
    assert answer.status == status
    assert b"code" in answer.body
    assert await told(desk) == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"method": "GET"}, 405),
        ({"path": "/requests.json"}, 404),
        ({"path": "/servicerequestupdates.html"}, 404),
        ({"headers": {"content-type": "application/json"}}, 400),
        ({"body": b"\xff\xfe"}, 400),
        ({"body": b"api_key"}, 400),
        ({"body": b"&".join(b"a=%d" % number for number in range(300))}, 400),
    ],
)
async def test_what_is_no_push_is_refused(desk: Open311Desk, more: dict[str, object], status: int) -> None:
    assert (await push(desk, PUSHED, **more)).status == status


async def test_without_a_key_there_is_no_address_to_push_to(fake: FakeOpen311, tmp_path: Path) -> None:
    async with open311_desk(fake, tmp_path / "other") as desk:
        assert (await push(desk, {**PUSHED, "api_key": ""})).status == 404

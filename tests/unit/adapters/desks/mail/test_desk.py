"""Letters over real servers: what their answers mean, what is sent again and what is never read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.desks.mail import MailDesk
from adapters.desks.mail.adapter import BOUNCED
from adapters.desks.mail.options import read_options
from bot.model.errors import ConfigError, DeskCredentials, DeskError, DeskLater, DeskRefused, DeskUnsure
from bot.model.report import ContributionKind, Status
from bot.ports.checks import Checks
from bot.ports.fakes.clock import NOON, FakeClock
from tests.support.desks import addition, filing
from tests.support.post import PASSWORD, SENDER, TO, USER, Mailbox, PostOffice, answer, imap_of, mail_desk
from tests.unit.adapters.desks.mail.test_replies import bounce


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with PostOffice().open() as opened:
        yield opened


@pytest.fixture
def folder(box: Mailbox, request: pytest.FixtureRequest) -> str:
    return box.folder(f"f{abs(hash(request.node.nodeid))}")


def desk_at(office: PostOffice, data: Path, imap: dict[str, Any] | None = None, **more: Any) -> MailDesk:
    return mail_desk(office, data, FakeClock(), imap or {}, **more)


async def put(box: Mailbox, folder: str, raw: bytes) -> None:
    await asyncio.to_thread(box.deliver, folder, raw)


# sending


@pytest.mark.parametrize(
    ("refuse", "error"),
    [
        ({"DATA": "451 later"}, DeskLater),
        ({"DATA": "554 spam"}, DeskRefused),
        ({"RCPT": "450 busy"}, DeskLater),
        ({"RCPT": "550 no such user"}, DeskCredentials),
        ({"MAIL": "550 not you"}, DeskCredentials),
    ],
)
async def test_a_refused_letter_was_surely_not_sent(
    office: PostOffice, tmp_path: Path, refuse: dict[str, str], error: type[DeskError]
) -> None:
    async with desk_at(office, tmp_path) as desk:
        office.refuse = refuse
        with pytest.raises(error):
            await desk.file(filing())
        assert await desk.find("own-1") is None
        office.refuse = {}
        assert (await desk.file(filing())).reference
    assert len(office.letters) == 1


@pytest.mark.parametrize("hang_up", ["lost", "kept"])
async def test_after_an_unknown_outcome_the_same_letter_goes_again_under_the_same_names(
    office: PostOffice, tmp_path: Path, hang_up: str
) -> None:
    async with desk_at(office, tmp_path) as desk:
        office.hang_up = hang_up
        with pytest.raises(DeskUnsure) as caught:
            await desk.file(filing())
        assert not caught.value.for_a_person
        office.hang_up = ""
        assert await desk.find("own-1") is None
        filed = await desk.file(filing())
    assert {letter["Message-ID"] for letter in office.letters} == {office.letters[0]["Message-ID"]}
    assert all(filed.reference in letter["Subject"] for letter in office.letters)
    assert len(office.letters) == (1 if hang_up == "lost" else 2)


async def test_an_addition_after_an_unknown_outcome_goes_again_under_the_same_names(
    office: PostOffice, tmp_path: Path
) -> None:
    async with desk_at(office, tmp_path) as desk:
        filed = await desk.file(filing())
        office.hang_up = "kept"
        with pytest.raises(DeskUnsure):
            await desk.add(filed.reference, addition(ContributionKind.STILL))
        office.hang_up = ""
        await desk.add(filed.reference, addition(ContributionKind.STILL))
    _, first, second = office.letters
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_server_that_is_away_is_for_later(office: PostOffice, tmp_path: Path) -> None:
    port, office.port = office.port, 1
    async with desk_at(office, tmp_path) as desk:
        with pytest.raises(DeskLater):
            await desk.file(filing())
    office.port = port


async def test_it_logs_in_and_says_when_it_may_not(office: PostOffice, tmp_path: Path) -> None:
    async with desk_at(office, tmp_path, smtp={"user": USER, "password": PASSWORD}) as desk:
        await desk.file(filing())
    assert office.logins == [USER.encode()]
    async with desk_at(office, tmp_path / "x", smtp={"user": USER, "password": "wrong"}) as desk:
        with pytest.raises(DeskCredentials):
            await desk.file(filing())


async def test_a_restart_keeps_the_names(office: PostOffice, tmp_path: Path) -> None:
    async with desk_at(office, tmp_path) as desk:
        filed = await desk.file(filing())
    async with desk_at(office, tmp_path) as desk:
        assert await desk.file(filing()) == filed
        await desk.add(filed.reference, addition(ContributionKind.STILL))
    assert office.letters[1]["In-Reply-To"] == office.letters[0]["Message-ID"]


# reading


async def test_only_answers_of_the_desk_reach_a_chat_and_the_mailbox_is_left_as_it_was(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    async with desk_at(office, tmp_path, imap_of(box, folder)) as desk:
        filed = await desk.file(filing())
        (letter,) = office.letters
        for raw in (
            answer("KLAAR\nGEHEIM", to=letter, sender="iemand@example.org"),
            answer("KLAAR\nGEHEIM", subject="Factuur"),
            answer("KLAAR\nGEHEIM", subject="Re: [BART-AAAA-AAAA] van een ander"),
            answer("GEHEIM", to=letter),
            answer("KLAAR\nGEHEIM", to=letter, Auto_Submitted="auto-replied"),
        ):
            await put(box, folder, raw.as_bytes())
        await put(box, folder, b"GEHEIM")
        await put(box, folder, answer("KLAAR\nOpgeruimd.", to=letter, at=NOON).as_bytes())
        changes = (await desk.changes(None)).changes
    assert [(one.reference, one.status, one.note) for one in changes] == [
        (filed.reference, Status.CLOSED, "Opgeruimd.")
    ]
    assert not any(b"Seen" in flags for flags in box.flags(folder))
    assert b"GEHEIM" not in (tmp_path / "ledger.db").read_bytes()


async def test_each_letter_is_read_once_over_restarts_and_copies(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    async with desk_at(office, tmp_path, imap_of(box, folder)) as desk:
        await desk.file(filing())
        raw = answer("GEPLAND: 3 december 2026", to=office.letters[0], at=NOON).as_bytes()
        await put(box, folder, raw)
        first = await desk.changes(None)
        await put(box, folder, raw)
        assert (await desk.changes(first.cursor)).changes == ()
    async with desk_at(office, tmp_path, imap_of(box, folder)) as desk:
        assert (await desk.changes(first.cursor)).changes == ()


async def test_the_clock_of_a_sender_is_not_believed(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    async with desk_at(office, tmp_path, imap_of(box, folder)) as desk:
        await desk.file(filing())
        for at, text in ((NOON.replace(year=2030), "BEZIG"), (NOON.replace(year=2001), "KLAAR")):
            await put(box, folder, answer(text, to=office.letters[0], at=at).as_bytes())
        assert [one.at for one in (await desk.changes(None)).changes] == [NOON, NOON]


async def test_words_that_are_no_news_say_nothing_twice(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    async with desk_at(office, tmp_path, imap_of(box, folder)) as desk:
        await desk.file(filing())
        for text in ("HEROPEND", "KLAAR", "KLAAR", "AFGEWEZEN", "HEROPEND", "HEROPEND"):
            await put(box, folder, answer(text, to=office.letters[0], at=NOON).as_bytes())
        told = [one.status for one in (await desk.changes(None)).changes]
    assert told == [Status.CLOSED, Status.REOPENED]


async def test_a_report_that_came_back_is_told_so_that_nobody_waits(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    async with desk_at(office, tmp_path, imap_of(box, folder)) as desk:
        await desk.file(filing())
        ours = str(office.letters[0]["Message-ID"]).encode()
        await put(box, folder, bounce())
        assert (await desk.changes(None)).changes == ()
        for _ in range(2):
            await put(box, folder, bounce().replace(b"<ours@bart.example>", ours))
        (change,) = (await desk.changes(None)).changes
    assert (change.status, change.note) == (Status.CANCELLED, BOUNCED)


async def test_a_mailbox_that_is_away_is_for_later_and_a_wrong_password_is_told(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    good = imap_of(box, folder)
    for wrong, error in (
        ({"port": 1}, DeskLater),
        ({"password": "wrong"}, DeskCredentials),
        ({"folder": "geen"}, DeskCredentials),
    ):
        async with desk_at(office, tmp_path, {**good, **wrong}) as desk:
            await desk.file(filing())
            with pytest.raises(error):
                await desk.changes(None)


async def test_with_nothing_filed_the_mailbox_stays_closed(office: PostOffice, tmp_path: Path) -> None:
    async with desk_at(office, tmp_path, {"host": "127.0.0.1", "port": 1, "security": "none"}) as desk:
        assert (await desk.changes(None)).changes == ()


async def test_without_a_mailbox_nothing_comes_back_and_the_capabilities_say_so(
    office: PostOffice, tmp_path: Path
) -> None:
    async with desk_at(office, tmp_path) as desk:
        await desk.file(filing())
        assert (await desk.changes(None)).changes == ()
        assert not desk.capabilities().questions


# bart check and the config


async def test_check_logs_in_at_both_ends_and_mails_nothing(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    desk = desk_at(office, tmp_path / "new", imap_of(box, folder), smtp={"user": USER, "password": PASSWORD})
    assert isinstance(desk, Checks)
    assert await desk.check() == "mail can be sent and answers can be read; senders are not verified (verified_by)"
    assert (office.letters, list(tmp_path.iterdir())) == ([], [])


async def test_check_tells_which_end_is_wrong(
    office: PostOffice, tmp_path: Path, box: Mailbox, folder: str
) -> None:
    with pytest.raises(DeskCredentials, match="mail server"):
        await desk_at(office, tmp_path, smtp={"user": USER, "password": "wrong"}).check()
    with pytest.raises(DeskCredentials, match='no folder "geen"'):
        await desk_at(office, tmp_path, imap_of(box, "geen")).check()
    assert await desk_at(office, tmp_path).check() == "mail can be sent; nobody reads answers (no imap)"


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"to": "gemeente"}, "to"),
        ({"to": "a@b\nBcc: x@y.nl"}, "to"),
        ({"sender": "bart@localhost"}, "sender"),
        ({"answers_from": ["delft"]}, "answers_from"),
        ({"answers_from": ["@delft.nl"]}, "answers_from"),
        ({"prefix": "b"}, "prefix"),
        ({"smtp": {}}, "smtp.host"),
        ({"smtp": {"host": "mail.example", "security": "none"}}, "smtp.security"),
        ({"smtp": {"host": "mail.example", "user": "bart"}}, "smtp.password"),
        ({"smtp": {"host": "mail.example", "port": 70000}}, "smtp.port"),
        ({"imap": {"host": "mail.example", "security": "none"}}, "imap.security"),
        ({"imap": {"host": "mail.example", "box": "x"}}, "imap.box"),
        ({"poll_seconds": 1}, "poll_seconds"),
    ],
)
def test_what_is_wrong_in_the_config_is_named(wrong: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_options("desks.x", {"to": TO, "sender": SENDER, "smtp": {"host": "localhost"}, **wrong})
    assert caught.value.where == f"desks.x.{key}"

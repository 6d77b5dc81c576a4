"""The fake Bot API answers raw HTTP as Telegram does, and refuses what Telegram refuses, in its words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fakes.telegram import BOT_ID, TOKEN, BotApi, Limits, Served, World, serve

GROUP, OTHER, NEVER = -1001000000001, -1001000000002, -1001000000009
FATIMA, JAN, KEES = 501, 502, 503
DATA = "9f2c41d07b6ae853:yes"


def a_world(reads_all: bool = True) -> World:
    world = World(reads_all)
    for number, name in ((FATIMA, "Fatima"), (JAN, "Jan"), (KEES, "Kees")):
        world.person(number, name)
    people = {FATIMA: "creator", JAN: "member", KEES: "member"}
    world.group(GROUP, "Buurtapp", people)
    world.change(GROUP, BOT_ID, "member", FATIMA)
    return world


class Line:
    """Raw calls."""

    def __init__(self, served: Served, client: httpx.AsyncClient) -> None:
        self.served, self.client, self.world = served, client, served.api.world

    async def raw(self, method: str, token: str = TOKEN, **params: Any) -> httpx.Response:
        return await self.client.post(f"{self.served.url}/bot{token}/{method}", json=params)

    async def ok(self, method: str, **params: Any) -> Any:
        answer = await self.raw(method, **params)
        assert answer.json()["ok"] is True, answer.text
        return answer.json()["result"]

    async def no(self, method: str, **params: Any) -> tuple[int, str]:
        answer = await self.raw(method, **params)
        body = answer.json()
        assert (body["ok"], body["error_code"]) == (False, answer.status_code)
        return answer.status_code, body["description"]

    async def updates(self, **params: Any) -> list[tuple[str, Any]]:
        found = await self.ok("getUpdates", **params)
        return [(key, one[key]) for one in found for key in one if key != "update_id"]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with serve(BotApi(a_world(), Limits(chat=0))) as served, httpx.AsyncClient() as client:
        yield Line(served, client)


async def test_a_wrong_token_is_unauthorized(line: Line) -> None:
    answer = await line.raw("getMe", token="1:wrong")
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")


async def test_an_unknown_method_is_not_found_and_case_does_not_matter(line: Line) -> None:
    assert await line.no("sendTelepathy") == (404, "Not Found: method not found")
    assert (await line.ok("GETME"))["id"] == BOT_ID


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"chat_id": NEVER, "text": "x"}, "chat not found"),
        ({"chat_id": "buurt", "text": "x"}, "chat not found"),
        ({"chat_id": GROUP, "text": " \n"}, "message text is empty"),
        ({"chat_id": GROUP, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": GROUP, "text": "👍" * 2049}, "message is too long"),
        (
            {"chat_id": GROUP, "text": "a < b", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "" at byte offset 2',
        ),
        (
            {"chat_id": GROUP, "text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            {"chat_id": GROUP, "text": "<img src=x>", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "img" at byte offset 0',
        ),
        (
            {"chat_id": GROUP, "text": "x</b>", "parse_mode": "HTML"},
            "can't parse entities: Unexpected end tag at byte offset 1",
        ),
        (
            {"chat_id": GROUP, "text": "x", "reply_parameters": {"message_id": 99}},
            "message to be replied not found",
        ),
        ({"chat_id": GROUP, "text": "x", "message_thread_id": 7}, "message thread not found"),
    ],
)
async def test_a_message_it_cannot_take_is_refused(line: Line, params: dict[str, Any], told: str) -> None:
    assert await line.no("sendMessage", **params) == (400, f"Bad Request: {told}")


@pytest.mark.parametrize(
    ("button", "told"),
    [
        ({"text": "Ja", "callback_data": "k" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "Ja", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "Ja"}, "BUTTON_DATA_INVALID"),
        ({"text": "", "callback_data": "k"}, "text buttons are unallowed in the inline keyboard"),
        (
            {"text": "Kaart", "url": "http://localhost:8080"},
            "inline keyboard button URL 'http://localhost:8080' is invalid: Wrong HTTP URL",
        ),
    ],
)
async def test_a_button_it_cannot_take_is_refused(line: Line, button: dict[str, str], told: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    refused = await line.no("sendMessage", chat_id=GROUP, text="x", reply_markup=markup)
    assert refused == (400, f"Bad Request: {told}")


async def test_64_bytes_of_button_and_4096_units_of_text_are_taken(line: Line) -> None:
    markup = {"inline_keyboard": [[{"text": "Ja", "callback_data": "k" * 64}]]}
    sent = await line.ok("sendMessage", chat_id=GROUP, text="👍" * 2048, reply_markup=markup)
    assert sent["reply_markup"] == markup


async def test_html_becomes_text_with_entities_counted_in_utf16(line: Line) -> None:
    text = '👍 <b>vet</b> &amp; <a href="https://t.me/x?start=1">hier</a> &lt;b&gt;'
    sent = await line.ok("sendMessage", chat_id=GROUP, text=text, parse_mode="HTML")
    assert sent["text"] == "👍 vet & hier <b>"
    assert [(one["type"], one["offset"], one["length"]) for one in sent["entities"]] == [
        ("bold", 3, 3),
        ("text_link", 9, 4),
    ]


async def test_an_edit_of_nothing_of_others_or_of_the_same_is_refused(line: Line) -> None:
    said = line.world.say(GROUP, JAN, "van mij")
    sent = await line.ok("sendMessage", chat_id=GROUP, text="van de bot")
    edits = {"chat_id": GROUP, "text": "x"}
    assert await line.no("editMessageText", message_id=99, **edits) == (
        400,
        "Bad Request: message to edit not found",
    )
    assert (await line.no("editMessageText", message_id=said["message_id"], **edits))[1] == (
        "Bad Request: message can't be edited"
    )
    same = {"chat_id": GROUP, "text": "van de bot", "message_id": sent["message_id"]}
    code, told = await line.no("editMessageText", **same)
    assert (code, told[:36]) == (400, "Bad Request: message is not modified")
    edited = await line.ok("editMessageText", **(same | {"text": "anders"}))
    assert (edited["text"], "edit_date" in edited) == ("anders", True)


async def test_a_message_is_deleted_once_and_not_those_of_others_or_of_last_week(line: Line) -> None:
    said = line.world.say(GROUP, JAN, "van mij")
    sent = await line.ok("sendMessage", chat_id=GROUP, text="even")
    old = await line.ok("sendMessage", chat_id=GROUP, text="lang")
    line.world.chats[GROUP].messages[old["message_id"]]["date"] -= 3 * 86400
    assert await line.ok("deleteMessage", chat_id=GROUP, message_id=sent["message_id"])
    again = await line.no("deleteMessage", chat_id=GROUP, message_id=sent["message_id"])
    assert again == (400, "Bad Request: message to delete not found")
    for number in (said["message_id"], old["message_id"]):
        told = await line.no("deleteMessage", chat_id=GROUP, message_id=number)
        assert told == (400, "Bad Request: message can't be deleted for everyone")


async def test_a_bot_that_was_kicked_left_or_blocked_is_forbidden(line: Line) -> None:
    line.world.change(GROUP, BOT_ID, "kicked", FATIMA)
    assert await line.no("sendMessage", chat_id=GROUP, text="x") == (
        403,
        "Forbidden: bot was kicked from the supergroup chat",
    )
    line.world.change(GROUP, BOT_ID, "member", FATIMA)
    await line.ok("leaveChat", chat_id=GROUP)
    assert await line.no("getChatAdministrators", chat_id=GROUP) == (
        403,
        "Forbidden: bot is not a member of the supergroup chat",
    )
    line.world.start(JAN)
    line.world.change(JAN, BOT_ID, "kicked", JAN)
    assert await line.no("sendMessage", chat_id=JAN, text="x") == (403, "Forbidden: bot was blocked by the user")


async def test_a_bot_cannot_write_first(line: Line) -> None:
    told = await line.no("sendMessage", chat_id=JAN, text="hoi")
    assert told == (403, "Forbidden: bot can't initiate conversation with a user")
    line.world.start(JAN)
    assert (await line.ok("sendMessage", chat_id=JAN, text="hoi"))["chat"]["type"] == "private"


async def test_a_group_that_became_a_supergroup_names_its_new_address_and_says_so_twice(line: Line) -> None:
    line.world.group(-77, "Klein", {FATIMA: "creator"}, kind="group")
    line.world.change(-77, BOT_ID, "member", FATIMA)
    await line.updates()
    line.world.migrate(-77, OTHER)
    answer = await line.raw("sendMessage", chat_id=-77, text="x")
    assert answer.status_code == 400
    assert answer.json()["parameters"] == {"migrate_to_chat_id": OTHER}
    told = [body for kind, body in await line.updates() if "migrate" in str(body)]
    assert [(one["chat"]["id"], one["from"]["id"]) for one in told] == [(-77, 1087968824), (OTHER, 1087968824)]
    assert told[1]["message_id"] == 1


async def test_too_many_messages_are_refused_with_the_seconds_to_wait() -> None:
    async with serve(BotApi(a_world())) as served, httpx.AsyncClient() as client:
        line, now = Line(served, client), 100.0
        flood = served.api.flood
        flood._clock = lambda: now
        assert await line.ok("sendMessage", chat_id=GROUP, text="1")
        answer = await line.raw("sendMessage", chat_id=GROUP, text="2")
        assert answer.status_code == 429
        assert answer.json()["description"] == "Too Many Requests: retry after 1"
        assert answer.json()["parameters"] == {"retry_after": 1}
        for _ in range(19):
            now += 1.0
            await line.ok("sendMessage", chat_id=GROUP, text="n")
        now += 1.0
        refused = await line.raw("sendMessage", chat_id=GROUP, text="21")
        assert refused.json()["parameters"] == {"retry_after": 40}


async def test_thirty_messages_a_second_are_the_most_over_all_chats() -> None:
    world = a_world()
    async with serve(BotApi(world, Limits(chat=0, group=0))) as served, httpx.AsyncClient() as client:
        line = Line(served, client)
        served.api.flood._clock = lambda: 5.0
        for _ in range(30):
            await line.ok("sendMessage", chat_id=GROUP, text="x")
        assert (await line.no("sendMessage", chat_id=GROUP, text="x"))[0] == 429


async def test_an_offset_confirms_what_is_below_it(line: Line) -> None:
    first, second = line.world.say(GROUP, JAN, "een"), line.world.say(GROUP, JAN, "twee")
    found = await line.ok("getUpdates")
    assert [one["message"].get("text") for one in found if "message" in one][1:] == [first["text"], second["text"]]
    assert await line.ok("getUpdates") == found
    assert await line.ok("getUpdates", offset=found[-1]["update_id"]) == found[-1:]
    assert await line.ok("getUpdates") == found[-1:]
    assert await line.ok("getUpdates", offset=found[-1]["update_id"] + 1) == []


async def test_a_long_poll_waits_for_something_and_a_second_one_ends_the_first(line: Line) -> None:
    await line.updates(offset=2**40)
    polling = asyncio.create_task(line.raw("getUpdates", timeout=20))
    await asyncio.sleep(0.1)
    assert not polling.done()
    second = asyncio.create_task(line.raw("getUpdates", timeout=20))
    ended = await polling
    assert (ended.status_code, ended.json()["description"][:29]) == (409, "Conflict: terminated by other")
    line.world.say(GROUP, JAN, "hier")
    (update,) = (await second).json()["result"]
    assert update["message"]["text"] == "hier"


async def test_polling_beside_a_webhook_is_a_conflict(line: Line) -> None:
    assert (await line.no("setWebhook", url="http://bart.example"))[0] == 400
    assert (await line.no("setWebhook", url="https://bart.example:8080"))[0] == 400
    assert (await line.no("setWebhook", url="https://bart.example", secret_token="a b"))[0] == 400
    await line.ok("setWebhook", url="https://bart.example/x", secret_token="geheim")
    code, told = await line.no("getUpdates")
    assert (code, told[:30]) == (409, "Conflict: can't use getUpdates")
    assert (await line.ok("getWebhookInfo"))["url"] == "https://bart.example/x"
    await line.ok("deleteWebhook")
    assert await line.ok("getUpdates")


async def test_a_press_is_answered_once_and_with_few_words(line: Line) -> None:
    query = line.world.press(GROUP, JAN, DATA)
    too_long = await line.no("answerCallbackQuery", callback_query_id=query, text="x" * 201)
    assert too_long == (400, "Bad Request: MESSAGE_TOO_LONG")
    elsewhere = await line.no("answerCallbackQuery", callback_query_id=query, url="https://evil.example")
    assert elsewhere == (400, "Bad Request: URL_INVALID")
    await line.ok("answerCallbackQuery", callback_query_id=query, text="Dank je")
    assert line.world.toasts == [(GROUP, JAN, "Dank je")]
    for late in (query, "123"):
        code, told = await line.no("answerCallbackQuery", callback_query_id=late)
        assert (code, told[:29]) == (400, "Bad Request: query is too old")


async def test_with_privacy_on_only_what_is_said_to_the_bot_arrives() -> None:
    world = a_world(reads_all=False)
    async with serve(BotApi(world, Limits(chat=0))) as served, httpx.AsyncClient() as client:
        line = Line(served, client)
        assert (await line.ok("getMe"))["can_read_all_group_messages"] is False
        own = await line.ok("sendMessage", chat_id=GROUP, text="Waar?")
        world.say(GROUP, JAN, "gewoon iets")
        world.say(GROUP, JAN, "bij de glasbak", reply_to=own["message_id"])
        world.say(GROUP, JAN, "/status")
        world.say(GROUP, JAN, "/status@andere_bot")
        world.change(GROUP, BOT_ID, "administrator", FATIMA)
        world.say(GROUP, JAN, "nu wel")
        texts = [body.get("text") for kind, body in await line.updates() if kind == "message"]
        assert [text for text in texts if text] == ["bij de glasbak", "/status", "nu wel"]


async def test_reactions_and_members_are_told_to_an_admin_that_asked_for_them(line: Line) -> None:
    asked = ["message", "chat_member", "message_reaction"]
    said = line.world.say(GROUP, JAN, "hoi")
    line.world.react(GROUP, KEES, said["message_id"], "👍")
    line.world.change(GROUP, KEES, "left", KEES)
    assert {kind for kind, _ in await line.updates()} == {"my_chat_member", "message"}
    line.world.change(GROUP, BOT_ID, "administrator", FATIMA)
    line.world.change(GROUP, KEES, "member", KEES)
    await line.updates(offset=2**40, allowed_updates=asked)
    line.world.react(GROUP, KEES, said["message_id"], "👍")
    line.world.change(GROUP, JAN, "administrator", FATIMA)
    line.world.delete(GROUP, said["message_id"])
    assert [kind for kind, _ in await line.updates()] == ["message_reaction", "chat_member"]


async def test_who_is_admin_and_member_can_be_asked(line: Line) -> None:
    line.world.chats[GROUP].anonymous.add(FATIMA)
    (admin,) = await line.ok("getChatAdministrators", chat_id=GROUP)
    assert (admin["user"]["id"], admin["status"], admin["is_anonymous"]) == (FATIMA, "creator", True)
    assert line.world.say(GROUP, FATIMA, "als beheerder")["from"]["username"] == "GroupAnonymousBot"
    assert (await line.ok("getChatMember", chat_id=GROUP, user_id=JAN))["status"] == "member"
    stranger = await line.no("getChatMember", chat_id=GROUP, user_id=99)
    assert stranger == (400, "Bad Request: PARTICIPANT_ID_INVALID")


async def test_a_photo_is_downloaded_by_its_path(line: Line) -> None:
    photo = line.world.photo(GROUP, JAN, "kijk", b"\xff\xd8photo", album="a1")["photo"][-1]
    file = await line.ok("getFile", file_id=photo["file_id"])
    got = await line.client.get(f"{line.served.url}/file/bot{TOKEN}/{file['file_path']}")
    assert got.content == b"\xff\xd8photo"
    line.world.files[photo["file_id"]] = b"x" * (20 * 1024 * 1024 + 1)
    assert await line.no("getFile", file_id=photo["file_id"]) == (400, "Bad Request: file is too big")
    assert (await line.no("getFile", file_id="weg"))[0] == 400


async def test_commands_are_checked(line: Line) -> None:
    wrong = [{"command": "Status!", "description": "x"}]
    assert await line.no("setMyCommands", commands=wrong) == (400, "Bad Request: BOT_COMMAND_INVALID")
    assert await line.ok("setMyCommands", commands=[{"command": "status", "description": "Hoe staat het?"}])


@pytest.mark.parametrize(("fault", "code"), [("502", 502), ("429:60", 429), ("garbage", 200)])
async def test_it_can_be_out_of_order(line: Line, fault: str, code: int) -> None:
    line.served.faults.append(fault)
    answer = await line.raw("getChat", chat_id=GROUP)
    assert answer.status_code == code
    assert (await line.ok("getChat", chat_id=GROUP))["title"] == "Buurtapp"


@pytest.mark.parametrize(("fault", "posted"), [("half", 0), ("done-drop", 1)])
async def test_a_line_can_break_before_and_after_the_deed(line: Line, fault: str, posted: int) -> None:
    line.served.faults.append(fault)
    with pytest.raises(httpx.RemoteProtocolError):
        await line.raw("sendMessage", chat_id=GROUP, text="gezegd?")
    texts = [one.get("text") for one in line.world.chats[GROUP].messages.values()]
    assert texts.count("gezegd?") == posted


async def test_a_webhook_is_pushed_to_with_its_secret(line: Line) -> None:
    await line.ok("setWebhook", url="https://bart.example/x", secret_token="geheim")
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as outside:
        update = {"update_id": 1, "message": {}}
        assert (await line.served.push("https://bart.example/x", outside, update)).status_code == 200
    assert seen[0].headers["x-telegram-bot-api-secret-token"] == "geheim"

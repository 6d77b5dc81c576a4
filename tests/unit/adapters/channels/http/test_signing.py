"""Only who has a key gets in, only while it is fresh, and only once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.http import signing
from adapters.channels.http.signing import KEY, SIGNATURE, TIMESTAMP, WINDOW_S, NotSignedError, Used, check, signed
from bot.model.errors import Later
from tests.fakes.buurtapp import SECRETS, sign

NOW = 1_795_000_000
HEAD = ("POST", "/koppeling/buurtapp/deliveries")
BODY = b'{"delivery":"d1"}'


def headers(key: str = "a", now: int = NOW, body: bytes = BODY, head: tuple[str, str] = HEAD) -> dict[str, str]:
    made = signed(key, SECRETS[key], *head, now, body)
    return {name.lower(): value for name, value in made.items()}


def fault(given: dict[str, str], head: tuple[str, str] = HEAD, body: bytes = BODY, now: int = NOW) -> str:
    with pytest.raises(NotSignedError) as caught:
        check(SECRETS, given, head, body, now)
    return caught.value.header


@pytest.mark.parametrize("key", list(SECRETS))
def test_both_keys_open_the_door_while_a_new_one_replaces_the_old(key: str) -> None:
    given = headers(key)
    assert check(SECRETS, given, HEAD, BODY, NOW) == given[SIGNATURE]


def test_a_key_that_was_taken_out_opens_nothing() -> None:
    with pytest.raises(NotSignedError, match="not a key of this app"):
        check({"b": SECRETS["b"]}, headers("a"), HEAD, BODY, NOW)


def test_the_signature_is_the_one_that_the_document_for_apps_describes() -> None:
    made = signed("a", SECRETS["a"], *HEAD, NOW, BODY)
    assert made["Bart-Signature"] == sign(SECRETS["a"], *HEAD, NOW, BODY)
    # printf 'POST\n/x\n1\nhoi' | openssl dgst -sha256 -hmac geheim
    by_openssl = "9c2b129cef5722b97c6a7a79c12e78876b3077089fe8dace95cddf60b1656b4e"
    assert signing.signature("geheim", "POST", "/x", "1", b"hoi") == by_openssl


@pytest.mark.parametrize("off", [-WINDOW_S, 0, WINDOW_S])
def test_a_clock_may_be_five_minutes_off(off: int) -> None:
    assert check(SECRETS, headers(now=NOW + off), HEAD, BODY, NOW)


@pytest.mark.parametrize("off", [-WINDOW_S - 1, WINDOW_S + 1, -NOW, 10**11])
def test_a_timestamp_outside_the_window_is_refused_and_told_the_time(off: int) -> None:
    with pytest.raises(NotSignedError, match=str(NOW)) as caught:
        check(SECRETS, headers(now=NOW + off), HEAD, BODY, NOW)
    assert caught.value.header == TIMESTAMP


@pytest.mark.parametrize("header", [KEY, TIMESTAMP, SIGNATURE])
def test_a_missing_header_is_named(header: str) -> None:
    for without in ({k: v for k, v in headers().items() if k != header}, headers() | {header: ""}):
        assert fault(without) == header


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (KEY, "c"),
        (KEY, "A"),
        (TIMESTAMP, "nu"),
        (TIMESTAMP, "-1"),
        (TIMESTAMP, "1e9"),
        (TIMESTAMP, "١٢٣"),
        (TIMESTAMP, "9" * 40),
        (SIGNATURE, "0" * 64),
        (SIGNATURE, "0" * 63),
        (SIGNATURE, "é" * 64),
        (SIGNATURE, "A" * 64),
    ],
)
def test_a_wrong_header_is_named(header: str, value: str) -> None:
    assert fault(headers() | {header: value}) == header


@given(st.binary(max_size=40), st.sampled_from(["POST", "PUT"]), st.text(max_size=20), st.integers(-10, 10))
def test_whatever_is_changed_after_signing_the_signature_no_longer_fits(
    body: bytes, method: str, target: str, later: int
) -> None:
    same = (body, method, target, later) == (BODY, *HEAD, 0)
    given = headers() | {TIMESTAMP: str(NOW + later)}
    assert same or fault(given, (method, target), body) == SIGNATURE


def test_method_target_and_body_cannot_be_shifted_into_each_other() -> None:
    first = signed("a", SECRETS["a"], "POST", "/x", NOW, b"y")["Bart-Signature"]
    assert first != signed("a", SECRETS["a"], "POST", "/x\ny", NOW, b"")["Bart-Signature"]


def test_nothing_told_is_secret() -> None:
    for wrong in (headers() | {SIGNATURE: "0" * 64}, headers() | {KEY: "c"}, headers(now=1)):
        with pytest.raises(NotSignedError) as caught:
            check(SECRETS, wrong, HEAD, BODY, NOW)
        right = signed("a", SECRETS["a"], *HEAD, NOW, BODY)["Bart-Signature"]
        assert all(secret not in str(caught.value) for secret in (*SECRETS.values(), right))


def test_a_signature_works_once() -> None:
    used = Used()
    used.use("x", NOW)
    used.use("y", NOW)
    with pytest.raises(NotSignedError, match="sign again"):
        used.use("x", NOW + 2 * WINDOW_S)


def test_a_signature_is_forgotten_when_its_timestamp_is_worth_nothing_any_more() -> None:
    used = Used()
    used.use("x", NOW)
    used.use("x", NOW + 2 * WINDOW_S + 1)
    with pytest.raises(NotSignedError):
        used.use("x", NOW + 2 * WINDOW_S + 1)


def test_what_was_not_taken_may_come_again_as_it_was() -> None:
    used = Used()
    used.use("x", NOW)
    used.forget("x")
    used.forget("never seen")
    used.use("x", NOW)


def test_more_requests_than_can_be_remembered_have_to_wait() -> None:
    used = Used(limit=2)
    used.use("x", NOW)
    used.use("y", NOW)
    with pytest.raises(Later):
        used.use("z", NOW)
    used.use("z", NOW + 2 * WINDOW_S + 1)

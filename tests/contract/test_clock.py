"""What every clock keeps to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.clock import SystemClock
from bot.ports.clock import Clock
from bot.ports.fakes.clock import NOON, FakeClock


@pytest.fixture(params=[SystemClock, FakeClock], ids=["system", "fake"])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_time_is_in_utc(clock: Clock) -> None:
    assert clock.moment().now.tzinfo is UTC


def test_a_seed_never_comes_back(clock: Clock) -> None:
    seeds = [clock.moment().seed for _ in range(1000)]
    assert len(set(seeds)) == len(seeds)


def test_fresh_ids_of_two_moments_differ(clock: Clock) -> None:
    assert clock.moment().fresh("incident") != clock.moment().fresh("incident")


def test_one_moment_gives_one_id_per_kind(clock: Clock) -> None:
    moment = clock.moment()
    assert moment.fresh("incident") == moment.fresh("incident") != moment.fresh("report")


def test_the_system_clock_tells_the_time() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().moment().now <= datetime.now(UTC)


def test_seeds_of_the_system_clock_are_too_long_to_guess() -> None:
    assert len(bytes.fromhex(SystemClock().moment().seed)) == 16


def test_the_fake_stands_still_until_told() -> None:
    clock = FakeClock()
    assert clock.moment().now == clock.moment().now == clock.now == NOON


def test_the_fake_moves_by_seconds_and_by_durations() -> None:
    clock = FakeClock()
    assert clock.advance(90) == NOON + timedelta(seconds=90)
    assert clock.advance(timedelta(hours=1)) == clock.moment().now == NOON + timedelta(hours=1, seconds=90)


def test_the_fake_jumps_backwards() -> None:
    clock = FakeClock()
    clock.set(NOON - timedelta(days=3))
    assert clock.moment().now == NOON - timedelta(days=3)


def test_the_fake_turns_any_zone_into_utc() -> None:
    amsterdam = timezone(timedelta(hours=1))
    clock = FakeClock(datetime(2026, 11, 21, 13, 0, tzinfo=amsterdam))
    assert clock.moment().now == NOON
    assert clock.moment().now.tzinfo is UTC


def test_the_fake_repeats_itself_in_another_run() -> None:
    one, other = FakeClock(), FakeClock()
    assert [one.moment() for _ in range(3)] == [other.moment() for _ in range(3)]
    assert FakeClock(name="a").moment() != FakeClock(name="b").moment()


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="timezone-aware"):
        FakeClock(naive)
    with pytest.raises(ValueError, match="timezone-aware"):
        FakeClock().set(naive)

"""Whose lease stands: by real seconds for our own, by a living process for another's."""

from __future__ import annotations

from pathlib import Path

from bot.model.ids import WorkId
from storage.sqlite.leases import is_alive, leases, owner_file
from tests.support.backends import Time

ONE, TWO = WorkId(1), WorkId(2)


def test_an_own_lease_runs_out_by_ticks(tmp_path: Path) -> None:
    time = Time()
    with leases(tmp_path / "bart.db", time.ticks) as held:
        held.hold([ONE, TWO], 60)
        time.go_by(20)
        assert held.remaining(ONE, held.owner) == 40
        held.forget([ONE])
        assert held.remaining(ONE, held.owner) == 0
        time.go_by(100)
        assert held.remaining(TWO, held.owner) == 0


def test_a_row_of_ours_that_we_do_not_know_has_run_out(tmp_path: Path) -> None:
    with leases(tmp_path / "bart.db", Time().ticks) as held:
        assert held.remaining(ONE, held.owner) == 0


def test_anothers_lease_stands_as_long_as_it_lives(tmp_path: Path) -> None:
    path = tmp_path / "bart.db"
    with leases(path, Time().ticks) as mine:
        with leases(path, Time().ticks) as other:
            assert mine.remaining(ONE, other.owner) is None
        assert mine.remaining(ONE, other.owner) == 0


def test_owners_take_their_file_away_and_that_of_the_dead(tmp_path: Path) -> None:
    path = tmp_path / "bart.db"
    dead = owner_file(path, "dead")
    dead.touch()
    with leases(path, Time().ticks) as held:
        assert not dead.exists()
        assert is_alive(owner_file(path, held.owner))
    assert list(tmp_path.iterdir()) == []

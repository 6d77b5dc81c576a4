"""`bart adapter`: what it writes works at once, and what it says of an adapter is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from adapters.testing.ladder import Kind, Rung, checks
from adapters.testing.writing import files, write
from bot.model.errors import InputError
from tests.support.packages import install, with_package
from tests.support.shell import Shell

KINDS = list(Kind)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(data=tmp_path / "data")


def made(kind: Kind, into: Path, name: str = "sprong") -> Path:
    folder = write(kind, name, into)
    install(folder)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_passes_its_own_tests_at_once(kind: Kind, tmp_path: Path) -> None:
    done = with_package(made(kind, tmp_path), "-W", "error", pytest=True)
    assert done.code == 0, done.out
    assert f"{len(checks(kind))} passed" in done.out


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_reaches_the_highest_rung(kind: Kind, tmp_path: Path) -> None:
    done = with_package(made(kind, tmp_path), "adapter", "check", "sprong")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == "ok loads from its entry point and fits these ports"
    assert done.lines[-1] == "sprong reaches goud"
    shown = [re.match(r"ok (\w+) (.*)", line) for line in done.lines[1:-1]]
    assert [found[2].replace(" ", "_") for found in shown if found] == [one.__name__ for one in checks(kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_has_the_name_it_was_given_and_no_other(kind: Kind) -> None:
    written = files(kind, "jip_en_janneke")
    assert all("xample" not in text for text in written.values())
    project = tomllib.loads(written["pyproject.toml"])["project"]
    assert project["name"] == "bart-jip-en-janneke"
    assert project["entry-points"][f"bart.{kind}s"] == {"jip_en_janneke": f"bart_jip_en_janneke:{kind}"}
    for path, text in written.items():
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_a_fault_is_named_with_the_check_that_found_it(tmp_path: Path) -> None:
    folder = made(Kind.CHANNEL, tmp_path)
    source = folder / "bart_sprong" / "channel.py"
    text = source.read_text("utf-8")
    spoiled = text.replace("screen.pop(ref, None)", "screen.get(ref)")
    assert spoiled != text
    source.write_text(spoiled, "utf-8")
    done = with_package(folder, "adapter", "check", "sprong")
    assert done.code == 1
    faults = [line for line in done.lines if line.startswith("FAULT")]
    assert faults == [
        "FAULT zilver a deleted post is gone and deleting again is fine: nobody sees it any more",
    ]
    assert done.lines[-1] == "sprong reaches brons"
    tested = with_package(folder, pytest=True)
    assert tested.code == 1
    assert "bart_rig[a_deleted_post_is_gone_and_deleting_again_is_fine]" in tested.out


def test_an_adapter_that_raises_anything_is_reported_and_the_next_check_runs(tmp_path: Path) -> None:
    folder = made(Kind.GEOCODER, tmp_path)
    source = folder / "bart_sprong" / "geocoder.py"
    source.write_text(source.read_text("utf-8").replace("wanted = words", "wanted = 1 / 0 or words"), "utf-8")
    done = with_package(folder, "adapter", "check", "sprong")
    assert done.code == 1
    assert "FAULT brons a street is found by its name: ZeroDivisionError: division by zero" in done.lines
    assert "ok zilver a point is named as people call it" in done.lines
    assert done.lines[-1] == "sprong is not on the ladder yet"


def test_what_a_rig_cannot_show_is_said_and_keeps_it_from_the_highest_rung(tmp_path: Path) -> None:
    folder = made(Kind.CHANNEL, tmp_path)
    rig = folder / "bart_sprong" / "rig.py"
    rig.write_text(rig.read_text("utf-8").replace("async def busy", "async def idle"), "utf-8")
    done = with_package(folder, "adapter", "check", "sprong")
    assert done.code == 0
    assert [line for line in done.lines if line.startswith("-")] == [
        "- goud after a restart it goes on where the host was: not shown by its rig",
        "- goud not now is later and says nothing: not shown by its rig",
        "- goud what is delivered twice can be told apart: not shown by its rig",
    ]
    assert done.lines[-1] == "sprong reaches zilver"
    assert "3 skipped" in with_package(folder, pytest=True).out


def test_an_adapter_for_other_ports_is_one_line(tmp_path: Path) -> None:
    folder = made(Kind.CHANNEL, tmp_path)
    init = folder / "bart_sprong" / "__init__.py"
    init.write_text(re.sub(r'PORT_VERSION = "[\d.]+"', 'PORT_VERSION = "9.0"', init.read_text("utf-8")), "utf-8")
    done = with_package(folder, "adapter", "check", "sprong")
    assert (done.code, done.out) == (1, "")
    assert "does not fit: it was written for ports 9.0" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "rig"),
    [
        ("web", "tests.support.channel_rigs:WebRig"),
        ("http", "tests.support.http_rig:HttpRig"),
        ("telegram", "tests.support.telegram_rig:TelegramRig"),
        ("embedded", "tests.support.adapter_rigs:EmbeddedDeskRig"),
        ("gazetteer", "tests.support.adapter_rigs:gazetteer_rig"),
        ("pdok", "tests.support.adapter_rigs:pdok_rig"),
    ],
)
def test_the_built_in_ones_go_through_the_same_door_and_checks(shell: Shell, name: str, rig: str) -> None:
    done = shell.bart("adapter", "check", name, "--rig", rig)
    assert (done.code, done.err) == (0, "")
    highest = Rung.SILVER if name == "web" else Rung.GOLD
    assert done.lines[-1] == f"{name} reaches {highest}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "pigeon"), 'NAME: there is no adapter "pigeon"'),
        (("check", "web"), '--rig: nothing says how people use "web"'),
        (("check", "web", "--kind", "desk"), 'NAME: there is no "web" among bart.desks'),
        (("check", "web", "--rig", "nowhere:Rig"), "--rig: nowhere:Rig cannot be loaded"),
        (
            ("check", "web", "--rig", "tests.support.channel_rigs:Nothing"),
            "--rig: tests.support.channel_rigs:Nothing",
        ),
        (("check", "web", "--rig", ":"), "--rig: : cannot be loaded"),
        (("new", "Sprong"), 'NAME: "Sprong" must be'),
        (("new", "../sprong"), 'NAME: "../sprong" must be'),
        (("new", "sprong", "--into", "/nowhere/at/all"), "/nowhere/at/all: is no folder"),
        (("new", "sprong", "--kind", "pigeon"), "invalid choice"),
    ],
)
def test_wrong_use_is_one_line_that_names_it(shell: Shell, words: tuple[str, ...], told: str) -> None:
    done = shell.bart("adapter", *words)
    assert done.code == 2
    assert told in done.err
    assert done.err.count("\n") == 1


def test_new_says_what_to_do_next_and_never_writes_over_something(shell: Shell, tmp_path: Path) -> None:
    done = shell.bart("adapter", "new", "sprong", "--into", str(tmp_path))
    assert done.code == 0
    assert done.lines[0] == f"written: {tmp_path / 'bart-sprong'}"
    assert "pip install" in done.lines[1]
    again = shell.bart("adapter", "new", "sprong", "--kind", "desk", "--into", str(tmp_path))
    assert again.code == 2
    assert "is there already" in again.err
    assert [path.name for path in tmp_path.iterdir()] == ["bart-sprong"]


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    (tmp_path / "bart-sprong").write_text("a file of somebody")
    with pytest.raises(InputError, match="is there already"):
        write(Kind.CHANNEL, "sprong", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["bart-sprong"]


def test_list_shows_what_is_installed_and_what_can_be_checked(shell: Shell, tmp_path: Path) -> None:
    lines = shell.bart("adapter", "list").lines
    assert lines[0] == "KIND NAME RIG"
    assert {"channel http no", "channel web no", "desk embedded no", "geocoder pdok no"} <= set(lines)
    assert "desk sprong yes" in with_package(made(Kind.DESK, tmp_path), "adapter", "list").lines


def test_a_name_of_two_kinds_must_be_told_apart(tmp_path: Path) -> None:
    folder = made(Kind.CHANNEL, tmp_path)
    (noted,) = folder.glob("*.dist-info")
    points = (noted / "entry_points.txt").read_text("utf-8")
    (noted / "entry_points.txt").write_text(f"{points}[bart.desks]\nsprong = bart_sprong:channel\n", "utf-8")
    done = with_package(folder, "adapter", "check", "sprong")
    assert (done.code, done.out) == (2, "")
    assert '--kind: "sprong" is a channel and a desk; say which' in done.err
    assert with_package(folder, "adapter", "check", "sprong", "--kind", "channel").code == 0

"""`bart run` as a process of its own: starts, serves, stops, and says in one line why it cannot."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.support.shell import Server, Shell, program, serving

GRANT = re.compile(r"\w+:grant")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_serves_and_stops_in_order(tmp_path: Path, how: signal.Signals) -> None:
    with serving(tmp_path / "data") as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        assert server.stop(how) == 0
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""
    assert not list((tmp_path / "data").glob("*-wal"))


def test_a_live_stream_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "data") as server,
        httpx.stream("GET", f"{server.url}/api/chat/parijsplein/jan/events", timeout=20) as stream,
    ):
        assert stream.status_code == 200
        assert server.stop() == 0


def test_a_port_in_use_is_one_line_and_nothing_is_opened(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = program("run", "--port", str(port), "--data", str(tmp_path / "data"))
    assert (done.code, done.out) == (1, "")
    assert done.err == f"bart: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    assert list((tmp_path / "data").iterdir()) == []


def test_a_second_server_on_the_same_data_is_one_line_and_the_first_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        done = program("run", "--port", "0", "--data", str(data))
        assert (done.code, done.out, done.err) == (1, "", f"bart: another bart run already serves {data}\n")
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        assert server.stop() == 0


def test_after_a_crash_the_data_can_be_served_again(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        server.process.kill()
        server.process.wait()
    with serving(tmp_path / "data") as server:
        assert server.stop() == 0


def test_an_address_of_another_machine_is_one_line(tmp_path: Path) -> None:
    done = program("run", "--host", "192.0.2.1", "--data", str(tmp_path / "data"))
    assert done.code == 1
    assert done.err.startswith("bart: cannot listen on 192.0.2.1:8080: ")
    assert done.err.count("\n") == 1


def test_what_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bart.db").write_bytes(b"no database " * 100)
    done = program("run", "--port", "0", "--data", str(tmp_path))
    assert (done.code, done.out, done.err) == (1, "", "bart: the database: SQLITE_NOTADB\n")


def test_an_adapter_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[tenants.delft]\nname = "D"\nmunicipality = "D"\nprivacy_contact = "x"\ngeocoder = "g"\n'
        '[geocoders.g]\nkind = "gazetteer"\n[channels.wijk]\nkind = "pigeon"\ntenant = "delft"\n'
    )
    told = ("--port", "0", "--data", str(tmp_path / "data"), "--config", str(tmp_path / "config.toml"))
    done = program("run", *told)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith('bart: config.toml: channels.wijk.kind: there is no "pigeon" among bart.channels')
    assert done.err.count("\n") == 1


def test_a_signal_while_things_are_being_opened_ends_in_order_too(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder, wait=False) as server:
        while not (folder / "bart.db").exists():
            assert server.process.poll() is None
            time.sleep(0.01)
        assert server.stop() == 0
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""


@pytest.mark.parametrize("port", ["70000", "x", "-1", "8080.0"])
def test_a_wrong_port_is_wrong_use(tmp_path: Path, port: str) -> None:
    done = program("run", f"--port={port}", "--data", str(tmp_path))
    assert done.code == 2
    assert f'"{port}" is no port' in done.err
    assert done.err.count("\n") == 1


def test_a_setting_that_is_wrong_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[server]\nprot = 8080\n[tenants]\n[channels]\n")
    done = program("run", "--config", str(file))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("bart: config.toml: server.prot: there is no such setting")
    assert done.err.count("\n") == 1


def test_the_config_can_be_named_in_the_environment(tmp_path: Path) -> None:
    done = program("check", environ={"BART_CONFIG": str(tmp_path / "none.toml")})
    assert done.code == 1
    assert (
        done.out
        == f"FAULT  settings                 {tmp_path}/none.toml: cannot be read: No such file or directory\n"
    )


def test_a_variable_that_is_wrong_is_named(tmp_path: Path) -> None:
    done = program("run", "--data", str(tmp_path), environ={"BART_SERVER__PORT": "x"})
    assert done.code == 2
    assert done.err.startswith("bart: BART_SERVER__PORT (server.port): expected a whole number")


def admit(server: Server, shell: Shell) -> str:
    """Let BART in; the group's id."""
    group = shell.bart("group", "list").lines[1].split()[0]
    server.press("fatima", f"{group}:grant")
    assert " on " in shell.bart("group", "list").lines[1]
    return group


def prompts(shell: Shell, group: str) -> str:
    return next(line for line in shell.bart("group", "show", group).lines if line.startswith("incidents "))


def test_pausing_beside_a_running_server_holds_for_the_very_next_message(tmp_path: Path) -> None:
    shell = Shell(data=tmp_path / "data")
    with serving(shell.data) as server:
        server.say("jan", "hoi")
        group = admit(server, shell)
        assert shell.bart("group", "pause", group).lines == [f"{group} is paused"]
        server.say("jan", "bah, ligt weer vol glas bij de glasbak op het Parijsplein")
        assert prompts(shell, group) == "incidents none"
        assert shell.bart("group", "resume", group).lines == [f"{group} is on"]
        server.say("kees", "er ligt weer glas bij de glasbak op het Parijsplein")
        assert prompts(shell, group) != "incidents none"
        assert server.stop() == 0


@pytest.mark.parametrize("word", ["--help", "version"])
def test_help_and_version_load_no_server(word: str) -> None:
    heavy = {"uvicorn", "starlette", "aiosqlite", "structlog", "msgspec", "PIL"}
    script = (
        "import sys\nfrom bot.cli import main\n"
        f"try:\n    main([{word!r}])\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', *({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.splitlines()[-1] == "loaded:"

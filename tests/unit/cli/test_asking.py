"""What can be asked, and what is said to wrong use."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import build, main
from bot.cli.opening import settings, tenant
from bot.cli.run import port
from bot.model.errors import ConfigError, InputError

GROUPS = {"work", "group", "report", "account", "gazetteer"}
DOCS = Path("docs/commands.md").read_text("utf-8")


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield parser
    for action in inner:
        for below in action.choices.values():
            yield from leaves(below)


ALL = list(leaves(build()))


def test_every_command_that_was_promised_is_there() -> None:
    assert {one.prog.removeprefix("bart ") for one in ALL} == {
        "run",
        "check",
        "work list",
        "work retry",
        "work drop",
        "group list",
        "group show",
        "learn export",
        "group pause",
        "group resume",
        "group purge",
        "report list",
        "report show",
        "account add",
        "adapter new",
        "adapter check",
        "adapter list",
        "account list",
        "account disable",
        "account enable",
        "account password",
        "gazetteer import",
        "gazetteer find",
        "migrate",
        "version",
        "bench",
        "classify",
        "evaluate",
    }


@pytest.mark.parametrize("parser", ALL, ids=lambda one: one.prog)
def test_every_command_explains_itself_and_takes_the_shared_options(parser: argparse.ArgumentParser) -> None:
    assert parser.description
    assert {"--config", "--data", "--help"} <= parser._option_string_actions.keys()
    told = [action for action in parser._actions if action.option_strings]
    assert [action.dest for action in told if not action.help] == []


@pytest.mark.parametrize("parser", ALL, ids=lambda one: one.prog)
def test_every_command_and_option_is_in_the_docs(parser: argparse.ArgumentParser) -> None:
    assert f"`{parser.prog}" in DOCS
    shared = {"--help", "-h", "--config", "--data", "--debug"}
    assert [name for name in parser._option_string_actions if name not in shared and f"`{name}" not in DOCS] == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "bart: the following arguments are required: COMMAND; see bart --help"),
        (["group"], "bart group: the following arguments are required: COMMAND; see bart group --help"),
        (
            ["group", "show"],
            "bart group show: the following arguments are required: ID; see bart group show --help",
        ),
        (["version", "--loud"], "bart: unrecognized arguments: --loud; see bart --help"),
        (["run", "--por", "1"], "bart: unrecognized arguments: --por 1; see bart --help"),
        (["work", "drop", "x"], "bart work drop: argument ID: invalid int value: 'x'; see bart work drop --help"),
    ],
)
def test_wrong_use_is_one_line(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert capsys.readouterr().err == f"{line}\n"


def test_an_unknown_command_is_named_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["brun"])
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert "'brun'" in err
    assert "run" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("text", ["0", "8080", "65535"])
def test_a_port_is_a_number(text: str) -> None:
    assert port(text) == int(text)


@pytest.mark.parametrize("text", ["", "65536", "-1", "80a", "8_0", "٨٠"])
def test_anything_else_is_no_port(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no port"):
        port(text)


def asked(*words: str) -> argparse.Namespace:
    return build().parse_args(words)


def test_options_go_over_variables_and_those_over_the_file() -> None:
    told = {"BART_SERVER__PORT": "9000", "BART_SERVER__HOST": "::1", "BART_SERVER__DATA": "/var/x"}
    server = settings(asked("run", "--port", "0", "--data", "/var/y"), told).server
    assert (server.port, server.host, server.data) == (0, "::1", Path("/var/y"))


def test_the_config_of_the_option_goes_over_that_of_the_variable(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = 1")
    (tmp_path / "b.toml").write_text("b = 1")
    named = {"BART_CONFIG": str(tmp_path / "b.toml")}
    with pytest.raises(ConfigError, match=r"b\.toml: b: there is no such setting"):
        settings(asked("check"), named)
    with pytest.raises(ConfigError, match=r"a\.toml: a: there is no such setting"):
        settings(asked("check", "--config", str(tmp_path / "a.toml")), named)


def test_without_a_config_it_is_the_demo() -> None:
    assert settings(asked("check"), {}).demo.enabled
    assert settings(asked("check"), {"BART_CONFIG": ""}).demo.enabled


def test_the_only_tenant_need_not_be_named() -> None:
    demo = settings(asked("check"), {})
    assert tenant(demo, None) == tenant(demo, "parijsplein") == "parijsplein"
    with pytest.raises(InputError, match='there is no tenant "delft"; there is: parijsplein'):
        tenant(demo, "delft")


def test_help_is_printed_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for parser in ALL:
        with pytest.raises(SystemExit) as left:
            main([*parser.prog.split()[1:], "--help"])
        assert left.value.code == 0
        assert parser.prog in capsys.readouterr().out

"""`bart gazetteer`, `bart check` and `bart migrate` on a real data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shell import Shell

STREET = 'name,wkt,kind\nZeugstraat,"LINESTRING(4.71 52.01, 4.712 52.011)",street\n'


@pytest.fixture
def empty(tmp_path: Path) -> Shell:
    """A folder with an empty database."""
    shell = Shell(data=tmp_path / "data")
    assert shell.bart("migrate").code == 0
    return shell


# gazetteer


def test_an_imported_gazetteer_is_what_the_tenants_geocoder_uses(empty: Shell, tmp_path: Path) -> None:
    assert empty.bart("gazetteer", "find", "zeugstraat").code == 1
    file = tmp_path / "streets.csv"
    file.write_text(STREET, "utf-8")
    done = empty.bart("gazetteer", "import", str(file))
    assert done.lines == ["imported for parijsplein: streets 1, places 0, outlines 0; restart BART to use them"]
    assert empty.bart("gazetteer", "find", "in", "de", "zeugstraat").lines[1].startswith("Zeugstraat 52.01")


def test_a_broken_gazetteer_is_refused_with_its_line_and_nothing_changes(empty: Shell, tmp_path: Path) -> None:
    file = tmp_path / "streets.csv"
    file.write_text("name,lat,lon\nZeugstraat,52.01,oost\n", "utf-8")
    done = empty.bart("gazetteer", "import", str(file))
    assert done.code == 2
    assert "streets.csv, line 2" in done.err
    assert empty.bart("gazetteer", "find", "zeugstraat").lines == ["nothing found"]


def config(folder: Path, geocoders: str, tenants: tuple[str, ...] = ("delft",)) -> str:
    parts = [
        f'[tenants.{name}]\nname = "{name}"\nmunicipality = "{name}"\nprivacy_contact = "x"\ngeocoder = "straten"'
        for name in tenants
    ]
    parts.append('[channels.wijk]\nkind = "web"\ntenant = "delft"')
    parts.append('[channels.wijk.rooms.wijk]\nname = "Wijk"\nresidents.anna = { name = "Anna", admin = true }')
    parts.append(f"[geocoders.straten]\n{geocoders}")
    (folder / "config.toml").write_text("\n".join(parts), "utf-8")
    return str(folder / "config.toml")


def test_tenants_that_share_a_geocoder_do_not_share_an_import(empty: Shell, tmp_path: Path) -> None:
    file = tmp_path / "streets.csv"
    file.write_text(STREET, "utf-8")
    told = config(tmp_path, 'kind = "gazetteer"', ("delft", "gouda"))
    unsaid = empty.bart("gazetteer", "import", str(file), "--config", told)
    assert (unsaid.code, unsaid.err) == (2, "bart: --tenant: say for which tenant; there is: delft, gouda\n")
    assert empty.bart("gazetteer", "import", str(file), "--config", told, "--tenant", "gouda").code == 0
    assert empty.bart("gazetteer", "find", "zeugstraat", "--config", told, "--tenant", "gouda").code == 0
    without = empty.bart("gazetteer", "find", "zeugstraat", "--config", told, "--tenant", "delft")
    assert without.code == 2
    assert "no streets yet: bart gazetteer import FILE --tenant delft" in without.err


@pytest.mark.parametrize(
    ("geocoders", "err"),
    [
        ('kind = "pdok"', 'geocoders.straten.kind: is "pdok": only a gazetteer takes imports'),
        ('kind = "gazetteer"\nfile = "x.geojson"', "geocoders.straten.file: names the file to use"),
    ],
)
def test_an_import_nobody_would_look_at_is_refused(empty: Shell, tmp_path: Path, geocoders: str, err: str) -> None:
    file = tmp_path / "streets.csv"
    file.write_text("name,lat,lon\nZeugstraat,52.01,4.71\n", "utf-8")
    done = empty.bart("gazetteer", "import", str(file), "--config", config(tmp_path, geocoders))
    assert done.code == 2
    assert f"config.toml: {err}" in done.err


# check, migrate


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_check_finds_all_well_and_makes_nothing(tmp_path: Path) -> None:
    done = Shell(data=tmp_path / "data").bart("check")
    assert done.code == 0
    assert [line.split()[0] for line in done.lines] == ["ok"] * 7
    assert "ok routes of parijsplein gemeente; 0 area(s), without a border" in done.lines
    assert "ok database will be made" in done.lines
    assert list(tmp_path.iterdir()) == []


def test_check_changes_nothing_in_a_folder_that_is_used(empty: Shell) -> None:
    before = files(empty.data)
    done = empty.bart("check")
    assert done.code == 0
    assert any(line.startswith("ok database version ") for line in done.lines)
    assert files(empty.data) == before


def test_check_names_each_fault_and_goes_on(empty: Shell, tmp_path: Path) -> None:
    (empty.data / "bart.db").write_bytes(b"no database " * 100)
    told = config(tmp_path, 'kind = "gazetteer"\nfile = "nowhere.geojson"')
    done = empty.bart("check", "--config", told)
    assert done.code == 1
    assert "FAULT database the database: SQLITE_NOTADB" in done.lines
    assert any(
        line.startswith("FAULT geocoder of delft config.toml: geocoders.straten.file") for line in done.lines
    )
    assert any(line.startswith("ok channel wijk") for line in done.lines)


def test_check_says_that_a_database_is_too_old_or_too_new_and_leaves_it(empty: Shell) -> None:
    for version, what in ((0, "needs migrating to"), (999, "upgrade BART")):
        set_version(empty.data, version)
        done = empty.bart("check")
        assert done.code == 1
        assert any(
            line.startswith(f"FAULT database is at version {version}") and what in line for line in done.lines
        )


def set_version(data: Path, version: int) -> None:
    header = bytearray((data / "bart.db").read_bytes())
    header[60:64] = version.to_bytes(4, "big")
    (data / "bart.db").write_bytes(header)


def test_migrate_says_from_where_to_where(tmp_path: Path) -> None:
    shell = Shell(data=tmp_path / "data")
    assert shell.bart("migrate").lines[0].startswith("the database went from nothing to version ")
    assert shell.bart("migrate").lines[0].endswith(" already")


def test_a_newer_database_is_refused_in_one_line(empty: Shell) -> None:
    set_version(empty.data, 999)
    for words in (["migrate"], ["group", "list"]):
        done = empty.bart(*words)
        assert done.code == 1
        assert "the database is at version 999" in done.err
        assert done.err.count("\n") == 1


@pytest.mark.parametrize("words", [["group", "list"], ["report", "list"], ["work", "list"], ["account", "list"]])
def test_commands_do_not_make_a_database_where_none_is(tmp_path: Path, words: list[str]) -> None:
    done = Shell(data=tmp_path / "typo").bart(*words)
    assert done.code == 2
    assert done.err == f"bart: {tmp_path}/typo: has no BART database; say with --data or --config where it is\n"
    assert not (tmp_path / "typo").exists()


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = Shell(data=tmp_path / "file" / "data").bart("migrate")
    assert (done.code, done.err) == (
        2,
        f"bart: {tmp_path}/file/data: cannot be the data folder: Not a directory\n",
    )

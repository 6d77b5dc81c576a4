"""Settings: what is accepted, and that what is wrong is told with file, key and reason."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, Settings, load
from bot.model.errors import ConfigError
from bot.model.group import GroupSettings, Policy
from bot.model.ids import AccountName, TenantId
from bot.model.tenant import Route
from bot.ports.housekeeping import Terms
from bot.tables import settings

SMALLEST = """
[tenants.delft]
name = "Gemeente Delft"
municipality = "Delft"
privacy_contact = "fg@delft.example"
geocoder = "straten"
desk = "loket"

[channels.wijk]
kind = "web"
tenant = "delft"

[desks.loket]
kind = "embedded"
tenant = "delft"

[geocoders.straten]
kind = "gazetteer"
"""
DELFT = TenantId("delft")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(file: Path, text: str, **environ: str) -> Config:
    file.write_text(text, "utf-8")
    return load(file, environ)


def fault(file: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file, text, **environ)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# what is accepted


def test_the_smallest_file_gets_every_default(file: Path) -> None:
    config = read(file, SMALLEST)
    assert config.server.url == "http://127.0.0.1:8080"
    assert config.server.data == Path("data")
    assert (config.log.level, config.log.format) == ("info", "console")
    assert not config.demo.enabled
    assert config.group == GroupSettings()
    assert config.retention.terms == Terms()
    assert (config.map.tiles, config.interpreter.kind) == ("", "auto")


def test_without_a_file_the_demo_is_used() -> None:
    config = load(None, {})
    assert config.demo.enabled
    assert config.tenants[TenantId("parijsplein")].name == "Gemeente Parijsplein (verzonnen)"
    channel = config.channels[AccountName("buurt")]
    assert channel.kind == "web"
    room = channel.options["rooms"]["parijsplein"]
    assert room["name"] == "Buurtapp Parijsplein"
    assert list(room["residents"]) == ["fatima", "jan", "kees", "samira"]
    assert [key for key, one in room["residents"].items() if one.get("admin")] == ["fatima"]
    assert (config.desks["gemeente"].kind, config.geocoders["demo"].kind) == ("embedded", "gazetteer")


def test_the_demo_waits_shortly_and_has_no_quiet_hours() -> None:
    group = load(None, {}).group
    assert (group.quiet.wait_min, group.quiet.wait_max, group.deadlines.release) == (1, 3, 8)
    assert group.quiet.night_from == group.quiet.night_until
    assert group.deadlines.proposal == GroupSettings().deadlines.proposal


def test_the_default_desk_takes_the_municipal_categories(file: Path) -> None:
    tenant = read(file, SMALLEST).tenant_records[DELFT]
    assert tenant.routes == {"gemeente": Route(desk="loket")}
    assert (tenant.id, tenant.municipality, tenant.zone) == ("delft", "Delft", "Europe/Amsterdam")


def test_a_route_of_its_own_goes_before_the_default_desk(file: Path) -> None:
    text = SMALLEST + '[tenants.delft.routes]\ngemeente.instead = "instead.water"\nverlichting.desk = "loket"\n'
    assert read(file, text).tenant_records[DELFT].routes == {
        "gemeente": Route(instead="instead.water"),
        "verlichting": Route(desk="loket"),
    }


def test_everything_but_kind_and_tenant_is_the_adapters_own(file: Path) -> None:
    text = SMALLEST.replace(
        '[desks.loket]\nkind = "embedded"', '[desks.loket]\nkind = "embedded"\nurl = "x"\nn = 3'
    )
    assert read(file, text).desks["loket"].options == {"url": "x", "n": 3}


def test_times_are_written_as_on_a_clock(file: Path) -> None:
    quiet = read(file, SMALLEST + '[group.quiet]\nnight_from = "23:30"\nbulletin_at = 18:15:00\n').group.quiet
    assert (quiet.night_from, quiet.bulletin_at) == (time(23, 30), time(18, 15))


def test_a_policy_and_topics_are_the_models_own_words(file: Path) -> None:
    group = read(file, SMALLEST + '[group]\npolicy = "anyone"\ntopics_off = ["zorg", "drugs"]\n').group
    assert group.policy is Policy.ANYONE
    assert group.topics_off == {"zorg", "drugs"}


def test_retention_is_told_in_hours_and_days(file: Path) -> None:
    terms = read(file, SMALLEST + "[retention]\nended_hours = 2\ntraffic_days = 7\n").retention.terms
    assert (terms.ended, terms.traffic, terms.finished) == (
        timedelta(hours=2),
        timedelta(days=7),
        timedelta(days=30),
    )


def test_the_public_address_is_what_people_see(file: Path) -> None:
    config = read(file, SMALLEST + '[server]\npublic_url = "https://bart.example/"\n')
    assert config.server.url == "https://bart.example"


def test_an_hour_without_a_desk_parks_nothing(file: Path) -> None:
    work = read(file, SMALLEST).work
    waits = [min(work.backoff_seconds * 2**n, work.backoff_limit_seconds) for n in range(work.attempts - 1)]
    assert sum(waits) > 3600


def test_printing_the_settings_shows_no_adapters_secrets(file: Path) -> None:
    config = read(file, SMALLEST, BART_CHANNELS__WIJK__TOKEN="geheim-123")
    assert "geheim-123" not in repr(config)
    assert config.where("channels.wijk") == "config.toml: channels.wijk"


# the environment


def test_a_variable_goes_over_the_file(file: Path) -> None:
    config = read(file, SMALLEST + "[server]\nport = 80\n", BART_SERVER__PORT="9000", BART_SERVER__HOST="::1")
    assert (config.server.port, config.server.host) == (9000, "::1")


def test_a_secret_stays_text_even_when_it_looks_like_a_number(file: Path) -> None:
    config = read(file, SMALLEST, BART_CHANNELS__WIJK__TOKEN="0123")
    assert config.channels[AccountName("wijk")].options == {"token": "0123"}


def test_an_adapters_number_in_the_file_stays_a_number(file: Path) -> None:
    text = SMALLEST.replace('[desks.loket]\nkind = "embedded"', '[desks.loket]\nkind = "embedded"\npoll = 3')
    assert read(file, text, BART_DESKS__LOKET__POLL="7").desks["loket"].options == {"poll": 7}


def test_a_variable_reaches_deep_and_meets_names_with_a_dash(file: Path) -> None:
    text = SMALLEST.replace("[channels.wijk]", "[channels.de-wijk]")
    config = read(
        file, text, BART_CHANNELS__DE_WIJK__HTTP__PROXY="x", BART_TENANTS__DELFT__NUMBERS__MUNICIPALITY="14 015"
    )
    assert config.channels[AccountName("de-wijk")].options == {"http": {"proxy": "x"}}
    assert config.tenants[DELFT].numbers.municipality == "14 015"


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("BART_DEMO__ENABLED", "true", "demo.enabled", True),
        ("BART_WORK__LEASE_SECONDS", "1.5", "work.lease_seconds", 1.5),
        ("BART_GROUP__QUIET__NIGHT_FROM", "21:00", "group.quiet.night_from", time(21, 0)),
        ("BART_GROUP__TOPICS_OFF", "zorg, drugs", "group.topics_off", frozenset({"zorg", "drugs"})),
        ("BART_SERVER__DATA", "/var/lib/bart", "server.data", Path("/var/lib/bart")),
        ("BART_GROUP__POLICY", "admin", "group.policy", Policy.ADMIN),
    ],
)
def test_a_variable_becomes_what_its_key_wants(
    file: Path, variable: str, text: str, key: str, value: object
) -> None:
    found: object = read(file, SMALLEST, **{variable: text})
    for name in key.split("."):
        found = getattr(found, name)
    assert found == value


def test_other_variables_are_left_alone(file: Path) -> None:
    read(file, SMALLEST, BART_CONFIG="x", PATH="/bin", SERVER__PORT="x", BARTSERVER__PORT="x")


def test_a_wrong_variable_is_named(file: Path) -> None:
    assert fault(file, SMALLEST, BART_SERVER__PORT="veel") == (
        "BART_SERVER__PORT (server.port): expected a whole number, got text"
    )
    assert fault(file, SMALLEST, BART_SERVER__PORT="99999").startswith(
        "BART_SERVER__PORT (server.port): expected a whole number <= 65535"
    )
    assert fault(file, SMALLEST, BART_SERVR__PORT="1").startswith("config.toml: servr: there is no such setting")
    assert fault(file, SMALLEST, BART_SERVER__PORTS="1").startswith(
        "BART_SERVER__PORTS (server.ports): there is no"
    )
    assert "two underscores" in fault(file, SMALLEST, BART_SERVER____PORT="1")
    assert fault(file, SMALLEST + "[server]\nport = 1\n", BART_SERVER__PORT__X="1").startswith(
        "BART_SERVER__PORT__X: port is a value"
    )


def test_a_secret_never_shows_up_in_an_error(file: Path) -> None:
    for variable in (
        "BART_SERVER__PORT",
        "BART_LOG__LEVEL",
        "BART_GROUP__QUIET__NIGHT_FROM",
        "BART_TENANTS__X__A",
    ):
        assert "hunter2" not in fault(file, SMALLEST, **{variable: "hunter2"})


# what is refused


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nergens\.toml: cannot be read: No such file"):
        load(tmp_path / "nergens.toml", {})


def test_what_is_not_toml_is_told_with_its_line(file: Path) -> None:
    assert "line 2" in fault(file, "[server]\nport = = 3\n")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"config\.toml: is not UTF-8 text"):
        load(file, {})


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ('[server]\nport = "80"', "server.port: expected a whole number, got text"),
        ("[server]\nport = 65536", "server.port: expected a whole number <= 65535"),
        (
            "[server]\nports = 80",
            "server.ports: there is no such setting; known here: host, port, public_url, data",
        ),
        ("[server]\ndata = 3", "server.data: expected text"),
        ('[server]\npublic_url = "bart.example"', "server.public_url: expected an address"),
        ("[demo]\nenabled = 1", "demo.enabled: expected true or false, got a whole number"),
        ('[log]\nlevel = "loud"', "log.level: expected one of debug, info, warning, error"),
        ('[log]\nformat = "xml"', "log.format: expected one of console, json"),
        ("[nonsense]\na = 1", "nonsense: there is no such setting"),
        ('[group]\npolicy = "all"', "group.policy: expected one of author, anyone, admin"),
        ("[group]\nprompt_threshold = 2", "group.prompt_threshold: expected a number from 0 to 1"),
        ('[group]\ntopics_off = ["x"]', 'group.topics_off: there is no category "x"'),
        ('[group]\ntopics_off = "x"', "group.topics_off: expected a list, got text"),
        ("[group]\nquiet = 1", "group.quiet: expected a table"),
        ('[group.quiet]\nprompts_per_day = "3"', "group.quiet.prompts_per_day: expected a whole number, got text"),
        ("[group.quiet]\nprompt_gap = -1", "group.quiet.prompt_gap: expected a whole number >= 0"),
        ("[group.quiet]\nopen_prompts = 0", "group.quiet.open_prompts: expected a whole number >= 1"),
        ('[group.quiet]\nnight_from = "25:00"', 'group.quiet.night_from: expected a time like "22:00"'),
        ("[group.quiet]\nnight_from = 22", 'group.quiet.night_from: expected a time like "22:00"'),
        ("[group.quiet]\nwait_max = 3", "group.quiet.wait_max: is less than group.quiet.wait_min"),
        ("[group.quiet]\nshare_max = 1.5", "group.quiet.share_max: expected a number from 0 to 1"),
        ("[group.deadlines]\nproposal = 0", "group.deadlines.proposal: expected a whole number >= 1"),
        ("[retention]\nended_hours = 0", "retention.ended_hours: expected a whole number >= 1"),
        ("[retention]\ntraffic_days = 6", "retention.traffic_days: is less than group.quiet.share_days"),
        ("[work]\nattempts = 0", "work.attempts: expected a whole number >= 1"),
        ("[work]\nbackoff_limit_seconds = 1", "work.backoff_limit_seconds: is less than work.backoff_seconds"),
        ('[interpreter]\nkind = "magic"', "interpreter.kind: expected one of auto, full, light, rules"),
        ('[map]\ntiles = "https://t/{z}"', "map.attribution: is required with map.tiles"),
        ("[tenants.x]\nname = 'X'", "tenants.x.municipality: is required"),
        ("[channels.x]\nkind = 'web'", "channels.x.tenant: is required"),
        ("[channels.x]\nkind = 'web'\ntenant = 'y'", 'channels.x.tenant: there is no tenant "y"; there is: delft'),
        ("[channels.'Wijk 1']\nkind = 'web'\ntenant = 'delft'", "channels.Wijk 1: a name is made of"),
        ("[desks]\nx = 1", "desks.x: expected a table"),
        ("[desks.x]\nkind = 'embedded'\ntenant = 'y'", 'desks.x.tenant: there is no tenant "y"'),
        ("[geocoders.x]\noptions = 1", "geocoders.x.kind: is required"),
        ("[tenants.delft.routes]\nx.desk = 'loket'", 'tenants.delft.routes.x: there is no category "x"'),
        (
            "[tenants.delft.routes.verlichting]",
            "tenants.delft.routes.verlichting: needs one of desk, instead and who",
        ),
        (
            "[tenants.delft.routes]\nverlichting.desk = 'y'",
            'tenants.delft.routes.verlichting.desk: there is no desk "y"',
        ),
        (
            "[tenants.delft.routes]\npolitie.instead = 'police.nonurgnt'",
            'tenants.delft.routes.politie.instead: there is no text "police.nonurgnt" in the catalogue',
        ),
        (
            "[tenants.delft.routes]\npolitie.instead = 'filed'",
            'tenants.delft.routes.politie.instead: the text "filed" is not one that names a number',
        ),
        ("[group]\nlanguage = 'fr'", 'group.language: there is no language "fr"; there is: nl'),
    ],
)
def test_what_is_wrong_is_told_with_its_key(file: Path, extra: str, told: str) -> None:
    assert fault(file, f"{SMALLEST}\n{extra}\n").startswith(f"config.toml: {told}")


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ('geocoder = "straten"', 'geocoder = "x"', 'geocoder: there is no geocoder "x"; there is: straten'),
        ('desk = "loket"', 'desk = "x"', 'desk: there is no desk "x"; there is: loket'),
        ('desk = "loket"', 'zone = "Mars/Base"', 'zone: "Mars/Base" is no IANA time zone'),
        ('desk = "loket"', 'zone = "../etc"', 'zone: "../etc" is no IANA time zone'),
        ('privacy_contact = "fg@delft.example"', "", "privacy_contact: is required"),
        ('name = "Gemeente Delft"', "name = 3", "name: expected text, got a whole number"),
    ],
)
def test_a_tenant_that_cannot_work_is_refused(file: Path, line: str, instead: str, told: str) -> None:
    assert fault(file, SMALLEST.replace(line, instead, 1)).startswith(f"config.toml: tenants.delft.{told}")


def test_a_demo_needs_no_privacy_contact(file: Path) -> None:
    text = SMALLEST.replace('privacy_contact = "fg@delft.example"', "")
    assert read(file, text + "[demo]\nenabled = true\n").demo.enabled


def test_a_line_break_in_a_name_does_not_break_the_line(file: Path) -> None:
    assert fault(file, SMALLEST + '["a\\nb"]\n').startswith("config.toml: a?b: there is no such setting")


def test_nothing_goes_to_a_desk_of_another_tenant(file: Path) -> None:
    other = '[tenants.rijswijk]\nname = "R"\nmunicipality = "R"\nprivacy_contact = "x"\ngeocoder = "straten"\n'
    assert "belongs to another tenant" in fault(file, SMALLEST + other + 'desk = "loket"\n')
    assert "belongs to another tenant" in fault(file, SMALLEST + other + 'routes.verlichting.desk = "loket"\n')


def test_a_bart_without_groups_or_tenants_is_refused(file: Path) -> None:
    assert fault(file, "") == "config.toml: tenants: is required"
    assert fault(file, "[tenants]\n[channels]\n") == "config.toml: tenants: at least one is needed"
    assert fault(file, SMALLEST.replace("[channels.wijk]", "[channels]\n[desks.x]")) == (
        "config.toml: channels: at least one is needed"
    )


PLAIN_KEYS = [key for key, _ in settings(Settings) if "<" not in key]


@given(key=st.sampled_from(PLAIN_KEYS), text=st.text(max_size=12))
def test_any_text_in_any_variable_is_taken_or_told_in_one_line(key: str, text: str) -> None:
    told = ""
    try:
        load(None, {"BART_" + key.upper().replace(".", "__"): text})
    except ConfigError as error:
        told = str(error)
    assert "\n" not in told
    assert not told or key.rpartition(".")[0] in told

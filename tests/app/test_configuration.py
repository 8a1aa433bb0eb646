"""The configuration: the example is whole and true, the environment wins, secrets come from files."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from app.config import ConfigError, load
from app.settings import Settings, secrets

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
LEFT_OUT = {  # in the example as a comment, since they have no default
    "telegram": {"page_token", "webhook_url", "webhook_secret"},
    "database": {"key", "key_file", "key_command"},
    "clinic": {"crisis_lines", "emergency", "crisis_lines_checked_on"},
    "backup": {"folder"},
    "auditor": {"ping_url", "second_ping_url"},
    "health": {"port"},
    "protocols": {"path"},
    "instruments": {"path"},
    "messages": {"path"},
    "retention": {"patients"},
    "digest": {"at"},
    "second_reader": {"url", "model", "key"},
}
LEAST = {
    "FORTNIGHT_TELEGRAM__TOKEN": "1:x",
    "FORTNIGHT_CLINIC__NAME": "C",
    "FORTNIGHT_CLINIC__TIMEZONE": "Europe/Madrid",
}


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a configuration, as the present one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_names_every_key_in_its_order() -> None:
    written = tomllib.loads(EXAMPLE.read_text("utf-8"))
    assert list(written) == list(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        expected = [key for key in section.model_fields if key not in LEFT_OUT.get(name, set())]
        assert list(written[name]) == expected
        for key in LEFT_OUT.get(name, set()):
            assert f"# {key} = " in EXAMPLE.read_text("utf-8")


def test_the_example_says_the_true_defaults() -> None:
    settings, _ = load(EXAMPLE, {})
    defaults, _ = load(_empty(), LEAST)
    for name in Settings.model_fields:
        shown, default = getattr(settings, name), getattr(defaults, name)
        for key in type(shown).model_fields.keys() - {"token", "name", "timezone", "source"}:
            assert _comparable(getattr(shown, key)) == _comparable(getattr(default, key)), f"{name}.{key}"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[telegram]\ntoken = "1:file"\n[clinic]\nname = "C"\ntimezone = "UTC"\n[tick]\ninterval = "2s"\n')
    settings, folder = load(file, {"FORTNIGHT_TELEGRAM__TOKEN": "1:environment", "FORTNIGHT_TICK__INTERVAL": "1s"})
    assert settings.telegram.token.get_secret_value() == "1:environment"
    assert settings.tick.interval == timedelta(seconds=1)
    assert folder == tmp_path


def test_a_list_can_come_from_the_environment(nowhere: Path) -> None:
    settings, _ = load(None, {**LEAST, "FORTNIGHT_SECOND_CHANNEL__URLS": '["json://127.0.0.1:1/x"]'})
    assert [url.get_secret_value() for url in settings.second_channel.urls] == ["json://127.0.0.1:1/x"]


def test_a_secret_is_read_from_the_file_that_is_named(nowhere: Path) -> None:
    (nowhere / "token").write_text("1:from-a-file\n")
    environment = {key: value for key, value in LEAST.items() if "TOKEN" not in key}
    settings, _ = load(None, {**environment, "FORTNIGHT_TELEGRAM__TOKEN_FILE": "token"})
    assert settings.telegram.token.get_secret_value() == "1:from-a-file"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TICK__INTERVAL", "soon", "tick.interval"),
        ("CLINIC__TIMEZONE", "Mars/Olympus", "no time zone"),
        ("CLINIC__REGION", "ZZ", "no crisis lines"),
        ("CLINIC__HOURS", '["9", "17"]', "time of day"),
        ("CLINIC__DAYS", "always", "weekdays"),
        ("DIGEST__AT", "dawn", "time of day"),
        ("SECOND_READER__URL", "http://127.0.0.1:1", "second reader"),
        ("TELEGRAM__COLOUR", "red", "no setting"),
        ("TELEGRAM__MODE", "webhook", "webhook_url"),
        ("ESCALATION__RED", "{}", "ladder"),
        ("TELEGRAM__TOKEN_FILE", "nowhere", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_a_mend(nowhere: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(None, {**LEAST, f"FORTNIGHT_{name}": value})
    assert said in str(raised.value)
    assert raised.value.mend


BROKEN = [
    ("[clinic]\nname = 3", 5, "clinic.name: this is no text", "in quotes"),
    ('[clinic]\ntimezone = "Mars"', 5, "clinic.timezone: 'Mars' is no time zone", "write an IANA name"),
    ('[clinic]\nregion = "ZZ"', 5, "clinic.region: 'ZZ' has no crisis lines here", "use one of AU"),
    ('[clinic]\ndays = "always"', 5, "clinic.days: 'always' are no weekdays", "mon-fri"),
    ('[clinic]\nhours = ["9", "17"]', 5, "clinic.hours: '9' is no time of day", "08:00"),
    ('[clinic]\nholidays = [\n"2026-12-25",\n"soon"]', 5, "clinic.holidays.1: 'soon' is no date", "2026-12-25"),
    ('[clinic]\ncaller = { en = "A nurse" }', 5, "clinic.caller: a language is missing", "give en and es"),
    ('[clinic]\ncrisis_lines = { en = ["1"] }', 5, "clinic.crisis_lines: a language is missing", "for es"),
    ('[clinic]\ncrisis_lines = { en = [], es = ["1"] }', 5, "clinic.crisis_lines.en: this is too short", "at least 1"),
    ('[clinic]\nemergency = "call us"', 5, "clinic.emergency: 'call us' is no number to call", "112"),
    ('[clinic]\ncrisis_lines_checked_on = "soon"', 5, "clinic.crisis_lines_checked_on: this is no date", "2026-11-20"),
    ("[tick]\n\ninterval = 2", 6, "tick.interval: 2 is no duration", "4h"),
    ('[tick]\nintervall = "2s"', 5, "tick.intervall is no setting", "write interval"),
    ('[tic]\ninterval = "2s"', 4, "tic is no setting", "write tick"),
    ("[protocols]\npath = 3", 5, "protocols.path: this is no path", "in quotes"),
    ('[rights]\ntwo_persons = "perhaps"', 5, "rights.two_persons: this is neither true nor false", "true or false"),
    ('[telegram]\nmode = "pull"', 5, "telegram.mode: this is none of the words", "'polling' or 'webhook'"),
    ("[telegram]\nbulk_rate = 0", 5, "telegram.bulk_rate: this does not fit here", "it should be greater than 0"),
    ('[telegram]\nwebhook_port = "high"', 5, "telegram.webhook_port: this is no whole number", "whole number"),
    ('[telegram]\nmode = "webhook"', 4, "telegram.webhook_url: a webhook needs an address", "webhook_secret"),
    ('[telegram]\ntoken_file = "nowhere"', 5, "telegram.token_file: ", "write the secret there"),
    ('[database]\nkey = "a"\nkey_file = "b"', 4, "database: more than one of key", "keep one"),
    ("[escalation.red]\nsteps = []", 4, "escalation.red: a ladder needs steps", "write at least"),
    ("[instruments]\nlicensed = 3", 5, "instruments.licensed: this is no list", "square brackets"),
    ("[health]\nport = ", 5, "the file: this is no TOML", "mend the TOML there"),
    ("health = 3", 4, "health: this is no table", "write a table"),
]


@pytest.mark.parametrize(("more", "line", "says", "mend"), BROKEN)
def test_what_is_wrong_in_the_file_is_told_on_its_line(
    nowhere: Path, more: str, line: int, says: str, mend: str
) -> None:
    file, head = nowhere / "config.toml", more.partition("\n")[0]
    needed = {"[telegram]": 'token = "1:x"', "[clinic]": 'name = "C"\ntimezone = "Europe/Madrid"'}
    own = more.partition("\n")[2]
    rest = [f"{key}\n{values}" for key, values in needed.items() if key != head]
    beside = [each for each in needed.get(head, "").split("\n") if each and each.split(" ")[0] not in own.split()]
    file.write_text("# Ours\n\n\n" + "\n".join([head, own, *beside, *rest]))
    with pytest.raises(ConfigError) as raised:
        load(file, {})
    ((sentence, told),) = raised.value.problems
    assert sentence.startswith(f"{file}:{line}: {says}")
    assert "Input" not in sentence + told
    assert mend in told


def test_what_is_missing_is_told_in_its_table(nowhere: Path) -> None:
    file = nowhere / "config.toml"
    file.write_text('[telegram]\ntoken = "1:x"\n[clinic]\nname = "C"\n')
    with pytest.raises(ConfigError) as raised:
        load(file, {})
    assert str(raised.value) == f"{file}:3: clinic.timezone is missing."


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("TICK__INTERVAL", "soon", "FORTNIGHT_TICK__INTERVAL: tick.interval: 'soon' is no duration"),
        ("TELEGRAM__TOKEN_FILE", "nowhere", "FORTNIGHT_TELEGRAM__TOKEN_FILE: telegram.token_file: "),
        ("ESCALATION__RED", "{}", "FORTNIGHT_ESCALATION__RED: escalation.red: a ladder needs steps"),
        ("CLINIC__HOLIDAYS", '["soon"]', "FORTNIGHT_CLINIC__HOLIDAYS: clinic.holidays.0: 'soon' is no date"),
        ("TELEGRAM__COLOUR", "red", "FORTNIGHT_TELEGRAM__COLOUR: telegram.colour is no setting"),
    ],
)
def test_what_is_wrong_in_a_variable_is_told_by_its_name(bare_folder: Path, name: str, value: str, where: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(bare_folder / "config.toml", {f"FORTNIGHT_{name}": value})
    assert str(raised.value).startswith(where)


def test_settings_know_where_each_key_was_given(bare_folder: Path) -> None:
    file = bare_folder / "config.toml"
    settings, _ = load(file, {"FORTNIGHT_PROTOCOLS__PATH": "plans"})
    assert settings.where("clinic.region") == f"{file}:8: clinic.region"
    assert settings.where("protocols.path") == "FORTNIGHT_PROTOCOLS__PATH: protocols.path"


def test_a_secret_from_a_file_is_told_by_the_key_that_names_the_file(nowhere: Path) -> None:
    (nowhere / "secret").write_text("short")
    file = nowhere / "config.toml"
    file.write_text('[clinic]\nname = "C"\ntimezone = "UTC"\n[telegram]\ntoken = "1:x"\nmode = "webhook"\n')
    with file.open("a") as more:
        more.write('webhook_url = "https://example.org"\nwebhook_secret_file = "secret"\n')
    with pytest.raises(ConfigError) as raised:
        load(file, {})
    assert str(raised.value) == f"{file}:8: telegram.webhook_secret_file: a webhook needs a secret."


def test_a_secret_is_never_said(nowhere: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(None, {**LEAST, "FORTNIGHT_TELEGRAM__TOKEN": "12345"})
    assert "12345" not in str(raised.value)


def test_no_secret_shows_when_the_settings_are_printed() -> None:
    settings, _ = load(_empty(), {**LEAST, "FORTNIGHT_TELEGRAM__TOKEN": "1:very-secret"})
    assert "very-secret" not in repr(settings)
    assert "1:very-secret" in secrets(settings)


def _empty() -> Path:
    return Path("/dev/null")


def _comparable(value: Any) -> Any:
    """Ladders are equal whatever their source is called."""
    return value if not hasattr(value, "steps") else (value.steps, value.repeat, value.follow_up, value.remind_after)


def test_without_any_configuration_it_says_where_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=f"There is no configuration at {tmp_path}/config.toml"):
        load(None, {})


def test_a_byte_order_mark_in_front_is_passed_over(bare_folder: Path) -> None:
    path = bare_folder / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(path, {})[1] == bare_folder

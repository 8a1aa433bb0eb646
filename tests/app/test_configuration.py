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
        ("TELEGRAM__MODE", "webhook", "webhook_secret"),
        ("ESCALATION__RED", "{}", "ladder"),
        ("TELEGRAM__TOKEN_FILE", "nowhere", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_a_mend(nowhere: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(None, {**LEAST, f"FORTNIGHT_{name}": value})
    assert said in str(raised.value)
    assert raised.value.mend


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

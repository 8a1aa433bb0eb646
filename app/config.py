"""The configuration: config.toml, overridden by the environment, with secrets from files; all problems told at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.settings import Settings

PREFIX = "FORTNIGHT_"
DEFAULT = Path("config.toml")


class ConfigError(Exception):
    """The configuration cannot be used: one sentence a problem, each with its mend."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(sentence for sentence, _ in problems))
        self.problems = tuple(problems)
        self.mend = "; ".join(dict.fromkeys(mend for _, mend in problems))


def is_there(path: Path | None, environment: Mapping[str, str]) -> bool:
    """Whether there is a configuration at all: a file that was named, one in its usual place, or the environment."""
    named = path is not None or f"{PREFIX}CONFIG" in environment
    return named or DEFAULT.exists() or f"{PREFIX}CLINIC__NAME" in environment


def load(path: Path | None, environment: Mapping[str, str]) -> tuple[Settings, Path]:
    """Read the configuration; returns it with the folder that its relative paths count from. Raises ConfigError."""
    named = _named(path, environment)
    asked_for = path is not None or f"{PREFIX}CONFIG" in environment
    values = _read(named, needed=asked_for or f"{PREFIX}CLINIC__NAME" not in environment)
    _overlay(values, environment)
    _read_secret_files(values, named.resolve().parent)
    try:
        return Settings.model_validate(values), named.resolve().parent
    except ValidationError as error:
        raise ConfigError([_problem(dict(item), named) for item in error.errors(include_url=False)]) from None


def as_it_is(path: Path | None, environment: Mapping[str, str]) -> tuple[dict[str, Any], Path]:
    """What can be read of a configuration that may be wrong, unchecked, with its folder: for a last word."""
    named = _named(path, environment)
    values: dict[str, Any] = {}
    with suppress(ConfigError):
        values |= _read(named, needed=False)
    _overlay(values, environment)
    with suppress(ConfigError):
        _read_secret_files(values, named.resolve().parent)
    return values, named.resolve().parent


def _named(path: Path | None, environment: Mapping[str, str]) -> Path:
    return path or Path(environment.get(f"{PREFIX}CONFIG", DEFAULT))


def _read(path: Path, *, needed: bool) -> dict[str, Any]:
    if not path.exists():
        if needed:
            raise ConfigError(
                [
                    (
                        f"There is no configuration at {path.resolve()}.",
                        "copy config.example.toml there and change it, or name another with --config",
                    )
                ]
            )
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([(f"{path} is not TOML: {error}.", "mend that line")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([(f"{path} cannot be read ({type(error).__name__}).", "let this user read it")]) from None


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        section, found, key = name.removeprefix(PREFIX).lower().partition("__")
        if not name.startswith(PREFIX) or not found:
            continue
        table = values.setdefault(section, {})
        for part in key.split("__")[:-1]:
            table = table.setdefault(part, {})
        table[key.split("__")[-1]] = _value(value)


def _value(text: str) -> Any:
    """Read lists, tables and numbers as TOML; anything else is the text itself."""
    if not text.startswith(("[", "{")) and not text.replace(".", "", 1).isdigit():
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _read_secret_files(values: dict[str, Any], folder: Path) -> None:
    for section, table in values.items():
        if not isinstance(table, dict):
            continue
        for key in [key for key in table if key.endswith("_file") and (section, key) != ("database", "key_file")]:
            file = folder / str(table.pop(key))
            try:
                table[key.removesuffix("_file")] = file.read_text(encoding="utf-8").strip()
            except OSError as error:
                sentence = f"{section}.{key} names {file}, which cannot be read ({type(error).__name__})."
                raise ConfigError([(sentence, "write the secret there, readable by this user")]) from None


def _problem(error: Mapping[str, Any], file: Path) -> tuple[str, str]:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"{file}: {key} is missing.", f"add {key}, as config.example.toml shows"
    if error["type"] == "extra_forbidden":
        return f"{file}: {key} is no setting.", f"remove {key}, or look for its name in config.example.toml"
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{file}: {key or 'the file'}: {said}.", f"change {key or 'it'}, as config.example.toml shows"


def environment() -> Mapping[str, str]:
    """The process's environment."""
    return os.environ

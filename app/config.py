"""The configuration: config.toml, overridden by the environment, with secrets from files; all problems told at once."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.origins import Origins
from app.settings import Settings
from content.files import readable_text_of, told
from content.mends import sentence_and_mend
from rules.protocol import ProtocolError, path_of, toml_in
from rules.protocol.places import Path as Place
from rules.protocol.places import lines_of

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
    text = _read(named, needed=asked_for or f"{PREFIX}CLINIC__NAME" not in environment)
    values, lines = _toml(text, named), lines_of(text)
    variables = _overlay(values, environment)
    origins = Origins(file=named if text else None, lines=lines, variables=variables)
    _read_secret_files(values, named.resolve().parent, origins)
    try:
        return Settings.model_validate(values, context=origins), named.resolve().parent
    except ValidationError as error:
        raise ConfigError([_problem(each, origins) for each in error.errors()]) from None


def as_it_is(path: Path | None, environment: Mapping[str, str]) -> tuple[dict[str, Any], Path]:
    """What can be read of a configuration that may be wrong, unchecked, with its folder: for a last word."""
    named = _named(path, environment)
    values: dict[str, Any] = {}
    with suppress(ConfigError):
        values |= _toml(_read(named, needed=False), named)
    _overlay(values, environment)
    with suppress(ConfigError):
        _read_secret_files(values, named.resolve().parent, Origins())
    return values, named.resolve().parent


def _named(path: Path | None, environment: Mapping[str, str]) -> Path:
    return path or Path(environment.get(f"{PREFIX}CONFIG", DEFAULT))


def _read(path: Path, *, needed: bool) -> str:
    if not path.exists():
        if needed:
            mend = "copy config.example.toml there and change it, or name another with --config"
            raise ConfigError([(f"There is no configuration at {path.resolve()}.", mend)])
        return ""
    try:
        return readable_text_of(path)
    except ProtocolError as error:
        raise ConfigError([told(each) for each in error.problems]) from None


def _toml(text: str, path: Path) -> dict[str, Any]:
    try:
        return toml_in(text, str(path))
    except ProtocolError as error:
        raise ConfigError([told(each) for each in error.problems]) from None


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> dict[Place, str]:
    """Lay the variables over the values of the file; returns which key came from which."""
    variables: dict[Place, str] = {}
    for name, value in environment.items():
        section, found, key = name.removeprefix(PREFIX).lower().partition("__")
        if not name.startswith(PREFIX) or not found:
            continue
        *tables, last = (section, *key.split("__"))
        table = values
        for part in tables:
            if not isinstance(table.setdefault(part, {}), dict):
                table[part] = {}
            table = table[part]
        table[last] = _value(value)
        variables[*tables, last] = name
    return variables


def _value(text: str) -> Any:
    """Read lists, tables and numbers as TOML; anything else is the text itself."""
    if not text.startswith(("[", "{")) and not text.replace(".", "", 1).isdigit():
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _read_secret_files(values: dict[str, Any], folder: Path, origins: Origins) -> None:
    for section, table in values.items():
        if not isinstance(table, dict):
            continue
        for key in [key for key in table if key.endswith("_file") and (section, key) != ("database", "key_file")]:
            file = folder / str(table.pop(key))
            try:
                table[key.removesuffix("_file")] = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                sentence = f"{file} cannot be read ({type(error).__name__})"
                mend = "write the secret there, readable by this user"
                raise ConfigError([(f"{origins.of((section, key))}: {sentence}.", mend)]) from None


def _problem(error: ErrorDetails, origins: Origins) -> tuple[str, str]:
    place = path_of(error)
    where, key = origins.of(place), ".".join(str(step) for step in place)
    if error["type"] == "missing":
        return f"{where} is missing.", f"add {key}, as config.example.toml shows"
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(place[-1]), _keys_beside(place), n=1)
        meant = f"write {close[0]}" if close else "look for its name in config.example.toml"
        return f"{where} is no setting.", f"remove it, or {meant}"
    sentence, mend = sentence_and_mend(error)
    return f"{where}: {sentence}.", mend


def _keys_beside(place: Place) -> list[str]:
    """The keys of the table in which a key stands."""
    section = Settings.model_fields[str(place[0])].annotation if len(place) > 1 else Settings
    return [*section.model_fields] if isinstance(section, type) and issubclass(section, BaseModel) else []


def environment() -> Mapping[str, str]:
    """The process's environment."""
    return os.environ

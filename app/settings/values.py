"""The kinds of values that the configuration has, and the table that each of its sections is."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator

from content.crisis_lines import regions
from rules.durations import parse_duration
from rules.ladder import Ladder
from rules.ladder import parse as parse_ladder
from rules.local_time import parse_wall_time


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone: write an IANA name such as Europe/Madrid") from None
    return name


def _region(name: str) -> str:
    if name.upper() not in regions():
        raise ValueError(f"{name!r} has no crisis lines here: use one of {', '.join(regions())}")
    return name.upper()


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
WallTime = Annotated[time, BeforeValidator(parse_wall_time)]
Zone = Annotated[str, AfterValidator(_zone)]
Region = Annotated[str, AfterValidator(_region)]
LadderOf = Annotated[Ladder, PlainValidator(parse_ladder)]


class Section(BaseModel):
    """A table of the file. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

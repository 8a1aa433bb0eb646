"""Where each key of the configuration was given: on which line of its file, or in which variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rules.protocol.places import Path as Place
from rules.protocol.places import line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """The lines of the file, if there is one, and the variables, by key."""

    file: Path | None = None
    lines: dict[Place, int] = field(default_factory=dict)
    variables: Mapping[Place, str] = field(default_factory=dict)

    def of(self, place: Place) -> str:
        """Where a key was given and its name, such as "config.toml:12: tick.interval"; its table if it was not."""
        place = self._as_given(place)
        key = ".".join(str(step) for step in place) or "the file"
        variable = self._variable(place)
        if variable is not None:
            return f"{variable}: {key}"
        return f"{self.file}:{line_of(self.lines, place)}: {key}" if self.file else f"the environment: {key}"

    def _as_given(self, place: Place) -> Place:
        """The key of a secret that stands in a file of its own is that of the file's name."""
        beside = (*place[:-1], f"{place[-1]}_file") if place else place
        given = {*self.lines, *self.variables}
        return beside if beside in given and place not in given else place

    def _variable(self, place: Place) -> str | None:
        """The variable of a key or of the table around it, such as a ladder."""
        around = (place[:length] for length in range(len(place), 0, -1))
        return next((self.variables[each] for each in around if each in self.variables), None)

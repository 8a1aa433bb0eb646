"""A message as Telegram shows it, before it is Telegram's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.clinic import Clinic
from services.delivery import Claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button: what it says, and the verb, row and argument that it carries; `style` is danger, success or primary."""

    label: str
    verb: str
    subject: str = ""
    argument: str = ""
    style: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Text, rows of buttons, perhaps a picture; `protected` keeps it from being forwarded or saved.

    `photo` holds the figures of a chart: points, infusions and the name of the axis. bot/chart.py draws it. `qr` is a
    link that is drawn for a phone to be pointed at. `file` is a name and a text that go along as a file.
    """

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    photo: Mapping[str, Any] | None = None
    qr: str | None = None
    file: tuple[str, str] | None = None
    protected: bool = False

    @property
    def has_picture(self) -> bool:
        """Whether the text is the caption of a picture."""
        return self.photo is not None or self.qr is not None

    @property
    def has_file(self) -> bool:
        """Whether the text is a caption at all, so that it cannot be put in place of a text."""
        return self.has_picture or self.file is not None


Maker = Callable[[Clinic, Claimed], Rendered]

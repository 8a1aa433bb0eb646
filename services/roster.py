"""The sealed roster: who can be paged when the database is away, kept beside it under a key of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rules import rota
from rules.tier import Tier
from services import oncall
from services.clinic import Clinic
from store import alerts, patients, sealed_file
from store.types import canonical

HORIZON = timedelta(days=14)
PURPOSE = "fortnight roster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinician:
    """Somebody who may acknowledge, and the chat in which a page finds them."""

    id: str
    chat_id: int
    language: str
    page_bot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A patient as a page names them."""

    alias: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Clinicians, shifts, the patients behind Telegram users, the second channel's URLs, and red alerts that are open.

    An alert is its alias and its patient's.
    """

    clinicians: tuple[Clinician, ...]
    shifts: tuple[rota.Shift, ...]
    patients: Mapping[int, Known]
    urls: tuple[str, ...]
    alerts: tuple[tuple[str, str], ...] = ()

    def on_call(self, now: datetime) -> tuple[Clinician, ...]:
        """Primary and backup now; everybody when neither is there."""
        ids = {each for level in rota.LEVELS for each in rota.on_duty(self.shifts, level, now)}
        return tuple(each for each in self.clinicians if each.id in ids) or self.clinicians


class RosterFile:
    """The roster on disk and in memory. Its key comes from the bot's token: the database's may be what is lost."""

    def __init__(self, path: Path, token: str, urls: Sequence[str] = ()) -> None:
        self._path, self._token, self._urls = path, token, tuple(urls)
        self._written: str | None = None
        self._latest: Roster | None = None

    async def refresh(self, clinic: Clinic, now: datetime) -> None:
        """Bring it up to date with the database; written only when something has changed."""
        roster = await _compose(clinic, self._urls, now)
        self._latest, text = roster, _to_text(roster)
        if text != self._written:
            await asyncio.to_thread(sealed_file.write, self._path, text, secret=self._token, purpose=PURPOSE)
            self._written = text

    def roster(self) -> Roster | None:
        """The latest roster, from memory or from the file; none when there never was one, or it does not open."""
        if self._latest is None:
            text = sealed_file.read(self._path, secret=self._token, purpose=PURPOSE)
            with contextlib.suppress(KeyError, TypeError, ValueError):  # written by another version
                self._latest = None if text is None else _of_text(text)
        return self._latest


async def _compose(clinic: Clinic, urls: tuple[str, ...], now: datetime) -> Roster:
    async with clinic.database.reading() as tx:
        members = await oncall.pageable(tx)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)  # so that it is not another one every minute
        shifts = await oncall.actual_shifts(tx, today, today + HORIZON)
        linked = await patients.linked(tx)
        reds = [each for each in await alerts.every(tx, "open") if each.tier is Tier.RED]
        about = await patients.of(tx, {each.patient_id for each in reds if each.patient_id})
    return Roster(
        clinicians=tuple(
            Clinician(
                id=each.id, chat_id=each.chat_id or 0, language=each.language, page_bot=each.page_bot_at is not None
            )
            for each in members
        ),
        shifts=shifts,
        patients={user_id: Known(alias=alias, language=language) for user_id, alias, language in linked},
        urls=urls,
        alerts=tuple((each.alias, about[each.patient_id].alias if each.patient_id else "–") for each in reds),
    )


def _to_text(roster: Roster) -> str:
    return canonical(
        {
            "clinicians": [[each.id, each.chat_id, each.language, each.page_bot] for each in roster.clinicians],
            "shifts": [
                [each.staff, each.level, each.from_at.isoformat(), each.to_at.isoformat()] for each in roster.shifts
            ],
            "patients": {str(user_id): [known.alias, known.language] for user_id, known in roster.patients.items()},
            "urls": list(roster.urls),
            "alerts": [list(each) for each in roster.alerts],
        }
    )


def _of_text(text: str) -> Roster:
    data: dict[str, Any] = json.loads(text)
    return Roster(
        clinicians=tuple(
            Clinician(id=i, chat_id=chat_id, language=language, page_bot=page_bot)
            for i, chat_id, language, page_bot in data["clinicians"]
        ),
        shifts=tuple(
            rota.Shift(
                staff=who,
                level=level,
                from_at=datetime.fromisoformat(from_at),
                to_at=datetime.fromisoformat(to_at),
            )
            for who, level, from_at, to_at in data["shifts"]
        ),
        patients={
            int(user_id): Known(alias=alias, language=language)
            for user_id, (alias, language) in data["patients"].items()
        },
        urls=tuple(data["urls"]),
        alerts=tuple((alert, patient) for alert, patient in data.get("alerts", ())),  # an older file has none
    )

"""The one-time link that a new patient or staff member opens, as text and as a QR code to point a phone at."""

from __future__ import annotations

import io

import segno
from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.desk import Desk
from app.cli.printing import Shown


def shown(desk: Desk, alias: str, code: str) -> Shown:
    """A person's alias with their link: {id, code, link}."""
    link = f"https://t.me/{desk.bot_name or ''}?start={code}"
    document = {"id": alias, "code": code, "link": link}
    return Shown(document=document, people=_for_people(alias, code, link if desk.bot_name else None))


def _for_people(alias: str, code: str, link: str | None) -> RenderableType:
    if link is None:
        return Group(
            Text.assemble((alias, "bold"), " joins by writing this to the bot, once:"),
            Text(f"/start {code}", style="cyan"),
            Text(
                "(There is no link to tap, because Telegram cannot be reached to ask for the bot's name.)", style="dim"
            ),
        )
    return Group(
        Text.assemble((alias, "bold"), " joins by opening this link, once:"), Text(link, style="cyan"), _qr(link)
    )


def _qr(link: str) -> Text:
    drawn = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(drawn, compact=True)
    return Text.from_ansi(drawn.getvalue())

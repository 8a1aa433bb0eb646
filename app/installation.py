"""What tells this installation from another with the same key, token and a copy of the database: a file beside them."""

from __future__ import annotations

import secrets
from pathlib import Path

from app.settings import Telegram
from services.belonging import Belonging
from store import private_file
from store.errors import StoreError

FILE = Path("fortnight.installation")
SECRET_BYTES = 16


def of(telegram: Telegram, folder: Path) -> Belonging:
    """This installation and its bot, as its folder and its configuration say."""
    return Belonging(secret=_read(folder / FILE), bot=bot_id(telegram.token.get_secret_value()))


def made(folder: Path) -> Belonging:
    """This installation, made if there is none yet, in a file that only this user can read. Raises StoreError."""
    path = folder / FILE
    if (secret := _read(path)) is None:
        secret = secrets.token_hex(SECRET_BYTES)
        try:
            private_file.write(path, f"{secret}\n".encode())
        except OSError as error:
            sentence = f"{path} cannot be written ({error.strerror})."
            raise StoreError(sentence, "let this user write in the folder of the configuration") from None
    return Belonging(secret=secret, bot=None)


def bot_id(token: str) -> str | None:
    """Telegram's id of the bot, with which every token begins; none for what is no token."""
    head, colon, _ = token.partition(":")
    return head if colon and head.isdigit() else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path} cannot be read ({type(error).__name__}).", "let this user read it") from None

"""What a driver's error means: one of ours, with the sentence and the mend."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.errors import (
    Conflict,
    DamagedDatabase,
    MissingDatabase,
    SchemaMismatch,
    StoreError,
    UnreachableDatabase,
    WrongKey,
)

_TWICE = (IntegrityError, sqlcipher.IntegrityError)
_AWAY = (OperationalError, InterfaceError, sqlcipher.OperationalError, sqlcipher.InterfaceError)
_LOST_RACES = ("40001", "40P01")  # PostgreSQL: serialisation failure, deadlock

_WRONG_KEY = (
    WrongKey,
    (
        "The key does not open this database, or the file is no database.",
        "give the database.key that it was made with, finish a `fortnight keys rotate` that was cut short, or restore",
    ),
)
_DAMAGED = DamagedDatabase, ("The database file is damaged.", "restore it from the last backup")
_FULL = UnreachableDatabase, ("The disk under the database is full.", "free some space on it")
_STRANGE = SchemaMismatch, ("The tables are not those that the code needs.", "run `fortnight migrate`")
_NO_LOGIN = UnreachableDatabase, ("The database refuses the login.", "check user and password in database.url")
_MISSING = MissingDatabase, ("The server has no such database.", "create it, or mend its name in database.url")

_SIGNS = (
    ("not a database", _WRONG_KEY),
    ("malformed", _DAMAGED),
    ("disk is full", _FULL),
    ("No space left", _FULL),
    ("no such table", _STRANGE),
    ("no such column", _STRANGE),
    ("authentication failed", _NO_LOGIN),
    ("FATAL:  database", _MISSING),
)
_STATES = {"42P01": _STRANGE, "42703": _STRANGE, "53100": _FULL}


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise a driver's error as a StoreError; `Conflict` and `UnreachableDatabase` are worth trying again.

    The driver's own words are left behind: PostgreSQL's name the values of a row.
    """
    try:
        yield
    except PoolTimeout:
        raise UnreachableDatabase("No connection to the database came free.", "try again") from None
    except DBAPIError as error:
        raise _meaning(error, error.orig) from None
    except sqlcipher.Error as error:
        raise _meaning(error, error) from None


def _meaning(error: Exception, said: BaseException | None) -> StoreError:
    """What an error means: SQLAlchemy's about what the driver `said`, or the driver's own."""
    state, words = getattr(said, "sqlstate", None), str(said)
    if "is append-only" in words:
        return StoreError("What is only added to was to be changed or deleted.", "report it: the database refused")
    if isinstance(error, _TWICE) or state in _LOST_RACES:
        return Conflict(f"Another transaction wrote the same first ({_kind(said)}).", "try again")
    known = _STATES.get(state or "") or next((meaning for sign, meaning in _SIGNS if sign in words), None)
    if known is not None:
        make, (sentence, mend) = known
        return make(sentence, mend)
    if isinstance(error, _AWAY) or getattr(error, "connection_invalidated", False):
        return UnreachableDatabase("The database does not answer or is locked.", "see that it runs; try again")
    return StoreError(f"The database refused a statement ({_kind(said)}).", "see the log")


def _kind(error: BaseException | None) -> str:
    """What sort of error it is, and about which constraint."""
    about = error.diag.constraint_name if isinstance(error, psycopg.Error) else str(error)
    return ": ".join(part for part in (type(error).__name__, about) if part)

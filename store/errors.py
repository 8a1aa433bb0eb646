"""What can be wrong with the database, each with the sentence and the mend for whoever runs it."""

from __future__ import annotations


class StoreError(Exception):
    """Something is wrong with the database: `str()` is one sentence, `mend` says what to do next."""

    def __init__(self, sentence: str, mend: str) -> None:
        super().__init__(sentence)
        self.mend = mend


class MissingDatabase(StoreError):
    """No database where one was expected; none is ever made silently."""


class WrongKey(StoreError):
    """The key does not open the database, or there is no key."""


class ForeignDatabase(StoreError):
    """The database is another installation's, or was used with another bot."""


class StaleDatabase(StoreError):
    """An old copy of the database stands in its place."""


class UnencryptedDatabase(StoreError):
    """The file is a plain SQLite database."""


class DamagedDatabase(StoreError):
    """The file is no database, or a part of it is broken."""


class UnusableBackup(StoreError):
    """The file is no backup, or not the whole of one."""


class SchemaMismatch(StoreError):
    """The tables are older or newer than the code."""


class UnreachableDatabase(StoreError):
    """The database does not answer, is locked or full; worth trying again."""


class Conflict(StoreError):
    """Another transaction wrote the same thing first; worth doing again from the start."""

"""What the tables are made of: short words and ids, checks of words, indexes of some of the rows."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, String, text

Id = String(32)
Word = String(32)


def one_of(column: str, *words: str) -> CheckConstraint:
    """A check that a column holds one of the given words."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that a condition holds for."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))

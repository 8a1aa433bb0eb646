"""Inserts that say what becomes of a row that is there already, in the words of either database."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_into(table: Table, dialect: str) -> Insert:
    """An insert that knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def unless_there(table: Table, dialect: str) -> Insert:
    """An insert that passes over what is there; written once for each table."""
    return insert_into(table, dialect).on_conflict_do_nothing()

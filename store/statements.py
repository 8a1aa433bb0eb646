"""SQLAlchemy's statements as the embedded database's driver takes them: SQL, its values, and named rows.

SQLAlchemy writes the SQL, once for each shape of a statement, and its types convert what goes in and comes out. Only
its way of executing is left out, which costs twenty times what the database itself takes.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

_namedtuple: Any = namedtuple  # of columns that are known only at run time
MOST = 2_000  # shapes; the code has some three hundred


class Prepared:
    """The SQL of every statement of one shape."""

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        def into(of_type: Any) -> Any:
            return of_type.dialect_impl(dialect).bind_processor(dialect)

        def out_of(of_type: Any) -> Any:
            return of_type.dialect_impl(dialect).result_processor(dialect, None)

        columns = compiled._result_columns  # noqa: SLF001 - there is no other way to the types that it returns
        self._compiled = compiled
        self.sql = str(compiled)
        self._order = tuple(compiled.positiontup or ())
        self._into = {name: way for bind, name in compiled.bind_names.items() if (way := into(bind.type))}
        self._out = [(at, way) for at, each in enumerate(columns) if (way := out_of(each.type))]
        self._varies = bool(compiled.post_compile_params or compiled.literal_execute_params)
        self._make: Any = None

    def values(self, given: Mapping[str, Any] | None, extracted: Sequence[Any]) -> tuple[str, list[Any]]:
        """The SQL and its values in order, for one execution."""
        named = self._compiled.construct_params(given, extracted_parameters=extracted, escape_names=False)
        if not self._varies:
            return self.sql, _converted(named, self._order, self._into)
        state = self._compiled.construct_expanded_state(named, escape_names=False)
        into = {**self._into, **state.processors}
        return state.statement, _converted(state.parameters, state.positiontup or (), into)

    def many(self, given: Sequence[Mapping[str, Any]], extracted: Sequence[Any]) -> list[list[Any]]:
        """The values in order, for each of many executions; all of them give the same names."""
        _, first = self.values(given[0], extracted)
        theirs = [(at, name, self._into.get(name)) for at, name in enumerate(self._order) if name in given[0]]
        rows = []
        for each in given:
            row = first.copy()
            for at, name, convert in theirs:
                row[at] = convert(each[name]) if convert else each[name]
            rows.append(row)
        return rows

    def rows(self, raw: Iterable[Sequence[Any]], columns: Sequence[Sequence[Any]]) -> list[Any]:
        """Rows with named columns."""
        if self._make is None:
            self._make = _namedtuple("Row", [name for name, *_ in columns], rename=True)._make
        make, out = self._make, self._out
        if not out:
            return [make(row) for row in raw]
        made = []
        for values in raw:
            row = list(values)
            for at, convert in out:
                row[at] = convert(row[at])
            made.append(make(row))
        return made


class Statements:
    """Every shape of statement that was met, prepared."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: dict[Any, Prepared] = {}

    def prepare(
        self, statement: Any, names: Iterable[str] = (), *, many: bool = False
    ) -> tuple[Prepared, Sequence[Any]]:
        """A statement prepared, and the values within it; `names` are those of the values that come with it."""
        key = statement._generate_cache_key()  # noqa: SLF001 - as SQLAlchemy's own example of caching does
        columns = sorted(names)
        if key is None:
            return self._compile(statement, columns, many, None), ()
        shape = (key.key, *columns, many)
        found = self._known.get(shape)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[shape] = self._compile(statement, columns, many, key)
        return found, key.bindparams

    def _compile(self, statement: Any, columns: list[str], many: bool, key: Any) -> Prepared:
        how = {"column_keys": columns or None, "for_executemany": many, "cache_key": key}
        return Prepared(statement.compile(dialect=self._dialect, **how), self._dialect)


def _converted(named: Mapping[str, Any], order: Iterable[str], into: Mapping[str, Any]) -> list[Any]:
    return [into[name](named[name]) if name in into else named[name] for name in order]

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


class _Within:
    """Stands for the value at a place within a statement, as SQLAlchemy takes them out of it."""

    def __init__(self, place: int) -> None:
        self.key = place
        self.value = self.effective_value = self


class _Given:
    """Stands for the value that comes with a statement by a name."""

    def __init__(self, name: str) -> None:
        self.key = name


class Prepared:
    """The SQL of every statement of one shape; `names` are those of the values that come with it."""

    def __init__(self, compiled: SQLCompiler, dialect: Dialect, names: Iterable[str], within: int) -> None:
        def into(of_type: Any) -> Any:
            return of_type.dialect_impl(dialect).bind_processor(dialect)

        def out_of(of_type: Any) -> Any:
            return of_type.dialect_impl(dialect).result_processor(dialect, None)

        columns = compiled._result_columns  # noqa: SLF001 - there is no other way to the types that it returns
        self._compiled = compiled
        self.sql = str(compiled)
        self._into = {name: way for bind, name in compiled.bind_names.items() if (way := into(bind.type))}
        self._out = [(at, way) for at, each in enumerate(columns) if (way := out_of(each.type))]
        self._varies = bool(compiled.post_compile_params or compiled.literal_execute_params)
        self._sources = [] if self._varies else self._places(names, within)
        self._make: Any = None

    def _places(self, names: Iterable[str], within: int) -> list[tuple[Any, Any]]:
        """What stands at each place of the SQL, and how it is converted: SQLAlchemy is asked once, with stand-ins."""
        given, extracted = {name: _Given(name) for name in names}, [_Within(place) for place in range(within)]
        named = self._named(given, extracted)
        return [(named[name], self._into.get(name)) for name in self._compiled.positiontup or ()]

    def _named(self, given: Mapping[str, Any] | None, extracted: Sequence[Any]) -> Mapping[str, Any]:
        return self._compiled.construct_params(given, extracted_parameters=extracted, escape_names=False)

    def values(self, given: Mapping[str, Any] | None, extracted: Sequence[Any]) -> tuple[str, list[Any]]:
        """The SQL and its values in order, for one execution."""
        if self._varies:
            state = self._compiled.construct_expanded_state(self._named(given, extracted), escape_names=False)
            into = {**self._into, **state.processors}
            sources = [(state.parameters[name], into.get(name)) for name in state.positiontup or ()]
            return state.statement, [convert(value) if convert else value for value, convert in sources]
        bound = []
        for source, convert in self._sources:
            kind = type(source)
            value = given[source.key] if kind is _Given and given else source
            value = extracted[source.key].effective_value if kind is _Within else value
            bound.append(convert(value) if convert else value)
        return self.sql, bound

    def many(self, given: Sequence[Mapping[str, Any]], extracted: Sequence[Any]) -> list[list[Any]]:
        """The values in order, for each of many executions; all of them give the same names."""
        return [self.values(each, extracted)[1] for each in given]

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
        self._met: dict[Any, tuple[Prepared, Sequence[Any]]] = {}  # by the statement itself: most are written once

    def prepare(
        self, statement: Any, names: Iterable[str] = (), *, many: bool = False
    ) -> tuple[Prepared, Sequence[Any]]:
        """A statement prepared, and the values within it; `names` are those of the values that come with it."""
        met = (statement, *names, many)
        found = self._met.get(met)
        if found is None:
            if len(self._met) >= MOST:
                self._met.clear()
            found = self._met[met] = self._of_shape(statement, sorted(names), many)
        return found

    def _of_shape(self, statement: Any, columns: list[str], many: bool) -> tuple[Prepared, Sequence[Any]]:
        key = statement._generate_cache_key()  # noqa: SLF001 - as SQLAlchemy's own example of caching does
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
        compiled = statement.compile(dialect=self._dialect, **how)
        return Prepared(compiled, self._dialect, columns, len(key.bindparams) if key else 0)

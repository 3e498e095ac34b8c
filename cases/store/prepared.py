"""Statements that run with every message: compiled once for each database, and handed to its driver as they are.

What SQLAlchemy does each time anew (cache key, parameters of all columns, result) costs more than SQLite's own work.
Values are still converted by the types of their columns, so what is stored is the same to the byte.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect

Row = Mapping[str, Any]
Convert = Callable[[Any], Any]


class _Compiled:
    """SQL of one database. Places are filled in order, or by name."""

    def __init__(self, statement: Any, dialect: Dialect, columns: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns))
        types = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
        converts = {name: convert for name, type_ in types.items() if (convert := type_.bind_processor(dialect))}
        self.sql = str(compiled)
        if compiled.positional:
            names: list[str] = compiled.positiontup
            self.values = _in_order(names, [(i, converts[name]) for i, name in enumerate(names) if name in converts])
        else:
            self.values = _by_name(tuple(types), converts)


def _in_order(names: list[str], converts: list[tuple[int, Convert]]) -> Callable[[Row], Any]:
    if len(names) == 1:
        raise ValueError("a prepared statement of one value gains nothing; execute it")
    pick = itemgetter(*names)

    def values(row: Row) -> tuple[Any, ...]:
        picked = list(pick(row))
        for i, convert in converts:
            picked[i] = convert(picked[i])
        return tuple(picked)

    return values


def _by_name(names: tuple[str, ...], converts: dict[str, Convert]) -> Callable[[Row], Any]:
    plain = tuple(name for name in names if name not in converts)

    def values(row: Row) -> dict[str, Any]:
        picked = {name: row[name] for name in plain}
        for name, convert in converts.items():
            picked[name] = convert(row[name])
        return picked

    return values


class Prepared:
    """A statement with two or more named values. It answers as the driver does: ask for text and numbers only."""

    def __init__(self, statement: Callable[[str], Any], columns: Iterable[str] = ()) -> None:
        """statement: of the dialect's name. columns: those that an INSERT without VALUES fills."""
        self._statement = statement
        self._columns = tuple(columns)
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, row: Row) -> CursorResult[Any]:
        compiled = self._of(connection.dialect)
        return connection.exec_driver_sql(compiled.sql, compiled.values(row))

    def run_many(self, connection: Connection, rows: Iterable[Row]) -> CursorResult[Any]:
        """With one row after the other, at least one; they all name the same values."""
        compiled = self._of(connection.dialect)
        return connection.exec_driver_sql(compiled.sql, [compiled.values(row) for row in rows])

    def _of(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement(dialect.name), dialect, self._columns)
        return compiled

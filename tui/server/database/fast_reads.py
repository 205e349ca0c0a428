"""Reading single rows of SQLite's file within the event loop."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from .undecodable import as_stored, is_undecodable

_DIALECT = sqlite_dialect(paramstyle="named")
#: How long the first read waits for another program.
_SECONDS = 5


class _Prepared:
    """A statement as SQL, with what converts its values and the columns of its row."""

    def __init__(self, statement: Select[Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        binds: dict[str, Any] = {name: bind.type for name, bind in compiled.binds.items()}
        columns = statement.selected_columns
        self.sql = str(compiled)
        self._constants = compiled.params
        self._binds = [
            (name, convert)
            for name, kind in binds.items()
            if (convert := kind.dialect_impl(_DIALECT).bind_processor(_DIALECT))
        ]
        self._row: Any = namedtuple("Row", columns.keys())  # type: ignore[misc]
        self._columns: list[tuple[int, Any]] = [
            (position, convert)
            for position, column in enumerate(columns)
            if (convert := column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None))
        ]

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        parameters = {**self._constants, **values}
        for name, convert in self._binds:
            parameters[name] = convert(parameters[name])
        return parameters

    def row(self, found: tuple[Any, ...]) -> Any:
        cells = list(found)
        for position, convert in self._columns:
            cells[position] = convert(cells[position])
        return self._row._make(cells)


class Glance:
    """A connection for statements that read one row each, outside of any transaction.

    SQLAlchemy compiles them once; executing them with it takes several times as long as reading the row.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA query_only = ON")
        # Only reading opens the file. From now on one connection is always open, so that SQLite doesn't remove ``-wal``
        # when all others are closed, as they are when what uses them is cancelled.
        self._connection.execute(f"PRAGMA busy_timeout = {_SECONDS * 1000}")
        with suppress(sqlite3.OperationalError):
            self._connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._prepared: dict[Select[Any], _Prepared] = {}

    def first(self, statement: Select[Any], values: Mapping[str, Any]) -> Any:
        """The first row, as a named tuple, or ``None``; text that isn't UTF-8 is bytes. Raises
        :class:`sqlite3.OperationalError`."""
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = _Prepared(statement)
        given = prepared.parameters(values)
        try:
            found = self._fetch(prepared.sql, given)
        except sqlite3.OperationalError as error:
            if not is_undecodable(error):
                raise
            # Not from the start: it takes its time for each text.
            self._connection.text_factory = as_stored
            try:
                found = self._fetch(prepared.sql, given)
            finally:
                self._connection.text_factory = str
        return None if found is None else prepared.row(found)

    def _fetch(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        return self._connection.execute(sql, parameters).fetchone()

    def close(self) -> None:
        """Close the connection; reads of it fail from then on."""
        self._connection.close()

"""Which columns of a row change what the program shows of it: each is changed alone, and all is undone again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tui.server.context import Context
from tui.server.database.tables import Moment, sent_documents
from tui.server.database.transactions import BUSY_SECONDS

NOW = datetime.now(UTC).replace(microsecond=0)
_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
#: As its sender has unpublished it, and deleted it.
UNPUBLISHED = {"state": "unpublished", "reason": "by hand", "unpublished_at": NOW}
TRASHED = {"state": "trashed", "reason": "by hand", "deleted_at": NOW}
#: What a row is shown as: nothing, or other things, if it isn't found.
Show = Callable[[Context, AsyncConnection], Awaitable[Any]]


@dataclass(frozen=True)
class Scene:
    """The row of ``table`` that the columns ``which`` have the values of, which is given ``values`` first."""

    table: Table
    which: Mapping[str, Any]
    show: Show
    values: Mapping[str, Any] | None = None

    def update(self, values: Mapping[str, Any]) -> Any:
        return update(self.table).where(*self._is_it()).values(dict(values))

    async def value(self, connection: AsyncConnection, column: Column[Any]) -> Any:
        return (await connection.execute(select(column).where(*self._is_it()))).scalar_one()

    def _is_it(self) -> list[Any]:
        return [self.table.c[name] == value for name, value in self.which.items()]


def another(column: Column[Any], value: Any) -> Any:
    """A value for the column other than ``value``; a moment is a minute ago."""
    if isinstance(column.type, Moment):
        return (value or NOW) - timedelta(minutes=1)
    kind = column.type.python_type
    if kind is bool:
        return not value
    if kind is str:
        # As long as before: a digest is.
        return f"{(value or '')[:-1]}{'1' if (value or '').endswith('0') else '0'}"
    more = {int: 7, bytes: b"x"}[kind]
    return more if value is None else value + more


async def told(context: Context, scenes: Sequence[Scene]) -> set[str]:
    """The columns (``sends.notify``) that are told in any of the scenes."""
    found: set[str] = set()
    async with context.database.engine.connect() as connection:
        # The server seals what was written at any moment.
        await connection.execution_options(sentlinks_write=BUSY_SECONDS)
        all_of_it = await connection.begin()
        # What a row refers to need not be there.
        await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        # Nor does it matter here what may be changed.
        for name in (await connection.execute(text(_TRIGGERS))).scalars().all():
            await connection.execute(text(f"DROP TRIGGER {name}"))
        for scene in scenes:
            async with connection.begin_nested() as point:
                if scene.values:
                    await connection.execute(scene.update(scene.values))
                before = await scene.show(context, connection)
                assert before, f"no row of {scene.table}"
                for column in scene.table.c:
                    async with connection.begin_nested() as inner:
                        value = another(column, await scene.value(connection, column))
                        await connection.execute(scene.update({column.name: value}))
                        if await scene.show(context, connection) != before:
                            found.add(str(column))
                        await inner.rollback()
                await point.rollback()
        await all_of_it.rollback()
    return found


def is_free(column: Column[Any]) -> bool:
    """Whether a row can have any value in the column, whatever other rows have."""
    return not (column.primary_key or column.unique or column.foreign_keys)


async def rows(context: Context, idents: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The sent documents with these ids."""
    async with context.database.read() as connection:
        found = await connection.execute(select(sent_documents).where(sent_documents.c.id.in_(idents)))
        return {row.id: dict(row._mapping) for row in found}


async def give(context: Context, ident: str, values: Mapping[str, Any]) -> None:
    """Writes values into the row of a sent document."""
    async with context.database.write() as connection:
        await connection.execute(
            update(sent_documents).where(sent_documents.c.id == ident).values(dict(values))
        )

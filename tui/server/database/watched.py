"""Which guarded objects a transaction changes, so that their new state can be recorded before it commits.

Triggers tell, so nothing that the program writes can be forgotten. What another program writes to the database isn't
told: with SQLite the triggers belong to a connection of the server, with PostgreSQL they are silent outside of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from .outages import open_session
from .tables import (
    acl_users,
    acls,
    containers,
    documents,
    folders,
    members,
    policy,
    tokens,
    users,
    versions,
)

#: The objects that a transaction has changed (``KIND:IDENT``), and whether it has inserted them.
Changed = Mapping[str, bool]
#: Where a connection's objects are in its ``info``.
CHANGED = "sentlinks_changed"
#: PostgreSQL's table of them, in each session of the server, and the setting that has the triggers fill it.
_SESSION = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS changed_objects "
    "(subject text PRIMARY KEY, inserted boolean NOT NULL) ON COMMIT DELETE ROWS"
)
_READ = text("SELECT subject, inserted FROM pg_temp.changed_objects ORDER BY subject")


@dataclass(frozen=True)
class GuardedSource:
    """A table with rows of guarded objects: ``ident`` is the column with the object's id, ``columns`` are covered.

    ``days``: columns of moments of which only the day is covered, as they change with each use. The object exists if
    there is a row in its first source.
    """

    table: Table
    ident: Column[Any]
    columns: tuple[Column[Any], ...]
    order: tuple[Column[Any], ...] = ()
    days: tuple[Column[Any], ...] = ()


def _source(table: Table, ident: str, names: str, *, order: str = "", days: str = "") -> GuardedSource:
    def columns(names: str) -> tuple[Column[Any], ...]:
        return tuple(table.c[name] for name in names.split())

    return GuardedSource(table, table.c[ident], columns(names), columns(order), columns(days))


#: Microseconds of a day.
DAY = 86_400_000_000
#: What is guarded, and by which columns: all that decides who may do what.
KINDS: Mapping[str, tuple[GuardedSource, ...]] = {
    "policy": (_source(policy, "id", "id values"),),
    "account": (_source(users, "id", "id name full_name email admin password_hash created_at removed_at"),),
    "token": (
        _source(
            tokens,
            "id",
            "id hash user_id kind created_at expires_at idle_seconds revoked_at family",
            days="used_at",
        ),
    ),
    "members": (
        _source(folders, "id", "id owner_id name container created_at deleted_at"),
        _source(members, "folder_id", "folder_id user_id", order="user_id"),
    ),
    "rule": (
        _source(acls, "id", "id everyone"),
        _source(acl_users, "acl", "acl user_id level", order="user_id"),
    ),
    "container": (
        _source(
            containers,
            "number",
            "number kind name parent workspace owner_id owner default_security acl view_type share_id "
            "created_at deleted_at",
        ),
    ),
    "versions": (
        _source(
            documents,
            "number",
            "number parent latest last_version owner_id default_security acl deleted_at",
        ),
        _source(
            versions,
            "number",
            "number version name extension type class author size sha256 blob created_at checked_out_id "
            "deleted_at",
            order="version",
        ),
    ),
}


def subject_of(kind: str, ident: Any) -> str:
    """The name of a guarded object among those that a transaction has changed."""
    return f"{kind}:{ident}"


# ---------------------------------------------------------------- SQLite


def watch_sqlite(connection: Any, info: dict[Any, Any]) -> None:
    """Have a new connection (``driver.Connector``) note in ``info`` what it changes; begin and end of transactions
    don't matter to it."""
    changed: dict[str, bool] = {}
    info[CHANGED] = changed

    def note(subject: str, inserted: int) -> None:
        changed[subject] = changed.get(subject, False) or bool(inserted)

    connection.create_function("note_changed", 2, note)


def sqlite_triggers() -> str:
    """The triggers of a connection, which other connections don't have; its tables must exist."""
    return "".join(f"{each};\n" for each in _sqlite_triggers())


def _sqlite_triggers() -> Iterator[str]:
    for kind, source, is_first in _sources():
        table, ident = source.table.name, source.ident.name
        old, new = (f"SELECT note_changed('{kind}:' || {row}.{ident}, %d)" for row in ("OLD", "NEW"))
        event = f"ON main.{table} BEGIN"
        name = f"IF NOT EXISTS watch_{table}"
        yield f"CREATE TEMP TRIGGER {name}_insert AFTER INSERT {event} {new % is_first}; END"
        yield f"CREATE TEMP TRIGGER {name}_delete AFTER DELETE {event} {old % 0}; END"
        columns = ", ".join(f'"{column.name}"' for column in source.columns)
        both = f"{old % 0}; {new % 0}; END"
        yield f"CREATE TEMP TRIGGER {name}_update AFTER UPDATE OF {columns} {event} {both}"
        for day in source.days:
            moved = f"OLD.{day.name} / {DAY} <> NEW.{day.name} / {DAY}"
            yield (
                f"CREATE TEMP TRIGGER {name}_{day.name} AFTER UPDATE OF {day.name} ON main.{table} "
                f"WHEN {moved} BEGIN {new % 0}; END"
            )


def _sources() -> Iterator[tuple[str, GuardedSource, bool]]:
    for kind, sources in KINDS.items():
        for source in sources:
            yield kind, source, source is sources[0]


# ---------------------------------------------------------------- PostgreSQL


async def watch_postgres(connection: Any) -> None:
    """Have a new connection (of asyncpg) note what it changes in a table of its session. Raises
    ``DatabaseAway``."""
    await open_session(connection, _SESSION)


def note_statement(info: dict[Any, Any], statement: str) -> None:
    """Note in ``info`` that the session may have changed guarded objects, if ``statement`` writes to their tables."""
    if _writes_guarded(statement):
        info[CHANGED] = True


@lru_cache(1000)
def _writes_guarded(statement: str) -> bool:
    return _WRITES.search(statement) is not None


_TABLES = "|".join(sorted({source.table.name for _, source, _ in _sources()}))
_WRITES = re.compile(rf'\b(?:INSERT INTO|UPDATE|DELETE FROM) "?(?:{_TABLES})\b')


# ---------------------------------------------------------------- both


def begin(info: dict[Any, Any], *, sqlite: bool) -> None:
    """Forget what an earlier transaction of the connection, which may have been rolled back, has changed."""
    if sqlite:
        info[CHANGED].clear()
    else:
        info[CHANGED] = False


async def changed(connection: AsyncConnection, *, sqlite: bool) -> Changed:
    """What the connection's transaction has changed up to now."""
    noted = connection.info[CHANGED]
    if sqlite:
        return dict(noted)
    if not noted:
        return {}
    return {row.subject: row.inserted for row in await connection.execute(_READ)}

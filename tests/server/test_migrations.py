"""All migrations together lead to what the program declares, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.checks.long import few
from tests.support.servers.postgres import Postgres
from tui.rules.sent_filter import recipients_key
from tui.server.database import migrate
from tui.server.database.engine import open_database, sqlite_url
from tui.server.database.migrations import script
from tui.server.database.tables import metadata
from tui.server.database.tables.base import CONDITION

#: What only one kind of database has, and no table declares: the full-text index.
_FULL_TEXT = {"search", "words", "ix_documents_words"}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    started: Postgres = request.getfixturevalue("postgres")
    return started.empty_database()


def _migrated(
    url: str, version: str, insert: str, rows: Sequence[Mapping[str, Any]], query: str
) -> list[Any]:
    """What is found after all migrations, if ``rows`` were there at one of them."""

    async def migrated() -> list[Any]:
        engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.begin() as connection:
            await connection.run_sync(lambda sync: migrate.upgrade(sync, version))
            if engine.dialect.name == "postgresql":
                # The rows that it refers to aren't there.
                await connection.execute(text("SET session_replication_role = replica"))
            await connection.execute(text(insert), rows)
        async with engine.begin() as connection:
            await connection.run_sync(migrate.upgrade)
            found = [tuple(row) for row in await connection.execute(text(query))]
        await engine.dispose()
        return found

    return asyncio.run(migrated())


def _differences(connection: Connection) -> list[Any]:
    def ours(_item: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
        return name not in _FULL_TEXT and not (name or "").startswith("search_")

    options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def test_the_migrations_make_the_tables_that_are_declared(url: str, tmp_path: Path) -> None:

    async def look() -> list[Any]:
        database = await open_database(url, tmp_path)
        try:
            async with database.read() as connection:
                return await connection.run_sync(_differences)
        finally:
            await database.close()

    assert asyncio.run(look()) == []


def test_partial_indexes_have_the_conditions_that_are_declared(tmp_path: Path) -> None:
    """Comparing the tables leaves their conditions out."""

    async def make() -> None:
        await (await open_database(sqlite_url(tmp_path), tmp_path)).close()

    asyncio.run(make())
    with closing(sqlite3.connect(tmp_path / "sentlinks.db")) as made:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
        found = {name: " ".join(sql.partition(" WHERE ")[2].split()) for name, sql in made.execute(query)}
    declared = {
        index.name: index.info[CONDITION]
        for table in metadata.tables.values()
        for index in table.indexes
        if CONDITION in index.info
    }
    assert declared
    assert found == declared


def test_grants_of_before_presses_stay(tmp_path: Path) -> None:
    """They have no known network; what the next version adds is empty for them."""
    versions = Path(script.__file__).parent / "versions"
    with closing(sqlite3.connect(tmp_path / "sentlinks.db")) as old:
        old.executescript((versions / "0001_sqlite.sql").read_text())
        old.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        old.execute("INSERT INTO alembic_version VALUES ('0002')")
        old.execute(
            "INSERT INTO grants (hash, document_id, settings, created_at, expires_at) VALUES (x'01', 'd', 1, 2, 3)"
        )
        old.execute("INSERT INTO wrong_passwords VALUES ('d', 'local', 1, 5, 6, 7)")
        old.commit()

    async def upgrade() -> None:
        await (await open_database(sqlite_url(tmp_path), tmp_path)).close()

    asyncio.run(upgrade())
    with closing(sqlite3.connect(tmp_path / "sentlinks.db")) as new:
        assert new.execute("SELECT document_id, network, bytes_given FROM grants").fetchall() == [
            ("d", None, 0)
        ]
        assert new.execute("SELECT tries, attempt FROM wrong_passwords").fetchall() == [(5, None)]
        assert new.execute("SELECT * FROM grant_events").fetchall() == []


@few(1)
def test_documents_that_were_sent_are_found_by_their_names_in_work(url: str) -> None:
    """Also those from before filters looked there, and beside those whose name isn't known."""
    count = 1500
    insert = (
        "INSERT INTO sent_documents (id, folder_id, owner_id, send_id, number, name, name_key, size, sha256, source, "
        "source_name, matter, source_key, sent_at, state, settings) VALUES (:id, 'f', 'o', 's', :number, 'n', 'n', 1, "
        "'', 'ACTIVE!7.1', :name, 'Halyard', 'active!7.1', 1, 'published', 1)"
    )
    rows = [
        {"id": f"{number:032x}", "number": number, "name": [None, f"Deed {number}.DOCX"][number % 2]}
        for number in range(count)
    ]
    query = "SELECT source_key FROM sent_documents ORDER BY id"
    found = [key for (key,) in _migrated(url, "0022", insert, rows, query)]
    assert found[0::2] == ["active!7.1"] * (count // 2)
    assert found[1::2] == [f"active!7.1\ndeed {number}.docx\nhalyard" for number in range(1, count, 2)]


@few(1)
def test_documents_of_before_filters_are_found(url: str) -> None:
    """By what is stored of them already: recipients, however many, source and downloads; also among many, and beside
    values that were changed by hand."""
    everyone = [f"Anna {number} <anna{number}@xn--mller-kva.de>" for number in range(100)]
    count = 2500
    insert = (
        "INSERT INTO sent_documents (id, folder_id, owner_id, send_id, number, name, name_key, size, sha256, source, "
        "sent_at, state, settings, recipients, downloads) VALUES (:id, 'f', 'o', 's', :number, 'n', 'n', 1, '', "
        ":source, 1, 'published', 1, :recipients, :downloads)"
    )
    rows = [
        {
            "id": f"{number:032x}",
            "number": number,
            "source": f"file:Draft {number}.DOCX",
            "recipients": [None, everyone[0], "\n".join(everyone)][number % 3],
            "downloads": number % 2,
        }
        for number in range(count)
    ]
    columns = "recipients_key, recipients_rest, source_key, collected"
    found = _migrated(url, "0018", insert, rows, f"SELECT {columns} FROM sent_documents ORDER BY id")
    assert len(found) == count
    assert found[0] == (None, None, "file:draft 0.docx", False)
    assert found[1] == (recipients_key(everyone[:1]), None, "file:draft 1.docx", True)
    key, rest = found[2][:2]
    assert f"{key}\n{rest}" == recipients_key(everyone)
    assert len(key) <= 1000
    assert found[-1][2] == f"file:draft {count - 1}.docx"

"""An installation with the tables of an earlier version, made by ``tests/server/landed/make.py``."""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

from tui.server.database.engine import sqlite_url
from tui.server.database.migrate import upgrade

Json = dict[str, Any]
_FOLDER = Path(__file__).resolve().parents[2] / "server" / "landed"


def load(data: Path, url: str | None) -> Json:
    """Restores the installation into the folder ``data`` (with ``url``: into that PostgreSQL database), in the version
    that it was made with, and returns the contents of its file."""
    found: Json = json.loads(
        (_FOLDER / f"{'postgresql' if url else 'sqlite'}.json").read_text(encoding="utf-8")
    )
    data.mkdir(mode=0o700)
    files = {name: base64.b64decode(content) for name, content in found["files"].items()}
    files |= {"key": base64.b64decode(found["key"]), "token": found["token"].encode()}
    for name, content in files.items():
        path = data / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_bytes(content)
    asyncio.run(
        _tables(url.replace("postgresql:", "postgresql+asyncpg:") if url else sqlite_url(data), found)
    )
    if url:
        asyncio.run(_postgres(url, found["tables"]))
    else:
        _sqlite(data / "sentlinks.db", found["tables"])
    return found


async def _tables(url: str, found: Json) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade, found["revision"])
    await engine.dispose()


def _sqlite(path: Path, tables: Json) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM sqlite_sequence")
        for name, rows in tables.items():
            for row in rows:
                columns = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" * len(row))
                values = [bytes.fromhex(v["hex"]) if isinstance(v, dict) else v for v in row.values()]
                database.execute(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', values)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


async def _postgres(url: str, tables: Json) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    async with connection.transaction():
        for name, rows in _in_order(tables):
            query = f'INSERT INTO "{name}" SELECT * FROM json_populate_recordset(NULL::"{name}", $1::json)'
            await connection.execute(query, json.dumps(rows))
        numbered = "SELECT table_name, column_name FROM information_schema.columns WHERE column_default LIKE 'nextval%'"
        for table, column in await connection.fetch(numbered):
            last = f'(SELECT coalesce(max("{column}"), 1) FROM "{table}")'
            query = f"SELECT setval(pg_get_serial_sequence($1, $2), {last})"
            await connection.execute(query, table, column)
    await connection.close()


def _in_order(tables: Json) -> list[tuple[str, Any]]:
    """Tables that others refer to come first."""
    first = ["users", "blobs", "acls", "containers", "documents", "versions"]
    first += ["folders", "sends", "sent_documents", "seals"]
    return sorted(
        tables.items(), key=lambda table: first.index(table[0]) if table[0] in first else len(first)
    )

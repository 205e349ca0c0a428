"""Whether what the library keeps of itself (counters, the full text index) is what there is."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from tests.support.server import ServerProcess
from tui.server.work.index import place_of, words_of


def check_kept(server: ServerProcess) -> None:
    """Counts everything in the server's SQLite database by hand and holds it against what is kept."""
    path = server.data / "sentlinks.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        _check_counters(connection)
        _check_latest(connection)
        _check_index(connection)
    finally:
        connection.close()


def _check_counters(connection: sqlite3.Connection) -> None:
    there: Counter[tuple[int, int, str]] = Counter()
    for row in connection.execute("SELECT kind, parent, acl FROM containers WHERE deleted_at IS NULL"):
        if row["acl"] is not None:
            there[row["parent"] or 0, row["acl"], "containers"] += 1
    for row in connection.execute("SELECT parent, acl FROM documents WHERE deleted_at IS NULL"):
        if row["acl"] is not None:
            there[row["parent"], row["acl"], "documents"] += 1
    kept: Counter[tuple[int, int, str]] = Counter()
    for row in connection.execute("SELECT * FROM counters"):
        assert row["containers"] >= 0
        assert row["documents"] >= 0
        kept[row["parent"], row["acl"], "containers"] += row["containers"]
        kept[row["parent"], row["acl"], "documents"] += row["documents"]
    assert +kept == there


def _check_latest(connection: sqlite3.Connection) -> None:
    query = """
        SELECT d.number, d.latest, d.last_version, max(v.version) AS there FROM documents d
        JOIN versions v ON v.number = d.number AND v.deleted_at IS NULL
        WHERE d.deleted_at IS NULL GROUP BY d.number
    """
    for row in connection.execute(query):
        assert row["latest"] == row["there"] <= row["last_version"], dict(row)


def _check_index(connection: sqlite3.Connection) -> None:
    query = """
        SELECT d.number, d.acl, d.parent, d.search_id, v.name, v.author, v.class, v.extension, v.comment,
            (SELECT full_name FROM users u WHERE u.name = v.author AND full_name IS NOT NULL) AS full_name
        FROM documents d JOIN versions v ON v.number = d.number AND v.version = d.latest
        WHERE d.deleted_at IS NULL
    """
    expected: dict[int, Any] = {
        row["search_id"]: (words_of(row["number"], row, row["full_name"]), place_of(row["acl"], row["parent"]))
        for row in connection.execute(query)
    }
    found = {row[0]: (row[1], row[2]) for row in connection.execute("SELECT rowid, words, place FROM search")}
    assert found == expected
    gone = "SELECT number FROM documents WHERE deleted_at IS NOT NULL AND search_id IS NOT NULL"
    assert connection.execute(gone).fetchall() == []
    # The index's own check of itself.
    connection.execute("SELECT count(*) FROM search WHERE search MATCH 'a *'")

"""Checks that what the library derives from its data (counters, the full-text index) is correct."""

from __future__ import annotations

from collections import Counter

from tests.support.rows import look
from tests.support.server import ServerProcess
from tui.server.library.index import place_of, words_of


def check_kept(server: ServerProcess) -> None:
    """Recounts everything in the server's database and compares it with the stored values."""
    _check_counters(server)
    _check_latest(server)
    _check_identities(server)
    words = _words(server)
    if server.database_url is None:
        _check_rows(server, words)
    else:
        query = """
            SELECT number, array_remove(tsvector_to_array(words), period) FROM documents,
            LATERAL (SELECT '-' || (edited_at >> 44)) AS at(period)
            WHERE deleted_at IS NULL AND words @@ quote_literal(period)::tsquery
        """
        assert {number: set(found or ()) for number, found in look(server, query)} == {
            number: {word[:n] for word in said.split() for n in range(1, len(word) + 1)}
            for number, (_, said, _) in words.items()
        }


def _check_counters(server: ServerProcess) -> None:
    there: Counter[tuple[int, int, str]] = Counter()
    for parent, acl in look(server, "SELECT parent, acl FROM containers WHERE deleted_at IS NULL"):
        if acl is not None:
            there[parent or 0, acl, "containers"] += 1
    for parent, acl in look(server, "SELECT parent, acl FROM documents WHERE deleted_at IS NULL"):
        if acl is not None:
            there[parent, acl, "documents"] += 1
    kept: Counter[tuple[int, int, str]] = Counter()
    for parent, acl, inner, papers in look(server, "SELECT parent, acl, containers, documents FROM counters"):
        assert min(inner, papers) >= 0
        kept[parent, acl, "containers"] += inner
        kept[parent, acl, "documents"] += papers
    assert +kept == there


def _check_latest(server: ServerProcess) -> None:
    query = """
        SELECT d.number, d.latest, d.last_version, max(v.version) FROM documents d
        JOIN versions v ON v.number = d.number AND v.deleted_at IS NULL
        WHERE d.deleted_at IS NULL GROUP BY d.number, d.latest, d.last_version
    """
    for number, latest, last, there in look(server, query):
        assert latest == there <= last, number
    query = """
        SELECT d.number, d.class, v.class FROM documents d
        JOIN versions v ON v.number = d.number AND v.version = d.latest WHERE d.deleted_at IS NULL
    """
    assert [row for row in look(server, query) if row[1] != row[2]] == []


def _check_identities(server: ServerProcess) -> None:
    """Everything has an owner, and a checked-out version is checked out by an existing user."""
    for table in ("documents", "containers"):
        assert look(server, f"SELECT number FROM {table} WHERE owner_id IS NULL") == []
    query = """
        SELECT v.number, v.version FROM versions v LEFT JOIN users u
        ON u.id = v.checked_out_id AND u.name = v.checked_out_by AND u.removed_at IS NULL
        WHERE v.checked_out_by IS NOT NULL AND u.id IS NULL
        OR v.checked_out_by IS NULL AND v.checked_out_id IS NOT NULL
    """
    assert look(server, query) == []


def _words(server: ServerProcess) -> dict[int, tuple[int | None, str, str]]:
    """For each document: the number of its row in the index, its words, and the tokens of its location."""
    query = """
        SELECT d.number, d.acl, d.parent, d.search_id, v.name, v.author, v.class, v.extension, v.comment,
            (SELECT max(full_name) FROM users u WHERE u.name = v.author)
        FROM documents d JOIN versions v ON v.number = d.number AND v.version = d.latest
        WHERE d.deleted_at IS NULL
    """
    fields = ("name", "author", "class", "extension", "comment")
    found = {}
    for number, acl, parent, search_id, *said, full_name in look(server, query):
        words = words_of(number, dict(zip(fields, said, strict=True)), full_name)
        found[number] = (search_id, words, place_of(acl, parent))
    return found


def _check_rows(server: ServerProcess, words: dict[int, tuple[int | None, str, str]]) -> None:
    rows = {row[0]: row[1:] for row in look(server, "SELECT rowid, words, place FROM search")}
    assert rows == {search_id: (said, place) for search_id, said, place in words.values()}
    gone = "SELECT number FROM documents WHERE deleted_at IS NOT NULL AND search_id IS NOT NULL"
    assert look(server, gone) == []
    for search_id, said, place in words.values():
        # What is indexed is also found.
        term = max(said.split(), key=len)
        query = "SELECT rowid FROM search WHERE search MATCH ? AND rowid = ?"
        assert look(server, query, f'"{term}" AND "{place.split()[0]}"', search_id) == [(search_id,)]

"""Checks that what the library derives from its data (counters, the full-text index) is correct."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.support.servers.rows import looks
from tests.support.servers.server import ServerProcess
from tui.server.library.index import place_of, words_of

_CONTAINERS = "SELECT parent, acl FROM containers WHERE deleted_at IS NULL"
_DOCUMENTS = "SELECT parent, acl FROM documents WHERE deleted_at IS NULL"
_COUNTERS = "SELECT parent, acl, containers, documents FROM counters"
_LATEST = """
    SELECT d.number, d.latest, d.last_version, max(v.version) FROM documents d
    JOIN versions v ON v.number = d.number AND v.deleted_at IS NULL
    WHERE d.deleted_at IS NULL GROUP BY d.number, d.latest, d.last_version
"""
#: What must find nothing: a class that is not the latest version's, something without an owner, a version that is
#: checked out by nobody.
_WRONG = (
    """
    SELECT d.number, d.class, v.class FROM documents d
    JOIN versions v ON v.number = d.number AND v.version = d.latest
    WHERE d.deleted_at IS NULL AND coalesce(d.class, '') <> coalesce(v.class, '')
    """,
    "SELECT number FROM documents WHERE owner_id IS NULL",
    "SELECT number FROM containers WHERE owner_id IS NULL",
    """
    SELECT v.number, v.version FROM versions v LEFT JOIN users u
    ON u.id = v.checked_out_id AND u.name = v.checked_out_by AND u.removed_at IS NULL
    WHERE v.checked_out_by IS NOT NULL AND u.id IS NULL
    OR v.checked_out_by IS NULL AND v.checked_out_id IS NOT NULL
    """,
)
_SAID = """
    SELECT d.number, d.acl, d.parent, d.search_id, v.name, v.author, v.class, v.extension, v.comment,
        (SELECT max(full_name) FROM users u WHERE u.name = v.author)
    FROM documents d JOIN versions v ON v.number = d.number AND v.version = d.latest
    WHERE d.deleted_at IS NULL
"""
_INDEX_OF_POSTGRES = """
    SELECT number, array_remove(tsvector_to_array(words), period) FROM documents,
    LATERAL (SELECT '-' || (edited_at >> 44)) AS at(period)
    WHERE deleted_at IS NULL AND words @@ quote_literal(period)::tsquery
"""
_INDEX_OF_SQLITE = "SELECT rowid, words, place FROM search"
Rows = list[tuple[Any, ...]]


def check_kept(server: ServerProcess) -> None:
    """Recounts everything in the server's database and compares it with the stored values."""
    index = _INDEX_OF_SQLITE if server.database_url is None else _INDEX_OF_POSTGRES
    queries = (_CONTAINERS, _DOCUMENTS, _COUNTERS, _LATEST, _SAID, index, *_WRONG)
    containers, documents, counters, latest, said, indexed, *wrong = looks(server, *queries)
    assert wrong == [[]] * len(_WRONG)
    _check_counters(containers, documents, counters)
    for number, shown, last, there in latest:
        assert shown == there <= last, number
    words = _words(said)
    if server.database_url is None:
        _check_rows(server, words, indexed)
    else:
        assert {number: set(found or ()) for number, found in indexed} == {
            number: {word[:n] for word in said.split() for n in range(1, len(word) + 1)}
            for number, (_, said, _) in words.items()
        }


def _check_counters(containers: Rows, documents: Rows, counters: Rows) -> None:
    there: Counter[tuple[int, int, str]] = Counter()
    for parent, acl in containers:
        if acl is not None:
            there[parent or 0, acl, "containers"] += 1
    for parent, acl in documents:
        if acl is not None:
            there[parent, acl, "documents"] += 1
    kept: Counter[tuple[int, int, str]] = Counter()
    for parent, acl, inner, papers in counters:
        assert min(inner, papers) >= 0
        kept[parent, acl, "containers"] += inner
        kept[parent, acl, "documents"] += papers
    assert +kept == there


def _words(rows: Rows) -> dict[int, tuple[int | None, str, str]]:
    """For each document: the number of its row in the index, its words, and the tokens of its location."""
    fields = ("name", "author", "class", "extension", "comment")
    found = {}
    for number, acl, parent, search_id, *said, full_name in rows:
        words = words_of(number, dict(zip(fields, said, strict=True)), full_name)
        found[number] = (search_id, words, place_of(acl, parent))
    return found


def _check_rows(server: ServerProcess, words: dict[int, tuple[int | None, str, str]], indexed: Rows) -> None:
    assert {row[0]: row[1:] for row in indexed} == {
        search_id: (said, place) for search_id, said, place in words.values()
    }
    # What is indexed is also found.
    query = "SELECT rowid FROM search WHERE search MATCH ? AND rowid = ?"
    asked = [
        (query, f'"{max(said.split(), key=len)}" AND "{place.split()[0]}"', search_id)
        for search_id, said, place in words.values()
    ]
    gone = "SELECT number FROM documents WHERE deleted_at IS NOT NULL AND search_id IS NOT NULL"
    left, *found = looks(server, gone, *asked)
    assert left == []
    assert found == [[(search_id,)] for search_id, _, _ in words.values()]

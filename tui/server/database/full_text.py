"""The full text index over the library's documents, each database's own kind.

SQLite: the table ``search`` (FTS5), a row for each document. ``words`` are its words, ``place`` the tokens of its
rule and of its container, so that one look-up finds what somebody may see; rows are numbered so that what was
edited later comes first. PostgreSQL: the column ``documents.words``, with the beginnings of all words. What the words
are, ``work/words.py`` says.
"""

from __future__ import annotations

from sqlalchemy import Connection

#: A longer word is in the index by so many of its first characters, which are looked up as one term.
LONGEST = 8

_PREFIXES = " ".join(str(length) for length in range(1, LONGEST))
# Words are told apart before they are put in. Each length of a beginning has an index of its own: to gather the
# terms that begin so would take the longer the more documents there are.
_SQLITE = f"""
CREATE VIRTUAL TABLE search USING fts5(
    words, place, tokenize = "ascii tokenchars '_'", prefix = '{_PREFIXES}', detail = none
)
"""
_POSTGRES = (
    "ALTER TABLE documents ADD COLUMN words tsvector",
    "CREATE INDEX ix_documents_words ON documents USING gin (words) WHERE deleted_at IS NULL",
    # Most documents of a firm have one of a thousand rules.
    "ALTER TABLE documents ALTER COLUMN acl SET STATISTICS 1000",
)


def create(connection: Connection) -> None:
    """Makes the index; the tables are there."""
    statements = (_SQLITE,) if connection.dialect.name == "sqlite" else _POSTGRES
    for statement in statements:
        connection.exec_driver_sql(statement)

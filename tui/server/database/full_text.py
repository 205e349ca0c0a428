"""The full text index over the library's documents, each database's own kind.

SQLite: the table ``search`` (FTS5), a row for each document. ``words`` are its words, ``place`` the tokens of its
rule and of its container, so that one look-up finds what somebody may see; rows are numbered so that what was
edited later comes first. PostgreSQL: the column ``documents.words``, with the beginnings of all words, and the period
in which a document was last edited, so that the newest ones can be asked for alone. What the words are,
``work/words.py`` says.
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
_INDEX = "CREATE INDEX ix_documents_words ON documents USING gin (words) WHERE deleted_at IS NULL"
_POSTGRES = (
    "ALTER TABLE documents ADD COLUMN words tsvector",
    _INDEX,
    # Most documents of a firm have one of a thousand rules.
    "ALTER TABLE documents ALTER COLUMN acl SET STATISTICS 1000",
)
# A period is so long: 2 to the power of this many microseconds, which are 203 days.
_PERIOD = 44


def period(edited_at: str, before: str = "0") -> str:
    """In PostgreSQL's SQL: the term of the period of a moment, or of the one so many ``before``; no word is like it."""
    return f"('-' || (({edited_at} >> {_PERIOD}) - {before}))"


def add_periods(connection: Connection) -> None:
    """Puts the periods into PostgreSQL's index; without it, the rows are written in a fraction of the time."""
    connection.exec_driver_sql("DROP INDEX ix_documents_words")
    term = f"array_to_tsvector(ARRAY[{period('edited_at')}])"
    connection.exec_driver_sql(f"UPDATE documents SET words = words || {term}")  # noqa: S608 - a text of our own
    connection.exec_driver_sql(_INDEX)


def create(connection: Connection) -> None:
    """Makes the index; the tables are there."""
    statements = (_SQLITE,) if connection.dialect.name == "sqlite" else _POSTGRES
    for statement in statements:
        connection.exec_driver_sql(statement)

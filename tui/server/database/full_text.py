"""The full text index over the library's documents, each database's own kind.

SQLite: the table ``search`` (FTS5), a row for each document. ``words`` are its words, ``place`` the tokens of its
rule and of its container, so that one look-up finds what somebody may see; rows are numbered so that what was
edited later comes first. PostgreSQL: the column ``documents.words``, with the beginnings of all words, and in the index
beside them the period in which a document was last edited, so that the newest ones can be asked for alone. What the
words are, ``work/words.py`` says.
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
# A period is so long (2 to the power of this many microseconds: 203 days), and a character of those that no word has.
_PERIOD, _PERIODS = 44, 0xF0000


def period(edited_at: str, before: str = "") -> str:
    """In PostgreSQL's SQL: the term of the period of a moment, or of one so many (a column's value) ``before``."""
    earlier = f" - {before}" if before else ""
    return f"chr(({_PERIODS} + ({edited_at} >> {_PERIOD}){earlier})::integer)"


#: What PostgreSQL's index is over, in its SQL.
INDEXED = f"(documents.words || array_to_tsvector(ARRAY[{period('documents.edited_at')}]))"


def add_periods(connection: Connection) -> None:
    """Makes PostgreSQL's index anew, with the periods."""
    connection.exec_driver_sql("DROP INDEX ix_documents_words")
    connection.exec_driver_sql(
        f"CREATE INDEX ix_documents_found ON documents USING gin ({INDEXED}) WHERE deleted_at IS NULL"
    )


def create(connection: Connection) -> None:
    """Makes the index; the tables are there."""
    statements = (_SQLITE,) if connection.dialect.name == "sqlite" else _POSTGRES
    for statement in statements:
        connection.exec_driver_sql(statement)

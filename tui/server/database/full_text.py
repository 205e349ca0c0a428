"""The full text index over the library's documents, each database's own kind.

SQLite: the table ``search`` (FTS5), a row for each document. ``words`` are its words, ``place`` the tokens of its
rule and of its container, so that one look-up finds what somebody may see; rows are numbered so that what was
edited later comes first. PostgreSQL: the column ``documents.words``, with the beginnings of all words, and the period
in which a document was last edited, so that the newest ones can be asked for alone. What the words are,
``library/name_match.py`` says.
"""

from __future__ import annotations

#: A longer word is in the index by so many of its first characters, which are looked up as one term.
LONGEST = 8
# A period is so long: 2 to the power of this many microseconds, which are 203 days.
_PERIOD = 44


def period(edited_at: str, before: str = "0") -> str:
    """In PostgreSQL's SQL: the term of the period of a moment, or of the one so many ``before``; no word is like it."""
    return f"('-' || (({edited_at} >> {_PERIOD}) - {before}))"

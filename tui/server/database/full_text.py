"""The full-text index over the library's documents, in each database's own kind.

SQLite: the table ``search`` (FTS5), with a row for each document. ``words`` holds its words, ``place`` the tokens of
its access rule and its container, so that one lookup finds only what a user may see; rows are numbered so that the
most recently edited come first. PostgreSQL: the column ``documents.words``, with the prefixes of all words and the
period in which a document was last edited, so that the newest can be searched on their own. ``library/name_match.py``
defines the words.
"""

from __future__ import annotations

#: Longer words are indexed by this many of their first characters, which are looked up as one term.
LONGEST = 8
# The length of a period: 2 to the power of this many microseconds, which is 203 days.
_PERIOD = 44


def period(edited_at: str, before: str = "0") -> str:
    """SQL (PostgreSQL) for the term of a time's period, or of the one ``before`` periods earlier; never also a word."""
    return f"('-' || (({edited_at} >> {_PERIOD}) - {before}))"

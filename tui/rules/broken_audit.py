"""What people are told of an audit that isn't as it was written."""

from __future__ import annotations

from .text import printable

#: Stands for the seals where a row otherwise has a subject.
SEALS = "seals"


def broken_sentence(subject: str, sequence: int, why: str) -> str:
    """The first row that isn't as it was written, or what in the database doesn't match the rows (``sequence`` 0)."""
    if sequence or subject == SEALS:
        return f"The audit is broken at row {sequence:,} of {printable(subject)}: {printable(why)}."
    return f"The database doesn't match the audit: {printable(why)} ({printable(subject)})."

"""The audit of Share: an append-only chain of rows for each subject.

A subject is what a row is about: ``subject("document", ID)``, ``"folder"`` or ``"person"``, or the
:data:`INSTALLATION`. A transaction that writes to several chains must begin with documents and folders, continue with
people and end with the installation, to avoid deadlocks.

Each row's MAC covers the MAC of the previous row, so rows can't be changed, removed or inserted unnoticed; the chain's
head has a MAC as well. The newest rows are sealed into one chain of the installation (:func:`seal`), so rows cut off
from the end of a chain are noticed even if its head was rewritten. The newest seal is anchored (``anchors``). Rows
about a change of a document contain its new state (``states``).
"""

from . import guards, heads
from .accept import accept
from .behind import Behind, find_behind
from .chain import INSTALLATION, NOBODY, AuditEntry, NewRow, Origin, append, begin, read, subject
from .report import SEALS, Acceptance, Broken, Verdict
from .seals import seal
from .states import COLUMNS, state_of
from .verify import verify

__all__ = [
    "COLUMNS",
    "INSTALLATION",
    "NOBODY",
    "SEALS",
    "Acceptance",
    "AuditEntry",
    "Behind",
    "Broken",
    "NewRow",
    "Origin",
    "Verdict",
    "accept",
    "append",
    "begin",
    "find_behind",
    "guards",
    "heads",
    "read",
    "seal",
    "state_of",
    "subject",
    "verify",
]

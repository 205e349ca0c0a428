"""The audit of Share: a chain of rows for each subject, to which rows can only be appended.

A subject is what a row is about: ``subject("document", ID)``, ``"folder"`` or ``"person"``, or the
:data:`INSTALLATION`. Who writes to several chains at once begins with documents and folders, goes on with people and
ends with the installation: two that went another way would wait for each other. Each row's mac covers
the mac of the row before it, so that no row can be changed, left out or put between others, and the chain's head
has a mac as well. The newest rows are sealed into one chain of the installation (:func:`seal`), so that rows taken
from a chain's end are missed whoever rewrote its head, and the newest seal is anchored (``anchors``). Rows about a
change of a document hold what it became (``states``).
"""

from . import heads
from .accept import accept
from .chain import INSTALLATION, NOBODY, Entry, NewRow, Origin, append, begin, read, subject
from .seals import seal
from .states import COLUMNS, state_of
from .verdict import SEALS, Acceptance, Broken, Verdict
from .verify import verify

__all__ = [
    "COLUMNS",
    "INSTALLATION",
    "NOBODY",
    "SEALS",
    "Acceptance",
    "Broken",
    "Entry",
    "NewRow",
    "Origin",
    "Verdict",
    "accept",
    "append",
    "begin",
    "heads",
    "read",
    "seal",
    "state_of",
    "subject",
    "verify",
]

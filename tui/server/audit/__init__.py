"""The audit of Share: a chain of rows for each subject, to which rows can only be appended.

A subject is what a row is about: ``subject("document", ID)``, ``"folder"`` or ``"person"``. Each row's mac covers
the mac of the row before it, so that no row can be changed, left out or put between others; the newest rows are
sealed into one chain of the installation (:func:`seal`), so that rows taken from a chain's end are missed as well.
"""

from .chain import Entry, append, read, subject
from .seals import seal
from .verify import Broken, Verdict, verify

__all__ = ["Broken", "Entry", "Verdict", "append", "read", "seal", "subject", "verify"]

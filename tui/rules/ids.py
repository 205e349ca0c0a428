"""How documents of Work are named: ``ACTIVE!453``, and ``ACTIVE!453.2`` for one of its versions."""

from __future__ import annotations

import re

_WORK_ID = re.compile(r"[^!/]+!(?P<number>[0-9]{1,18})(\.(?P<version>[0-9]{1,9}))?")


def is_document(text: str) -> bool:
    """Whether it is the id of a document, or of a version."""
    return _WORK_ID.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether it is the id of a version."""
    found = _WORK_ID.fullmatch(text)
    return found is not None and found["version"] is not None


def number_of(text: str) -> int | None:
    """The number of the document whose id, or one of whose versions' ids, the text is; ``None``: it is none."""
    found = _WORK_ID.fullmatch(text)
    return int(found["number"]) if found else None

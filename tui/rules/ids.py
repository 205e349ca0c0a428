"""The ids of documents in Work: ``ACTIVE!453``, and ``ACTIVE!453.2`` for one of its versions."""

from __future__ import annotations

import re

_WORK_ID = re.compile(r"[^!/]+!(?P<number>[0-9]{1,18})(\.(?P<version>[0-9]{1,9}))?")


def is_document(text: str) -> bool:
    """Whether ``text`` is the id of a document or a version."""
    return _WORK_ID.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether ``text`` is the id of a version."""
    found = _WORK_ID.fullmatch(text)
    return found is not None and found["version"] is not None


def number_of(text: str) -> int | None:
    """The document's number, if ``text`` is the id of a document or a version, else ``None``."""
    found = _WORK_ID.fullmatch(text)
    return int(found["number"]) if found else None

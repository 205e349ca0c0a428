"""The ids of Work: ``ACTIVE!453.1`` is version 1 of document 453, ``ACTIVE!777`` a container."""

from __future__ import annotations

import re

from .problems import no_record

#: The name of the one library.
LIBRARY = "ACTIVE"
#: The id of the one customer.
CUSTOMER = 1

_DOCUMENT = re.compile(rf"{LIBRARY}!([0-9]{{1,18}})(?:\.([0-9]{{1,9}}))?", re.IGNORECASE)
_CONTAINER = re.compile(rf"{LIBRARY}!([0-9]{{1,18}})", re.IGNORECASE)


def document_id(number: int, version: int) -> str:
    """The id of a version: ``ACTIVE!453.1``."""
    return f"{LIBRARY}!{number}.{version}"


def container_id(number: int) -> str:
    """The id of a workspace or folder: ``ACTIVE!777``."""
    return f"{LIBRARY}!{number}"


def document_of(text: str) -> tuple[int, int | None]:
    """The number and version in a document's id; ``None`` means the latest version. Raises :class:`NotFound`."""
    match = _DOCUMENT.fullmatch(text)
    if match is None:
        raise no_record()
    return int(match[1]), int(match[2]) if match[2] else None


def container_of(text: str) -> int:
    """The number in the id of a container, or of anything else with an id of that form. Raises :class:`NotFound`."""
    match = _CONTAINER.fullmatch(text)
    if match is None:
        raise no_record()
    return int(match[1])

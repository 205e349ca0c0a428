"""One change to many documents in one request: ``POST /share/v1/documents/changes``.

Each is changed as by its own request, with the same rights and the same audit, and one that can't be changed doesn't
keep back the others. The response has a result for each, in the same order.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from .message import Message, SentMoment
from .problem import ProblemBody
from .share import Document

#: The most documents in one request.
MOST_DOCUMENTS = 50


class Change(StrEnum):
    """What is done to each of the documents."""

    UNPUBLISH = "unpublish"
    UNDO_UNPUBLISH = "undo unpublish"
    DELETE = "delete"
    UNDO_DELETE = "undo delete"


class ToChange(Message):
    """A document. ``done_at`` is what is undone: its ``unpublished_at``, or its ``deleted_at``."""

    id: Annotated[str, StringConstraints(max_length=64)]
    done_at: SentMoment | None = None


class ChangeDocuments(Message):
    """The same for each of at most :data:`MOST_DOCUMENTS` documents."""

    change: Change
    documents: Annotated[list[ToChange], Field(min_length=1, max_length=MOST_DOCUMENTS)]


class ChangeResult(Message):
    """The result for one document: exactly one of the two fields is set."""

    document: Document | None = None
    error: ProblemBody | None = None


class DocumentsChanged(Message):
    """One result for each document, in the order of the request."""

    results: list[ChangeResult]

"""Many small documents in one request: ``POST /share/v1/sends/{id}/batch``.

The body is a line of JSON (:class:`BatchHead`), a line feed, and the concatenated bytes of the documents in the same
order. The response has a result for each, in the same order.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from .carried import CarriesReport
from .message import Message, Sha256
from .problem import ProblemBody
from .share import Document, Order, Source

#: The most documents in one request, and the most bytes that they may have together.
MOST_DOCUMENTS = 64
MOST_BYTES = 8 * 1024 * 1024
#: The maximum length of the head, in bytes.
MOST_HEAD = 256 * 1024
MEDIA_TYPE = "application/octet-stream"


class BatchDocument(Message):
    """One document. ``key`` is its idempotency key: however often it is sent, it is published once."""

    name: Annotated[str, StringConstraints(max_length=1024)]
    size: Annotated[int, Field(ge=0, le=MOST_BYTES, strict=True)]
    sha256: Sha256
    source: Source
    key: Annotated[str, StringConstraints(max_length=255, pattern=r"^[!-~]+$")]
    order: Order | None = None
    carries: CarriesReport | None = None


class BatchHead(Message):
    """The first line of a batch: what its documents are, in the order in which their bytes follow."""

    documents: Annotated[list[BatchDocument], Field(min_length=1, max_length=MOST_DOCUMENTS)]


class BatchResult(Message):
    """The result for one document: exactly one of the two fields is set."""

    document: Document | None = None
    error: ProblemBody | None = None


class BatchResults(Message):
    """One result for each document of a batch, in its order."""

    results: list[BatchResult]

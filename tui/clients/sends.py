"""The client for sends: opening them, publishing their documents, and whom they are for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

import httpx

from ..rules.errors import Failed, Problem
from ..wire.batch import MEDIA_TYPE, BatchDocument, BatchHead, BatchResults
from ..wire.share import (
    Document,
    EarlierRecipients,
    OpenSend,
    Publish,
    PublishVersion,
    RecipientsSet,
    Send,
    SendState,
    SetRecipients,
    UploadsEnded,
)
from .bounded import LONG_ANSWER
from .connection import call, model_of
from .responses import problem_within
from .share_paths import share_id, share_path

# The server reads the whole document again before it publishes it.
_SLOWEST_BYTES_PER_SECOND = 30_000_000
# The response has all documents of a send, however many.
_STATE_SECONDS = 120.0
#: Parts of a body from this size on aren't copied.
_LARGE = 256 * 1024


class SendsClient:
    """Sends; a part of :class:`~tui.clients.share.ShareClient`. Uploads are in :mod:`tui.clients.uploads`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def open(self, request: OpenSend, key: str) -> Send:
        """Open a send, once for each idempotency ``key``. Only fields that were set are included in the request."""
        response = await call(
            self.http,
            "POST",
            share_path("sends"),
            body=request.model_dump(mode="json", exclude_unset=True),
            headers={"Idempotency-Key": key},
            again=True,
        )
        return model_of(response, Send)

    async def state(self, send_id: str) -> SendState:
        """The state of a send: its documents with their keys, and its uploads with their offsets."""
        response = await call(
            self.http,
            "GET",
            share_path("sends", share_id(send_id)),
            patience=_STATE_SECONDS,
            bounds=LONG_ANSWER,
        )
        return model_of(response, SendState)

    async def end_uploads(self, send_id: str) -> int:
        """End all unfinished uploads of a send. Returns how many there were."""
        response = await call(
            self.http, "DELETE", share_path("sends", share_id(send_id), "uploads"), again=True
        )
        return model_of(response, UploadsEnded).ended

    async def set_recipients(
        self, send_id: str, recipients: Sequence[str], documents: Sequence[str] | None = None
    ) -> RecipientsSet:
        """Replace whom a send is for, or only some of its documents. The links stay as they are."""
        chosen = None if documents is None else list(documents)
        body = SetRecipients(recipients=list(recipients), documents=chosen)
        response = await call(
            self.http,
            "PUT",
            share_path("sends", share_id(send_id), "recipients"),
            body=body.model_dump(mode="json", exclude_none=True),
            again=True,
        )
        return model_of(response, RecipientsSet)

    async def earlier_recipients(self) -> list[str]:
        """The addresses that the caller has sent to, those used most and most recently first."""
        return (await self.known_recipients()).recipients

    async def known_recipients(self) -> EarlierRecipients:
        """The same, with the domains of the caller's own addresses."""
        return model_of(await call(self.http, "GET", share_path("recipients")), EarlierRecipients)

    async def publish(self, send_id: str, request: Publish, key: str, size: int = 0) -> Document:
        """Publish an upload, once for each idempotency ``key``; the timeout grows with ``size`` (bytes)."""
        response = await call(
            self.http,
            "POST",
            share_path("sends", share_id(send_id), "documents"),
            body=request.model_dump(mode="json"),
            headers={"Idempotency-Key": key},
            patience=60 + size / _SLOWEST_BYTES_PER_SECOND,
            again=True,
        )
        return model_of(response, Document)

    async def publish_version(self, send_id: str, request: PublishVersion, key: str) -> Document:
        """Publish a Work version that is stored on this server, once for each idempotency ``key``."""
        response = await call(
            self.http,
            "POST",
            share_path("sends", share_id(send_id), "versions"),
            body=request.model_dump(mode="json"),
            headers={"Idempotency-Key": key},
            again=True,
        )
        return model_of(response, Document)

    async def publish_all(
        self, send_id: str, documents: Sequence[BatchDocument], contents: Sequence[bytes]
    ) -> list[Document | Problem]:
        """Publish small documents in one request, each once for its idempotency key. Returns the result of each."""
        head = BatchHead(documents=list(documents)).model_dump_json().encode()
        parts = list(_gathered([head, b"\n", *contents]))
        response = await call(
            self.http,
            "POST",
            share_path("sends", share_id(send_id), "batch"),
            content=_Parts(parts),
            headers={"Content-Type": MEDIA_TYPE, "Content-Length": str(sum(map(len, parts)))},
            patience=60 + sum(map(len, contents)) / _SLOWEST_BYTES_PER_SECOND,
            again=True,
        )
        results = model_of(response, BatchResults).results
        found = [each.document or each.error for each in results]
        if len(found) != len(documents) or not all(found):
            raise Failed("answer.not_understood", "The server's response is missing some documents.")
        return [
            each if isinstance(each, Document) else problem_within(response, each)
            for each in found
            if each is not None
        ]


class _Parts:
    """The parts of a body, which can be sent again."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer parts: joining small ones is cheaper than writing each to the socket."""
    small: list[bytes] = []
    for part in parts:
        if len(part) >= _LARGE:
            yield b"".join(small)
            yield part
            small = []
        else:
            small.append(part)
    yield b"".join(small)

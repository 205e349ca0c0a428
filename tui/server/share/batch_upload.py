"""Publishing many small documents in one request that carries their bytes; each succeeds or fails independently.

Everything is published in one transaction, which waits for the disk only once. The bytes are written before it and
marked as dead until then, so that they are removed if the server stops in between.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.errors import Conflict, InvalidValue, Problem, TooLarge
from ...rules.policy import Policy
from ...wire.batch import (
    MOST_BYTES,
    MOST_HEAD,
    BatchDocument,
    BatchHead,
    BatchResult,
    BatchResults,
)
from ...wire.share import Document
from ..base.keys import new_id
from ..database.tables import dead_blobs, sent_documents
from ..limits.buffers import Share
from . import idempotency, own_look, serializers
from .answers import problem_body, what_is_wrong
from .caller import Caller, documents_query
from .publish import NewDocument, check_send, checked_source, name_taken, taken_names, write
from .sends import send_of, send_to_fill
from .upload_room import check_room

_UNMARK = delete(dead_blobs).where(dead_blobs.c.key.in_(bindparam("kept", expanding=True)))
_PUBLISHED = documents_query().where(sent_documents.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Item:
    """One document of a batch: its entry in the head, and its bytes in the pieces in which they arrived."""

    entry: BatchDocument
    content: Sequence[memoryview]


async def read(stream: AsyncIterator[bytes], share: Share) -> list[Item]:
    """The documents of a request's body, whose bytes count as ``share``. Raises :class:`InvalidValue`,
    :class:`TooLarge` before reading too much, and :class:`Unavailable` if there is no room for it."""
    # The bytes stay where they arrived: copying them takes longer than hashing them.
    body: deque[memoryview] = deque()
    length = 0
    async for piece in stream:
        share.take(len(piece))
        body.append(memoryview(piece))
        length += len(piece)
        if length > MOST_HEAD + MOST_BYTES:
            raise TooLarge("batch.too_large", f"A batch can have at most {MOST_BYTES:,} bytes of documents.")
    first = b"".join(_cut(body, MOST_HEAD))
    end = first.find(b"\n")
    if end < 0:
        raise InvalidValue(
            "batch.head", f"A batch must begin with a line of JSON of at most {MOST_HEAD:,} bytes."
        )
    try:
        head = BatchHead.model_validate_json(first[:end])
    except ValidationError as error:
        raise InvalidValue("batch.head", what_is_wrong(error.errors(), "The head")) from None
    if len({entry.key for entry in head.documents}) < len(head.documents):
        raise InvalidValue("batch.keys", "Two documents in the batch have the same key.")
    if sum(entry.size for entry in head.documents) != length - end - 1:
        raise InvalidValue("batch.length", "The sizes in the head of the batch don't add up to its bytes.")
    rest = deque([memoryview(first)[end + 1 :], *body])
    return [Item(entry, _cut(rest, entry.size)) for entry in head.documents]


def _cut(pieces: deque[memoryview], length: int) -> list[memoryview]:
    """Take the first ``length`` bytes off the pieces, without copying them."""
    found = []
    while pieces and length:
        piece = pieces.popleft()
        if len(piece) > length:
            pieces.appendleft(piece[length:])
            piece = piece[:length]
        length -= len(piece)
        found.append(piece)
    return found


def _digest(content: Sequence[memoryview]) -> str:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest()


async def publish_all(by: Caller, send_id: str, items: Sequence[Item]) -> BatchResults:
    """Publish those of ``items`` that can be published; the others get errors as their results.

    Raises :class:`NotFound` for the send, :class:`Conflict` if its folder was deleted, :class:`NoRoom` if they exceed
    the person's quota together.
    """
    batch = _Batch(by, send_id, items)
    async with by.context.database.read() as connection:
        await send_of(by, connection, send_id)
        await batch.find_first_answers(connection)
        rules = await own_look.refusing(connection)
    await asyncio.to_thread(batch.check)
    await batch.look(rules)
    if batch.open:
        await by.context.quotas.take(by.person.name, sum(items[n].entry.size for n in batch.open))
        await batch.publish()
    return BatchResults(results=[batch.results[n] for n in range(len(items))])


class _Batch:
    """A batch in progress: ``results`` holds what is decided so far, ``open`` the indexes of the remaining items."""

    def __init__(self, by: Caller, send_id: str, items: Sequence[Item]) -> None:
        self.by = by
        self.send_id = send_id
        self.items = items
        self.results: dict[int, BatchResult] = {}
        place = f"sends/{send_id}/batch"
        self.keys = [idempotency.made_key(by, item.entry.key, place, item.entry) for item in items]

    @property
    def open(self) -> list[int]:
        return [number for number in range(len(self.items)) if number not in self.results]

    async def find_first_answers(self, connection: AsyncConnection) -> None:
        """Settle the items that were published before under the same keys.

        Raises ``Failed("disk_full")`` if the others don't fit on the disk.
        """
        await self._settle_repeated(connection, self.open, self.by.context.clock())
        await check_room(self.by.context, connection, sum(self.items[n].entry.size for n in self.open))

    async def _settle_repeated(
        self, connection: AsyncConnection, numbers: Sequence[int], now: datetime
    ) -> None:
        keys = [self.keys[n].value for n in numbers]
        kept = await idempotency.stored_rows(self.by, connection, keys, now)
        for number in numbers:
            row = kept.get(self.keys[number].value)
            if row is not None:
                self._settle(number, row)

    def _settle(self, number: int, row: Row[Any]) -> None:
        try:
            document = idempotency.unseal_answer(self.by, self.keys[number], row, Document)
        except InvalidValue as problem:
            self._refuse(number, problem)
        else:
            self.results[number] = BatchResult(document=document)

    def _refuse(self, number: int, problem: Problem) -> None:
        self.results[number] = BatchResult(error=problem_body(problem.http_status, problem))

    def check(self) -> None:
        """Refuse the items that are invalid regardless of what is stored."""
        seen_names: set[str] = set()
        for number in self.open:
            entry = self.items[number].entry
            try:
                names.validate(entry.name)
                checked_source(entry.source)
                if names.key(entry.name) in seen_names:
                    raise name_taken(entry.name)
                if _digest(self.items[number].content) != entry.sha256:
                    raise Conflict(
                        "upload.damaged",
                        "The upload is damaged: its SHA-256 doesn't match. Upload it again.",
                    )
            except Problem as problem:
                self._refuse(number, problem)
            else:
                seen_names.add(names.key(entry.name))

    async def look(self, rules: Policy | None) -> None:
        """Refuse the items that carry what the policy refuses, if there are ``rules`` that ask for a look."""
        for number in self.open:
            item = self.items[number]
            try:
                await own_look.check_bytes(rules, item.entry.name, item.content)
            except Problem as problem:
                self._refuse(number, problem)

    async def publish(self) -> None:
        """Store the bytes of the open items, and publish them."""
        context, numbers = self.by.context, self.open
        blobs = dict(zip(numbers, await context.reserved_keys.take(len(numbers)), strict=True))
        await context.blobs.put({blobs[n]: self.items[n].content for n in numbers})
        async with context.database.write() as connection:
            await self._write(connection, blobs)

    async def _write(self, connection: AsyncConnection, blobs: dict[int, str]) -> None:
        by = self.by
        # Claimed before anything else is locked, as for a single document, so that a batch and a single request with
        # the same key wait for each other without a deadlock.
        # A key that isn't past its retention when it is claimed has a response until the end.
        now = by.context.clock()
        claimed = await idempotency.claim(by, connection, [self.keys[n] for n in blobs], now)
        send = await send_to_fill(by, connection, self.send_id)
        await check_send(by, connection, send)
        if len(claimed) < len(blobs):
            # Another request claimed the other keys first.
            repeated = [n for n in blobs if self.keys[n].value not in claimed]
            await self._settle_repeated(connection, repeated, now)
        taken = await taken_names(connection, send.id, [self.items[n].entry.name for n in self.open])
        for number in self.open:
            if names.key(self.items[number].entry.name) in taken:
                self._refuse(number, name_taken(self.items[number].entry.name))
                await idempotency.release_claim(by, connection, self.keys[number])
        new_documents = {n: self._new_document(n, new_id(), blobs[n]) for n in self.open}
        if not new_documents:
            return
        await write(by, connection, send, list(new_documents.values()))
        kept = [document.blob for document in new_documents.values()]
        await connection.execute(_UNMARK, {"kept": kept})
        await self._store_results(connection, new_documents)

    def _new_document(self, number: int, ident: str, blob: str) -> NewDocument:
        entry = self.items[number].entry
        return NewDocument(
            ident,
            entry.name,
            entry.source.label,
            entry.size,
            entry.sha256,
            blob,
            entry.key,
            order=entry.order,
            matter=entry.source.matter or None,
            source_name=entry.source.name or None,
            carries=entry.carries,
        )

    async def _store_results(
        self, connection: AsyncConnection, new_documents: dict[int, NewDocument]
    ) -> None:
        ids = [document.id for document in new_documents.values()]
        found = await connection.execute(_PUBLISHED, {"ids": ids})
        rows = {row.id: row for row in found}
        answers = {
            n: serializers.document(self.by.context, rows[p.id], owner=True) for n, p in new_documents.items()
        }
        for number, document in answers.items():
            self.results[number] = BatchResult(document=document)
        await idempotency.keep(
            self.by, connection, [(self.keys[n], document) for n, document in answers.items()]
        )

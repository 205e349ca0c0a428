"""Publishing many small documents in one request, which brings their bytes: each succeeds or fails on its own.

All that is published becomes so in one transaction, for which the disk is waited once. Bytes that are written before it
are noted as dead for as long: whatever ends the server in between, they are removed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.errors import Conflict, InvalidValue, Problem, TooLarge
from ...wire.batch import MOST_BYTES, MOST_HEAD, BatchDocument, BatchHead, BatchResult, BatchResults
from ...wire.share import Document
from ..database.tables import dead_blobs, sent_documents
from ..keys import new_id
from . import idempotency, present
from .answers import problem_body, what_is_wrong
from .caller import Caller, documents_query
from .publish import Paper, check_send, name_taken, source_of, taken_names, write
from .sends import send_of
from .uploads import check_room

#: So long bytes may be there that no document has yet.
_BETWEEN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Item:
    """One document of a batch: what is said of it, and its bytes."""

    said: BatchDocument
    content: bytes


async def read(stream: AsyncIterator[bytes]) -> list[Item]:
    """The documents of a request's body. Raises :class:`InvalidValue`, :class:`TooLarge` before too much is taken."""
    body = bytearray()
    async for piece in stream:
        body += piece
        if len(body) > MOST_HEAD + MOST_BYTES:
            raise TooLarge("batch.too_large", f"A batch can have at most {MOST_BYTES:,} bytes of documents.")
    end = body.find(b"\n", 0, MOST_HEAD)
    if end < 0:
        raise InvalidValue(
            "batch.head", f"A batch begins with a line of JSON of at most {MOST_HEAD:,} bytes."
        )
    try:
        head = BatchHead.model_validate_json(bytes(body[:end]))
    except ValidationError as error:
        raise InvalidValue("batch.head", what_is_wrong(error.errors(), "The head")) from None
    if len({said.key for said in head.documents}) < len(head.documents):
        raise InvalidValue("batch.keys", "Two documents of the batch have the same key.")
    if sum(said.size for said in head.documents) != len(body) - end - 1:
        raise InvalidValue("batch.length", "The sizes in the head of the batch don't add up to its bytes.")
    items, at = [], end + 1
    for said in head.documents:
        items.append(Item(said, bytes(body[at : at + said.size])))
        at += said.size
    return items


async def publish_all(by: Caller, send_id: str, items: Sequence[Item]) -> BatchResults:
    """Publishes what of ``items`` can be; the others' results are errors. Raises :class:`NotFound` for the send,
    :class:`Conflict` where its folder is gone, :class:`NoRoom` where all together are too much."""
    async with by.context.database.read() as connection:
        await send_of(by, connection, send_id)
    work = _Together(by, send_id, items)
    await work.find_first_answers()
    await asyncio.to_thread(work.check)
    if work.open:
        await by.context.quotas.take(by.person.name, sum(len(items[n].content) for n in work.open))
        await work.publish()
    return BatchResults(results=[work.results[n] for n in range(len(items))])


class _Together:
    """A batch under way; ``results`` has what is decided, ``open`` the places of the others."""

    def __init__(self, by: Caller, send_id: str, items: Sequence[Item]) -> None:
        self.by = by
        self.send_id = send_id
        self.items = items
        self.results: dict[int, BatchResult] = {}
        place = f"sends/{send_id}/batch"
        self.keys = [idempotency.made_key(by, item.said.key, place, item.said) for item in items]

    @property
    def open(self) -> list[int]:
        return [number for number in range(len(self.items)) if number not in self.results]

    async def find_first_answers(self) -> None:
        """Decides what was published before under the same keys. Raises ``Failed("disk_full")`` where the others do not
        fit."""
        async with self.by.context.database.read() as connection:
            await self._answer_again(connection, self.open)
            await check_room(self.by.context, connection, sum(len(self.items[n].content) for n in self.open))

    async def _answer_again(self, connection: AsyncConnection, numbers: Sequence[int]) -> None:
        kept = await idempotency.kept(self.by, connection, [self.keys[n].value for n in numbers])
        for number in numbers:
            row = kept.get(self.keys[number].value)
            if row is not None:
                self._settle(number, row)

    def _settle(self, number: int, row: Row[Any]) -> None:
        try:
            document = idempotency.opened(self.by, self.keys[number], row, Document)
        except InvalidValue as problem:
            self._refuse(number, problem)
        else:
            self.results[number] = BatchResult(document=document)

    def _refuse(self, number: int, problem: Problem) -> None:
        self.results[number] = BatchResult(error=problem_body(problem.http_status, problem))

    def check(self) -> None:
        """Refuses what is wrong by itself."""
        known: set[str] = set()
        for number in self.open:
            said = self.items[number].said
            try:
                names.validate(said.name)
                source_of(said.source)
                if names.key(said.name) in known:
                    raise name_taken(said.name)
                if hashlib.sha256(self.items[number].content).hexdigest() != said.sha256:
                    raise Conflict(
                        "upload.damaged",
                        "What arrived differs from what was sent (SHA-256); upload it again.",
                    )
            except Problem as problem:
                self._refuse(number, problem)
            else:
                known.add(names.key(said.name))

    async def publish(self) -> None:
        """Keeps the bytes of what is open, and publishes it."""
        context, numbers = self.by.context, self.open
        blobs = dict(zip(numbers, context.blobs.new_keys(len(numbers)), strict=True))
        async with context.database.write() as connection:
            since = context.clock() + _BETWEEN
            await connection.execute(
                insert(dead_blobs), [{"key": key, "since": since} for key in blobs.values()]
            )
        await context.blobs.put({blobs[n]: self.items[n].content for n in numbers})
        async with context.database.write() as connection:
            await self._write(connection, blobs)

    async def _write(self, connection: AsyncConnection, blobs: dict[int, str]) -> None:
        by = self.by
        # Before anything else is held, as for one document: of the same keys sent both ways, one waits for the other.
        claimed = await idempotency.claim(by, connection, [self.keys[n] for n in blobs])
        send = await send_of(by, connection, self.send_id)
        await check_send(by, connection, send)
        # Another request has the same keys, and was first.
        await self._answer_again(connection, [n for n in blobs if self.keys[n].value not in claimed])
        taken = await taken_names(connection, send.id, [self.items[n].said.name for n in self.open])
        for number in self.open:
            if names.key(self.items[number].said.name) in taken:
                self._refuse(number, name_taken(self.items[number].said.name))
                await idempotency.give_back(by, connection, self.keys[number])
        papers = {n: self._paper(n, blobs[n]) for n in self.open}
        if not papers:
            return
        await write(by, connection, send, list(papers.values()))
        kept = [paper.blob for paper in papers.values()]
        await connection.execute(delete(dead_blobs).where(dead_blobs.c.key.in_(kept)))
        await self._answer(connection, papers)

    def _paper(self, number: int, blob: str) -> Paper:
        said = self.items[number].said
        return Paper(new_id(), said.name, said.source.label, said.size, said.sha256, blob, said.key)

    async def _answer(self, connection: AsyncConnection, papers: dict[int, Paper]) -> None:
        ids = [paper.id for paper in papers.values()]
        found = await connection.execute(documents_query().where(sent_documents.c.id.in_(ids)))
        rows = {row.id: row for row in found}
        answers = {n: present.document(self.by.context, rows[p.id], owner=True) for n, p in papers.items()}
        for number, document in answers.items():
            self.results[number] = BatchResult(document=document)
        await idempotency.keep(
            self.by, connection, [(self.keys[n], document) for n, document in answers.items()]
        )

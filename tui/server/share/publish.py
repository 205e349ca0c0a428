"""Publishing: an upload becomes a document with a link, wholly or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ...rules.errors import Conflict, InvalidValue, NotFound
from ...rules.state import Event, State
from ...rules.text import printable
from ...wire.share import Document, Publish, Source
from .. import audit
from ..database.tables import sent_documents, uploads
from ..keys import new_id
from ..library.batch import Batch
from ..library.model import Version, Who
from ..library.types import DEFAULT_CLASS, type_of
from . import links, present
from .caller import Caller, document_of, still_here, well_formed
from .folders import hold
from .idempotency import Key, first_answer, once
from .sends import send_of


async def _upload_of(by: Caller, connection: AsyncConnection, send_id: str, upload_id: str) -> Row[Any]:
    row = None
    if well_formed(upload_id):
        query = select(uploads).where(
            uploads.c.id == upload_id, uploads.c.user_id == by.id, uploads.c.send_id == send_id
        )
        row = (await connection.execute(query)).first()
    expired = row is not None and row.published_as is None and row.expires_at <= by.context.clock()
    if row is None or expired:
        raise NotFound("upload.unknown", "There is no such upload of this send, or no longer; upload again.")
    return row


async def _verify(by: Caller, upload: Row[Any], sha256: str) -> None:
    """Raises :class:`Conflict` unless the bytes kept are those that were meant to be sent."""
    if await by.context.blobs.length(upload.blob_key) != upload.size:
        raise Conflict("upload.incomplete", "The upload is not complete; send the rest of it first.")
    try:
        kept = await by.context.blobs.received(upload.blob_key)
    except FileNotFoundError:
        raise Conflict("upload.gone", "The uploaded bytes are no longer there; upload again.") from None
    if kept != sha256:
        raise Conflict(
            "upload.damaged", "What arrived is not what was sent (its SHA-256 differs); upload again."
        )


async def publish(by: Caller, send_id: str, body: Publish, key: Key | None) -> Document:
    """Makes an upload a document with a link, in one transaction, once its size and SHA-256 are right.

    Raises :class:`InvalidValue` for its name, :class:`Conflict` where the upload is incomplete, damaged or
    published already, or the folder is gone, :class:`NotFound`.
    """
    if (answer := await first_answer(by, key, Document)) is not None:
        return answer
    names.validate(body.name)
    source = source_of(body.source)
    async with by.context.database.read() as connection:
        await send_of(by, connection, send_id)
        upload = await _upload_of(by, connection, send_id, body.upload)
    await _verify(by, upload, body.sha256)
    await by.context.quotas.take(by.person.name, upload.size)

    async def work(connection: AsyncConnection) -> Document:
        send = await send_of(by, connection, send_id)
        await check_send(by, connection, send)
        if await taken_names(connection, send.id, [body.name]):
            raise name_taken(body.name)
        document_id = new_id()
        taken = await connection.execute(
            update(uploads)
            .where(uploads.c.id == upload.id, uploads.c.published_as.is_(None))
            .values(published_as=document_id, received=upload.size)
            .returning(uploads.c.id)
        )
        if taken.first() is None:
            raise Conflict("upload.published", "This upload was published already.")
        under = None if key is None else key.value
        paper = Paper(document_id, body.name, source, upload.size, body.sha256, upload.blob_key, under)
        await write(by, connection, send, [paper])
        row = await document_of(by, connection, document_id, Action.READ_SENT)
        return present.document(by.context, row, owner=True)

    return await once(by, key, Document, work)


def source_of(source: Source) -> str:
    """Where a document was sent from, as it is kept. Raises :class:`InvalidValue`."""
    if printable(source.label) != source.label:
        raise InvalidValue("source.invalid", "The source holds a control character; leave it out.", "source")
    return source.label


async def check_send(by: Caller, connection: AsyncConnection, send: Row[Any]) -> None:
    """Holds the folder of the send. Raises :class:`Conflict` where it is gone, :class:`InvalidValue` where the send's
    expiry is past by now."""
    await still_here(by, connection)
    try:
        await hold(connection, send.folder_id)
    except NotFound:
        raise Conflict("folder.gone", "The folder was deleted meanwhile; send again.") from None
    if send.expires_at is not None and send.expires_at <= by.context.clock():
        raise InvalidValue("expires.past", "The expiration date of this send is past; send again.", "expires")


async def taken_names(connection: AsyncConnection, send_id: str, wanted: Collection[str]) -> set[str]:
    """The keys of ``wanted`` names that documents of the send have already."""
    same = select(sent_documents.c.name_key).where(
        sent_documents.c.send_id == send_id,
        sent_documents.c.name_key.in_([names.key(name) for name in wanted]),
        sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED)),
    )
    return set((await connection.execute(same)).scalars())


def name_taken(name: str) -> InvalidValue:
    return InvalidValue(
        "name.taken",
        f"Another document of this send is called {printable(name)}; give this one another name.",
        "name",
    )


@dataclass(frozen=True, slots=True)
class Paper:
    """What is to become a document, its bytes being there already: under the key ``blob``. ``key`` is the
    idempotency key that it is published under."""

    id: str
    name: str
    source: str
    size: int
    sha256: str
    blob: str
    key: str | None
    #: The bytes are those of another version too.
    kept: bool = False


async def write(by: Caller, connection: AsyncConnection, send: Row[Any], papers: Sequence[Paper]) -> None:
    """The rows of new documents on both sides, with their addresses and the beginnings of their audit."""
    batch = Batch(by.context, connection, len(papers))
    now = by.context.clock()
    owner = Who(by.id, by.person.name)
    for paper in papers:
        number = await batch.sent(send.container, owner, _version(by, paper, now), kept=paper.kept)
        _, address_hash, address_sealed = links.mint(by.context, paper.id)
        document = {
            "id": paper.id,
            "folder_id": send.folder_id,
            "owner_id": by.id,
            "send_id": send.id,
            "number": number,
            "name": paper.name,
            "name_key": names.key(paper.name),
            "size": paper.size,
            "sha256": paper.sha256,
            "blob": paper.blob,
            "source": paper.source,
            "sent_at": now,
            "state": str(State.PUBLISHED),
            "reason": None,
            "address_hash": address_hash,
            "address_sealed": address_sealed,
            "settings": 1,
            "password_hash": send.password_hash,
            "expires_at": send.expires_at,
            "downloads_permitted": send.downloads_permitted,
            "downloads": 0,
            "key": paper.key,
        }
        batch.rows["sent_documents"].append(document)
        rows, head = audit.begin(
            by.context, audit.subject("document", paper.id), _events(by, send, paper, document)
        )
        batch.rows["audit"] += rows
        batch.rows["audit_heads"].append(head)
    await batch.write()


def _events(by: Caller, send: Row[Any], paper: Paper, document: Mapping[str, Any]) -> list[audit.NewRow]:
    """What the audit of a new document begins with."""
    sent = {
        "name": paper.name,
        "source": paper.source,
        "folder": send.folder_name,
        "size": paper.size,
        "sha256": paper.sha256,
        "send": send.id,
    }
    published = {
        "has_password": send.password_hash is not None,
        "expires_at": send.expires_at and send.expires_at.isoformat(),
        "downloads_permitted": send.downloads_permitted,
    }
    state = audit.state_of(by.context, document)
    return [
        audit.NewRow(event, details, document["sent_at"], by.origin, state)
        for event, details in ((Event.SENT, sent), (Event.PUBLISHED, published))
    ]


def _version(by: Caller, paper: Paper, now: datetime) -> Version:
    stem, dotted = names.split(paper.name)
    extension = dotted.removeprefix(".")
    return Version(
        name=stem,
        extension=extension,
        type=type_of(extension)[:32],
        document_class=DEFAULT_CLASS,
        author=by.person.name,
        operator=by.person.name,
        size=paper.size,
        sha256=paper.sha256,
        blob=paper.blob,
        created_at=now,
        edited_at=now,
    )

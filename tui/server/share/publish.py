"""Publishing: an upload becomes a document with a link, wholly or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.errors import Conflict, InvalidValue, NotFound
from ...rules.state import Event, State
from ...rules.text import printable
from ...wire.share import Document, Publish
from .. import audit
from ..database.tables import blobs, sent_documents, uploads, versions
from ..database.tables import documents as work_documents
from ..keys import new_id
from ..work import index
from ..work.types import DEFAULT_CLASS, type_of
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
        kept = await by.context.blobs.sha256(upload.blob_key)
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
    source = _source(body.source.label)
    async with by.context.database.read() as connection:
        await send_of(by, connection, send_id)
        upload = await _upload_of(by, connection, send_id, body.upload)
    await _verify(by, upload, body.sha256)

    async def work(connection: AsyncConnection) -> Document:
        send = await send_of(by, connection, send_id)
        await _check(by, connection, send, body.name)
        document_id = new_id()
        taken = await connection.execute(
            update(uploads)
            .where(uploads.c.id == upload.id, uploads.c.published_as.is_(None))
            .values(published_as=document_id, received=upload.size)
            .returning(uploads.c.id)
        )
        if taken.first() is None:
            raise Conflict("upload.published", "This upload was published already.")
        await _write(by, connection, document_id, send, upload, body.name, body.sha256, source)
        row = await document_of(by, connection, document_id, change=False)
        return present.document(by.context, row, owner=True)

    return await once(by, key, Document, work)


def _source(label: str) -> str:
    if printable(label) != label:
        raise InvalidValue("source.invalid", "The source holds a control character; leave it out.", "source")
    return label


async def _check(by: Caller, connection: AsyncConnection, send: Row[Any], name: str) -> None:
    """Raises :class:`Conflict` where the folder is gone, :class:`InvalidValue` where an earlier document of the
    send has the name, or where the send's expiry is past by now."""
    await still_here(by, connection)
    try:
        await hold(connection, send.folder_id)
    except NotFound:
        raise Conflict("folder.gone", "The folder was deleted meanwhile; send again.") from None
    if send.expires_at is not None and send.expires_at <= by.context.clock():
        raise InvalidValue("expires.past", "The expiration date of this send is past; send again.", "expires")
    same = select(sent_documents.c.id).where(
        sent_documents.c.send_id == send.id,
        sent_documents.c.name_key == names.key(name),
        sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED)),
    )
    if (await connection.execute(same)).first() is not None:
        raise InvalidValue(
            "name.taken",
            f"Another document of this send is called {printable(name)}; give this one another name.",
            "name",
        )


async def _write(
    by: Caller,
    connection: AsyncConnection,
    document_id: str,
    send: Row[Any],
    upload: Row[Any],
    name: str,
    sha256: str,
    source: str,
) -> None:
    """The rows of a new document on both sides, with its address and the beginning of its audit."""
    now = by.context.clock()
    await connection.execute(
        insert(blobs).values(key=upload.blob_key, size=upload.size, sha256=sha256, created_at=now)
    )
    number = await _write_work(by, connection, send.container, upload, name, sha256, now)
    _, address_hash, address_sealed = links.mint(by.context, document_id)
    await connection.execute(
        insert(sent_documents).values(
            id=document_id,
            folder_id=send.folder_id,
            owner_id=by.id,
            send_id=send.id,
            number=number,
            name=name,
            name_key=names.key(name),
            size=upload.size,
            sha256=sha256,
            blob=upload.blob_key,
            source=source,
            sent_at=now,
            state=State.PUBLISHED,
            address_hash=address_hash,
            address_sealed=address_sealed,
            settings=1,
            password_hash=send.password_hash,
            expires_at=send.expires_at,
            downloads_permitted=send.downloads_permitted,
            downloads=0,
        )
    )
    subject = audit.subject("document", document_id)
    sent = {
        "name": name,
        "source": source,
        "folder": send.folder_name,
        "size": upload.size,
        "sha256": sha256,
        "send": send.id,
    }
    published = {
        "has_password": send.password_hash is not None,
        "expires_at": send.expires_at and send.expires_at.isoformat(),
        "downloads_permitted": send.downloads_permitted,
    }
    await audit.append(by.context, connection, subject, Event.SENT, **by.origin, details=sent)
    await audit.append(by.context, connection, subject, Event.PUBLISHED, **by.origin, details=published)


async def _write_work(
    by: Caller,
    connection: AsyncConnection,
    container: int,
    upload: Row[Any],
    name: str,
    sha256: str,
    now: datetime,
) -> int:
    """The document and its one version in Work; answers its number."""
    stem, dotted = names.split(name)
    made = await connection.execute(
        insert(work_documents)
        .values(
            parent=container,
            latest=1,
            name_key=names.key(stem),
            edited_at=now,
            default_security="inherit",
        )
        .returning(work_documents.c.number)
    )
    number = int(made.scalar_one())
    values: dict[str, Any] = {
        "number": number,
        "version": 1,
        "name": stem,
        "extension": dotted.removeprefix("."),
        "type": type_of(dotted.removeprefix("."))[:32],
        "class": DEFAULT_CLASS,
        "author": by.person.name,
        "operator": by.person.name,
        "last_user": by.person.name,
        "size": upload.size,
        "sha256": sha256,
        "blob": upload.blob_key,
        "created_at": now,
        "edited_at": now,
    }
    await connection.execute(insert(versions).values(values))
    await index.refresh(by.context, connection, [number])
    return number

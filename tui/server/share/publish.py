"""Publishing: turns an upload into a document with a link, completely or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.allowed_recipients import outsiders
from ...rules.authorization import Action
from ...rules.errors import Conflict, InvalidValue, NotFound
from ...rules.sent_filter import source_key
from ...rules.state import Event, State
from ...rules.text import printable
from ...wire.carried import CarriesReport
from ...wire.share import Document, Publish, Source
from .. import audit
from ..base.keys import new_id
from ..blobs import Damaged
from ..database.tables import LINK_SETTINGS, sent_documents, uploads
from ..library.batch import Batch
from ..library.model import Actor, NewVersion
from ..library.types import DEFAULT_CLASS, type_of
from . import carried, links, own_look, policy, serializers
from .caller import Caller, document_of, ensure_active, well_formed
from .folders import lock_folder
from .idempotency import Key, first_answer, once
from .positions import order_of_arrival, position
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
        raise NotFound("upload.unknown", "This send has no such upload, or it has expired. Upload it again.")
    return row


async def _verify(by: Caller, upload: Row[Any], sha256: str) -> None:
    """Raise :class:`Conflict` unless the upload is complete and has the digest ``sha256``."""
    if await by.context.blobs.length(upload.blob_key) != upload.size:
        raise Conflict("upload.incomplete", "The upload is not complete; send the rest first.")
    digest: str | None
    try:
        digest = await by.context.blobs.received(upload.blob_key)
    except FileNotFoundError:
        raise Conflict("upload.gone", "The uploaded file no longer exists; upload it again.") from None
    except (Damaged, EOFError):
        digest = None
    if digest != sha256:
        raise Conflict("upload.damaged", "The upload is damaged: its SHA-256 doesn't match. Upload it again.")


async def publish(by: Caller, send_id: str, body: Publish, key: Key | None) -> Document:
    """Publish an upload as a document with a link, in one transaction, after checking its size and SHA-256.

    Raises :class:`InvalidValue` for its name, :class:`Conflict` if the upload is incomplete, damaged or published
    already, or the folder was deleted, :class:`NotFound`.
    """
    if (answer := await first_answer(by, key, Document)) is not None:
        return answer
    names.validate(body.name)
    source = checked_source(body.source)
    async with by.context.database.read() as connection:
        await send_of(by, connection, send_id)
        upload = await _upload_of(by, connection, send_id, body.upload)
        rules = await own_look.refusing(connection)
    await _verify(by, upload, body.sha256)
    await own_look.check_blob(by, rules, body.name, upload.blob_key, upload.size)
    await by.context.quotas.take(by.person.name, upload.size)

    async def work(connection: AsyncConnection) -> Document:
        send = await send_of(by, connection, send_id)
        await check_send(by, connection, send)
        if await taken_names(connection, send.id, [body.name]):
            raise name_taken(body.name)
        document_id = new_id()
        claimed = await connection.execute(
            update(uploads)
            .where(uploads.c.id == upload.id, uploads.c.published_as.is_(None))
            .values(published_as=document_id, received=upload.size)
            .returning(uploads.c.id)
        )
        if claimed.first() is None:
            raise Conflict("upload.published", "This upload has already been published.")
        key_value = None if key is None else key.value
        new_document = NewDocument(
            document_id,
            body.name,
            source.label,
            upload.size,
            body.sha256,
            upload.blob_key,
            key_value,
            order=body.order,
            matter=source.matter or None,
            source_name=source.name or None,
            carries=body.carries,
        )
        await write(by, connection, send, [new_document])
        row = await document_of(by, connection, document_id, Action.READ_SENT)
        return serializers.document(by.context, row, owner=True)

    return await once(by, key, Document, work)


def checked_source(source: Source) -> Source:
    """Where a document was sent from, if it can be stored. Raises :class:`InvalidValue`."""
    if any(printable(each) != each for each in (source.label, source.name or "", source.matter or "")):
        raise InvalidValue("source.invalid", "The source contains a control character; remove it.", "source")
    return source


async def check_send(by: Caller, connection: AsyncConnection, send: Row[Any]) -> None:
    """Lock the folder of the send until the transaction ends.

    Raises :class:`Conflict` if the folder was deleted, :class:`InvalidValue` if the send's expiry has passed.
    """
    await ensure_active(by, connection)
    try:
        await lock_folder(connection, send.folder_id)
    except NotFound:
        raise Conflict("folder.gone", "The folder has been deleted; send again.") from None
    if send.expires_at is not None and send.expires_at <= by.context.clock():
        raise InvalidValue(
            "expires.past", "The expiration date of this send has passed; send again.", "expires"
        )


_TAKEN = select(sent_documents.c.name_key).where(
    sent_documents.c.send_id == bindparam("send"),
    sent_documents.c.name_key.in_(bindparam("wanted", expanding=True)),
    sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED)),
)


async def taken_names(connection: AsyncConnection, send_id: str, wanted: Collection[str]) -> set[str]:
    """The keys of those ``wanted`` names that documents of the send have already."""
    values = {"send": send_id, "wanted": [names.key(name) for name in wanted]}
    return set((await connection.execute(_TAKEN, values)).scalars())


def name_taken(name: str) -> InvalidValue:
    """The problem if two links of a send would have the same name."""
    return InvalidValue(
        "name.taken",
        f"Another document in this send is called {printable(name)}; choose a different name.",
        "name",
    )


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be written, whose bytes are already stored under the key ``blob``.

    ``key`` is the idempotency key that it is published under.
    """

    id: str
    name: str
    source: str
    size: int
    sha256: str
    blob: str
    key: str | None
    #: Another version has the same bytes.
    kept: bool = False
    #: Its place among the documents of the send, if the client told it.
    order: int | None = None
    #: The name of the workspace that it was sent from.
    matter: str | None = None
    #: What the document is called in Work.
    source_name: str | None = None
    #: What the client has found in it, if it has looked.
    carries: CarriesReport | None = None


async def write(
    by: Caller, connection: AsyncConnection, send: Row[Any], new_documents: Sequence[NewDocument]
) -> None:
    """Write the rows of new documents in Share and Work, with their links and the first events of their audit."""
    batch = Batch(by.context, connection, len(new_documents))
    now = by.context.clock()
    owner = Actor(by.id, by.person.name)
    began_at = send.began_at or send.created_at
    arrived = order_of_arrival(began_at, now)
    unlisted = await _unlisted(connection, send)
    for index, document in enumerate(new_documents):
        number = await batch.sent(send.container, owner, _version(by, document, now), kept=document.kept)
        _, address_hash, address_sealed = links.mint(by.context, document.id)
        row_values = {
            "id": document.id,
            "folder_id": send.folder_id,
            "owner_id": by.id,
            "send_id": send.id,
            "number": number,
            "name": document.name,
            "name_key": names.key(document.name),
            "size": document.size,
            "sha256": document.sha256,
            "blob": document.blob,
            "source": document.source,
            "sent_at": now,
            "position": position(began_at, arrived + index if document.order is None else document.order),
            "state": str(State.PUBLISHED),
            "reason": None,
            "address_hash": address_hash,
            "address_sealed": address_sealed,
            "settings": 1,
            **{name: send._mapping[name] for name in LINK_SETTINGS},
            "downloads": 0,
            "key": document.key,
            "matter": document.matter,
            "source_name": document.source_name,
            "source_key": source_key(document.source, document.matter, document.source_name),
            **serializers.recipients_columns(send.recipients),
            "collected": False,
        }
        batch.rows["sent_documents"].append(row_values)
        rows, head = audit.begin(
            by.context,
            audit.subject("document", document.id),
            _events(by, send, document, row_values, unlisted),
        )
        batch.rows["audit"] += rows
        batch.rows["audit_heads"].append(head)
    await batch.write()


async def _unlisted(connection: AsyncConnection, send: Row[Any]) -> list[str]:
    """The recipients whose domains the policy doesn't list: their sender was asked about them."""
    if send.recipients is None:
        return []
    return outsiders(await policy.load(connection), serializers.recipients(send.recipients))


def _events(
    by: Caller,
    send: Row[Any],
    document: NewDocument,
    row_values: Mapping[str, Any],
    unlisted: Sequence[str],
) -> list[audit.NewRow]:
    """The first audit events of a new document."""
    sent = {
        "name": document.name,
        "source": document.source,
        "folder": send.folder_name,
        "size": document.size,
        "sha256": document.sha256,
        "send": send.id,
    }
    if document.order is not None:
        # Counted from one: people read it.
        sent["place"] = document.order + 1
    if document.source_name is not None:
        sent["source_name"] = document.source_name
    if document.matter is not None:
        sent["matter"] = document.matter
    if send.recipients is not None:
        sent["recipients"] = serializers.recipients(send.recipients)
    if unlisted:
        sent["unlisted"] = list(unlisted)
    if document.carries is not None:
        sent |= carried.details(document.carries)
    published = {
        "has_password": send.password_hash is not None,
        "expires_at": send.expires_at and send.expires_at.isoformat(),
        "downloads_permitted": send.downloads_permitted,
    }
    state = audit.state_of(by.context, row_values)
    return [
        audit.NewRow(event, details, row_values["sent_at"], by.origin, state)
        for event, details in ((Event.SENT, sent), (Event.PUBLISHED, published))
    ]


def _version(by: Caller, document: NewDocument, now: datetime) -> NewVersion:
    stem, dotted = names.split(document.name)
    extension = dotted.removeprefix(".")
    return NewVersion(
        name=stem,
        extension=extension,
        type=type_of(extension)[:32],
        document_class=DEFAULT_CLASS,
        author=by.person.name,
        operator=by.person.name,
        size=document.size,
        sha256=document.sha256,
        blob=document.blob,
        created_at=now,
        edited_at=now,
    )

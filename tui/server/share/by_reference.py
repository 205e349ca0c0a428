"""Publishing a version of Work that is stored on this server: writes rows only and copies no bytes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ...rules.errors import Conflict, NotFound, Unavailable
from ...rules.link_comments import link_named
from ...rules.text import printable
from ...wire.share import Document, PublishVersion
from ..base.keys import new_id
from ..blobs import NOT_AS_STORED
from ..database.tables import blobs, containers
from ..library import damage, rights
from ..library.actions import ActingPerson
from ..library.ids import document_id, document_of
from . import own_look, serializers
from .caller import Caller
from .caller import document_of as sent_document_of
from .idempotency import Key, first_answer, once
from .publish import NewDocument, check_send, name_taken, taken_names, write
from .sends import send_to_fill

#: The activity noted in the version's history, as whenever a version is read to be sent.
_ACTIVITY = "EXPORT"


async def publish(by: Caller, send_id: str, body: PublishVersion, key: Key | None) -> Document:
    """Publish the version as a document with a link, in one transaction. Anyone who may read the version may do this.

    Raises :class:`NotFound` for the send, and for a version the caller may not read; :class:`Conflict` if the
    version's content is not what the caller expects, or the folder was deleted; :class:`Unavailable` if its bytes are
    missing or damaged; :class:`InvalidValue` for the name; :class:`NoRoom`.
    """
    if (answer := await first_answer(by, key, Document)) is not None:
        return answer
    names.validate(body.name)
    async with by.context.database.read() as connection:
        await send_to_fill(by, connection, send_id)
        version = await _version_of(by, connection, body)
        rules = await own_look.refusing(connection)
    if await damage.find_fault(by.context, version.blob, version.size) is not None:
        raise _unavailable()
    try:
        await own_look.check_blob(by, rules, body.name, version.blob, version.size)
    except NOT_AS_STORED:
        raise _unavailable() from None
    await by.context.quotas.take(by.person.name, version.size)

    async def work(connection: AsyncConnection) -> Document:
        send = await send_to_fill(by, connection, send_id)
        await check_send(by, connection, send)
        if await taken_names(connection, send.id, [body.name]):
            raise name_taken(body.name)
        row = await _version_of(by, connection, body)
        # Locked, so that a concurrent release of these bytes waits and then sees that they are still in use.
        blob_lock = select(blobs.c.key).where(blobs.c.key == row.blob).with_for_update()
        if (await connection.execute(blob_lock)).first() is None:
            raise _version_unknown()
        source = document_id(row.number, row.version)
        key_value = None if key is None else key.value
        new_document = NewDocument(
            new_id(),
            body.name,
            source,
            row.size,
            row.sha256,
            row.blob,
            key_value,
            kept=True,
            order=body.order,
            matter=await _matter_of(by, connection, row),
            source_name=printable(names.file_name(row.name, row.extension)),
            carries=body.carries,
        )
        await write(by, connection, send, [new_document])
        act = ActingPerson(by.context, connection, by.person, by.address)
        # Whoever may see the document can tell an administrator which link it is.
        sent_as = link_named(printable(body.name), new_document.id)
        await act.note(row.number, row.version, _ACTIVITY, comments=sent_as)
        await act.used(row.number, row.version)
        document_row = await sent_document_of(by, connection, new_document.id, Action.READ_SENT)
        return serializers.document(by.context, document_row, owner=True)

    return await once(by, key, Document, work)


async def _version_of(by: Caller, connection: AsyncConnection, body: PublishVersion) -> Row[Any]:
    """The version that ``body`` names. Raises :class:`NotFound`, :class:`Conflict`."""
    try:
        number, version = document_of(body.version)
        if version is None:
            raise _version_unknown()
        row = await rights.document(connection, by.person, number, version)
    except NotFound:
        raise _version_unknown() from None
    if row.sha256 != body.sha256:
        raise Conflict(
            "version.changed",
            "The version has changed since it was listed. Reload the list and send it again.",
        )
    return row


async def _matter_of(by: Caller, connection: AsyncConnection, version: Row[Any]) -> str | None:
    """The name of the workspace that the version is in, if the caller may see that."""
    visible = rights.containers_query(by.person).with_only_columns(containers.c.name)
    name = (await connection.execute(visible.where(containers.c.number == version.workspace))).scalar()
    return printable(name) if name else None


def _unavailable() -> Unavailable:
    return Unavailable(
        "version.unavailable",
        "The version's file is missing or damaged on the server; tell its administrator.",
    )


def _version_unknown() -> NotFound:
    return NotFound("version.unknown", "No such version, or you don't have access to it.")

"""Publishing a version of Work that lies on this server: its rows only, and none of its bytes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ...rules.errors import Conflict, NotFound, Unavailable
from ...wire.share import Document, PublishVersion
from .. import damage
from ..database.tables import blobs
from ..keys import new_id
from ..library import rights
from ..library.actions import Act
from ..library.ids import document_id, document_of
from . import present
from .caller import Caller
from .caller import document_of as sent_document_of
from .idempotency import Key, first_answer, once
from .publish import Paper, check_send, name_taken, taken_names, write
from .sends import send_of

#: What the history of the version has, as of any reading of it to send it.
_ACTIVITY = "EXPORT"


async def publish(by: Caller, send_id: str, body: PublishVersion, key: Key | None) -> Document:
    """Publishes the version as a document with a link, in one transaction. Whoever may read it may.

    Raises :class:`NotFound` for the send, and for what the caller may not read; :class:`Conflict` where its bytes are
    others than the caller means, or the folder is gone; :class:`Unavailable` where they are missing or damaged;
    :class:`InvalidValue` for the name; :class:`NoRoom`.
    """
    if (answer := await first_answer(by, key, Document)) is not None:
        return answer
    names.validate(body.name)
    async with by.context.database.read() as connection:
        await send_of(by, connection, send_id)
        version = await _version_of(by, connection, body)
        fault = await damage.found(by.context, connection, version.blob, version.size)
    if fault is not None:
        raise Unavailable(
            "version.unavailable",
            "The version's bytes are missing or damaged on the server; tell its administrator.",
        )
    await by.context.quotas.take(by.person.name, version.size)

    async def work(connection: AsyncConnection) -> Document:
        send = await send_of(by, connection, send_id)
        await check_send(by, connection, send)
        if await taken_names(connection, send.id, [body.name]):
            raise name_taken(body.name)
        row = await _version_of(by, connection, body)
        # Whoever gives the bytes up meanwhile waits, and finds that they are needed.
        held = select(blobs.c.key).where(blobs.c.key == row.blob).with_for_update()
        if (await connection.execute(held)).first() is None:
            raise _unknown()
        source = document_id(row.number, row.version)
        under = None if key is None else key.value
        paper = Paper(new_id(), body.name, source, row.size, row.sha256, row.blob, under, kept=True)
        await write(by, connection, send, [paper])
        act = Act(by.context, connection, by.person, by.address)
        await act.note(row.number, row.version, _ACTIVITY)
        await act.used(row.number, row.version)
        found = await sent_document_of(by, connection, paper.id, Action.READ_SENT)
        return present.document(by.context, found, owner=True)

    return await once(by, key, Document, work)


async def _version_of(by: Caller, connection: AsyncConnection, body: PublishVersion) -> Row[Any]:
    """The version that is meant. Raises :class:`NotFound`, :class:`Conflict`."""
    try:
        number, version = document_of(body.version)
        if version is None:
            raise _unknown()
        row = await rights.document(connection, by.person, number, version)
    except NotFound:
        raise _unknown() from None
    if row.sha256 != body.sha256:
        raise Conflict(
            "version.changed",
            "The version's content is another than in the list; reload it and send it again.",
        )
    return row


def _unknown() -> NotFound:
    return NotFound("version.unknown", "There is no such version, or you have no access to it.")

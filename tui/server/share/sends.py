"""Sends: first opened with their settings, then referred to by id when uploading and publishing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.addresses import check_addresses
from ...rules.authorization import Action
from ...rules.errors import NotFound
from ...wire.share import OpenSend, Send
from ..base.keys import new_id
from ..context import Context
from ..database.tables import folders, sends, sent_documents, uploads
from . import link_settings, policy, serializers
from .caller import Caller, folder_of, well_formed
from .idempotency import Key, first_answer, once

#: How long after it was opened a send takes documents, and how long an upload is kept after it was last written to.
LIFETIME = timedelta(days=7)
#: How long a send without uploads and documents is kept.
_UNUSED = timedelta(days=30)
_BATCH = 200


async def _settings(by: Caller, connection: AsyncConnection, body: OpenSend, now: datetime) -> dict[str, Any]:
    """The columns of a send's settings but the password's: omitted ones take the policy's defaults, and all is checked.

    Raises :class:`InvalidValue` and :class:`PolicyBreach`.
    """
    rules = await policy.load(connection)
    settings = link_settings.requested(body)
    link_settings.check(settings, rules, now)
    await link_settings.check_flags(by, connection, settings)
    settings = settings.over(await link_settings.default_flags(by, connection, rules))
    recipients = check_addresses(body.recipients)
    link_settings.check_recipients(recipients, rules)
    return {
        **link_settings.columns(settings, rules, now),
        "recipients": serializers.stored_recipients(recipients),
    }


async def open_send(by: Caller, body: OpenSend, key: Key | None) -> Send:
    """Open a send to one of the caller's folders. The password is hashed once, here, and only the hash is kept.

    Raises :class:`InvalidValue`, :class:`PolicyBreach`, :class:`NotFound`, :class:`NotAllowed`.
    """
    if (answer := await first_answer(by, key, Send)) is not None:
        return answer
    context = by.context
    async with context.database.read() as connection:
        await folder_of(by, connection, body.folder, Action.SEND)
        await _settings(by, connection, body, context.clock())
    password_hash = None if body.password is None else await context.passwords.hash(body.password, by.id)

    async def work(connection: AsyncConnection) -> Send:
        folder = await folder_of(by, connection, body.folder, Action.SEND)
        now = context.clock()
        values = {
            "id": new_id(),
            "user_id": by.id,
            "folder_id": folder.id,
            "password_hash": password_hash,
            "created_at": now,
            "began_at": await _began_at(by, connection, body.continues),
            **await _settings(by, connection, body, now),
        }
        await connection.execute(insert(sends).values(**values))
        return serializers.send(values, folder.name)

    return await once(by, key, Send, work)


async def _began_at(by: Caller, connection: AsyncConnection, continues: str | None) -> datetime | None:
    """When the send began that a new one continues, if it is one of the caller's."""
    try:
        earlier = None if continues is None else await send_of(by, connection, continues)
    except NotFound:
        return None
    began_at: datetime | None = None if earlier is None else earlier.began_at or earlier.created_at
    return began_at


# Built once, as it is part of every request of a send; building it takes longer than running it.
_SEND = (
    select(sends, folders.c.name.label("folder_name"), folders.c.container)
    .join(folders, folders.c.id == sends.c.folder_id)
    .where(sends.c.id == bindparam("send"), sends.c.user_id == bindparam("whose"))
)


async def send_of(by: Caller, connection: AsyncConnection, send_id: str) -> Row[Any]:
    """One of the caller's own sends, with its folder's name and container. Raises :class:`NotFound`."""
    row = None
    if well_formed(send_id):
        row = (await connection.execute(_SEND, {"send": send_id, "whose": by.id})).first()
    if row is None:
        raise _unknown()
    return row


async def send_to_fill(by: Caller, connection: AsyncConnection, send_id: str) -> Row[Any]:
    """Like :func:`send_of`, for beginning to add documents: a send that was opened too long ago counts as gone. Uploads
    that had begun before are still published.

    Its settings were checked against the policy of that time, which may have become stricter since.
    """
    send = await send_of(by, connection, send_id)
    if send.created_at <= by.context.clock() - LIFETIME:
        raise _unknown()
    return send


def _unknown() -> NotFound:
    return NotFound("send.unknown", "No such send.")


async def forget_old(context: Context) -> None:
    """Remove old sends that have neither documents nor uploads."""
    old = (
        sends.c.created_at <= context.clock() - _UNUSED,
        ~exists().where(sent_documents.c.send_id == sends.c.id),
        ~exists().where(uploads.c.send_id == sends.c.id),
    )
    while True:
        async with context.database.read() as connection:
            query = select(sends.c.id).where(*old).limit(_BATCH)
            ids = (await connection.execute(query)).scalars().all()
        if not ids:
            return
        async with context.database.write() as connection:
            await connection.execute(delete(sends).where(sends.c.id.in_(ids), *old))

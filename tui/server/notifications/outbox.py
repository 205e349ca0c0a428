"""The deliveries that users are still to be notified of, and sending them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.text import printable
from ..base.clock import recent
from ..base.keys import new_id
from ..context import Context
from ..database.outages import patiently
from ..database.tables import notifications, sent_documents, users

if TYPE_CHECKING:
    from email.message import Message

log = logging.getLogger("sentlinks")

#: How long after an e-mail the next one to the same user is sent, also if it failed.
PAUSE = timedelta(minutes=10)
#: Deliveries that couldn't be sent for this long are dropped.
_KEPT = timedelta(days=2)
#: Users notified in one round, and deliveries in one e-mail.
_USERS, _DELIVERIES = 50, 10_000


async def note(context: Context, connection: AsyncConnection, document_id: str, address: str | None) -> None:
    """Note that a document was delivered to ``address``, if its owner wants to be notified and can be."""
    if context.settings.mailer is None:
        return
    query = (
        select(sent_documents.c.owner_id, sent_documents.c.name)
        .join(users, users.c.id == sent_documents.c.owner_id)
        .where(sent_documents.c.id == document_id, sent_documents.c.notify, users.c.email.is_not(None))
    )
    if (row := (await connection.execute(query)).first()) is None:
        return
    await connection.execute(
        insert(notifications).values(
            id=new_id(), user_id=row.owner_id, name=row.name, at=context.clock(), address=address
        )
    )


async def send_due(context: Context) -> None:
    """Send what is due. If the mail server can't be reached, it is tried again after :data:`PAUSE`."""
    if context.settings.mailer is None:
        return
    due = await _claim(context)
    messages: list[tuple[Message, Sequence[str]]] = []
    for user in due:
        if user.removed_at is None and user.email:
            messages.append(await _message_to(context, user.id, user.email))
        else:
            async with context.database.write() as connection:
                await connection.execute(delete(notifications).where(notifications.c.user_id == user.id))
    if not messages:
        return
    # Appended to in the thread, which may fail after some of them.
    sent: deque[Message] = deque()
    try:
        await asyncio.to_thread(context.settings.mailer.send, [text for text, _ in messages], sent.append)
    except OSError as error:
        log.error("notifications could not be sent and will be tried again: %s", printable(str(error)))
    finally:
        for text, ids in messages:
            if text in sent:
                await patiently(partial(_forget, context, ids))


async def _claim(context: Context) -> Sequence[Row[Any, Any, Any]]:
    """The users who are due for an e-mail; no other process gets them until :data:`PAUSE` has passed."""
    now = context.clock()
    async with context.database.read() as connection:
        if (await connection.execute(select(notifications.c.id).limit(1))).first() is None:
            return []
    async with context.database.write() as connection:
        await connection.execute(delete(notifications).where(notifications.c.at <= now - _KEPT))
        query = (
            select(users.c.id, users.c.email, users.c.removed_at)
            .where(
                users.c.id.in_(select(notifications.c.user_id)),
                or_(users.c.notified_at.is_(None), ~recent(users.c.notified_at, now, PAUSE)),
            )
            .limit(_USERS)
            .with_for_update(skip_locked=True, key_share=True)
        )
        due = (await connection.execute(query)).all()
        await connection.execute(
            update(users).where(users.c.id.in_([user.id for user in due])).values(notified_at=now)
        )
    return due


async def _message_to(context: Context, user_id: str, address: str) -> tuple[Message, Sequence[str]]:
    """The e-mail to a user, and the ids of the deliveries that it lists."""
    # Not before there is one: most servers send no e-mail, and this takes memory.
    from . import message

    query = (
        select(notifications)
        .where(notifications.c.user_id == user_id)
        .order_by(notifications.c.at, notifications.c.id)
        .limit(_DELIVERIES)
    )
    async with context.database.read() as connection:
        rows = (await connection.execute(query)).all()
    deliveries = [message.DeliveredDocument(row.name, row.at, row.address) for row in rows]
    assert context.settings.mailer is not None
    text = message.write(
        context.settings.mailer.sender,
        address,
        deliveries,
        context.clock(),
        context.settings.firm.zone,
    )
    return text, [row.id for row in rows]


async def _forget(context: Context, ids: Sequence[str]) -> None:
    async with context.database.write() as connection:
        for start in range(0, len(ids), 500):
            await connection.execute(
                delete(notifications).where(notifications.c.id.in_(ids[start : start + 500]))
            )

"""Whom the links of a send are for: the sender's note, which only the sender sees and which restricts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, not_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.address_book import most_used
from ...rules.addresses import check_addresses
from ...rules.errors import NotFound
from ...rules.mail_domains import domain_of
from ...rules.state import Event, State
from ...wire.share import EarlierRecipients, RecipientsSet, SetRecipients
from .. import audit
from ..database.tables import sends, sent_documents, users
from . import link_settings, policy, serializers
from .caller import Caller, ensure_active, well_formed
from .sends import send_of

#: Documents changed in one transaction.
_BATCH = 200
#: How many of the documents sent last are read for the addresses used before, and how many addresses are returned.
_LAST, _MOST = 2000, 500


async def change(by: Caller, send_id: str, body: SetRecipients) -> RecipientsSet:
    """Replace the recipients of one of the caller's own sends, or of some of its documents, and note it in their audit.

    What is so already is left alone, so that repeating it does nothing. A large send takes several transactions.
    Raises :class:`InvalidValue` for an address, :class:`PolicyBreach`, :class:`NotFound` for the send and for documents
    that aren't in it.
    """
    recipients = check_addresses(body.recipients)
    changed = 0
    while True:
        async with by.context.database.write() as connection:
            await ensure_active(by, connection)
            send = await send_of(by, connection, send_id)
            link_settings.check_recipients(recipients, await policy.load(connection))
            chosen: list[ColumnElement[bool]] = [sent_documents.c.send_id == send.id]
            if body.documents is None:
                note = serializers.stored_recipients(recipients)
                await connection.execute(update(sends).where(sends.c.id == send.id).values(recipients=note))
            else:
                chosen.append(await _these(connection, send.id, body.documents))
            count = await _change_some(by, connection, chosen, recipients)
        changed += count
        if count < _BATCH:
            return RecipientsSet(recipients=list(recipients), changed=changed)


async def _these(connection: AsyncConnection, send_id: str, idents: Sequence[str]) -> ColumnElement[bool]:
    """The condition for these documents. Raises :class:`NotFound` unless all of them are in the send."""
    these = sent_documents.c.id.in_(sorted(filter(well_formed, set(idents))))
    query = select(func.count()).select_from(sent_documents).where(sent_documents.c.send_id == send_id, these)
    if (await connection.execute(query)).scalar_one() < len(set(idents)):
        raise NotFound("document.unknown", "This send has no such document.")
    return these


async def _change_some(
    by: Caller,
    connection: AsyncConnection,
    chosen: Sequence[ColumnElement[bool]],
    recipients: Sequence[str],
) -> int:
    """Change the next few of the ``chosen`` documents that have other recipients. Returns how many there were."""
    note = serializers.stored_recipients(recipients)
    query = (
        select(sent_documents.c.id)
        .where(
            *chosen,
            sent_documents.c.state != State.PURGED,
            sent_documents.c.recipients.is_distinct_from(note),
        )
        .order_by(sent_documents.c.id)
        .limit(_BATCH)
        .with_for_update()
    )
    idents = (await connection.execute(query)).scalars().all()
    if idents:
        these = sent_documents.c.id.in_(idents)
        columns = serializers.recipients_columns(note)
        await connection.execute(update(sent_documents).where(these).values(columns))
    for ident in idents:
        await audit.append(
            by.context,
            connection,
            audit.subject("document", ident),
            Event.RECIPIENTS_SET,
            **by.origin,
            details={"recipients": list(recipients)},
        )
    return len(idents)


async def earlier(by: Caller) -> EarlierRecipients:
    """The addresses that the caller has sent to; what is no longer anywhere in their folders or trash isn't among
    them."""
    last = (
        select(sent_documents.c.send_id, sent_documents.c.sent_at, sent_documents.c.recipients)
        .where(sent_documents.c.owner_id == by.id, sent_documents.c.recipients.is_not(None))
        .order_by(sent_documents.c.sent_at.desc())
        .limit(_LAST)
        .subquery()
    )
    # A send with many documents counts once.
    query = select(last.c.recipients, func.max(last.c.sent_at).label("at")).group_by(
        last.c.send_id, last.c.recipients
    )
    async with by.context.database.read() as connection:
        rows = (await connection.execute(query)).all()
        email = (await connection.execute(select(users.c.email).where(users.c.id == by.id))).scalar()
    uses = [(row.at, serializers.recipients(row.recipients)) for row in rows]
    return EarlierRecipients(
        recipients=most_used(uses, by.context.clock())[:_MOST],
        own_domains=[domain_of(email)] if email else [],
    )


async def forget_purged(connection: AsyncConnection, rows: Sequence[Any]) -> None:
    """Forget the recipients of the sends of these documents, which were just purged, if that was all they had."""
    left = select(sent_documents.c.id).where(
        sent_documents.c.send_id == sends.c.id, sent_documents.c.state != State.PURGED
    )
    idents = sorted({row.send_id for row in rows})
    await connection.execute(
        update(sends).where(sends.c.id.in_(idents), not_(left.exists())).values(recipients=None)
    )

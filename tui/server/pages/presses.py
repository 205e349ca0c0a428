"""Presses: a button that is pressed twice counts once.

The page of a link carries a random id in a hidden field, another each time it is opened. The secret of the grant is
derived from link, settings and that id, so that the same press gets the same grant, and none has to be kept. Who
brings no id (a program) counts each time.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import grants as grant_rows
from ..database.tables import sent_documents
from ..http.visitor import Visitor
from ..keys import new_secret
from ..share import links
from ..share.links import Link
from . import grants

# Ours are 32 hexadecimal digits; a program may bring another that nobody else has, such as a UUID.
_FORM = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Granted(NamedTuple):
    """The secret of a grant, and until when it is good if nobody uses it."""

    secret: str
    expires_at: datetime


def is_valid(press: str) -> bool:
    """Whether ``press`` can be the id of a press."""
    return _FORM.fullmatch(press) is not None


async def find(context: Context, connection: AsyncConnection, secret: str, press: str) -> Link | None:
    """The link with that address, where it lives, or has died since this very press and gave it a grant that lives."""
    link, is_alive = await links.look_up(context, connection, secret)
    if is_alive or not is_valid(press):
        return link if is_alive else None
    # Also of a link that never was, so that all that are dead take the same time.
    document_id, settings = (link.id, link.settings) if link else ("", 0)
    grant = await grants.find(context, connection, context.keys.grant_secret(document_id, settings, press))
    return link if grant else None


async def known(
    context: Context, connection: AsyncConnection, link: Link, press: str
) -> tuple[bool, Granted | None]:
    """Whether a press has been counted, and its grant unless that is over. Holds the document's row.

    Of one press that comes twice at once, the second finds the grant of the first.
    """
    held = select(sent_documents.c.id).where(sent_documents.c.id == link.id)
    await connection.execute(held.with_for_update())
    secret = context.keys.grant_secret(link.id, link.settings, press)
    row = select(grant_rows.c.hash).where(grant_rows.c.hash == context.keys.lookup(secret))
    if (await connection.execute(row)).first() is None:
        return False, None
    grant = await grants.find(context, connection, secret)
    return True, Granted(secret, grant.expires_at) if grant and not grant.undone else None


async def count(
    context: Context, connection: AsyncConnection, link: Link, visitor: Visitor, press: str
) -> Granted | None:
    """Counts a press and gives it a grant; the same press again gets the same one and counts nothing.

    ``None`` where the link gives nothing any more, or the grant of this press is over.
    """
    if press:
        is_known, granted = await known(context, connection, link, press)
        if is_known:
            return granted
    secret = context.keys.grant_secret(link.id, link.settings, press) if press else new_secret()
    ends = await links.count_download(
        context,
        connection,
        link,
        secret,
        network=visitor.network,
        address=visitor.address,
        agent=visitor.agent,
    )
    return Granted(secret, ends) if ends else None

"""Whether a user can be notified."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import InvalidValue
from ...rules.text import printable
from ..context import Context
from ..database.tables import users


async def is_available(context: Context, connection: AsyncConnection, user_id: str) -> bool:
    """Whether there is a mail server, and the user has an address."""
    if context.settings.mailer is None:
        return False
    return bool((await connection.execute(select(users.c.email).where(users.c.id == user_id))).scalar())


async def check_available(context: Context, connection: AsyncConnection, user_id: str, name: str) -> None:
    """Raise :class:`InvalidValue` if the user, called ``name``, can't be notified."""
    if context.settings.mailer is None:
        raise InvalidValue(
            "notify.no_mail_server",
            "The server sends no e-mail, so it can't notify you. Its administrator can set notify_smtp_url.",
            "notify",
        )
    if not await is_available(context, connection, user_id):
        raise InvalidValue(
            "notify.no_address",
            "You have no e-mail address on the server, so it can't notify you. An administrator can set it: "
            f"sentlinks user set {printable(name)} --email ADDRESS.",
            "notify",
        )

"""How often a document was downloaded on each day."""

from __future__ import annotations

from datetime import UTC, timedelta

from sqlalchemy import case, func, select

from ...rules.authorization import Action
from ...rules.state import Event
from ...wire.share import DownloadsByDay, DownloadsOfDay
from .. import audit
from ..database.tables import audit as rows
from .caller import Caller, document_of
from .link_settings import zone_of

#: The most days that are counted.
MOST_DAYS = 92


async def of_document(by: Caller, ident: str, days: int, zone_offset: int) -> DownloadsByDay:
    """The downloads of the last ``days``, today included, for the document's owner and the folder's members. A day is
    one of the time zone ``zone_offset`` minutes from UTC. Raises :class:`NotFound`."""
    now = by.context.clock().astimezone(zone_of(zone_offset))
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = [today - timedelta(days=count) for count in range(days - 1, -1, -1)]
    # One pass over the rows of the document, on both engines.
    counts = [
        func.coalesce(
            func.sum(
                case(
                    (
                        (rows.c.at >= day.astimezone(UTC))
                        & (rows.c.at < (day + timedelta(days=1)).astimezone(UTC)),
                        1,
                    ),
                    else_=0,
                )
            ),
            0,
        )
        for day in begins
    ]
    async with by.context.database.read() as connection:
        row = await document_of(by, connection, ident, Action.READ_SENT)
        query = select(*counts).where(
            rows.c.subject == audit.subject("document", row.id),
            rows.c.event == Event.DOWNLOADED,
            rows.c.at >= begins[0].astimezone(UTC),
        )
        found = (await connection.execute(query)).one()
    return DownloadsByDay(
        days=[
            DownloadsOfDay(day=day.date(), downloads=count) for day, count in zip(begins, found, strict=True)
        ]
    )

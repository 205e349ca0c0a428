"""Filters also look in the names of the documents in Work that something was sent from."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from tui.rules.sent_filter import source_key

revision = "0023"
down_revision = "0022"

#: Documents read and written at a time.
_SOME = 1000
_NEXT = text(
    "SELECT id, source, matter, source_name FROM sent_documents "
    "WHERE id > :last AND source_name IS NOT NULL ORDER BY id LIMIT :some"
).bindparams(some=_SOME)
_FILL = text("UPDATE sent_documents SET source_key = :source WHERE id = :id")


def upgrade() -> None:
    connection, last = op.get_bind(), ""
    while rows := connection.execute(_NEXT, {"last": last}).all():
        # Values that were changed by hand may be no text: those documents keep what they have.
        found = [
            {"id": row.id, "source": source_key(row.source, row.matter, row.source_name)}
            for row in rows
            if all(isinstance(each, str | None) for each in row) and row.source
        ]
        if found:
            connection.execute(_FILL, found)
        last = rows[-1].id

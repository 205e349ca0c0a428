"""What filters of sent documents look in: recipients, and sources with their matters, regardless of case."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from tui.rules.sent_filter import recipient_keys, source_key
from tui.server.database.migrations.script import run_script

revision = "0019"
down_revision = "0018"

#: Documents read and written at a time.
_SOME = 1000
_NEXT = text(
    "SELECT id, recipients, source FROM sent_documents WHERE id > :last ORDER BY id LIMIT :some"
).bindparams(some=_SOME)
_FILL = text(
    "UPDATE sent_documents SET recipients_key = :recipients, recipients_rest = :rest, source_key = :source "
    "WHERE id = :id"
)
#: Made last, when there is nothing left to be changed in them.
_INDEXES = (
    "CREATE INDEX ix_sent_documents_filters ON sent_documents "
    "(folder_id, position, id, state, reason, collected, name_key, source_key, recipients_key)",
    "CREATE INDEX ix_sent_documents_many_recipients ON sent_documents (id) WHERE recipients_rest IS NOT NULL",
    "CREATE INDEX ix_sent_documents_locked ON sent_documents (locked_at, id) WHERE locked_at IS NOT NULL",
)


def upgrade() -> None:
    run_script(revision)
    connection, last = op.get_bind(), ""
    while rows := connection.execute(_NEXT, {"last": last}).all():
        connection.execute(_FILL, [_keys(*row) for row in rows])
        last = rows[-1].id
    for index in _INDEXES:
        connection.exec_driver_sql(index)


def _keys(ident: str, recipients: object, source: object) -> dict[str, str | None]:
    """What is written for a document; nothing for values that were changed by hand to what is no text."""
    found = (
        recipient_keys(recipients.split("\n")) if recipients and isinstance(recipients, str) else (None, None)
    )
    return {
        "id": ident,
        "recipients": found[0],
        "rest": found[1],
        "source": source_key(source, None) if isinstance(source, str) else None,
    }

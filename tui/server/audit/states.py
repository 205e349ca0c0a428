"""What a sent document is, as the rows of its audit hold it.

Whatever changes a document writes a row to its chain in the same transaction, and that row has the state that it led
to: a document that was changed by hand is not as the last of these rows left it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row

from ..context import Context
from ..database.tables import sent_documents
from ..moments import micros

#: What is held: whose it is and where, its name and bytes, whether and how its link works, the counter, and how often
#: its settings were new, which tells the grants that are good.
COLUMNS = tuple(
    sent_documents.c[name]
    for name in (
        "id", "owner_id", "folder_id", "number", "name", "size", "sha256", "blob", "source", "sent_at",
        "state", "reason", "address_hash", "address_sealed", "password_hash", "expires_at",
        "downloads_permitted", "downloads", "settings",
    )
)  # fmt: skip
# An earlier version held fewer columns, and its states say nothing of that.
_EARLIER = COLUMNS[:-1]
_SECOND = b"\2"
_LENGTH = 32


def state_of(context: Context, row: Row[Any] | Mapping[str, Any]) -> bytes:
    """The state of the document of ``row``, which has :data:`COLUMNS`, as nobody without the key can make it."""
    return _SECOND + context.keys.audit_mac(b"document", *_parts(row, COLUMNS))


def is_state(context: Context, row: Row[Any], said: bytes) -> bool:
    """Whether the document is as ``said``, the state that a row of its audit holds."""
    if said.startswith(_SECOND) and len(said) == _LENGTH + 1:
        return hmac.compare_digest(said, state_of(context, row))
    return hmac.compare_digest(said, earlier_state_of(context, row))


def earlier_state_of(context: Context, row: Row[Any]) -> bytes:
    """The state of the document as an earlier version wrote it."""
    return context.keys.audit_mac(b"document", *_parts(row, _EARLIER))


def _parts(row: Row[Any] | Mapping[str, Any], columns: Sequence[Column[Any]]) -> Iterator[bytes]:
    values: Any = row._mapping if isinstance(row, Row) else row
    for column in columns:
        value = values[column.name]
        if value is None:
            yield b""
        elif isinstance(value, bytes):
            yield b"=" + value
        elif isinstance(value, datetime):
            yield b"=%d" % micros(value)
        else:
            yield b"=" + str(value).encode("utf-8", "surrogatepass")

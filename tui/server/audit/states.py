"""The state of a sent document, as stored in the rows of its audit.

All code that changes a document appends a row to its chain in the same transaction, and that row contains the new
state. A document that was changed by hand doesn't match the last of these rows.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from ..base.timestamps import micros
from ..context import Context
from ..database.tables import sent_documents, stored

#: What a state covers: owner and folder, name and bytes, whether and how its link works, the download counter, and how
#: often its settings have changed, which decides which grants are valid.
_NAMES = (
    "id", "owner_id", "folder_id", "number", "name", "size", "sha256", "blob", "source", "sent_at",
    "state", "reason", "address_hash", "address_sealed", "password_hash", "expires_at",
    "downloads_permitted", "downloads", "settings",
)  # fmt: skip
#: As the database stores them: a document that was changed by hand must not keep its link from being ended.
COLUMNS = tuple(stored(sent_documents.c[name] for name in _NAMES))
# Earlier versions covered fewer columns, and their states have no version prefix.
_EARLIER = _NAMES[:-1]
_VERSION_2 = b"\2"
_LENGTH = 32


def state_of(context: Context, row: Row[Any] | Mapping[str, Any]) -> bytes:
    """The state of the document in ``row``, which has :data:`COLUMNS`. It can't be computed without the key."""
    return _VERSION_2 + context.keys.audit_mac(b"document", *_parts(row, _NAMES))


def is_state(context: Context, row: Row[Any], stored: bytes) -> bool:
    """Whether the document matches ``stored``, the state stored in a row of its audit."""
    if stored.startswith(_VERSION_2) and len(stored) == _LENGTH + 1:
        return hmac.compare_digest(stored, state_of(context, row))
    return hmac.compare_digest(stored, earlier_state_of(context, row))


def earlier_state_of(context: Context, row: Row[Any]) -> bytes:
    """The state of the document as earlier versions computed it."""
    return context.keys.audit_mac(b"document", *_parts(row, _EARLIER))


def _parts(row: Row[Any] | Mapping[str, Any], names: Sequence[str]) -> Iterator[bytes]:
    values: Any = row._mapping if isinstance(row, Row) else row
    return parts_of(values[name] for name in names)


def parts_of(values: Iterable[Any]) -> Iterator[bytes]:
    """What a MAC covers of values as the database stores them; missing ones differ from empty ones."""
    for value in values:
        if value is None:
            yield b""
        elif isinstance(value, str):
            yield b"=" + value.encode("utf-8", "surrogatepass")
        elif isinstance(value, bytes):
            yield b"=" + value
        elif isinstance(value, datetime):
            yield b"=%d" % micros(value)
        else:
            yield b"=" + str(value).encode()

"""Reading the headers of e-mails that are added to the library."""

from __future__ import annotations

from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from ..blobs import Blobs
from .model import Email

#: Extensions of files whose header is read.
EXTENSIONS = ("eml",)
# No header is nearly as long, and no more of the file is read.
_MAX_HEADER = 256 * 1024
_MAX_FIELD = 4000


async def email_in(blobs: Blobs, key: str, size: int) -> Email | None:
    """The header of the e-mail that is stored under ``key``; ``None`` if it isn't an e-mail."""
    head = await blobs.piece(key, 0, min(size, _MAX_HEADER))
    return email_of(head)


def email_of(head: bytes) -> Email | None:
    """The header of an e-mail that starts with ``head``; ``None`` if it isn't an e-mail."""
    # Not before there is one: it takes memory.
    from email.policy import default

    try:
        message = BytesHeaderParser(policy=default).parsebytes(head)
        found = Email(
            sender=_text(message, "from"),
            recipients=_text(message, "to"),
            cc=_text(message, "cc"),
            bcc=_text(message, "bcc"),
            subject=_text(message, "subject"),
            conversation=_conversation(message),
            sent_at=_moment(message, "date"),
            received_at=_moment(message, "received") or _moment(message, "date"),
        )
    # On invalid headers the parser raises all sorts of errors.
    except (HeaderParseError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return found if found.sender or found.subject else None


def _text(message: Message, name: str) -> str | None:
    values = message.get_all(name) or []
    text = " ".join(", ".join(str(value) for value in values).split())
    text = "".join(char for char in text if char.isprintable())
    return text[:_MAX_FIELD] or None


def _conversation(message: Message) -> str | None:
    """The id of the conversation's first message, which all others refer to."""
    words = (
        _text(message, "references") or _text(message, "in-reply-to") or _text(message, "message-id") or ""
    ).split()
    return words[0].strip("<>")[:255] or None if words else None


def _moment(message: Message, name: str) -> datetime | None:
    # In a Received header, the date comes after the last semicolon.
    text = str(message.get(name) or "").rpartition(";")[2].strip()
    try:
        at = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    if at is None or at.year < 1970:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

"""Reading the headers of e-mails that are added to the library."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ...rules.message_headers import MessageHead, decoded_words
from ..blobs import Blobs
from .model import Email

#: Extensions of files whose header is read.
EXTENSIONS = ("eml",)
# No header is nearly as long, and no more of the file is read.
_MAX_HEADER = 256 * 1024
_MAX_FIELD = 4000
_LONGEST_DATE = 200
_END = re.compile(rb"(?<=\n)\r?\n")


async def email_in(blobs: Blobs, key: str, size: int) -> Email | None:
    """The header of the e-mail that is stored under ``key``; ``None`` if it isn't an e-mail."""
    head = await blobs.piece(key, 0, min(size, _MAX_HEADER))
    return email_of(head)


def email_of(head: bytes) -> Email | None:
    """The header of an e-mail that starts with ``head``; ``None`` if it isn't an e-mail."""
    found = MessageHead(_END.split(head, maxsplit=1)[0])
    if not found.fields or (found.fields[0].start and not head.startswith(b"From ")):
        return None
    email = Email(
        sender=_text(found, "from"),
        recipients=_text(found, "to"),
        cc=_text(found, "cc"),
        bcc=_text(found, "bcc"),
        subject=_text(found, "subject"),
        conversation=_conversation(found),
        sent_at=_moment(found, "date"),
        received_at=_moment(found, "received") or _moment(found, "date"),
    )
    return email if email.sender or email.subject else None


def _text(head: MessageHead, name: str) -> str | None:
    text = ", ".join(decoded_words(value) for value in head.texts(name))
    text = "".join(char for char in " ".join(text.split()) if char.isprintable())
    return text[:_MAX_FIELD] or None


def _conversation(head: MessageHead) -> str | None:
    """The id of the conversation's first message, which all others refer to."""
    words = (
        _text(head, "references") or _text(head, "in-reply-to") or _text(head, "message-id") or ""
    ).split()
    return words[0].strip("<>")[:255] or None if words else None


def _moment(head: MessageHead, name: str) -> datetime | None:
    # In a Received header, the date comes after the last semicolon.
    text = (head.texts(name) or [""])[0].rpartition(";")[2].strip()
    try:
        at = parsedate_to_datetime(text[:_LONGEST_DATE]) if text else None
    except (ValueError, OverflowError, TypeError, LookupError):
        return None
    if at is None or at.year < 1970:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

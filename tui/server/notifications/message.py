"""The e-mail about deliveries: plain text, with neither a link nor anything else that opens a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.charset import QP, Charset
from email.message import Message
from email.utils import format_datetime, make_msgid

from ...rules import addresses
from ...rules.dates import clear_moment
from ...rules.message_headers import header_text
from ...rules.text import printable

#: Maximum number of deliveries that are listed.
_MOST = 50
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class DeliveredDocument:
    """``address`` is the recipient's network address, ``None`` if it isn't known."""

    name: str
    at: datetime
    address: str | None


def write(
    sender: str, to: str, deliveries: Sequence[DeliveredDocument], now: datetime, zone: tzinfo
) -> Message:
    """The message about one delivery or several, oldest first; ``sender`` and ``to`` are addresses."""
    # No EmailMessage: that decodes a subject that looks like an encoded word (see :func:`header_text`).
    message = Message()
    message["From"] = sender
    message["To"] = to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=addresses.split_address(sender)[1].rpartition("@")[2])
    message["Subject"] = header_text(_subject(deliveries))
    message["Auto-Submitted"] = "auto-generated"
    encoding = Charset("utf-8")
    encoding.body_encoding = QP
    message.set_payload(_text(deliveries, zone), encoding)
    return message


def _subject(deliveries: Sequence[DeliveredDocument]) -> str:
    name = printable(deliveries[0].name)
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 1]}…"
    others = len(deliveries) - 1
    if not others:
        return f"Delivered: {name}"
    return f"Delivered: {name} and {others:,} more"


def _text(deliveries: Sequence[DeliveredDocument], zone: tzinfo) -> str:
    lines = [
        "A recipient has received all of this document:"
        if len(deliveries) == 1
        else "Recipients have received:"
    ]
    lines.append("")
    for delivery in deliveries[:_MOST]:
        where = f", from {delivery.address}" if delivery.address else ""
        lines.append(f"- {printable(delivery.name)}")
        lines.append(f"  {clear_moment(delivery.at, zone)}{where}")
    if len(deliveries) > _MOST:
        lines.append(f"- and {len(deliveries) - _MOST:,} more")
    lines += ["", "The folder and its audit in Secure Sent Links have the details.", ""]
    return "\n".join(lines)

"""E-mails: blind copies, messages within them, attachments, the way they went."""

from __future__ import annotations

import email
import email.message
import email.utils
from email import policy

from .document import DocumentBytes
from .findings import Findings
from .refusals import Unreadable

_MOST = 32 * 1024 * 1024
_MOST_PARTS = 2_000
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


def look(document: DocumentBytes, findings: Findings) -> None:
    """Look into a message. Raises :class:`Unreadable`."""
    data = document.read_at(0, _MOST)
    if len(data) < document.size:
        findings.leave_out(f"what follows the first {_MOST // 2**20} MB")
    try:
        # The older parser doesn't parse headers, which are hostile.
        message = email.message_from_bytes(data, policy=policy.compat32)
        _headers(message, findings)
        _parts(message, findings)
    except _DAMAGED as error:
        raise Unreadable("damaged") from error


def _headers(message: email.message.Message, findings: Findings) -> None:
    for given in message.get_all("Bcc", []):
        for name, address in email.utils.getaddresses([str(given)[:20_000]]):
            findings.add("bcc", value=address or name)
    findings.add("mail_route", len(message.get_all("Received", [])))
    for given in message.get_all("X-Originating-IP", []):
        findings.add("originating_address", value=str(given).strip(" []"))
    if (program := message.get("X-Mailer") or message.get("User-Agent")) is not None:
        findings.add("software", value=str(program))


def _parts(message: email.message.Message, findings: Findings) -> None:
    waiting = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        if part is not message and part.get_content_type() == "message/rfc822":
            findings.add("nested_messages")
            continue
        if part.is_multipart():
            waiting += [inner for inner in part.get_payload() if isinstance(inner, email.message.Message)]
        elif name := part.get_filename():
            findings.add("mail_attachments", value=str(name))
    findings.leave_out("further parts")

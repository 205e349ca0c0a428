"""Links to put into a draft, and a draft's message read back."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from tui.mail.draft import Draft, DraftLink

BERLIN = ZoneInfo("Europe/Berlin")
END = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
OFFER = DraftLink("Offer.pdf", "https://links.example/s/one", END, 2)
PLAN = DraftLink("Pläne.docx", "https://links.example/s/two", None, None)


def draft_to(*to: str, subject: str = "Links", body: str = "Hello\n") -> Draft:
    """A draft to these addresses."""
    return Draft(to, subject, body)


def parsed(data: bytes) -> EmailMessage:
    """The message; fails if it or one of its headers is malformed."""
    message = message_from_bytes(data, policy=SMTP)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    for name in message.keys():  # noqa: SIM118
        assert not message[name].defects
    return message


def body_of(data: bytes, kind: str = "plain") -> str:
    """The text of the message (``kind``: ``plain`` or ``html``), with plain line ends."""
    part = parsed(data).get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")

"""The e-mail about deliveries, whatever a document is called."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from tui.rules.text import printable
from tui.server.notifications.message import DeliveredDocument, write

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NAMES = [
    "Offer.pdf",
    "Angebot für Größe.pdf",
    "=?utf-8?q?=0D=0ABcc:_evil@example.com=0D=0A=0D=0Abody?=.pdf",
    "a\r\nBcc: evil@example.com.pdf",
    "x" * 300,
    "契" * 300,
    ".\nFrom me",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [1, 3])
def test_a_name_is_text_and_adds_no_header(name: str, count: int) -> None:
    """S12"""
    written = write(
        "links@firm.example", "d@firm.example", [DeliveredDocument(name, AT, "192.0.2.1")] * count, AT, UTC
    )
    data = written.as_bytes()
    assert data.isascii()
    assert max(len(line) for line in data.split(b"\n")) <= 998
    message = message_from_bytes(data, policy=policy.default)
    assert set(message.keys()) == {
        "From", "To", "Date", "Message-ID", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    }  # fmt: skip
    shown = printable(name)
    subject = str(message["Subject"])
    assert subject.startswith(f"Delivered: {shown[:20]}")
    assert subject.endswith(" and 2 more") == (count == 3)
    assert f"- {shown}\n  Friday 20 November 2026, 09:00 (UTC), from 192.0.2.1\n" in message.get_content()

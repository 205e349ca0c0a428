"""The draft as a message (S12): for mail programs to open (M2), and for a server to send."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mail.drafts import BERLIN, END, OFFER, PLAN, body_of, draft_to, parsed
from tui.mail.draft import Draft, DraftLink, compose
from tui.mail.message import DraftText, to_eml, to_sendable
from tui.mail.templates import Templates
from tui.rules.text import printable

HOSTILE = [
    "a\r\nBcc: evil@example.com\r\n\r\nbody.pdf",
    "\x1b]52;c;AAAA\x07.pdf",
    "a\u2028Bcc: evil@example.com",
    "evil\u202efdp.exe",
    "=?utf-8?q?=0D=0ABcc:_evil@example.com?=",
    "\n.\nMAIL FROM:<evil@example.com>",
    "<script>alert(1)</script>",
    "From nobody\nFrom somebody",
]
anything = st.text(st.characters(codec=None), max_size=200)


def test_the_message_opens_as_a_draft() -> None:
    """M2: X-Unsent, CRLF, UTF-8."""
    draft = compose(
        [OFFER, PLAN], "DJONES", ["Jörg Ärger <joerg@example.com>", '"Arp, Anna" <anna@exämple.com>']
    )
    data = to_eml(draft, at=END)
    # X-Unsent comes second, because some desktops don't recognise an e-mail by it.
    assert data.startswith(b"Date: ")
    assert b"\r\nX-Unsent: 1\r\n" in data
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    message = parsed(data)
    assert message["Subject"] == draft.subject
    assert message["Date"].datetime == END
    assert [(a.display_name, a.addr_spec) for a in message["To"].addresses] == [
        ("Jörg Ärger", "joerg@example.com"),
        ("Arp, Anna", "anna@xn--exmple-cua.com"),
    ]
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in parts] == ["utf-8", "utf-8"]
    assert body_of(data) == draft.body
    assert b"https://links.example/s/one" in data
    assert "From" not in message
    assert parsed(to_eml(replace(draft, from_address="DJ <d@example.com>")))["From"] == "DJ <d@example.com>"


def test_long_lines_and_many_recipients() -> None:
    """RFC 5322: no line exceeds 998 bytes; headers are folded well before that."""
    to = tuple(f"Bürgerin Nummer {i} {'ü' * 60} <b{i}@example.com>" for i in range(30))
    draft = draft_to(*to, subject="Ü" * 500, body="x" * 5000 + "=ü\n" + ".\nFrom me\n")
    data = to_eml(draft)
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    message = parsed(data)
    assert message["Subject"] == "Ü" * 500
    assert [a.addr_spec for a in message["To"].addresses] == [f"b{i}@example.com" for i in range(30)]
    assert body_of(data) == draft.body


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_one_line_of_text(name: str) -> None:
    """S12: whatever a document or sender is called, the name adds no header, line or control character."""
    draft = compose([DraftLink(name, "https://l/s/1", None, None)], name, ["anna@example.com"])
    data = to_eml(draft)
    message = parsed(data)
    assert set(message.keys()) <= {
        "Date", "X-Unsent", "To", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert message["To"] == "anna@example.com"
    assert printable(name) in body_of(data).split("\n")
    assert message["Subject"] == f"{printable(name)} sent you 1 document"
    assert b"\x1b" not in data
    assert escape(printable(name), quote=False) in body_of(data, "html")
    assert "<script" not in body_of(data, "html")


@given(
    anything, anything, st.lists(st.sampled_from(["anna@example.com", "Jörg <j@example.com>"]), max_size=4)
)
def test_whatever_was_typed_the_message_is_whole(subject: str, body: str, to: list[str]) -> None:
    """S12: subject and body come back as they are shown, and nothing in them becomes a header."""
    draft = Draft(tuple(to), subject, body)
    data = to_eml(draft)
    message = parsed(data)
    assert "Bcc" not in message
    assert " ".join(str(message["Subject"]).split()) == " ".join(printable(subject).split())
    if to:
        assert len(message["To"].addresses) == len(to)
    lines = body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    expected = "\n".join("\t".join(printable(part) for part in line.split("\t")) for line in lines) + "\n"
    assert body_of(data) == expected
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))


def test_the_html_has_the_text_as_it_was_edited() -> None:
    """M1: it is made from the text, so that an edited draft never has two different contents."""
    draft = compose([OFFER, PLAN], "D & J", zone=BERLIN)
    edited = DraftText(
        "", "A <new> subject", f"Dear  Anna,\n\n{draft.body}\n<b>x</b> https://x.example/?a=1&b=2.\n"
    )
    html = body_of(to_eml(edited.checked(draft)), "html")
    assert "<title>A &lt;new&gt; subject</title>" in html
    assert "<p>Dear&nbsp; Anna,</p>" in html
    assert (
        '<p><b>Offer.pdf</b><br>\n<a href="https://links.example/s/one">https://links.example/s/one</a><br>\n'
        "Expires Thursday 31 December 2026, 23:59 (CET, UTC+01:00); 2 downloads permitted</p>"
    ) in html
    assert "&lt;b&gt;x&lt;/b&gt; " in html
    assert '<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>.' in html
    assert "text/html" not in to_eml(compose([OFFER], "D", templates=Templates(html=""))).decode()


def test_a_message_for_a_server_is_ascii() -> None:
    """No server has to accept more (8BITMIME, SMTPUTF8)."""
    draft = compose([PLAN], "Jörg", ["Jörg <j@exämple.com>"], from_address="Ä Ö <d@example.com>")
    data = to_sendable(draft, at=END)
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    message = parsed(data)
    assert body_of(data) == draft.body
    assert "Pläne.docx" in body_of(data, "html")
    assert "X-Unsent" not in message
    assert str(message["Message-ID"]).endswith("@example.com>")
    assert message["From"].addresses[0].display_name == "Ä Ö"

"""The draft edited by hand: what an editor is given is read back, and nothing that was written is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mail.drafts import OFFER
from tui.mail.draft import compose
from tui.mail.message import DraftText, decode, from_text, to_text
from tui.rules.errors import InvalidValue
from tui.rules.text import printable

TEXT = DraftText("Jörg <j@example.com>, anna@example.com", "DJONES sent you 2 documents", "Hello,\n\none\n")


def test_what_an_editor_is_given_is_read_back() -> None:
    written = to_text(TEXT)
    assert written.startswith(
        "To: Jörg <j@example.com>, anna@example.com\nSubject: DJONES sent you 2 documents\n\nHello,"
    )
    assert from_text(written, DraftText("", "", "")) == (TEXT, "")
    edited = (
        written.replace("anna@", "bob@")
        .replace("Hello,", "Dear all,\n\nTo: nobody")
        .replace("Subject: ", "subject:  Fwd: ")
    )
    text, wrong = from_text(edited, TEXT)
    assert wrong == ""
    assert text.to == "Jörg <j@example.com>, bob@example.com"
    assert text.subject == "Fwd: DJONES sent you 2 documents"
    assert text.body.startswith("Dear all,\n\nTo: nobody\n")


@pytest.mark.parametrize(
    ("edited", "to", "subject", "body"),
    [
        ("Hello there\n\nbody", TEXT.to, TEXT.subject, "Hello there\n\nbody"),
        ("", TEXT.to, TEXT.subject, ""),
        ("\nTo: a\n", TEXT.to, TEXT.subject, "\nTo: a\n"),
        ("To: a\nCc: b\nSubject: c\n\nbody", "a", TEXT.subject, "Cc: b\nSubject: c\n\nbody"),
        ("To: a\nSubject: c\nbody at once", "a", "c", "body at once"),
        ("To: a\nTo: b\nSubject: c\n\nx", "a", TEXT.subject, "To: b\nSubject: c\n\nx"),
        ("Subject: c\n\nx", TEXT.to, "c", "\nx"),
    ],
)
def test_nothing_that_was_written_is_left_out(edited: str, to: str, subject: str, body: str) -> None:
    """If the header is broken, what can't be parsed becomes part of the body, with a warning."""
    text, wrong = from_text(edited, TEXT)
    assert text == DraftText(to, subject, body)
    assert "To:, Subject:" in wrong


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        ("To: not an address\nSubject: x\n\nb", DraftText("not an address", "x", "b")),
        ("To: \nSubject: x\n", DraftText("", "x", "")),
        ("Subject: x\r\nTO : a,\r\n  b\r\n\r\none\rtwo", DraftText("a, b", "x", "one\ntwo")),
        ("To:\nSubject: \x1b[2J\n\n\x1b\t.", DraftText("", "␛[2J", "␛\t.")),
    ],
)
def test_a_head_that_is_whole(edited: str, expected: DraftText) -> None:
    """An invalid address is kept as it is: it is checked later, with the field."""
    assert from_text(edited, TEXT) == (expected, "")


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_every_character_of_any_text_is_held(written: str) -> None:
    """It ends up in one of the three fields, apart from line ends, blanks around a field and control characters."""
    text, _ = from_text(written, DraftText("", "", ""))
    held = "".join((text.to, text.subject, text.body))
    for line in printable(written.replace("\r", "\n").replace("\n", " ").replace("\t", " ")).split(" "):
        name, _, value = line.partition(":")
        assert line in held.replace("\t", " ") or (name.lower() in ("to", "subject") and value in held)


@pytest.mark.parametrize(
    ("data", "text", "utf8"),
    [
        (b"Gr\xc3\xbc\xc3\x9fe", "Grüße", True),
        (b"\xef\xbb\xbfTo: a", "To: a", True),
        (b"Gr\xfc\xdfe \x80 \xe2\x82\xac", "Grüße € €", False),
        (b"\x81|\xc3", "\ufffd|Ã", False),
        (b"\xe2\x82", "â‚", False),
    ],
)
def test_bytes_that_are_no_utf_8_are_letters_all_the_same(data: bytes, text: str, utf8: bool) -> None:
    assert decode(data) == (text, utf8)


def test_text_is_checked_before_it_is_a_message() -> None:
    draft = compose([OFFER], "DJONES")
    to = ("Jörg <j@example.com>", "anna@example.com")
    assert TEXT.checked(draft) == replace(draft, to=to, subject=TEXT.subject, body=TEXT.body)
    with pytest.raises(InvalidValue):
        DraftText("not an address", "", "").checked(draft)

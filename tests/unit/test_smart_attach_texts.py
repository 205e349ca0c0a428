"""The text of a message into which links are put: its charset, its ends of lines, and its headers."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.support.mail.messages import (
    HTML,
    PDF_PART,
    PLAIN,
    SAMPLES,
    URL,
    b64,
    message,
    multipart,
    opened,
    parsed,
    written,
)
from tests.support.mail.messages import part as made
from tui.mail.draft import DraftLink

NAME = "Müller 契約.pdf"


def read_again(raw: bytes, name: str) -> tuple[str, EmailMessage]:
    """What another program reads in the first text of a message with a link of that name, and the text's header."""
    found = opened(raw)
    result = b"".join(found.written(found.changes([DraftLink(name, URL) for _ in found.choice.attachments])))
    text = next(part for part in parsed(result).walk() if part.get_content_maintype() == "text")
    return str(text.get_content()).replace("\r\n", "\n"), text


_COMMENTED = PLAIN.replace("charset=utf-8", "(a; (b)) charset=us-ascii (c)")


def test_a_charset_between_comments_is_found() -> None:
    found = opened(message(multipart("mixed", "xx", _COMMENTED, PDF_PART)))
    result = b"".join(found.written(found.changes([DraftLink(NAME, URL)])))
    assert b"Content-Type: text/plain; (a; (b)) charset=utf-8 (c)\n" in result
    assert NAME.encode() in result


@pytest.mark.parametrize(
    ("sample", "encoding"),
    [
        ("no charset", "quoted-printable"),
        ("latin-1", "quoted-printable"),
        ("latin-2 in base64", "base64"),
        ("greek", "quoted-printable"),
        ("iso-2022-jp", "quoted-printable"),
    ],
)
def test_a_part_becomes_utf_8_if_its_charset_lacks_a_letter(sample: str, encoding: str) -> None:
    """It has every letter of the name, and its own text as before."""
    raw = SAMPLES[sample].raw
    before = next(part for part in parsed(raw).walk() if part.get_content_maintype() == "text")
    text, after = read_again(raw, NAME)
    assert NAME in text
    assert text.startswith(str(before.get_content()).rstrip("\n"))
    assert (after.get_content_charset(), after["Content-Transfer-Encoding"]) == ("utf-8", encoding)


def test_only_the_header_and_the_addition_change_then() -> None:
    """Of ASCII text, also in 7 bits, whose transfer encoding changes as well."""
    head = 'Content-Type: text/plain; format="flowed" ;\n\tcharset="us-ascii"; x=y\nX-Own: (c)\n'
    for encoding, then in (("7bit", "quoted-printable"), ("8bit", "8bit"), ("quoted-printable",) * 2):
        raw = message(
            multipart("mixed", "xx", f"{head}Content-Transfer-Encoding: {encoding}\n\nDear all,\n", PDF_PART)
        )
        found = opened(raw)
        result = b"".join(found.written(found.changes([DraftLink(NAME, URL)]))).decode()
        new_head = head.replace('"us-ascii"', "utf-8")
        assert f"--xx\n{new_head}Content-Transfer-Encoding: {then}\n\nDear all,\n\n\nThe attachment" in result


def test_a_message_without_mime_headers_gets_them() -> None:
    raw = message("\nplain").replace(b"MIME-Version: 1.0\n", b"")
    found = opened(raw)
    assert found.choice.attachments == []
    with_attachment = message(PDF_PART).replace(b"MIME-Version: 1.0\n", b"")
    result, _ = written(opened(with_attachment))
    assert parsed(result)["MIME-Version"] == "1.0"
    assert str(parsed(result).get_content()).startswith("The attachment of this message is here:")


def test_only_the_letter_that_is_lacking_is_replaced() -> None:
    """Where the part can't become UTF-8, since it isn't what it says it is."""
    raw = SAMPLES["no charset"].raw.replace(b"plain text", b"pl\xe4in text")
    found = opened(raw)
    result = b"".join(found.written(found.changes([DraftLink(NAME, URL)])))
    assert b"pl\xe4in text" in result
    assert b"Muller ??.pdf" in result
    latin = message(
        multipart("mixed", "xx", PLAIN.replace("charset=utf-8", "charset*=us-ascii''iso-8859-1"), PDF_PART)
    )
    found = opened(latin)
    assert "Müller ??.pdf".encode("latin-1") in b"".join(found.written(found.changes([DraftLink(NAME, URL)])))


def test_a_byte_order_mark_is_only_at_the_beginning() -> None:
    """Where there is none, the order is that of the text."""
    for charset, mark, codec in (
        ("utf-16", b"\xff\xfe", "utf-16-le"),
        ("utf-16", b"\xfe\xff", "utf-16-be"),
        ("utf-16", b"", "utf-16-be"),
        ("utf-16", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32", b"\xff\xfe\0\0", "utf-32-le"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
    ):
        for kind in ("plain", "html"):
            content = b64(mark + "Grüße".encode(codec)).rstrip("\n")
            text = made(f"text/{kind}; charset={charset}", content, "Content-Transfer-Encoding: base64")
            result = written(opened(message(multipart("mixed", "xx", text, PDF_PART))))[0]
            first = next(each for each in parsed(result).walk() if each.get_content_maintype() == "text")
            inside = first.get_payload(decode=True)
            assert isinstance(inside, bytes)
            assert inside.startswith(mark)
            read = inside.removeprefix(mark).decode(codec)
            assert "\ufeff" not in read
            assert read.startswith("Grüße\n")
            assert URL in read


def test_flowed_text_is_no_quotation() -> None:
    raw = SAMPLES["flowed"].raw
    for name in ("> offer.pdf", "From me.pdf", " offer.pdf"):
        assert f"\n {name}\n{URL}" in read_again(raw, name)[0]


def test_a_soft_line_break_at_the_end() -> None:
    raw = message(
        multipart("mixed", "xx", "Content-Transfer-Encoding: quoted-printable\n\nDear=20all,=", PDF_PART),
        eol="\r\n",
    )
    assert "Dear all,\nThe attachment of this message is here:\n" in read_again(raw, "offer.pdf")[0]


@pytest.mark.parametrize(
    "charset",
    ["hex", "rot13", "idna", "punycode", "unicode_escape", "undefined", "bz2", "mbcs", "../x"],
)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_what_is_no_charset_leaves_the_part_alone(charset: str, kind: str) -> None:
    """The links have a part of their own."""
    text = PLAIN if kind == "plain" else HTML
    raw = message(multipart("mixed", "xx", text.replace("utf-8", charset), PDF_PART))
    result, _ = written(opened(raw))
    assert text.replace("utf-8", charset).encode() in result
    first = parsed(result).get_payload(0)
    assert isinstance(first, EmailMessage)
    assert URL in str(first.get_content())

"""Links in place of a message's attachments: what changes, and that every other byte stays the same."""

from __future__ import annotations

import base64
import itertools
import re
from email.message import EmailMessage

import pytest

from tests.support.mail.messages import (
    BROKEN,
    MIXED,
    PDF,
    SAMPLES,
    URL,
    Sample,
    message,
    multipart,
    opened,
    parsed,
    uuencoded,
    written,
)
from tui.mail.smart.content import pieces
from tui.mail.smart.parts import read
from tui.mail.smart.uuencoded import encoded_file
from tui.rules import typed_values
from tui.rules.addresses import MOST_RECIPIENTS
from tui.rules.errors import InvalidValue

samples = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


@samples
def test_the_attachments_are_those(sample: Sample) -> None:
    found = opened(sample.raw)
    assert [part.name for part in found.choice.attachments] == list(sample.names)
    assert len(found.choice.left) == sample.left
    for part in found.choice.attachments:
        if part.name not in ("notes.txt", "logo.png"):
            assert b"".join(pieces(sample.raw, part)) == PDF


@samples
def test_no_other_byte_changes(sample: Sample) -> None:
    """Everything between the changes is kept in order, and nothing appears twice."""
    found = opened(sample.raw)
    result, changes = written(found)
    at, place = 0, 0
    for start, end, instead in changes:
        kept = sample.raw[at:start]
        assert result[place : place + len(kept)] == kept
        place += len(kept)
        assert result[place : place + len(instead)] == instead
        place, at = place + len(instead), max(at, end)
    assert result[place:] == sample.raw[at:]
    if not sample.names:
        assert result == sample.raw


@samples
def test_another_program_reads_the_links(sample: Sample) -> None:
    """Each text that people read has every link once, the attachments are gone, and the other parts are kept."""
    found = opened(sample.raw)
    result, _ = written(found)
    before, after = parsed(sample.raw), parsed(result)
    assert [d for d in after.defects if "Closing" in str(d)] == []
    gone = sorted(filter(None, sample.names))
    there, left = ([name for p in one.walk() if (name := p.get_filename())] for one in (before, after))
    assert sorted(left + gone) == sorted(there)
    if not sample.names:
        return
    carrying = [part for part in after.walk() if URL in _text_of(part)]
    assert len(carrying) == max(1, sample.texts)
    for part in carrying:
        said = _text_of(part)
        assert said.count(URL) == len(sample.names) * (2 if part.get_content_type() == "text/html" else 1)
        if part.get_content_type() == "text/html" and "</body>" in said.lower() and "<!--" not in said:
            assert said.lower().index("</body>") > said.index(URL)


def _text_of(part: EmailMessage) -> str:
    if part.is_multipart():
        return ""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    charset = part.get_content_charset() or "utf-8"
    return content.decode("latin-1" if charset in ("hex", "x-unheard-of") else charset, "replace")


@samples
def test_line_ends_are_the_messages_own(sample: Sample) -> None:
    if b"\r\n" not in sample.raw or sample.raw.count(b"\n") != sample.raw.count(b"\r\n"):
        return
    result, _ = written(opened(sample.raw))
    assert result.count(b"\n") == result.count(b"\r\n")


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_a_broken_message_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidValue):
        _everything(raw)


def _everything(raw: bytes) -> None:
    for part in opened(raw).choice.attachments:
        b"".join(pieces(raw, part))


def attached(content: str) -> bytes:
    head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    named = "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
    return f"{head}--b\n\nHello\n--b\n{named}{content}\n--b--\n".encode()


@pytest.mark.parametrize("content", ["QUJD", "QUI=", "QQ==", "QU\nJD", "", "Q UJD\r\n"])
def test_base64_that_is_good(content: str) -> None:
    (part,) = (found := opened(attached(content))).choice.attachments
    expected = base64.b64decode("".join(content.split()))
    assert b"".join(pieces(found.raw, part)) == expected


@pytest.mark.parametrize(
    "content", ["QUJ", "QUJDR===", "QUJD====", "====", "QU=JD===", "QU!D", "QUI=QUJD", "QUJD="]
)
def test_base64_that_is_damaged(content: str) -> None:
    with pytest.raises(InvalidValue, match="damaged"):
        _everything(attached(content))


def test_only_a_whole_line_is_a_boundary() -> None:
    """What looks like one within a line, or goes on after it, belongs to the content."""
    text = "a --b\n--bc\n--b-\n --b\n--b--c"
    raw = attached("QUJD").replace(b"Hello", text.encode())
    root = read(raw)
    assert [raw[part.body : part.end] for part in root.children] == [text.encode(), b"QUJD"]
    assert len(read(raw.replace(b"Hello", b"").replace(b"--b\n", b"--b \t\r\n")).children) == 2


def test_a_nest_that_is_too_deep_is_refused() -> None:
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(200))
    with pytest.raises(InvalidValue):
        read(raw + b"".join(b"\n--b%d--\n" % n for n in reversed(range(200))))


def test_small_ones_stay_and_are_told() -> None:
    found = opened(message(MIXED), over=len(PDF))
    assert found.choice.attachments == []
    assert found.choice.left == ["offer.pdf is small enough: it stays attached."]
    assert len(opened(message(MIXED), over=len(PDF) - 1).choice.attachments) == 1


def test_attached_messages_go_on_request() -> None:
    found = opened(SAMPLES["message in it"].raw, nested=True)
    assert [part.name for part in found.choice.attachments] == ["inner.eml", "offer.pdf"]


def test_each_part_of_a_digest_is_a_message() -> None:
    """Also without a type of its own."""
    raw = message(multipart("digest", "yy", f"\n{MIXED}"))
    assert opened(raw).choice.left == ["A part of the message is an attached message: it stays attached."]
    assert len(opened(raw, nested=True).choice.attachments) == 1


def test_what_is_no_text_is_a_file_without_a_name_too() -> None:
    """A second text belongs to the message, such as a mailing list's footer; a table doesn't."""
    csv, footer = "Content-Type: text/csv\n\na;b\n", "Content-Type: text/plain\n\n-- \nlist\n"
    found = opened(message(multipart("mixed", "xx", "\nHello\n", csv, footer)))
    assert [part.media_type for part in found.choice.attachments] == ["text/csv"]
    other = message(multipart("alternative", "xx", "\nHello\n", csv))
    assert opened(other).choice.attachments == []


def test_whom_it_is_for() -> None:
    """Each of them once; what is no address is known as well, so that it can be told."""
    many = ", ".join(f"a{n}@example.com" for n in range(MOST_RECIPIENTS + 1))
    for head, recipients, others in (
        (("To: undisclosed-recipients:;",), [], []),
        (
            ('To: "Arp, Anna" <anna@example.com>', "Cc: b@example.com", "To: b@example.com"),
            ['"Arp, Anna" <anna@example.com>', "b@example.com"],
            [],
        ),
        (
            ("To: =?utf-8?q?=E2=80=AEgnp=2Eexe?= <a@example.com>, =?utf-8?q?a=0Ab?= <b@example.com>",),
            ["a@example.com", "a b <b@example.com>"],
            [],
        ),
        (
            ("To: J\xf6rg <j@example.com>, =?x-none?q?a?= <a@example.com>", "cc:"),
            ["J\xf6rg <j@example.com>", "=?x-none?q?a?= <a@example.com>"],
            [],
        ),
        (("Bcc: a@example.com", "Reply-To: a@example.com"), [], []),
        ((f"Cc: {many}",), many.split(", "), []),
        (
            ("To: Anna <anna@b\xfccher.example>, b@xn--bcher-kva.example (Bert), \xf6@example.com, e",),
            ["Anna <anna@xn--bcher-kva.example>", "Bert <b@xn--bcher-kva.example>"],
            ["\xf6@example.com", "e"],
        ),
        (("Cc: " + "Team:a@example.com;" * 5000,), ["a@example.com"], []),
        (("Cc: " + "a:" * 5000 + "a@example.com",), ["a@example.com"], []),
        (("Cc: " + "(" * 5000 + "a" + ")" * 5000 + "a@example.com",), ["a@example.com"], []),
    ):  # fmt: skip
        raw = message(MIXED, *head).replace(b"To: keller@example.com\n", b"")
        found = opened(raw).recipients
        assert list(found.addresses) == recipients
        assert list(found.others) == others


def test_its_own_header_is_read_and_taken_out() -> None:
    raw = message(MIXED, "X-Sentlinks: expires=7d;\n\tdownloads=3", "X-Sentlinks-Not: stays")
    found = opened(raw)
    assert re.sub(r"\s+", " ", found.settings) == "expires=7d; downloads=3"
    result, _ = written(found)
    assert b"X-Sentlinks:" not in result
    assert b"downloads=3" not in result
    assert b"X-Sentlinks-Not: stays" in result


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''%ZZ%41.pdf", "%ZZA.pdf"),
        ("attachment; filename*=hex''41", "41"),
        ("attachment; filename*=idna''a.pdf", "a.pdf"),
        ("attachment; filename*=utf-8'a.pdf", "utf-8'a.pdf"),
        ("attachment; filename*=utf-8'a.pdf; filename=b.pdf", "b.pdf"),
        ("attachment; filename=b.pdf; filename*=utf-8''a%20b.pdf", "a b.pdf"),
        ("attachment; filename*=utf-8''Anna's.pdf; filename=b.pdf", "Anna's.pdf"),
        ("attachment; filename**=a.pdf", ""),
        ("attachment; filename*0*=utf-8''a%20; filename*1=b.pdf; filename*3=c", "a b.pdf"),
        ("attachment; filename*1=b.pdf", ""),
        ("attachment; filename*99999999999=b.pdf", ""),
        ("attachment; filename*=undefined''%FF", "ÿ"),
        ('attachment; filename="', ""),
        ("attachment; filename=My offer (1).pdf", "My offer (1).pdf"),
        ('attachment; filename="=?hex?q?a?="', "=?hex?q?a?="),
        ('attachment; filename="=?utf-8?b?!?="', "=?utf-8?b?!?="),
        ("attachment; filename=" + "(" * 5000, ""),
        ("attachment " + "(" * 5000 + ")" * 5000 + "; filename=a.pdf", "a.pdf"),
    ],
    ids=itertools.count(),
)
def test_a_name_that_is_malformed(disposition: str, name: str) -> None:
    raw = message(MIXED.replace('attachment; filename="offer.pdf"', disposition))
    (part,) = opened(raw).choice.attachments
    assert part.name == name


def test_a_uuencoded_file_is_found_in_the_text() -> None:
    for text, found in (
        (uuencoded(PDF, "offer.pdf"), ("offer.pdf", True)),
        (uuencoded(b"x" * 50, "small.pdf"), ("small.pdf", False)),
        (uuencoded(b"x" * 50, "small.pdf") + uuencoded(PDF, "offer.pdf"), ("offer.pdf", True)),
        (uuencoded(PDF, "offer.pdf").replace("\n", "\r\n").replace(" ", " "), ("offer.pdf", True)),
        (uuencoded(b"\0" * 200, "blank.pdf").replace(" \n", "\n"), ("blank.pdf", True)),
        ("> " + uuencoded(PDF, "offer.pdf"), None),
        ("begin 644 the talks\nas agreed\nend\n", None),
        ("begin 644 x\n" * 9 + "no\n" + "end\n" * 3, None),
        (uuencoded(PDF, "offer.pdf").removesuffix("end\n"), None),
        ("", None),
    ):
        assert encoded_file(text.encode(), 100) == found, text[:60]


def test_a_small_uuencoded_file_stays_and_is_told() -> None:
    found = opened(BROKEN["uuencoded in the text"], over=len(PDF))
    assert found.choice.left == [
        "offer.pdf, which is uuencoded in the text, is small enough: it stays there."
    ]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("5MB", 5_000_000),
        ("4.1MB", 4_100_000),
        ("8.7TB", 8_700_000_000_000),
        ("999999999.999 TiB", 1_099_511_627_774_900_488_372),
        ("1.5 GiB", 1_610_612_736),
        ("0.001kB", 1),
        ("800", 800),
        ("800.9", 800),
        ("0", 0),
        ("10kb", 10_000),
        ("2 B", 2),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert typed_values.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "5 XB", "1e9", "five", "5MB5", "9" * 30])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InvalidValue, match="isn't a size"):
        typed_values.parse_size(text)

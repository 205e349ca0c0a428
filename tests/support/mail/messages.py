"""Messages with attachments, both as mail programs write them and as they don't, for smart attachments."""

from __future__ import annotations

import base64
import binascii
import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default

from tui.mail.draft import DraftLink
from tui.mail.smart.choosing import choose
from tui.mail.smart.parts import read
from tui.mail.smart.splice import ReadMessage

PDF = b"%PDF-1.4 " + bytes(range(256)) * 8
_TEXT = "Dear Ms Keller,\n\nplease find the offer attached.\n\nDana Jones\n"


def b64(content: bytes, eol: str = "\n") -> str:
    return base64.encodebytes(content).decode().replace("\n", eol)


def part(kind: str, body: str, *heads: str) -> str:
    return "\n".join([f"Content-Type: {kind}", *heads, "", body])


PDF_PART = part(
    "application/pdf",
    b64(PDF).rstrip("\n"),
    "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="offer.pdf"',
)
PLAIN = part("text/plain; charset=utf-8", _TEXT, "Content-Transfer-Encoding: 8bit")
HTML = part(
    "text/html; charset=utf-8",
    "<html><body><p>Dear Ms Keller</p></body></html>",
    "Content-Transfer-Encoding: 7bit",
)


def multipart(kind: str, boundary: str, *parts: str, before: str = "", behind: str = "") -> str:
    """The head and body of a part that holds others."""
    inside = "".join(f"--{boundary}\n{one}\n" for one in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{before}{inside}--{boundary}--\n{behind}'
    )


def message(body: str, *heads: str, eol: str = "\n") -> bytes:
    standard = ("From: dana@halyard.example", "To: keller@example.com", "Subject: Offer", "MIME-Version: 1.0")
    text = "\n".join([*heads, *standard]) + "\n" + body
    return text.replace("\n", eol).encode("utf-8", "surrogateescape")


MIXED = multipart("mixed", "xx", PLAIN, PDF_PART)


@dataclass(frozen=True)
class Sample:
    """A message; ``names`` are those of the attachments that links replace, ``left`` counts the others."""

    raw: bytes
    names: tuple[str, ...] = ("offer.pdf",)
    left: int = 0
    texts: int = 1


def _qp(charset: str, text: str, kind: str = "text/plain") -> str:
    import quopri

    encoded = quopri.encodestring(text.encode(charset)).decode().rstrip("\n")
    return part(f"{kind}; charset={charset}", encoded, "Content-Transfer-Encoding: quoted-printable")


def _in_base64(charset: str, text: str, kind: str = "text/plain") -> str:
    encoded = b64(text.encode(charset)).rstrip("\n")
    return part(f"{kind}; charset={charset}", encoded, "Content-Transfer-Encoding: base64")


def _wide_qp(charset: str, text: str) -> str:
    """Quoted-printable of a charset whose line ends are none to it."""
    encoded = binascii.b2a_qp(text.encode(charset), istext=False).decode()
    return part(f"text/plain; charset={charset}", encoded, "Content-Transfer-Encoding: quoted-printable")


def _in_7bit(charset: str, text: str) -> str:
    return part(f"text/plain; charset={charset}", text.encode(charset).decode("ascii"))


def uuencoded(content: bytes, name: str) -> str:
    """A file in the text, as uuencode writes it."""
    lines = [binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


UUENCODED = uuencoded(PDF, "offer.pdf")


def _named(head: str) -> str:
    return part("application/octet-stream", b64(PDF).rstrip("\n"), "Content-Transfer-Encoding: base64", head)


_ALTERNATIVE = multipart("alternative", "alt", PLAIN, HTML)
_PICTURE = part(
    "image/png",
    b64(b"\x89PNG").rstrip("\n"),
    "Content-Transfer-Encoding: base64",
    "Content-ID: <logo@x>",
    'Content-Disposition: inline; filename="logo.png"',
)
_RELATED = multipart("related", "rel", HTML, _PICTURE)
_ICS = part("text/calendar; method=REQUEST; name=invite.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR")
_TNEF = _named('Content-Disposition: attachment; filename="winmail.dat"').replace(
    "application/octet-stream", "application/ms-tnef"
)
_INNER = "Content-Type: message/rfc822\nContent-Disposition: attachment; filename=inner.eml\n\nSubject: inner\n\ntext"

SAMPLES = {
    "plain and pdf": Sample(message(MIXED)),
    "crlf": Sample(message(MIXED, eol="\r\n")),
    "html and pdf": Sample(message(multipart("mixed", "xx", HTML, PDF_PART))),
    "alternative and pdf": Sample(message(multipart("mixed", "xx", _ALTERNATIVE, PDF_PART)), texts=2),
    "picture in the text": Sample(message(multipart("mixed", "xx", _RELATED, PDF_PART)), left=1),
    "two": Sample(
        message(multipart("mixed", "xx", PLAIN, PDF_PART, PDF_PART)), names=("offer.pdf", "offer.pdf")
    ),
    "only an attachment": Sample(message(multipart("mixed", "xx", PDF_PART)), texts=0),
    "quoted-printable": Sample(
        message(multipart("mixed", "xx", _qp("utf-8", _TEXT + "Grüße = gut"), PDF_PART))
    ),
    "latin-1": Sample(message(multipart("mixed", "xx", _qp("iso-8859-1", "Grüße"), PDF_PART))),
    "html in quoted-printable": Sample(
        message(multipart("mixed", "xx", _qp("utf-8", "<body>Grüße</body>", "text/html"), PDF_PART))
    ),
    "base64": Sample(message(multipart("mixed", "xx", _in_base64("utf-8", _TEXT), PDF_PART))),
    "utf-16": Sample(message(multipart("mixed", "xx", _in_base64("utf-16", _TEXT), PDF_PART))),
    "html in base64": Sample(
        message(multipart("mixed", "xx", _in_base64("utf-8", "<BODY>x</BODY>", "text/html"), PDF_PART))
    ),
    "unknown charset": Sample(
        message(multipart("mixed", "xx", PLAIN.replace("utf-8", "x-unheard-of"), PDF_PART)), texts=0
    ),
    "no charset": Sample(message(multipart("mixed", "xx", "\nplain text", PDF_PART))),
    "preamble and epilogue": Sample(
        message(
            multipart("mixed", "xx", PLAIN, PDF_PART, before="Read with MIME.\n", behind="\nepilogue\n\n")
        )
    ),
    "boundary in the text": Sample(
        message(
            multipart("mixed", "xx", PLAIN.replace("attached.", "attached.\n--xxx\n --xx\n--xx is"), PDF_PART)
        )
    ),
    "boundary with blanks": Sample(message(MIXED.replace("--xx\n", "--xx \t\n"))),
    "nested boundaries that begin alike": Sample(
        message(multipart("mixed", "xx", multipart("alternative", "xxx", PLAIN, HTML), PDF_PART)), texts=2
    ),
    "name of RFC 2231": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                PLAIN,
                _named("Content-Disposition: attachment; filename*=utf-8''Vertrag%20M%C3%BCller.pdf"),
            )
        ),
        names=("Vertrag Müller.pdf",),
    ),
    "name in encoded words": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                PLAIN,
                _named('Content-Disposition: attachment; filename="=?utf-8?B?w5xiZXJzaWNodC5wZGY=?="'),
            )
        ),
        names=("Übersicht.pdf",),
    ),
    "no disposition": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                PLAIN,
                PDF_PART.replace('Content-Disposition: attachment; filename="offer.pdf"', "X: y").replace(
                    "application/pdf", 'application/pdf; name="offer.pdf"'
                ),
            )
        )
    ),
    "text that is attached": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                PLAIN,
                part("text/plain", "notes", 'Content-Disposition: attachment; filename="notes.txt"'),
            )
        ),
        names=("notes.txt",),
    ),
    "invitation": Sample(message(multipart("mixed", "xx", PLAIN, _ICS, PDF_PART)), left=1),
    "outlook's own": Sample(message(multipart("mixed", "xx", PLAIN, _TNEF)), names=(), left=1),
    "message in it": Sample(message(multipart("mixed", "xx", PLAIN, _INNER, PDF_PART)), left=1),
    "signed": Sample(
        message(multipart("signed; protocol=x", "s", MIXED, part("application/pgp-signature", "x"))),
        names=(),
        left=1,
    ),
    "encrypted": Sample(
        message(multipart("encrypted", "e", part("application/pgp-encrypted", "Version: 1"), PDF_PART)),
        names=(),
        left=1,
    ),
    "signed in it": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                multipart("signed", "s", MIXED.replace("xx", "in"), part("application/pgp-signature", "x")),
                PDF_PART,
            )
        ),
        left=1,
        texts=0,
    ),
    "smime": Sample(
        message(part("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "AAAA")),
        names=(),
        left=1,
    ),
    "report": Sample(
        message(multipart("report", "r", PLAIN, part("message/delivery-status", "Status: 5.0.0"))),
        names=(),
        left=1,
    ),
    "no attachment": Sample(message(PLAIN), names=()),
    # It becomes a message with links.
    "all of it an attachment": Sample(message(PDF_PART), texts=0),
    "all of it, with crlf": Sample(message(PDF_PART, eol="\r\n"), texts=0),
    "all of it, without a name": Sample(
        message(part("application/pdf", b64(PDF).rstrip("\n"), "Content-Transfer-Encoding: base64")),
        names=("",),
        texts=0,
    ),
    "all of it a picture": Sample(message(_PICTURE), names=("logo.png",), texts=0),
    "all of it an attached text": Sample(
        message(part("text/plain", "notes", 'Content-Disposition: attachment; filename="notes.txt"')),
        names=("notes.txt",),
        texts=0,
    ),
    "no name": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                PLAIN,
                part("application/pdf", b64(PDF).rstrip("\n"), "Content-Transfer-Encoding: base64"),
            )
        ),
        names=("",),
    ),
    # A part of its own in an alternative would be one that nobody sees.
    "attachment in an alternative": Sample(
        message(multipart("alternative", "xx", PLAIN.replace("utf-8", "x-unheard-of"), PDF_PART)), texts=0
    ),
    "attachment in what is related": Sample(
        message(multipart("related", "xx", HTML.replace("utf-8", "hex"), PDF_PART), eol="\r\n"), texts=0
    ),
    "one of two texts can't take it": Sample(
        message(
            multipart(
                "mixed", "xx", multipart("alternative", "alt", PLAIN, HTML.replace("utf-8", "hex")), PDF_PART
            )
        ),
        texts=0,
    ),
    "html that is hidden": Sample(
        message(multipart("mixed", "xx", HTML.replace("<body>", "<body hidden>"), PDF_PART)), texts=0
    ),
    "html with a comment at its end": Sample(
        message(multipart("mixed", "xx", HTML.replace("</body>", "<!-- </body> -->"), PDF_PART))
    ),
    "html in quoted-printable, with a comment": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                _qp("utf-8", "<p>Grüße</p>" * 9 + "</body><!-- </body> -->", "text/html"),
                PDF_PART,
            )
        )
    ),
    "html in iso-2022-jp": Sample(
        message(multipart("mixed", "xx", _qp("iso-2022-jp", "<p>契約</p></body>契", "text/html"), PDF_PART))
    ),
    "utf-16 in quoted-printable": Sample(
        message(multipart("mixed", "xx", _wide_qp("utf-16", _TEXT), PDF_PART))
    ),
    "iso-2022-jp": Sample(message(multipart("mixed", "xx", _in_7bit("iso-2022-jp", "契約\n"), PDF_PART))),
    "iso-2022-jp that ends in the middle": Sample(
        message(multipart("mixed", "xx", _in_7bit("iso-2022-jp", "契約").removesuffix("\x1b(B"), PDF_PART))
    ),
    "latin-2 in base64": Sample(
        message(multipart("mixed", "xx", _in_base64("iso-8859-2", "Łódź"), PDF_PART))
    ),
    "greek": Sample(message(multipart("mixed", "xx", _qp("iso-8859-7", "Αθήνα = 1"), PDF_PART))),
    "a transfer encoding with a comment": Sample(message(MIXED.replace("base64", "base64 (as usual)"))),
    # What Python's own email package would change
    "folded with a tab": Sample(message(MIXED, "X-Long: one\n\ttwo")),
    "no blank behind the colon": Sample(message(MIXED, "X-Odd:x")),
    "long header": Sample(message(MIXED, "X-Long: " + "word " * 300)),
    "an empty line behind a nested part": Sample(
        message(multipart("mixed", "xx", _ALTERNATIVE + "\n\n", PDF_PART)), texts=2
    ),
    "mixed line ends": Sample(message(MIXED).replace(b"Subject: Offer\n", b"Subject: Offer\r\n")),
    "lone carriage returns": Sample(
        message(multipart("mixed", "xx", PLAIN.replace("find", "fi\rnd"), PDF_PART))
    ),
    "bytes that are no text": Sample(message(MIXED, "X-Raw: \udcff\udcfe")),
    "flowed": Sample(
        message(
            multipart(
                "mixed",
                "xx",
                PLAIN.replace("utf-8", "utf-8; format=flowed").replace("attached.", "at \nt."),
                PDF_PART,
            )
        )
    ),
}

BROKEN = {
    "never closed": message(MIXED).replace(b"--xx--\n", b""),
    "no boundary line": message('Content-Type: multipart/mixed; boundary="yy"\n\nno parts\n'),
    "no boundary": message("Content-Type: multipart/mixed\n\n--xx\n\nx\n--xx--\n"),
    "inner never closed": message(MIXED).replace(
        b"Content-Type: text/plain", b'Content-Type: multipart/related; boundary="in"\nX: y', 1
    ),
    "damaged base64": message(MIXED.replace(b64(PDF)[:4], "!!!!")),
    "unknown encoding": message(MIXED.replace("base64", "x-uuencode")),
    "unknown encoding of all": message(PDF_PART.replace("base64", "x-uuencode")),
    "uuencoded in the text": message("\nHello\n\n" + UUENCODED + "\nBye\n"),
    "uuencoded in a part": message(MIXED.replace("attached.", "attached.\n" + UUENCODED)),
    "uuencoded in base64": message(multipart("mixed", "xx", _in_base64("utf-8", UUENCODED), PDF_PART)),
    "uuencoded with base64": message(
        f"\nbegin-base64 644 offer.pdf\n{b64(PDF)}====\n",
    ),
    "two types": message(f"Content-Type: text/plain\n{MIXED}"),
    "two types of a part": message(
        MIXED.replace("Content-Type: text", "Content-Type: a/b\nContent-Type: text", 1)
    ),
    "two encodings": message(
        PDF_PART.replace("Content-Transfer", "Content-Transfer-Encoding: 7bit\nContent-Transfer")
    ),
    "two dispositions": message(MIXED.replace("Content-D", "Content-Disposition: inline\nContent-D", 1)),
    "a part behind the end": message(MIXED + f"--xx\n{PDF_PART}\n--xx--\n"),
    "carriage returns": message(MIXED).replace(b"\n", b"\r"),
    "yenc": message(f"\n=ybegin line=128 size={len(PDF)} name=offer.pdf\n*+,-\n=yend size={len(PDF)}\n"),
}


# ---------------------------------------------------------------- with links

URL = "https://links.example.com/s/0123456789abcdef0123456789abcdef0123456789abcdef"


def opened(raw: bytes, over: int = 0, nested: bool = False) -> ReadMessage:
    """A message that was read, with its attachments chosen."""
    root = read(raw)
    return ReadMessage(raw, root, choose(raw, root, over, nested))


def links_for(found: ReadMessage) -> list[DraftLink]:
    """A link for each of its attachments."""
    return [
        DraftLink(f"{number} Müller.pdf", f"{URL}{number}")
        for number, _ in enumerate(found.choice.attachments)
    ]


def written(found: ReadMessage) -> tuple[bytes, list[tuple[int, int, bytes]]]:
    """The message with links in their place, and what was changed."""
    changes = found.changes(links_for(found))
    return b"".join(found.written(changes)), changes


def parsed(raw: bytes) -> EmailMessage:
    """A message as Python's own parser reads it."""
    made = email.message_from_bytes(raw, policy=default)
    assert isinstance(made, EmailMessage)
    return made

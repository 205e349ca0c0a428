"""A draft as a file: the message that mail programs open, and the text that an editor opens.

Not by :class:`email.message.EmailMessage`: a subject that looks like an encoded word is decoded by it, and written with
the line breaks in it, so that what a document is called could add a header (``Bcc``).
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import quopri
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import TYPE_CHECKING

from tui.rules.errors import Failed, InvalidValue, Problem
from tui.rules.text import printable

from ..files import private_files
from ..rules.addresses import join_address, parse_addresses, split_address
from ..rules.message_headers import header_text

if TYPE_CHECKING:
    from .draft import Draft

# The longest line that mail may have, without its line break.
_MAX_LINE = 998
_WRONG_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG)


def to_eml(draft: Draft, at: datetime | None = None, *, unsent: bool = True) -> bytes:
    """The draft as a message (RFC 5322) that mail programs open for editing (``X-Unsent: 1``, if ``unsent``).

    Lines end with CRLF, the text is UTF-8. ``at`` is its date (now if ``None``). Without a sender's address there is no
    ``From``: the program that sends it knows it. Raises :class:`InvalidValue` for an invalid address.
    """
    headers = [
        # A common header first: some desktops recognise an e-mail by it.
        f"Date: {format_datetime(at or datetime.now(UTC))}",
        *(["X-Unsent: 1"] if unsent else ()),
        *_people_and_subject(draft),
    ]
    return _message(headers, draft, seven_bit=False)


def to_sendable(draft: Draft, at: datetime | None = None) -> bytes:
    """The draft as a message for a mail server, all in ASCII: with a ``Message-ID``, and without ``X-Unsent``.

    Raises :class:`InvalidValue` for an invalid address.
    """
    _, address = split_address(draft.from_address) if draft.from_address else ("", "sentlinks@localhost")
    headers = [
        f"Date: {format_datetime(at or datetime.now(UTC))}",
        f"Message-ID: {make_msgid(domain=address.rpartition('@')[2])}",
        *_people_and_subject(draft),
    ]
    return _message(headers, draft, seven_bit=True)


def _people_and_subject(draft: Draft) -> list[str]:
    return [
        *([f"From: {_address(draft.from_address)}"] if draft.from_address else ()),
        *([f"To: {_addresses(draft)}"] if draft.to else ()),
        f"Subject: {header_text(printable(draft.subject))}",
        "MIME-Version: 1.0",
    ]


def _message(headers: list[str], draft: Draft, *, seven_bit: bool) -> bytes:
    text = _part("plain", _harmless(draft.body), seven_bit=seven_bit)
    html = draft.html
    if not html:
        return _joined([*headers, *text.headers], text.content)
    parts = [text, _part("html", _harmless(html), seven_bit=seven_bit)]
    # From the content, so that the same draft is the same message.
    boundary = f"=_{hashlib.sha256(b''.join(each.content for each in parts)).hexdigest()[:32]}"
    encoding = "8bit" if any("8bit" in each.headers[1] for each in parts) else "7bit"
    content = b"".join(
        f"--{boundary}\r\n".encode() + _joined(list(each.headers), each.content) + b"\r\n" for each in parts
    )
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"'
    return _joined(
        [*headers, kind, f"Content-Transfer-Encoding: {encoding}"], content + f"--{boundary}--\r\n".encode()
    )


@dataclass(frozen=True, slots=True)
class _MimePart:
    headers: tuple[str, str]
    content: bytes


def _part(kind: str, text: str, *, seven_bit: bool) -> _MimePart:
    encoding, content = _content(text, seven_bit=seven_bit)
    return _MimePart(
        (f"Content-Type: text/{kind}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"), content
    )


def _joined(headers: list[str], content: bytes) -> bytes:
    return "\r\n".join(headers).encode("ascii") + b"\r\n\r\n" + content


def _addresses(draft: Draft) -> str:
    return ",\r\n ".join(_address(text) for text in draft.to)


def _address(text: str) -> str:
    name, address = split_address(text)
    if name.isascii() and "=?" not in name and len(name) <= 60:
        return join_address(name, address)
    return f"{header_text(name)} <{address}>"


def _harmless(body: str) -> str:
    """The body with one ``\\n`` at its end and after each line, and without control characters other than tabs."""
    return _visible(body).rstrip("\n") + "\n"


def _visible(body: str) -> str:
    """The body with ``\\n`` as its line ends, and with control characters other than tabs made visible."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("\t".join(printable(part) for part in line.split("\t")) for line in lines)


def _content(body: str, *, seven_bit: bool) -> tuple[str, bytes]:
    data = body.encode("utf-8")
    encoding = "7bit" if body.isascii() else "8bit"
    if max(len(line) for line in data.split(b"\n")) > _MAX_LINE or (seven_bit and encoding == "8bit"):
        encoding, data = "quoted-printable", quopri.encodestring(data)
    return encoding, data.replace(b"\n", b"\r\n")


# --- as the user edits it ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DraftText:
    """A draft as edited in fields or in an editor: ``to`` isn't checked yet."""

    to: str
    subject: str
    body: str

    def checked(self, draft: Draft) -> Draft:
        """``draft`` with this text. Raises :class:`InvalidValue` for an invalid address."""
        return replace(draft, to=parse_addresses(self.to), subject=self.subject, body=self.body)


def to_text(text: DraftText) -> str:
    """The draft as an editor opens it: ``To`` and ``Subject`` unencoded, a blank line, the body."""
    return f"To: {printable(text.to)}\nSubject: {printable(text.subject)}\n\n{_harmless(text.body)}"


def from_text(edited: str, before: DraftText) -> tuple[DraftText, str]:
    """Read text that :func:`to_text` made and that was then edited. Returns it with a sentence that says what is wrong
    with its form, or an empty one.

    Nothing that was written is left out: everything from the first line that is neither ``To`` nor ``Subject`` is the
    body. If one of these lines is missing, its value from ``before`` stays.
    """
    lines = edited.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: dict[str, str] = {}
    at, name = 0, ""
    for line in lines:
        head, colon, value = line.partition(":")
        if colon and head.strip().lower() in ("to", "subject") and head.strip().lower() not in found:
            name = head.strip().lower()
            found[name] = value.strip()
        elif name and line[:1] in (" ", "\t") and line.strip():
            found[name] += f" {line.strip()}"
        else:
            break
        at += 1
    wrong = ""
    if len(found) < 2 or (at < len(lines) and lines[at].strip()):
        wrong = "The draft does not start with To:, Subject: and a blank line, so the rest is in the text."
    elif at < len(lines):
        at += 1
    text = DraftText(
        printable(found.get("to", before.to)),
        printable(found.get("subject", before.subject)),
        _visible("\n".join(lines[at:])),
    )
    return text, wrong


def decode(data: bytes) -> tuple[str, bool]:
    """Decode text that an editor wrote, and return whether it was UTF-8: any other byte is read as Windows-1252."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError:
        return data.decode("utf-8", _BY_BYTE), False


_BY_BYTE = "sentlinks-windows-1252"


def _one_byte(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", "replace"), error.start + 1


codecs.register_error(_BY_BYTE, _one_byte)


# --- the file ---------------------------------------------------------------------------------------


def save(draft: Draft, path: Path, *, overwrite: bool = False, at: datetime | None = None) -> Path:
    """Write the draft as a message to ``path``, mode 0600, completely or not at all.

    Raises :class:`InvalidValue` if the file exists (unless ``overwrite``) or the path can't be one, :class:`Failed` if
    it can't be written.
    """
    return write_private(path, to_eml(draft, at), overwrite=overwrite)


def write_private(path: Path, data: bytes, *, overwrite: bool = False) -> Path:
    """Write ``data`` to ``path``, mode 0600, as described for :func:`save`."""
    shown = printable(str(path))
    if os.path.isdir(path):  # noqa: PTH112 (a name too long is no folder)
        raise InvalidValue("mail.path", f"{shown} is a folder; name a file in it.")
    try:
        if overwrite:
            private_files.write_private(path, data)
        else:
            private_files.create_private(path, data)
    except FileExistsError:
        raise InvalidValue("mail.exists", f"{shown} already exists; name another file.") from None
    except (OSError, ValueError) as error:
        raise _not_saved(shown, error) from None
    return path


def _not_saved(shown: str, error: OSError | ValueError) -> Problem:
    if not isinstance(error, OSError) or error.errno in _WRONG_PLACE:
        why = "name a file in an existing folder that you can write to"
        return InvalidValue("mail.path", f"{shown} cannot be written; {why}.")
    return Failed("mail.not_saved", f"{shown} cannot be written: {error.strerror}.")

"""A draft as a file: the message that mail programs open, and the text that an editor opens."""

from __future__ import annotations

import errno
import os
import quopri
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.rules.errors import Failed, InvalidValue, Problem
from tui.rules.text import printable

from .address import join_address, parse_addresses, split_address

if TYPE_CHECKING:
    from .draft import Draft

# The longest line that mail may have, without its end.
_MAX_LINE = 998
_WRONG_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG)


def to_eml(draft: Draft, at: datetime | None = None, from_address: str | None = None) -> bytes:
    """The draft as a message (RFC 5322) that mail programs open for editing (``X-Unsent: 1``).

    Lines end with CRLF, the text is UTF-8. ``at`` is its date (now where ``None``). Without
    ``from_address`` there is no ``From``: the program that sends it knows the sender's address. Raises
    :class:`InvalidValue` for an address that cannot be one.
    """
    body = _harmless(draft.body)
    encoding, content = _content(body)
    headers = [
        "X-Unsent: 1",
        f"Date: {format_datetime(at or datetime.now(UTC))}",
        *([f"From: {_address(from_address)}"] if from_address else ()),
        *([f"To: {_addresses(draft)}"] if draft.to else ()),
        f"Subject: {_encoded(printable(draft.subject), 'Subject')}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Transfer-Encoding: {encoding}",
    ]
    return "\r\n".join(headers).encode("ascii") + b"\r\n\r\n" + content


def _addresses(draft: Draft) -> str:
    return ",\r\n ".join(_address(text) for text in draft.to)


def _address(text: str) -> str:
    name, address = split_address(text)
    if name.isascii() and "=?" not in name and len(name) <= 60:
        return join_address(name, address)
    return f"{Header(name, 'utf-8', header_name='Subject').encode(linesep=chr(13) + chr(10))} <{address}>"


def _encoded(text: str, header: str) -> str:
    """A header's text: as it is where that is short ASCII, in encoded words of RFC 2047 otherwise.

    What looks like an encoded word itself is encoded too, so that it is read as it was written.
    """
    if text.isascii() and "=?" not in text and len(text) <= 70:
        return text
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _harmless(body: str) -> str:
    """The body with ``\\n`` at the end of each line and of nothing else, and with no other control but tabs."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    return "\n".join("\t".join(printable(part) for part in line.split("\t")) for line in lines) + "\n"


def _content(body: str) -> tuple[str, bytes]:
    data = body.encode("utf-8")
    encoding = "7bit" if body.isascii() else "8bit"
    if max(len(line) for line in data.split(b"\n")) > _MAX_LINE:
        encoding, data = "quoted-printable", quopri.encodestring(data)
    return encoding, data.replace(b"\n", b"\r\n")


def to_text(draft: Draft) -> str:
    """The draft as a person edits it: ``To`` and ``Subject`` as they are read, a blank line, the body."""
    return f"To: {', '.join(draft.to)}\nSubject: {printable(draft.subject)}\n\n{_harmless(draft.body)}"


def from_text(text: str, draft: Draft) -> Draft:
    """``draft`` as it was edited: what :func:`to_text` made, read again. Raises :class:`InvalidValue`."""
    head, blank, body = text.replace("\r\n", "\n").partition("\n\n")
    to, subject = draft.to, draft.subject
    for line in head.split("\n"):
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == "to":
            to = parse_addresses(value)
        elif colon and name.strip().lower() == "subject":
            subject = value.strip()
        elif line.strip():
            raise InvalidValue(
                "mail.draft",
                "The draft begins with the lines To: and Subject: and a blank line after them; put them back.",
            )
    return replace(draft, to=to, subject=printable(subject), body=_harmless(body if blank else ""))


def save(draft: Draft, path: Path, *, overwrite: bool = False, at: datetime | None = None) -> Path:
    """Writes the draft as a message into ``path``, mode 0600, all of it or nothing.

    Raises :class:`InvalidValue` where something is there already (unless ``overwrite``) or the path cannot be
    one, :class:`Failed` where it cannot be written.
    """
    return write_private(path, to_eml(draft, at), overwrite=overwrite)


def write_private(path: Path, data: bytes, *, overwrite: bool = False) -> Path:
    """Writes ``data`` into ``path``, mode 0600, as :func:`save` says."""
    shown = printable(str(path))
    if os.path.isdir(path):
        raise InvalidValue("mail.path", f"{shown} is a folder; name a file in it.")
    target = path.with_name(f".{secrets.token_hex(16)}.tmp") if overwrite else path
    try:
        # O_EXCL: never into what is there, and never through a link.
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InvalidValue("mail.exists", f"{shown} is there already; name another file.") from None
    except (OSError, ValueError) as error:
        raise _not_saved(shown, error) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if overwrite:
            target.replace(path)
    except (OSError, ValueError) as error:
        target.unlink(missing_ok=True)
        raise _not_saved(shown, error) from None
    return path


def _not_saved(shown: str, error: OSError | ValueError) -> Problem:
    if not isinstance(error, OSError) or error.errno in _WRONG_PLACE:
        why = "name a file in a folder that is there and that you may write in"
        return InvalidValue("mail.path", f"{shown} cannot be written; {why}.")
    return Failed("mail.not_saved", f"{shown} cannot be written: {error.strerror}.")

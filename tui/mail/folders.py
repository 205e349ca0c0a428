"""Finding the folders of a mailbox: for drafts, and for e-mails that were sent (RFC 6154)."""

from __future__ import annotations

import base64
import imaplib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tui.rules.errors import InvalidValue, NotFound
from tui.rules.text import printable

from .account import Account

_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?P<separator>\\?.)"|NIL) (?P<name>.*)', re.DOTALL)
_ENCODED = re.compile(r"&([^-]*)-")
#: How a server marks names that are no folders which messages can be in.
_NO_FOLDERS = {r"\noselect", r"\nonexistent"}


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a folder is for. ``key`` is the key of its name in the configuration, ``flag`` how a server marks it;
    ``usual_names`` are tried where a server doesn't say which one it is."""

    what: str
    key: str
    flag: str
    usual_names: tuple[str, ...]


DRAFTS = Purpose(
    "drafts",
    "mail_drafts_folder",
    r"\drafts",
    (
        "drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten", "rascunhos", "下書き", "草稿",
        "草稿箱", "草稿匣",
    ),
)  # fmt: skip
SENT = Purpose(
    "sent e-mails",
    "mail_sent_folder",
    r"\sent",
    (
        "sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte",
        "envoyés", "messages envoyés", "éléments envoyés", "enviados", "elementos enviados", "itens enviados",
        "inviati", "posta inviata", "verzonden", "verzonden items", "送信済み", "送信済みアイテム", "已发送",
        "已发送邮件", "寄件備份",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WantedFolder:
    """The folder for ``purpose``; the settings may ``name`` it."""

    purpose: Purpose
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder. ``wire_name`` is its name as the server spells it (bytes that aren't UTF-8 are surrogates), ``flags``
    its attributes in lower case."""

    wire_name: str
    separator: str
    flags: frozenset[str]

    @property
    def name(self) -> str:
        """The name as users see it."""
        return _decoded(self.wire_name)

    @property
    def takes_messages(self) -> bool:
        """Whether messages can be put into it."""
        return not self.flags & _NO_FOLDERS

    @property
    def quoted(self) -> bytes:
        """Its name in a command, byte by byte as the server spells it."""
        name = self.wire_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{name}"'.encode("utf-8", "surrogateescape")

    @property
    def last_part(self) -> str:
        """Its name without those of the folders above it."""
        return self.name.rpartition(self.separator)[2] if self.separator else self.name


def find_folder(account: Account, connection: imaplib.IMAP4, wanted: WantedFolder) -> Mailbox:
    """The folder to use: the one of the settings, else the one that the server marks, else by its name.

    Raises :class:`InvalidValue` or :class:`NotFound` if there is none.
    """
    found, purpose = listed(connection.list()), wanted.purpose
    if wanted.name:
        for mailbox in found:
            if wanted.name in (mailbox.name, mailbox.wire_name) and mailbox.takes_messages:
                return mailbox
        raise InvalidValue(
            "mail.no_folder",
            f"{account.host} has no folder {printable(wanted.name)}. Correct {purpose.key}; there are "
            f"{', '.join(printable(mailbox.name) for mailbox in found[:20])}.",
            purpose.key,
        )
    # What a server offers may depend on who is signed in.
    _, capabilities = connection.capability()
    if not _marked(found, purpose) and b"SPECIAL-USE" in last_words(capabilities).upper().split():
        found += listed(special_use(connection))
    usual = [each for each in found if each.last_part.lower() in purpose.usual_names and each.takes_messages]
    choice = next(iter([*_marked(found, purpose), *usual]), None)
    if choice is None:
        raise NotFound(
            "mail.no_folder",
            f"{account.host} has no folder for {purpose.what}. Name one in {purpose.key}, or create it.",
        )
    return choice


def special_use(connection: imaplib.IMAP4) -> tuple[str, list[Any]]:
    """List with the selection option that makes a server name special folders (RFC 5258)."""
    status, _ = connection.xatom("LIST", "(SPECIAL-USE)", '""', '"*"')
    return status, connection.response("LIST")[1]


def listed(response: tuple[str, list[Any]]) -> list[Mailbox]:
    """The folders in a response of ``LIST``; none if the server refused it."""
    status, lines = response
    return [mailbox for line in lines if (mailbox := _mailbox(line))] if status == "OK" else []


def last_words(said: Sequence[Any]) -> bytes:
    """The last of what a server said."""
    last = said[-1] if said else b""
    return last if isinstance(last, bytes) else b""


def _marked(found: Sequence[Mailbox], purpose: Purpose) -> list[Mailbox]:
    return [mailbox for mailbox in found if purpose.flag in mailbox.flags and mailbox.takes_messages]


def _mailbox(line: Any) -> Mailbox | None:
    """A line of a list; a name that is sent as a literal follows the rest in a tuple."""
    literal = isinstance(line, tuple)
    head = line[0] if literal else line
    matched = _LISTED.fullmatch(head) if isinstance(head, bytes) else None
    if matched is None:
        return None
    name = line[1] if literal else matched["name"]
    if not literal and name[:1] == b'"':
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    # The others can't be in a command.
    if not name or set(name) & set(b"\r\n\0"):
        return None
    separator = (matched["separator"] or b"").decode("latin-1")[-1:]
    flags = frozenset(matched["flags"].decode("latin-1").lower().split())
    return Mailbox(name.decode("utf-8", "surrogateescape"), separator, flags)


def _decoded(name: str) -> str:
    """A name from the modified UTF-7 of RFC 3501."""

    def decode(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        data = found[1].replace(",", "/")
        try:
            return base64.b64decode(data + "=" * (-len(data) % 4), validate=True).decode("utf-16-be")
        except ValueError:
            return found[0]

    return _ENCODED.sub(decode, name)

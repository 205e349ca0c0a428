"""Putting a draft into the Drafts folder of a mailbox, with IMAP (RFC 9051, 6154)."""

from __future__ import annotations

import base64
import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tui.rules.errors import Failed, InvalidValue, NotFound
from tui.rules.text import printable

from .account import Account
from .servers import (
    SECONDS,
    ServerReport,
    challenge_text,
    connection_failures,
    refused,
    rejected,
    report,
    tls_context,
    xoauth2,
)

#: What the folder is called where a server doesn't say which one it is.
_USUAL_NAMES = (
    "drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten", "rascunhos", "下書き", "草稿",
    "草稿箱", "草稿匣",
)  # fmt: skip
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?P<separator>\\?.)"|NIL) (?P<name>.*)', re.DOTALL)
_ENCODED = re.compile(r"&([^-]*)-")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder. ``wire_name`` is its name as the server spells it, ``flags`` its attributes in lower case."""

    wire_name: str
    separator: str
    flags: frozenset[str]

    @property
    def name(self) -> str:
        """The name as users see it."""
        return _decoded(self.wire_name)

    @property
    def last_part(self) -> str:
        return self.name.rpartition(self.separator)[2] if self.separator else self.name


def put_in_drafts(account: Account, secret: str, message: bytes, folder: str = "") -> str:
    """Append ``message`` to ``folder``, or else to the folder for drafts, as a draft. Returns the folder's name.

    Lines of the message end with CRLF; it is stored byte by byte. Raises :class:`tui.rules.errors.Problem`.
    """
    with _signed_in(account, secret) as connection:
        mailbox = _drafts(account, connection, folder)
        # imaplib puts the name into the command as it is.
        name = mailbox.wire_name.replace("\\", "\\\\").replace('"', '\\"')
        status, said = connection.append(f'"{name}"', r"(\Draft \Seen)", "", message)
        if status != "OK":
            raise refused(account, f"didn't take the draft into {printable(mailbox.name)}", _last(said))
        return printable(mailbox.name)


def check(account: Account, secret: str, folder: str = "") -> ServerReport:
    """Sign in and find the folder for drafts; changes nothing. Raises :class:`tui.rules.errors.Problem`."""
    with _signed_in(account, secret) as connection:
        mailbox = _drafts(account, connection, folder)
        return report(account, connection.socket(), printable(mailbox.name))


# --- signing in -------------------------------------------------------------------------------------


@contextmanager
def _signed_in(account: Account, secret: str) -> Iterator[imaplib.IMAP4]:
    with connection_failures(account):
        try:
            connection = _connected(account)
        except imaplib.IMAP4.error as error:
            raise Failed(
                "mail.protocol", f"{account.host} doesn't work as an IMAP server: {_said(error)}"
            ) from None
        try:
            _sign_in(account, connection, secret)
            yield connection
        except imaplib.IMAP4.error as error:
            raise Failed(
                "mail.protocol", f"{account.host} doesn't work as expected: {_said(error)}"
            ) from None
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                connection.logout()


def _connected(account: Account) -> imaplib.IMAP4:
    if not account.starttls:
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=tls_context(), timeout=SECONDS)
    connection = imaplib.IMAP4(account.host, account.port, timeout=SECONDS)
    try:
        if "STARTTLS" not in connection.capabilities:
            raise Failed(
                "mail.no_starttls",
                f"{account.host} doesn't offer STARTTLS on port {account.port}. Use imaps:// in mail_imap_url.",
            )
        connection.starttls(ssl_context=tls_context())
    except BaseException:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.shutdown()
        raise
    return connection


def _sign_in(account: Account, connection: imaplib.IMAP4, secret: str) -> None:
    challenges: list[str] = []

    def token(challenge: bytes) -> bytes:
        if challenge:
            # The server says what is wrong, and waits for an empty response before it refuses the token.
            challenges.append(challenge_text(challenge))
            return b""
        return xoauth2(account.user, secret).encode()

    try:
        if account.oauth:
            connection.authenticate("XOAUTH2", token)
        elif "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: f"\0{account.user}\0{secret}".encode())
        elif "LOGINDISABLED" in connection.capabilities or not (account.user + secret).isascii():
            raise Failed("mail.no_method", f"{account.host} takes no password that this program can send.")
        else:
            connection.login(account.user, secret)
    except (imaplib.IMAP4.abort, imaplib.IMAP4.readonly):
        raise
    except imaplib.IMAP4.error as error:
        raise rejected(account, _said(error), " ".join(challenges)) from None


def _said(error: imaplib.IMAP4.error) -> str:
    found: Any = error.args[0] if error.args else ""
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)


def _last(said: Sequence[Any]) -> bytes:
    last = said[-1] if said else b""
    return last if isinstance(last, bytes) else b""


# --- the folder -------------------------------------------------------------------------------------


def _drafts(account: Account, connection: imaplib.IMAP4, wanted: str) -> Mailbox:
    """The folder to use: the one of the settings, else the one that the server marks (RFC 6154), else by its name."""
    found = _listed(connection.list())
    if wanted:
        for mailbox in found:
            if wanted in (mailbox.name, mailbox.wire_name) and r"\noselect" not in mailbox.flags:
                return mailbox
        raise InvalidValue(
            "mail.no_folder",
            f"{account.host} has no folder {printable(wanted)}. Correct mail_drafts_folder; there are "
            f"{', '.join(printable(mailbox.name) for mailbox in found[:20])}.",
            "mail_drafts_folder",
        )
    # What a server offers may depend on who is signed in.
    _, capabilities = connection.capability()
    if not _marked(found) and b"SPECIAL-USE" in _last(capabilities).upper().split():
        found += _listed(_special_use(connection))
    usual = [
        each for each in found if each.last_part.lower() in _USUAL_NAMES and r"\noselect" not in each.flags
    ]
    choice = next(iter([*_marked(found), *usual]), None)
    if choice is None:
        raise NotFound(
            "mail.no_drafts",
            f"{account.host} has no folder for drafts. Name one in mail_drafts_folder, or create it.",
        )
    return choice


def _special_use(connection: imaplib.IMAP4) -> tuple[str, list[Any]]:
    """List with the selection option that makes a server name special folders (RFC 5258)."""
    status, _ = connection.xatom("LIST", "(SPECIAL-USE)", '""', '"*"')
    return status, connection.response("LIST")[1]


def _marked(found: Sequence[Mailbox]) -> list[Mailbox]:
    return [mailbox for mailbox in found if r"\drafts" in mailbox.flags]


def _listed(response: tuple[str, list[Any]]) -> list[Mailbox]:
    status, lines = response
    return [mailbox for line in lines if (mailbox := _mailbox(line))] if status == "OK" else []


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
    separator = (matched["separator"] or b"").decode("latin-1")[-1:]
    flags = frozenset(matched["flags"].decode("latin-1").lower().split())
    return Mailbox(name.decode("utf-8", "replace"), separator, flags)


def _decoded(name: str) -> str:
    """A name from the modified UTF-7 of RFC 3501."""

    def decode(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        data = found[1].replace(",", "/")
        try:
            return base64.b64decode(data + "=" * (-len(data) % 4)).decode("utf-16-be")
        except ValueError:
            return found[0]

    return _ENCODED.sub(decode, name)

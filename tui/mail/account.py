"""The user's account on a mail server, as the settings name it: ``imaps://anna@mail.example.com``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote, urlsplit

from tui.rules.errors import InvalidValue
from tui.rules.text import printable


class Protocol(StrEnum):
    """What the server is for: IMAP stores drafts, SMTP sends."""

    IMAP = "imap"
    SMTP = "smtp"

    @property
    def key(self) -> str:
        """The key of its address in the configuration."""
        return f"mail_{self}_url"

    @property
    def command_key(self) -> str:
        """The key of the command that prints its password or access token."""
        return f"mail_{self}_password_command"

    @property
    def example(self) -> str:
        """An address as users have to write it, for messages."""
        return "imaps://anna@mail.example.com" if self is Protocol.IMAP else "smtp://anna@mail.example.com"


#: The usual port with TLS from the start, and with STARTTLS.
_PORTS = {Protocol.IMAP: (993, 143), Protocol.SMTP: (465, 587)}


@dataclass(frozen=True, slots=True)
class Account:
    """``starttls``: the connection begins without TLS, and nothing but that is said on it before it has TLS.

    ``oauth``: the user signs in with an access token (XOAUTH2) instead of a password. Without ``user``, mail is
    submitted without signing in.
    """

    protocol: Protocol
    host: str
    port: int
    user: str
    starttls: bool
    oauth: bool

    @property
    def url(self) -> str:
        """The account in its one spelling, also the name of its password in the keyring."""
        scheme = f"{self.protocol}{'' if self.starttls else 's'}{'+xoauth2' if self.oauth else ''}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        return f"{scheme}://{user}{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The server and who signs in there, for sentences."""
        return printable(f"{self.host} as {self.user}" if self.user else self.host)

    @property
    def secret_name(self) -> str:
        """What the user signs in with, for sentences."""
        return "access token" if self.oauth else "password"


def parse_account(text: str, protocol: Protocol, *, typed: bool = False) -> Account:
    """The account in a setting: ``imaps://`` (TLS), ``imap://`` (STARTTLS), ``imaps+xoauth2://`` and so on.

    Raises :class:`InvalidValue`, also if there is a password in it, which would be in a file then. If it is being
    ``typed`` in the app, that says what to type; otherwise it names the key in the configuration.
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refuse(protocol, typed) from None
    scheme, plus, method = parts.scheme.partition("+")
    if scheme not in (protocol, f"{protocol}s") or (plus and method != "xoauth2"):
        raise _refuse(protocol, typed)
    if not host or port == 0 or parts.path.strip("/") or parts.query or parts.fragment:
        raise _refuse(protocol, typed)
    if parts.password is not None:
        message = (
            "Leave the password out: the program asks for it when it needs it."
            if typed
            else f"{protocol.key} must not contain a password. Remove it; the program asks for it, or runs "
            f"{protocol.command_key}."
        )
        raise InvalidValue("mail.account_password", message, protocol.key)
    user = unquote(parts.username or "")
    wants_user = protocol is Protocol.IMAP or bool(plus)
    if (wants_user and not user) or not (user + host).isprintable() or not host.isascii():
        raise _refuse(protocol, typed)
    starttls = scheme == protocol
    return Account(protocol, host, port or _PORTS[protocol][starttls], user, starttls, bool(plus))


def _refuse(protocol: Protocol, typed: bool) -> InvalidValue:
    write = "Write it" if typed else f"{protocol.key} is not the address of an account. Write one"
    message = (
        f"{write} like {protocol.example} "
        f"({protocol}s:// for TLS, {protocol}:// for STARTTLS, +xoauth2 after either for an access token)."
    )
    return InvalidValue("mail.account", message, protocol.key)

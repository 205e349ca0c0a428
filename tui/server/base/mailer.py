"""Sending e-mail through the firm's mail server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ...rules import addresses
from ...rules.errors import InvalidValue
from ...rules.text import without_password

if TYPE_CHECKING:
    from email.message import Message

_PORTS = {"smtps": 465, "smtp": 587}
#: How long to wait for the server at each step, and for its answer to a whole message, in seconds. If that is given up
#: too early, the server has the message, and gets it again every ten minutes.
_SECONDS, _ANSWER_SECONDS = 10, 120


@dataclass(frozen=True, slots=True)
class Mailer:
    """The mail server, and the address that messages come from.

    With ``tls`` the connection is encrypted from the start, else by STARTTLS; only a server on this machine may do
    without. ``user`` is empty if it needs no sign-in.
    """

    host: str
    port: int
    tls: bool
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def _is_local(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def send(self, messages: Sequence[Message], sent: Callable[[Message], None]) -> None:
        """Send the messages one after the other, and call ``sent`` after each; blocks for up to ten seconds a step, and
        two minutes until the server has taken a message.

        A message that is refused doesn't keep the others from being sent. Raises ``OSError`` (also for a certificate
        that isn't valid; every ``smtplib.SMTPException`` is one).
        """
        from ...wire.mail_reader import AnswerTooLong

        try:
            self._send(messages, sent)
        except AnswerTooLong:
            raise OSError("The mail server sends more than it can be expected to.") from None

    def _send(self, messages: Sequence[Message], sent: Callable[[Message], None]) -> None:
        # Most servers send no e-mail, and this takes memory.
        import smtplib

        from ...wire.smtp import connect, sign_in

        refused: smtplib.SMTPException | None = None
        # A password or a document's name never goes over a network unencrypted.
        with connect(
            self.host,
            self.port,
            tls=self.tls,
            seconds=_SECONDS,
            answer_seconds=_ANSWER_SECONDS,
            may_be_plain=self._is_local,
        ) as connection:
            if self.user:
                sign_in(connection, self.user, self.password)
            for message in messages:
                try:
                    connection.send_message(message)
                except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
                    refused = error
                else:
                    sent(message)
        if refused is not None:
            raise refused


def parse_mailer(url: str, sender: str, password: str) -> Mailer:
    """The mail server at ``url`` (``smtps://USER@HOST:PORT``, ``smtp://…`` with STARTTLS).

    Raises :class:`InvalidValue`.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme, 0)
        valid = bool(host) and port and not (parts.path.strip("/") or parts.query or parts.fragment)
    except ValueError:
        valid = False
    if not valid:
        raise InvalidValue(
            "smtp.unknown",
            f"{without_password(url)} is not a mail server; write one like smtps://user@mail.example.com.",
            "notify_smtp_url",
        )
    if parts.password is not None:
        raise InvalidValue(
            "smtp.password",
            "The mail server's address must not contain the password; give it in SENTLINKS_NOTIFY_PASSWORD.",
            "notify_smtp_url",
        )
    if not sender:
        raise InvalidValue(
            "smtp.sender",
            "A mail server needs notify_from too, the address that e-mails come from (links@example.com).",
            "notify_from",
        )
    return Mailer(
        host or "",
        port,
        parts.scheme == "smtps",
        addresses.check_address(sender),
        unquote(parts.username or ""),
        password,
    )

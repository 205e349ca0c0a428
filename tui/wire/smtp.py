"""Connecting to a mail server with SMTP: the app to submit an e-mail, the server to notify senders."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from collections.abc import Callable
from typing import Any

from ..override import override
from .mail_reader import MailReader


class Connection(smtplib.SMTP):
    """One that waits longer for the answer to a whole e-mail: some servers deliver it, or look for viruses, first.

    Answers are bounded: reading one raises :class:`AnswerTooLong`.
    """

    #: How long to wait for that answer, in seconds.
    answer_seconds = 0.0

    @override
    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            # As smtplib does it; it has none again once the connection has TLS.
            self.file = MailReader(self.sock)
        if isinstance(self.file, MailReader):
            self.file.begin()
        return super().getreply()

    def send_content(self, content: bytes, handed_over: Callable[[], object]) -> tuple[int, bytes]:
        """Send the content of an e-mail whose sender and recipients were accepted (DATA). Returns the server's answer.

        Lines of ``content`` end with CRLF, the last one too. ``handed_over`` is called right before the dot that ends
        it: only from then on may the server have the e-mail. Raises :class:`smtplib.SMTPDataError` if the server
        doesn't want the content, ``OSError`` otherwise.
        """
        code, said = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        self.send(re.sub(rb"^\.", b"..", content, flags=re.MULTILINE))
        handed_over()
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("The connection was closed.")
        seconds = self.sock.gettimeout()
        self.sock.settimeout(self.answer_seconds)
        self.send(b".\r\n")
        code, said = self.getreply()
        self.sock.settimeout(seconds)
        return code, said

    def data(self, msg: Any) -> tuple[int, bytes]:
        """What smtplib's own methods call to send a message, whose last line may be without its end."""
        return self.send_content(msg if msg.endswith(b"\r\n") else msg + b"\r\n", lambda: None)


class _TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same with TLS from the start."""


def connect(
    host: str,
    port: int,
    *,
    tls: bool,
    seconds: float,
    answer_seconds: float,
    own_name: str | None = None,
    may_be_plain: bool = False,
) -> Connection:
    """A connection with TLS from the start (``tls``) or by STARTTLS; the server's certificate is checked.

    ``own_name`` is what the client calls itself, by default this machine's name; each step takes up to ``seconds``, the
    answer to a whole e-mail up to ``answer_seconds``. A server without STARTTLS raises
    :class:`smtplib.SMTPNotSupportedError`, unless the connection ``may_be_plain``. Raises ``OSError`` otherwise, of
    which :class:`smtplib.SMTPException` is one, and :class:`AnswerTooLong`.
    """
    trusted = ssl.create_default_context()
    if tls:
        connection: Connection = _TlsConnection(host, port, own_name, timeout=seconds, context=trusted)
    else:
        connection = Connection(host, port, own_name, timeout=seconds)
    connection.answer_seconds = answer_seconds
    try:
        connection.ehlo_or_helo_if_needed()
        if not tls and (connection.has_extn("starttls") or not may_be_plain):
            connection.starttls(context=trusted)
            connection.ehlo_or_helo_if_needed()
    except BaseException:
        connection.close()
        raise
    return connection


def sign_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    """Sign in. Raises :class:`smtplib.SMTPAuthenticationError` if the server doesn't accept it."""
    methods = connection.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" not in methods and (user + password).isascii():
        connection.login(user, password)
        return
    # Not with smtplib's own method, which can't send a password beyond ASCII.
    code, said = connection.docmd("AUTH", f"PLAIN {encoded(f'{chr(0)}{user}{chr(0)}{password}')}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def encoded(text: str) -> str:
    """A response in the dialogue of AUTH."""
    return base64.b64encode(text.encode()).decode("ascii")

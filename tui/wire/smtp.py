"""Connecting to a mail server with SMTP: the app to submit an e-mail, the server to notify senders."""

from __future__ import annotations

import base64
import smtplib
import ssl


def connect(
    host: str,
    port: int,
    *,
    tls: bool,
    seconds: float,
    own_name: str | None = None,
    may_be_plain: bool = False,
) -> smtplib.SMTP:
    """A connection with TLS from the start (``tls``) or by STARTTLS; the server's certificate is checked.

    ``own_name`` is what the client calls itself, by default this machine's name; each step takes up to ``seconds``. A
    server without STARTTLS raises :class:`smtplib.SMTPNotSupportedError`, unless the connection ``may_be_plain``.
    Raises ``OSError`` otherwise, of which :class:`smtplib.SMTPException` is one.
    """
    trusted = ssl.create_default_context()
    if tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, own_name, timeout=seconds, context=trusted)
    else:
        connection = smtplib.SMTP(host, port, own_name, timeout=seconds)
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

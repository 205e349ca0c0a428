"""Submitting the e-mail with SMTP (RFC 6409). All recipients get it, or none."""

from __future__ import annotations

import base64
import smtplib
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from tui.rules.errors import Failed
from tui.wire.mail_reader import AnswerTooLong
from tui.wire.smtp import Connection, connect, encoded, sign_in

from .account import Account
from .attempt import Attempt, Delivery
from .servers import (
    ANSWER_SECONDS,
    FAREWELL_SECONDS,
    SECONDS,
    ServerReport,
    challenge_text,
    connection_failures,
    lost,
    refused,
    rejected,
    report,
    too_long,
    words,
    xoauth2,
)

#: The first digit of what may work later (RFC 5321, 4.2.1): it isn't the password.
_LATER = 4
# Other names would be looked up in the network, and would tell the server how this machine is called.
_OWN_NAME = "[127.0.0.1]"


def submit(
    account: Account,
    secret: str,
    message: bytes,
    sender: str,
    recipients: Sequence[str],
    attempt: Attempt | None = None,
) -> None:
    """Submit ``message`` (7-bit, lines end with CRLF) to ``recipients``; addresses are ``local@domain``.

    If the server refuses one recipient, no one gets it. Raises :class:`tui.rules.errors.Problem`.
    """
    attempt = attempt or Attempt(Delivery.E_MAIL)
    with _signed_in(account, secret, attempt) as connection:
        code, said = connection.mail(sender)
        if code != 250:
            raise refused(account, f"didn't accept {sender} as the sender; nothing was sent", said)
        for recipient in recipients:
            code, said = connection.rcpt(recipient)
            if code not in (250, 251):
                what = f"didn't accept the recipient {recipient}; nothing was sent to anyone"
                raise refused(account, what, said)
        what = "didn't accept the e-mail; nothing was sent"
        try:
            code, said = connection.send_content(message, attempt.hand_over)
        except smtplib.SMTPDataError as error:
            raise refused(account, what, error.smtp_error) from None
        if code != 250:
            raise refused(account, what, said)


def check(account: Account, secret: str) -> ServerReport:
    """Sign in; sends nothing. Raises :class:`tui.rules.errors.Problem`."""
    with _signed_in(account, secret, Attempt(Delivery.E_MAIL)) as connection:
        return report(account, connection.sock)


@contextmanager
def _signed_in(account: Account, secret: str, attempt: Attempt) -> Iterator[Connection]:
    with connection_failures(account), _protocol_failures(account, attempt):
        connection = _connected(account)
    try:
        with _protocol_failures(account, attempt):
            try:
                attempt.use(_socket(connection))
                if account.user:
                    _sign_in(account, connection, secret)
                yield connection
            except smtplib.SMTPException:
                # It is an OSError, too.
                raise
            except OSError as error:
                raise lost(account, attempt, error) from None
    except BaseException:
        connection.close()
        raise
    with suppress(smtplib.SMTPException, OSError, AnswerTooLong):
        _socket(connection).settimeout(FAREWELL_SECONDS)
        connection.quit()


@contextmanager
def _protocol_failures(account: Account, attempt: Attempt) -> Iterator[None]:
    try:
        yield
    except AnswerTooLong:
        raise too_long(account, attempt) from None
    except smtplib.SMTPServerDisconnected as error:
        raise lost(account, attempt, error) from None
    except smtplib.SMTPException as error:
        said = error.smtp_error if isinstance(error, smtplib.SMTPResponseException) else str(error)
        text = f"{account.host} doesn't work as expected: {words(said)} {attempt.outcome}"
        raise Failed("mail.protocol", text) from None


def _socket(connection: Connection) -> socket.socket:
    if connection.sock is None:
        raise smtplib.SMTPServerDisconnected
    return connection.sock


def _connected(account: Account) -> Connection:
    try:
        return connect(
            account.host,
            account.port,
            tls=not account.starttls,
            seconds=SECONDS,
            answer_seconds=ANSWER_SECONDS,
            own_name=_OWN_NAME,
        )
    except smtplib.SMTPNotSupportedError:
        raise Failed(
            "mail.no_starttls",
            f"{account.host} doesn't offer STARTTLS on port {account.port}. Use smtps:// in mail_smtp_url.",
        ) from None


def _sign_in(account: Account, connection: Connection, secret: str) -> None:
    if account.oauth:
        code, said = connection.docmd("AUTH", f"XOAUTH2 {encoded(xoauth2(account.user, secret))}")
        challenge = ""
        if code == 334:
            # The server says what is wrong, and waits for an empty response before it refuses the token.
            challenge = challenge_text(_decoded(said))
            code, said = connection.docmd("")
        if code != 235:
            raise rejected(account, said, challenge)
        return
    try:
        sign_in(connection, account.user, secret)
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code // 100 == _LATER:
            raise refused(account, "doesn't let you sign in now", error.smtp_error) from None
        raise rejected(account, error.smtp_error) from None


def _decoded(said: bytes) -> bytes:
    try:
        return base64.b64decode(said)
    except ValueError:
        return said

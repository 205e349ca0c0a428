"""A real SMTP server in the test's process, which keeps what it is sent."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass(slots=True)
class MailServer:
    """``received`` are the messages with their envelopes' recipients. Addresses in ``refused`` are refused."""

    port: int = 0
    received: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    #: The name and password that a client must sign in with, if there are any.
    sign_in: tuple[str, str] | None = None

    async def handle_RCPT(  # noqa: N802 - called by name
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append((list(envelope.rcpt_tos), message))
        return "250 kept"

    def authenticate(
        self, _server: object, _session: object, _envelope: object, _mechanism: str, data: object
    ) -> AuthResult:
        given = data if isinstance(data, LoginPassword) else LoginPassword(b"", b"")
        good = (given.login.decode(), given.password.decode()) == self.sign_in
        # Not handled: the server itself refuses it then.
        return AuthResult(success=good, handled=good)


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[MailServer]:
    """Runs on a free port of 127.0.0.1 during the block."""
    server = MailServer()
    options: dict[str, Any] = {"ssl_context": tls} if tls else {}
    if starttls:
        options |= {"tls_context": starttls, "require_starttls": True}
    if starttls or tls:
        options |= {"authenticator": server.authenticate, "auth_require_tls": bool(starttls)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()

"""A real SMTP server in the test's process, which keeps what it is sent."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, Session

from tests.support.mail.mail_accounts import PASSWORD, TOKEN, USER
from tests.support.servers.certificates import Authority
from tests.support.servers.looping import in_a_thread


@dataclass
class Sent:
    """An e-mail that the server accepted."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class MailServer:
    """``sent``: what was accepted. ``port`` is for STARTTLS or TLS, as it was started. ``needs_sign_in``: it takes mail
    only from those who have signed in."""

    port: int
    tls: bool
    needs_sign_in: bool
    sent: list[Sent] = field(default_factory=list)
    #: Recipients that are refused.
    refused: set[str] = field(default_factory=set)
    #: What it replies to each sign-in, instead of checking the password.
    reply_to_sign_in: str | None = None
    #: Called with each message, before the reply to it.
    on_message: Callable[[], object] = lambda: None

    def url(self, *, oauth: bool = False, user: str = USER, host: str = "localhost") -> str:
        scheme = f"smtp{'s' if self.tls else ''}{'+xoauth2' if oauth else ''}"
        return f"{scheme}://{f'{user}@' if user else ''}{host}:{self.port}"

    # The hooks of aiosmtpd, by their names there.

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 Nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.needs_sign_in and not session.authenticated:
            return "530 5.7.0 Authentication required"
        assert isinstance(envelope.original_content, bytes)
        self.sent.append(Sent(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content))
        self.on_message()
        return "250 2.0.0 queued"

    async def handle_AUTH(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, args: list[str]
    ) -> Any:
        return MISSING if self.reply_to_sign_in is None else self.reply_to_sign_in

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        given = base64.b64decode(args[1]) if len(args) > 1 else b""
        if given == f"user={USER}\1auth=Bearer {TOKEN}\1\1".encode():
            return AuthResult(success=True, auth_data=USER)
        challenge = base64.b64encode(b'{"status":"401","schemes":"bearer"}').decode()
        response = await server.challenge_auth(challenge, encode_to_b64=False)
        assert response in (b"", MISSING)
        return AuthResult(success=False, handled=False)


def mail_server(
    authority: Authority | None = None,
    *,
    tls: bool = False,
    starttls: bool = True,
    method: Literal["PLAIN", "LOGIN"] = "PLAIN",
    password: str = PASSWORD,
) -> AbstractContextManager[MailServer]:
    """A server that takes mail from :data:`USER`. Without ``authority`` it has no encryption, and takes mail from
    anyone; without ``tls`` and ``starttls``, it has no encryption either. ``method`` is how one signs in with a
    password."""
    context = None
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.server)
    starttls = starttls and not tls and context is not None
    found = MailServer(0, tls, context is not None)

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        good = (data.login, data.password) == (USER.encode(), password.encode())
        return AuthResult(success=good, handled=False)

    @asynccontextmanager
    async def serve() -> AsyncIterator[MailServer]:
        loop = asyncio.get_running_loop()

        def made() -> SMTP:
            return SMTP(
                found,
                hostname="localhost",
                loop=loop,
                authenticator=authenticate,
                auth_require_tls=not tls,
                auth_exclude_mechanism=["LOGIN" if method == "PLAIN" else "PLAIN"],
                require_starttls=starttls,
                tls_context=context if starttls else None,
            )

        server = await loop.create_server(made, "127.0.0.1", 0, ssl=context if tls else None)
        found.port = server.sockets[0].getsockname()[1]
        yield found
        server.close()

    return in_a_thread(serve())

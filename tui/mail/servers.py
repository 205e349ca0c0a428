"""What IMAP and SMTP have in common: TLS, what a server reports, and failures in its own words."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tui.rules.errors import Failed, NotSignedIn, Problem, Unreachable
from tui.rules.text import printable

from .account import Account
from .attempt import Attempt

#: How long to wait for a server at each step, and at the end, when everything is done; in seconds.
SECONDS, FAREWELL_SECONDS = 20.0, 2.0
#: The same for the answer to a whole message (RFC 5321, 4.5.3.2.6): giving up leaves open whether the server has it.
ANSWER_SECONDS = 600.0
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What is known of a server after signing in. ``certificate``: whom it names; ``ends_at``: until when.

    ``folders``: those that were looked for, as users see them.
    """

    certificate: str
    ends_at: datetime | None
    folders: tuple[str, ...] = ()


def tls_context() -> ssl.SSLContext:
    """The context of every connection: certificates and host names are checked against the system's authorities."""
    return ssl.create_default_context()


def report(account: Account, connection: Any, folders: tuple[str, ...] = ()) -> ServerReport:
    """What ``connection``, a TLS socket, knows of the server's certificate."""
    facts: Any = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    if not facts:
        return ServerReport(account.host, None, folders)
    names = [value for kind, value in facts.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
    ends = facts.get("notAfter")
    ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None
    return ServerReport(printable(", ".join(names[:3]) or account.host), ends_at, folders)


def words(said: bytes | str) -> str:
    """What a server said, as it may be shown; a sentence ends with a full stop."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = " ".join(printable(line).strip() for line in text.splitlines()).strip()[:_MOST_WORDS]
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."


def rejected(account: Account, said: bytes | str, challenge: str = "") -> NotSignedIn:
    """The server didn't accept what the user signed in with. ``challenge``: what it said about a token (XOAUTH2)."""
    heard = " ".join(filter(None, (words(said), words(challenge))))
    message = (
        f"{account.shown}: the server didn't accept the {account.secret_name}. It said: {heard or 'nothing.'}"
    )
    return NotSignedIn("mail.rejected", message)


def refused(account: Account, what: str, said: bytes | str) -> Failed:
    """The server refused something else; ``what`` says what."""
    return Failed("mail.refused", f"{account.host} {what}. It said: {words(said) or 'nothing.'}")


def xoauth2(user: str, token: str) -> str:
    """The first response of XOAUTH2."""
    return f"user={user}\1auth=Bearer {token}\1\1"


def challenge_text(challenge: bytes) -> str:
    """What a server says about a token: JSON, of which the values are for people."""
    text = challenge.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return ", ".join(f"{key} {value}" for key, value in found.items()) if isinstance(found, dict) else text


def lost(account: Account, attempt: Attempt, error: BaseException, said: str = "") -> Unreachable:
    """The server closed the connection before it was done, with what it ``said``, or doesn't respond any more."""
    silent = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    what = "doesn't respond any more" if silent else "closed the connection"
    heard = f" It said: {words(said)}" if said else ""
    return Unreachable("mail.lost", f"{account.host} {what}.{heard} {attempt.outcome}")


def waiting_text(account: Account, attempt: Attempt) -> str:
    """What to say while the server has the message and hasn't answered; empty in the first second, and before."""
    seconds = int(attempt.waiting)
    return f"Waiting for the answer of {account.host}: {seconds} s" if seconds else ""


def too_long(account: Account, attempt: Attempt) -> Failed:
    """The server sends more than any does that works: a line, a greeting or a list without an end."""
    return Failed(
        "mail.protocol",
        f"{account.host} sends more than a mail server can be expected to; check the address. {attempt.outcome}",
    )


@contextmanager
def connection_failures(account: Account) -> Iterator[None]:
    """Turn failures to connect into a :class:`Problem` that says what to do."""
    where = printable(f"{account.host}:{account.port}")
    try:
        yield
    except Problem:
        raise
    except ssl.SSLCertVerificationError as error:
        why = printable(error.verify_message or str(error)).rstrip(".")
        raise Failed(
            "mail.certificate",
            f"The certificate of {where} is not valid: {why}. Nothing was sent to it. Ask its administrator.",
        ) from None
    except ssl.SSLError as error:
        other = f"{account.protocol}s://" if account.starttls else f"{account.protocol}://"
        why = printable(error.reason or str(error)).lower().replace("_", " ")
        raise Failed(
            "mail.tls",
            f"{where} can't be reached with TLS ({why}). Check the port, or use {other} in the setting.",
        ) from None
    except TimeoutError:
        raise Unreachable(
            "mail.silent", f"{where} doesn't respond. Check the address and your network."
        ) from None
    except OSError as error:
        why = printable(error.strerror or str(error)).rstrip(".")
        raise Unreachable(
            "mail.unreachable", f"{where} can't be reached: {why}. Check the address."
        ) from None

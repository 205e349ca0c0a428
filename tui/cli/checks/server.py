"""The server: whether it can be reached, who you are there, its certificate and its clock; and the Work server."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ... import config
from ...rules.at_rest import WORDS, AtRest, at_rest_of
from ...rules.check_results import Check, bad, ok, warn
from ...rules.errors import Problem
from ...rules.text import printable

if TYPE_CHECKING:
    from ...clients.target import Target
    from ...wire.share import Me

_CLOCKS_APART = timedelta(seconds=60)
_SOON = timedelta(days=14)
_SECONDS = 10.0


def _remedy(problem: Problem) -> str:
    """What helps if a server can't be chosen; its message may say that itself."""
    return "Correct the address." if problem.code == "server.address" else ""


async def checks(settings: config.Config, server: str | None) -> AsyncIterator[Check]:
    """Rows as they are found, as each may take until a timeout; no more after one that makes the rest pointless."""
    try:
        target = _target(settings, server)
    except Problem as problem:
        yield bad("server", problem.message, _remedy(problem))
        return
    if target is None:
        yield ok(
            "server", "No server is configured, and the local one isn't running; it starts when it's needed."
        )
    else:
        yield await _certificate(target)
        async for found in _responds(settings, target):
            yield found
    async for found in _work(settings, server):
        yield found


def _target(settings: config.Config, server: str | None) -> Target | None:
    """The server to use; ``None`` if that is the local one and it isn't running. Starts nothing."""
    from pathlib import Path

    from ...clients.target import Target
    from ...local_server import local_server

    if settings.server(server) is not None:
        return local_server.chosen(settings, server)
    running = local_server.look(settings.data)
    if running is None:
        return None
    token = settings.choose(server).token
    return Target(
        running.url, token.value if token else local_server.own_token(settings.data), Path(running.socket)
    )


async def _responds(settings: config.Config, target: Target) -> AsyncIterator[Check]:
    from ...clients.connection import open_http
    from ...clients.share import ShareClient

    started, asked_at = time.perf_counter(), datetime.now(UTC)
    try:
        async with open_http(target) as http:
            me = await asyncio.wait_for(ShareClient(http).me(), _SECONDS)
    except TimeoutError:
        yield bad(
            "server",
            f"{printable(target.url)} does not respond.",
            "Check that it's running, and your network.",
        )
        return
    except Problem as problem:
        if problem.exit_status == 4:
            remedy = "Sign in with sentlinks login NAME."
        else:
            remedy = "If it is another server that you mean, change the setting server, or use --server URL."
        yield bad("server", problem.message, remedy)
        return
    took = round((time.perf_counter() - started) * 1000)
    role = "an administrator" if me.admin else "a user"
    yield ok(
        "server",
        f"{printable(target.url)} responds in {took} ms and runs {printable(me.version)}. You are "
        f"{printable(me.user)}, {role}. Links begin with {printable(me.public_url)}.",
    )
    for found in await _health(target):
        yield found
    yield _clock(me, asked_at, datetime.now(UTC))
    yield await _public_address(me.public_url)
    yield _unfinished(settings, target, me.user)


async def _health(target: Target) -> list[Check]:
    """What the server says is wrong with it, whether or not it still answers, and how documents lie there."""
    from ...clients.connection import open_http
    from ...clients.readiness import readiness_of

    try:
        async with open_http(target) as http:
            found = await readiness_of(http)
    except Problem as problem:
        return [warn("server health", f"The server doesn't say whether it is well: {problem.message}")]
    told = " ".join(printable(each.detail) for each in found.troubles)
    if found.status != "ok":
        return [bad("server health", told or "The server is not ready.", "Tell its administrator.")]
    health = ok("server health", "The server finds nothing damaged or full.")
    if told:
        health = warn("server health", told, "Tell its administrator.")
    return [health, _encryption(at_rest_of(found.at_rest))]


def _encryption(now: AtRest) -> Check:
    begin = " To begin to encrypt documents, on its machine: sentlinks admin seal --begin"
    remedy = "Encrypt the server's disk, and its backups."
    return ok("encryption", WORDS[now], remedy + (begin if now is AtRest.PLAIN else ""))


def _unfinished(settings: config.Config, target: Target, user: str) -> Check:
    from ...sending.journal.journal import server_of
    from ...sending.journal.unfinished import unfinished_sends

    found = [
        each
        for each in unfinished_sends(settings.places.state, server_of(target), user, datetime.now(UTC))
        if not each.running
    ]
    if not found:
        return ok("unfinished sends", "No send was interrupted.")
    count = "A send was" if len(found) == 1 else f"{len(found)} sends were"
    return warn(
        "unfinished sends",
        f"{count} interrupted, or its links were not shown.",
        "sentlinks sends lists them; sentlinks send --resume ID resumes one.",
    )


def _clock(me: Me, asked_at: datetime, answered_at: datetime) -> Check:
    difference = max(asked_at - me.now, me.now - answered_at, timedelta(0))
    if difference <= _CLOCKS_APART:
        return ok("clock", "This machine's clock and the server's agree.")
    return warn(
        "clock",
        f"This machine's clock and the server's are {difference.total_seconds():.0f} s apart; times shown are wrong.",
        "Set this machine's clock from the network: timedatectl set-ntp true",
    )


async def _public_address(url: str) -> Check:
    """Whether a proxy there takes whole downloads at once."""
    from ...clients.trickle import is_held_back

    shown = printable(url)
    try:
        held_back = await is_held_back(url)
    except Problem as problem:
        return warn("public address", f"{shown}, with which links begin, was not checked: {problem.message}")
    if not held_back:
        return ok("public address", f"What the server sends from {shown} comes at once.")
    return warn(
        "public address",
        f"A proxy at {shown} holds back what the server sends. It takes whole downloads at once, so that nobody knows "
        "whether they arrive.",
        "Turn its buffering off. For nginx: proxy_buffering off, without proxy_ignore_headers X-Accel-Buffering.",
    )


async def _certificate(target: Target) -> Check:
    parts = urlsplit(target.url)
    if parts.scheme != "https" or target.socket is not None:
        plain = "over a socket on this machine" if target.socket else "without TLS"
        return ok("certificate", f"The server is reached {plain}.")
    try:
        expires_at = await asyncio.wait_for(
            asyncio.to_thread(_expiry, parts.hostname or "", parts.port or 443), _SECONDS
        )
    except ssl.SSLCertVerificationError as error:
        return bad(
            "certificate",
            f"The certificate is not trusted: {error.verify_message}.",
            "Fix it on the server.",
        )
    except Problem as problem:
        return bad("certificate", problem.message)
    except (OSError, TimeoutError, ValueError):
        return warn("certificate", "The certificate could not be checked.")
    left = expires_at - datetime.now(UTC)
    message = f"The certificate is trusted, and expires in {left.days} days."
    return (
        warn("certificate", message, "Renew it on the server.")
        if left < _SOON
        else ok("certificate", message)
    )


def _expiry(host: str, port: int) -> datetime:
    from ...clients.tls import trusting_context

    context = trusting_context()
    with (
        socket.create_connection((host, port), timeout=_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        certificate = tls.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


async def _work(settings: config.Config, server: str | None) -> AsyncIterator[Check]:
    from ...config import work_server

    try:
        choice = work_server.choose(settings, server)
    except Problem as problem:
        yield bad("work server", problem.message, _remedy(problem))
        return
    if choice is None:
        yield ok("work server", "Work documents come from the server itself.")
        return
    shown, sign_in = printable(choice.address), choice.sign_in
    if sign_in is None:
        yield warn("work server", f"You are not signed in to {shown}.", "Run: sentlinks login --work")
    elif sign_in.expires_at is None:
        yield ok("work server", f"You are signed in to {shown}; when the sign-in ends is unknown.")
    else:
        left = datetime.fromtimestamp(sign_in.expires_at, UTC) - datetime.now(UTC)
        renewed = " It is refreshed automatically." if sign_in.refresh_token else ""
        if left < timedelta(0) and not sign_in.refresh_token:
            yield warn("work server", f"The sign-in to {shown} has ended.", "Run: sentlinks login --work")
        else:
            hours = max(0.0, left.total_seconds() / 3600)
            yield ok("work server", f"The token for {shown} is valid for another {hours:.1f} h.{renewed}")

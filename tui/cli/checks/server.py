"""The server: whether it can be reached, who you are there, its certificate and its clock; and that of Work."""

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
from ...rules.errors import Problem
from ...rules.text import printable
from .check import Check, bad, ok, warn

if TYPE_CHECKING:
    from ...clients.target import Target
    from ...wire.share import Me

_CLOCKS_APART = timedelta(seconds=60)
_SOON = timedelta(days=14)
_SECONDS = 10.0


async def checks(settings: config.Config, server: str | None) -> AsyncIterator[Check]:
    try:
        target = _target(settings, server)
    except Problem as problem:
        yield bad("server", problem.message, "Correct the address.")
        return
    if target is None:
        yield ok(
            "server", "No server is configured, and your own is not running; it is started when it is needed."
        )
    else:
        yield await _certificate(target)
        async for found in _answers(settings, target):
            yield found
    async for found in _work(settings, server):
        yield found


def _target(settings: config.Config, server: str | None) -> Target | None:
    """How the server in force is reached; ``None`` where that is the local one, and does not run. Starts nothing."""
    from pathlib import Path

    from ... import local
    from ...clients.target import Target

    if settings.server(server) is not None:
        return local.chosen(settings, server)
    running = local.look(settings.data)
    if running is None:
        return None
    token = settings.choose(server).token
    return Target(running.url, token.value if token else local.own_token(settings.data), Path(running.socket))


async def _answers(settings: config.Config, target: Target) -> AsyncIterator[Check]:
    from ...clients.connection import open_http
    from ...clients.share import ShareClient

    begun, asked = time.perf_counter(), datetime.now(UTC)
    try:
        async with open_http(target) as http:
            me = await asyncio.wait_for(ShareClient(http).me(), _SECONDS)
    except TimeoutError:
        yield bad(
            "server", f"{printable(target.url)} does not answer.", "Check that it runs, and your network."
        )
        return
    except Problem as problem:
        remedy = "Sign in with sentlinks login NAME." if problem.exit_status == 4 else "Check that it runs."
        yield bad("server", problem.message, remedy)
        return
    took = round((time.perf_counter() - begun) * 1000)
    role = "an administrator" if me.admin else "a user"
    yield ok(
        "server",
        f"{printable(target.url)} answers in {took} ms; it runs {printable(me.version)}, you are "
        f"{printable(me.user)}, {role}, and links begin with {printable(me.public_url)}.",
    )
    yield _clock(me, asked, datetime.now(UTC))
    yield _unfinished(settings, target, me.user)


def _unfinished(settings: config.Config, target: Target, user: str) -> Check:
    from ...sending.journal import left, server_of

    found = [
        each
        for each in left(settings.places.state, server_of(target), user, datetime.now(UTC))
        if not each.running
    ]
    if not found:
        return ok("unfinished sends", "No send was interrupted.")
    count = "A send was" if len(found) == 1 else f"{len(found)} sends were"
    return warn(
        "unfinished sends",
        f"{count} interrupted, or its links were not shown.",
        "sentlinks sends lists them; sentlinks send --resume ID goes on.",
    )


def _clock(me: Me, asked: datetime, answered: datetime) -> Check:
    apart = max(asked - me.now, me.now - answered, timedelta(0))
    if apart <= _CLOCKS_APART:
        return ok("clock", "This machine's clock and the server's agree.")
    return warn(
        "clock",
        f"This machine's clock and the server's are {apart.total_seconds():.0f} s apart; moments are shown wrongly.",
        "Set this machine's clock by the network: timedatectl set-ntp true",
    )


async def _certificate(target: Target) -> Check:
    parts = urlsplit(target.url)
    if parts.scheme != "https" or target.socket is not None:
        plain = "over a socket of this machine" if target.socket else "without TLS"
        return ok("certificate", f"The server is reached {plain}.")
    try:
        ends = await asyncio.wait_for(
            asyncio.to_thread(_ends, parts.hostname or "", parts.port or 443), _SECONDS
        )
    except ssl.SSLCertVerificationError as error:
        return bad(
            "certificate",
            f"The certificate is not trusted: {error.verify_message}.",
            "Mend it on the server.",
        )
    except (OSError, TimeoutError, ValueError):
        return warn("certificate", "The certificate could not be looked at.")
    left = ends - datetime.now(UTC)
    told = f"The certificate is trusted, and ends in {left.days} days."
    return warn("certificate", told, "Renew it on the server.") if left < _SOON else ok("certificate", told)


def _ends(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        facts = line.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(facts["notAfter"])), UTC)


async def _work(settings: config.Config, server: str | None) -> AsyncIterator[Check]:
    from ...config import work_server

    try:
        choice = work_server.choose(settings, server)
    except Problem as problem:
        yield bad("work server", problem.message, "Correct the address.")
        return
    if choice is None:
        yield ok("work server", "Documents of Work come from the server itself.")
        return
    shown, sign_in = printable(choice.address), choice.sign_in
    if sign_in is None:
        yield warn("work server", f"You are not signed in to {shown}.", "Run: sentlinks login NAME --work")
    elif sign_in.expires_at is None:
        yield ok("work server", f"You are signed in to {shown}; when that ends is not known.")
    else:
        left = datetime.fromtimestamp(sign_in.expires_at, UTC) - datetime.now(UTC)
        renewed = " It is renewed by itself." if sign_in.refresh_token else ""
        if left < timedelta(0) and not sign_in.refresh_token:
            yield warn(
                "work server", f"The sign-in to {shown} has ended.", "Run: sentlinks login NAME --work"
            )
        else:
            hours = max(0.0, left.total_seconds() / 3600)
            yield ok("work server", f"The token for {shown} is good for {hours:.1f} h more.{renewed}")

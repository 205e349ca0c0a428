"""The server process: ``run(settings)`` serves until SIGTERM, SIGINT or SIGHUP."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import getpass
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy.exc import DBAPIError
from uvicorn.config import Config
from uvicorn.server import Server

from ..rules.errors import Failed
from ..rules.text import printable
from .accounts.users import first_person
from .app import create_app
from .audit import find_behind
from .base import memory
from .base.clock import Clock, system_clock
from .base.settings import Settings
from .base.sharing import sharing
from .context import Context
from .database.damage import AGAIN_SECONDS, START_SECONDS, FileCheck, is_damage
from .database.engine import damaged
from .database.file_identity import DatabaseReplaced
from .http.front_door import FrontDoor, raise_limit
from .http.http_protocol import Guarded
from .installation import jobs, processes
from .installation.installation import open_context
from .installation.preparing import prepare
from .pages import given_bytes

Seed = Callable[[Context], Awaitable[None]]
log = logging.getLogger("sentlinks")

#: How long a thread computes before the event loop gets its turn. By default it is ten times as long, and each request
#: would wait that long several times while searches test their rows.
_SWITCH_SECONDS = 0.0005
_IDLE_SECONDS = 75
#: Seconds between two looks at whether the database is in its place.
_LOOK_SECONDS = 1.0


class _Server(Server):
    """Calls ``ready`` when it accepts requests, and ``ending``, which disconnects event listeners, at shutdown."""

    def __init__(self, config: Config, ready: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Shut down cleanly, with status 0, on all three signals. (uvicorn's own version raises the signal again.)"""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # What is allocated now lives as long as the process; collecting it again and again would delay requests.
            gc.freeze()
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)


class _Printable(logging.Formatter):
    """Keeps each record on one line and free of terminal control characters."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return printable(super().formatMessage(record))


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Printable("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Paths contain secrets, so uvicorn must not log them.
    logging.getLogger("uvicorn.access").disabled = True


def bind(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises :class:`Failed` if it can't be opened."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # asyncio disables Nagle's algorithm only if the protocol is given explicitly.
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise Failed("host.unknown", f"Can't listen on {printable(host)}: {why}.") from error
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise Failed(
            "port.unusable",
            f"Can't use port {port} of {printable(host)} ({os.strerror(error.errno or 0)}). "
            "Stop the program that uses it, or choose another with --port.",
        ) from error
    sock.setblocking(False)
    return sock


@contextlib.contextmanager
def _unix(path: Path) -> Iterator[socket.socket]:
    """A listening Unix socket, which is removed at the end unless another server has put its own there by then."""
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    previous = os.umask(0o177)
    try:
        sock.bind(str(path))
        ours = path.stat().st_ino
    except OSError as error:
        sock.close()
        raise Failed("socket.unusable", f"Can't create {path}: {error.strerror or error}.") from error
    finally:
        os.umask(previous)
    sock.listen(2048)
    sock.setblocking(False)
    try:
        yield sock
    finally:
        with contextlib.suppress(OSError):
            if path.stat().st_ino == ours:
                path.unlink()


def announce(address: str) -> None:
    """Print the line which says that the server accepts requests; it serves even if nobody can get that line."""
    with contextlib.suppress(OSError):
        # Not buffered: what can't be written now would fail again at the end.
        os.write(sys.stdout.fileno(), f"sentlinks: serving on {address}\n".encode())


async def _serve(
    settings: Settings, sock: socket.socket, clock: Clock, seed: Seed | None, ready: Callable[[str], None]
) -> None:
    context = await open_context(settings, clock)
    try:
        check = context.database.check()
        if check is not None:
            await asyncio.to_thread(check.wait, START_SECONDS)
        with sharing(settings.data) as alone:
            # With PostgreSQL, processes on other machines may give out bytes, too.
            if alone and context.database.sqlite:
                try:
                    await given_bytes.release_left_over(context)
                except Failed as error:
                    log.warning("downloads that were cut off may have to wait: %s", error.message)
            await processes.join(context, alone=alone and context.database.sqlite)
            try:
                await _serve_context(context, sock, seed, ready, check)
            finally:
                await processes.leave(context)
    except DBAPIError as error:
        if error.orig is None or not is_damage(error.orig):
            raise
        raise damaged(settings.data, error) from error
    finally:
        await context.close()


async def _serve_context(
    context: Context,
    sock: socket.socket,
    seed: Seed | None,
    ready: Callable[[str], None],
    check: FileCheck | None,
) -> None:
    settings = context.settings
    await first_person(context, settings.user or getpass.getuser())
    if seed is not None:
        await seed(context)
    port = sock.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}"
    context.public_url = (settings.public_url or address).rstrip("/")
    missing = await find_behind(context)
    if missing is not None:
        log.error("%s", missing.sentence)
    app = create_app(context)
    door = FrontDoor(settings.budgets, settings.proxies, raise_limit())
    config = Config(
        app,
        # uvicorn calls this like a protocol class.
        http=cast(Any, partial(Guarded, door)),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        lifespan="off",
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config, lambda: ready(address), app.state.events.close)
    with _unix(settings.socket) if settings.socket else contextlib.nullcontext() as unix:
        sockets = [each for each in (sock, unix) if each is not None]
        watching = _watching(door.watch(), _end_if_replaced(context, server), _check_each_day(context, check))
        async with jobs.running(context), watching:
            await server.serve(sockets)
            # Before the audit is sealed.
            await context.openings.recorded()
    context.database.check_in_place()


@contextlib.asynccontextmanager
async def _watching(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def _check_each_day(context: Context, check: FileCheck | None) -> None:
    """Check the database for damage, again and again; ``check`` is the one that the start has begun."""
    while check is not None:
        try:
            await asyncio.sleep(AGAIN_SECONDS)
        finally:
            check.stop()
        check = context.database.check()


async def _end_if_replaced(context: Context, server: Server) -> None:
    """End the server when its database isn't in its place any more."""
    while not server.should_exit:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            context.database.check_in_place()
        except DatabaseReplaced as error:
            log.error("%s", error.message)
            server.should_exit = True


def run(
    settings: Settings,
    clock: Clock = system_clock,
    seed: Seed | None = None,
    ready: Callable[[str], None] = announce,
) -> None:
    """Serve until one of the signals arrives; calls ``ready`` with its address when requests are accepted.

    Raises :class:`Failed` for a port, data folder, key or database that can't be used.
    """
    _log_to_stderr()
    memory.tune()
    sys.setswitchinterval(_SWITCH_SECONDS)
    os.umask(0o077)
    with bind(settings.host, settings.port) as sock:
        prepare(settings, clock)
        _loop()(_serve(settings, sock, clock, seed, ready))


def _loop() -> Callable[[Coroutine[Any, Any, None]], None]:
    """What runs a coroutine: uvloop if it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run

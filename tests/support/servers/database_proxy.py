"""The way from a server to its database or store, which can be closed, as if that were being restarted, or slow."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from anyio.from_thread import BlockingPortal, start_blocking_portal

#: Of the event loop: to take up a connection, to tell its protocol, and to begin its task.
_TURNS_TO_BEGIN = 5


class Gate:
    """Listens on a port of its own, and passes on what comes; ``url`` is the database's address behind it."""

    def __init__(self, target: str, portal: BlockingPortal) -> None:
        parts = urlsplit(target)
        self._target = parts.hostname or "", parts.port or 0
        self._portal = portal
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        #: Part of a statement; the response to the commit of the next transaction with it is lost.
        self.marked = b""
        #: Part of a statement; the connection that it comes on next ends.
        self.unheard = b""
        #: Seconds that each answer is late.
        self.lateness = 0.0
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self._port = int(taken.getsockname()[1])
        user = f"{parts.username}@" if parts.username else ""
        self.url = parts._replace(netloc=f"{user}127.0.0.1:{self._port}").geturl()

    def open(self) -> None:
        """Connections are accepted, also after they were not."""
        self._portal.call(self._open)

    def turn_to(self, target: str) -> None:
        """New connections lead to this database."""
        parts = urlsplit(target)
        self._target = parts.hostname or "", parts.port or 0

    def close(self) -> None:
        """All connections end, and new ones are refused."""
        self._portal.call(self._close)

    def lose_commit(self, statement: str) -> None:
        """The next transaction that has a statement with this text is committed, but the connection ends before the
        response to that. The text must be new to the connection: only then it is sent."""
        self.marked = statement.encode()

    def lose(self, statement: str) -> None:
        """The connection ends on which a statement with this text, which must be new to it, comes next."""
        self.unheard = statement.encode()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def _close(self) -> None:
        if self._server is not None:
            # What was accepted just now is taken up first: by a server that has closed it would be dropped unclosed.
            for each in self._server.sockets:
                asyncio.get_running_loop().remove_reader(each.fileno())
            for _ in range(_TURNS_TO_BEGIN):
                await asyncio.sleep(0)
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._pass(reader, writer)
        finally:
            # Also if nobody answers at the target.
            writer.transport.abort()
            self._tasks.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, to_them = await asyncio.open_connection(*self._target)
        connection = _Connection(self)
        ways = [
            asyncio.ensure_future(connection.pass_on(reader, to_them)),
            asyncio.ensure_future(connection.pass_back(theirs, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            to_them.transport.abort()


@contextlib.contextmanager
def gate_to(target: str) -> Iterator[Gate]:
    """A gate to the database at that address, open at first."""
    with start_blocking_portal() as portal:
        gate = Gate(target, portal)
        gate.open()
        try:
            yield gate
        finally:
            gate.close()


class _Connection:
    """One connection through the gate."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._has_marked = self._is_committing = self._is_asked = False

    async def pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                if self._gate.marked and self._gate.marked in piece:
                    self._has_marked, self._gate.marked = True, b""
                if self._gate.unheard and self._gate.unheard in piece:
                    self._gate.unheard = b""
                    return
                self._is_asked = True
                self._is_committing = self._has_marked and b"COMMIT" in piece
                target.write(piece)
                await target.drain()

    async def pass_back(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while (piece := await source.read(65536)) and not self._is_committing:
                if self._is_asked:
                    self._is_asked = False
                    await asyncio.sleep(self._gate.lateness)
                target.write(piece)
                await target.drain()

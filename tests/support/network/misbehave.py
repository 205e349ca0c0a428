"""A network and a server that misbehave on demand: a real HTTP proxy in front of a real server.

    with Misbehaving(server.url) as proxy:
        proxy.spoil("PATCH", Cut(after=1000))      # the next PATCH: reset after 1000 bytes of its body
        ...
        proxy.received("PATCH")                    # bytes of each request body that reached the server

Everything that is not spoiled is passed on unchanged, one request per connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.network.spoiling import (
    TOGETHER_SECONDS,
    Action,
    Call,
    Cut,
    CutAnswer,
    Flip,
    Hang,
    Hold,
    HoldAnswer,
    LoseAnswer,
    Say,
    Slow,
    Together,
)

_PIECE = 64 * 1024

#: For ``times``: every such request from now on.
ALWAYS = 1_000_000_000


@dataclass
class Seen:
    """A request that arrived. ``body`` is how many bytes of its body the server was given; with ``held``, its answer
    has arrived and is held back."""

    method: str
    path: str
    headers: dict[str, str]
    body: int = 0
    held: bool = False


@dataclass
class _Rule:
    method: str
    path: str
    action: Action
    times: int
    skip: int


@dataclass
class _Request:
    method: str
    path: str
    head: list[str]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", "0"))


class Misbehaving:
    """Listens on a port of its own; ``url`` is its address."""

    def __init__(self, target: str, prefix: str = "") -> None:
        """With a ``prefix`` (``/links``), only addresses that begin with it lead to the server, which gets them without
        it, and under its own name."""
        self._target = urlsplit(target)
        self._prefix = prefix
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening: socket.socket | None = None
        self._rules: list[_Rule] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = 0
        self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._prefix}"

    # ---------------------------------------------------------------- for tests to call

    def spoil(self, method: str, action: Action, path: str = "", times: int = 1, skip: int = 0) -> None:
        """Applies ``action`` to the next ``times`` requests with that method whose path contains ``path``, after
        skipping ``skip`` of them.

        What is done to the body of a PATCH is not done to an empty one.
        """
        self._rules.append(_Rule(method, path, action, times, skip))

    @contextlib.contextmanager
    def holding(
        self, method: str, path: str, *, answer: bool = False, times: int = 1
    ) -> Iterator[threading.Event]:
        """The next such request, or as many as ``times`` (or the answers to them), waits until the event is set, or at
        the latest until the block ends."""
        go_on = threading.Event()
        self.spoil(method, Hold(go_on, answer), path=path, times=times)
        try:
            yield go_on
        finally:
            go_on.set()

    def take_one_by_one(self) -> None:
        """Behaves like a server of an earlier version, which takes each document on its own."""
        self.spoil("POST", Say(404, b'{"detail": "Not Found"}'), "/batch", times=ALWAYS)

    def behave(self) -> None:
        self._rules.clear()

    def received(self, method: str) -> list[int]:
        return [seen.body for seen in self.seen if seen.method == method]

    def count(self, method: str, path: str = "") -> int:
        return sum(seen.method == method and path in seen.path for seen in self.seen)

    def refuse(self) -> None:
        """Refuses new connections from now on. Must be called in the proxy's own thread, as with :class:`Call`.

        asyncio's own server would drop, without closing them, the connections that it has just accepted.
        """
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def down(self) -> None:
        """The server goes away: connections are reset, new ones refused."""
        self._do(self._stop())

    def up(self) -> None:
        """The server is back, on the same port."""
        self._do(self._start())

    # ---------------------------------------------------------------- running

    def __enter__(self) -> Self:
        self._thread.start()
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _start(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self.port))
        await asyncio.start_server(self._serve, sock=self._listening)
        self.port = self._listening.getsockname()[1]

    async def _stop(self) -> None:
        self.refuse()
        # Including connections that were just accepted and aren't in our sets yet.
        while len(asyncio.all_tasks()) > 1:
            for writer in list(self._open):
                _reset(writer)
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            await self._exchange(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            _reset(writer)
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _request(reader)
        if self._prefix and not self._remove_prefix(request):
            await _discard(reader, request.length)
            writer.write(Say(404, b"Not behind this proxy").written())
            await writer.drain()
            return
        seen = Seen(request.method, request.path, request.headers)
        self.seen.append(seen)
        action = self._action(request)
        if isinstance(action, Call):
            action.what()
        elif isinstance(action, Hang):
            await asyncio.sleep(3600)
        elif isinstance(action, Hold) and not action.answer:
            await action.wait()
        elif isinstance(action, Together):
            try:
                async with asyncio.timeout(TOGETHER_SECONDS):
                    await action.barrier.wait()
            except (TimeoutError, asyncio.BrokenBarrierError):
                action = Say(500)
        if isinstance(action, Say):
            await _discard(reader, request.length)
            writer.write(action.written())
            await writer.drain()
            return
        await self._pass_on(request, seen, action, reader, writer)

    def _remove_prefix(self, request: _Request) -> bool:
        if not request.path.startswith(f"{self._prefix}/"):
            return False
        path = request.path.removeprefix(self._prefix)
        request.head[0] = request.head[0].replace(f" {request.path} ", f" {path} ")
        lines = [line for line in request.head if not line.lower().startswith("host:")]
        request.head[:] = [*lines, f"Host: {self._target.netloc}", "X-Forwarded-For: 203.0.113.7"]
        request.path = path
        return True

    def _action(self, request: _Request) -> Action | None:
        for rule in self._rules:
            if request.method == "PATCH" and isinstance(rule.action, (Cut, Flip)) and not request.length:
                continue
            if rule.method == request.method and rule.path in request.path and rule.times:
                if rule.skip:
                    rule.skip -= 1
                    continue
                rule.times -= 1
                return rule.action
        return None

    async def _pass_on(
        self,
        request: _Request,
        seen: Seen,
        action: Action | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        upstream_reader, upstream = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._open.add(upstream)
        try:
            upstream.write("\r\n".join([*request.head, "Connection: close", "", ""]).encode("latin-1"))
            forward = request.length if not isinstance(action, Cut) else min(action.after, request.length)
            while seen.body < forward:
                piece = await reader.read(min(_PIECE, forward - seen.body))
                if not piece:
                    raise ConnectionResetError
                if isinstance(action, Flip):
                    piece = action.damaged(piece, seen.body)
                upstream.write(piece)
                await upstream.drain()
                seen.body += len(piece)
                if isinstance(action, Slow):
                    await asyncio.sleep(len(piece) / action.rate)
            if isinstance(action, Cut):
                if action.arrive:
                    upstream.write_eof()
                    await upstream_reader.read()
                raise ConnectionResetError
            if isinstance(action, (LoseAnswer, HoldAnswer)):
                await upstream_reader.read()
                if isinstance(action, HoldAnswer):
                    seen.held = True
                    await asyncio.sleep(3600)
                raise ConnectionResetError
            if isinstance(action, Hold) and action.answer:
                answer = await upstream_reader.read()
                seen.held = True
                await action.wait()
                writer.write(answer)
            await _copy(upstream_reader, writer, action.after if isinstance(action, CutAnswer) else None)
        finally:
            self._open.discard(upstream)
            _reset(upstream)


async def _request(reader: asyncio.StreamReader) -> _Request:
    raw = await reader.readuntil(b"\r\n\r\n")
    lines = raw.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    kept = [line for line in lines[:-2] if not line.lower().startswith("connection:")]
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:-2])}
    return _Request(method, path, kept, headers)


async def _discard(reader: asyncio.StreamReader, length: int) -> None:
    while length > 0:
        piece = await reader.read(min(_PIECE, length))
        if not piece:
            return
        length -= len(piece)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None) -> None:
    while piece := await reader.read(_PIECE if most is None else min(_PIECE, most)):
        writer.write(piece)
        await writer.drain()
        if most is not None:
            most -= len(piece)
            if not most:
                raise ConnectionResetError


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends the connection as a failing network does: with a reset, at once."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(RuntimeError):
        writer.transport.abort()

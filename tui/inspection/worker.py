"""A worker: one process for one job. This end never reads a document, only what the worker says of it.

The process is killed when its job is over, whatever it does: a worker that was taken over by a hostile document has a
few seconds without files, network or other processes, and all that it can do is answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: What a worker may say altogether, and how much of a document it may have fetched.
_MOST_SAID = 256 * 1024
_MOST_FETCHED = 256 * 1024 * 1024
_AT_ONCE = 64 * 1024
#: How long a worker may take to get ready, on a busy machine.
_READY_SECONDS = 20.0
#: How long the end of a process takes that has closed its connection, at most.
_END_SECONDS = 1.0
_LIBRARIES = ("pypdf", "pypdfium2_raw", "olefile")
_START = (
    "import sys; d, p, *paths = sys.argv[1:]; sys.path += paths; "
    "from tui.inspection.boxed.main import main; main(int(d), int(p))"
)
#: How much memory a worker may take where its own limit doesn't hold.
_MOST_MEMORY_KB = 512 * 1024
_LOOK_SECONDS = 0.2

Fetch = Callable[[int, int], Awaitable[bytes]]


class WorkerFailed(Exception):
    """There is no answer, or no whole one; ``reason`` is a key of ``rules.carried.REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@cache
def _paths() -> tuple[str, ...]:
    """Where the worker finds this package and the libraries; nothing else of this process's search path."""
    found = [str(Path(__file__).parents[2])]
    for name in _LIBRARIES:
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            found.append(str(Path(next(iter(spec.submodule_search_locations))).parent))
    return tuple(dict.fromkeys(found))


class Worker:
    """A process that waits for its one job.

    It is started from the thread of the event loop: the kernel ends it with the thread that has started it.
    """

    def __init__(self) -> None:
        """Raises :class:`WorkerFailed`."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._socket = ours
        #: What of its protection holds, once it is ready.
        self.holds: tuple[str, ...] = ()
        self._said = self._fetched = 0
        self._buffer = b""
        self._is_ready = False
        try:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-I", "-S", "-X", "utf8", "-c", _START,
                    str(theirs.fileno()), str(os.getpid()), *_paths(),
                ],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),), env=_environment(), cwd="/", start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            ours.close()
            raise WorkerFailed("worker") from error
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether its process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process, whatever it does. That takes some milliseconds more, on a busy machine many: nobody waits
        for it."""
        self._socket.close()
        if self._process.poll() is None:
            self._process.kill()
            threading.Thread(target=self._process.wait, name="ended worker", daemon=True).start()

    def kill(self) -> None:
        """End the process now. Whoever waits for its answer is told that it has ended."""
        # Once it is closed, its number may be another process's soon.
        if self._socket.fileno() >= 0 and self._process.poll() is None:
            self._process.kill()

    async def ready(self) -> None:
        """Wait until it waits for its job. Raises :class:`WorkerFailed`."""
        if self._is_ready:
            return
        try:
            async with asyncio.timeout(_READY_SECONDS):
                message = await self._message()
        except TimeoutError:
            raise WorkerFailed("worker") from None
        holds = (message or {}).get("ready")
        if not isinstance(holds, list):
            raise WorkerFailed("worker")
        self.holds = tuple(str(part)[:20] for part in holds[:10])
        self._is_ready = True

    async def do(
        self,
        request: dict[str, Any],
        document: int | Fetch,
        seconds: float,
        heard: Callable[[dict[str, Any]], None],
    ) -> None:
        """Give it its job, and hand over each of its messages. ``document`` is a descriptor, or fetches blocks of a
        document whose ``size`` is in the request. Raises :class:`WorkerFailed` if the answer isn't whole."""
        watching = asyncio.ensure_future(self._watch()) if "memory" not in self.holds else None
        try:
            async with asyncio.timeout(seconds):
                self._give(request, document if isinstance(document, int) else None)
                while (message := await self._message()) is not None:
                    if "done" in message:
                        return
                    if "want" in message:
                        await self._fetch(message["want"], document)
                    elif isinstance(failed := message.get("failed"), str):
                        raise WorkerFailed(failed)
                    else:
                        heard(message)
        except TimeoutError:
            raise WorkerFailed("time") from None
        finally:
            if watching is not None:
                watching.cancel()
        raise WorkerFailed(await self._how_it_ended())

    def _give(self, request: dict[str, Any], descriptor: int | None) -> None:
        line = json.dumps(request).encode() + b"\n"
        try:
            # It fits into the empty buffer of the connection.
            if descriptor is None:
                self._socket.send(line)
            else:
                socket.send_fds(self._socket, [line], [descriptor])
        except OSError as error:
            raise WorkerFailed("worker") from error

    async def _message(self) -> dict[str, Any] | None:
        """Its next message; ``None`` at its end."""
        while b"\n" not in self._buffer:
            try:
                data = await asyncio.get_running_loop().sock_recv(self._socket, _AT_ONCE)
            except OSError:
                return None
            self._said += len(data)
            if not data:
                return None
            if self._said > _MOST_SAID:
                raise WorkerFailed("limits")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise WorkerFailed("crashed")
        return found

    async def _fetch(self, wanted: object, document: int | Fetch) -> None:
        match wanted:
            case [int(place), int(length)] if place >= 0 and length > 0 and not isinstance(document, int):
                self._fetched += length
                if self._fetched > _MOST_FETCHED:
                    raise WorkerFailed("limits")
                block = await self._while_it_lives(document(place, length))
            case _:
                raise WorkerFailed("crashed")
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._socket, len(block).to_bytes(4, "big") + block)

    async def _while_it_lives(self, fetching: Awaitable[bytes]) -> bytes:
        """What is fetched for it. It is noticed at once if it ends meanwhile: its end of the connection closes."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[None] = loop.create_future()
        task = asyncio.ensure_future(fetching)
        loop.add_reader(self._socket, _settle, heard)
        try:
            await asyncio.wait((task, heard), return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(self._socket)
            if not task.done():
                task.cancel()
        if not heard.done():
            return task.result()
        # It says nothing before it has its block: it has ended, or was taken over.
        task.cancel()
        with contextlib.suppress(OSError):
            if self._socket.recv(1, socket.MSG_PEEK):
                raise WorkerFailed("crashed")
        raise WorkerFailed(await self._how_it_ended())

    async def _how_it_ended(self) -> str:
        """Why its answer isn't whole: it has closed the connection, so that its process is ending."""
        try:
            status = await asyncio.to_thread(self._process.wait, _END_SECONDS)
        except subprocess.TimeoutExpired:
            return "crashed"
        return "time" if -status == signal.SIGXCPU else "limits" if -status == signal.SIGKILL else "crashed"

    async def _watch(self) -> None:
        """Kill it if it takes too much memory, where it has no limit of its own."""
        while self.alive:
            await asyncio.sleep(_LOOK_SECONDS)
            if await memory_of(self.pid) > _MOST_MEMORY_KB:
                self._process.kill()


def _settle(heard: asyncio.Future[None]) -> None:
    if not heard.done():
        heard.set_result(None)


async def memory_of(pid: int) -> int:
    """How many kilobytes of memory a process has taken; 0 if that isn't known."""
    try:
        asking = await asyncio.create_subprocess_exec(
            "ps", "-o", "rss=", "-p", str(pid),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        said, _ = await asking.communicate()
        return int(said)
    except (OSError, ValueError):
        return 0


def _environment() -> dict[str, str]:
    """Nothing but what some installations of Python need to find their library."""
    wanted = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in wanted if name in os.environ}

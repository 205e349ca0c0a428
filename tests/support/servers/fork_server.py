"""The parent of forked processes (``forking.py``): ``python -m tests.support.servers.fork_server SOCKET MODULE``."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import selectors
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.servers.forking import COLLECT_AFTER, LENGTH, STATUS, STREAMS, exactly, lead


@dataclass(frozen=True)
class _Order:
    """What a child must run, and with which streams; its exit status is sent to ``channel``."""

    arguments: list[str]
    cwd: str
    env: dict[str, str]
    leads: bool
    channel: socket.socket
    streams: list[int]

    @classmethod
    def read(cls, control: socket.socket) -> _Order | None:
        """The next order; ``None`` if there will be no more."""
        try:
            length, handles, _, _ = socket.recv_fds(control, LENGTH.size, 1 + STREAMS)
        except ConnectionResetError:
            return None
        if not length:
            return None
        order = json.loads(exactly(control, LENGTH.unpack(length)[0]))
        return cls(**order, channel=socket.socket(fileno=handles[0]), streams=handles[1:])

    def close(self) -> None:
        for stream in self.streams:
            os.close(stream)


class _Nursery:
    """Takes the orders of all workers and reports exit statuses, until the last worker has left."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._controls: set[socket.socket] = set()
        #: For each child the channel for its status, and the worker's connection.
        self._children: dict[int, tuple[socket.socket, socket.socket]] = {}
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Ctrl+C is meant for the tests; they end this process by closing the other end of the socket.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def tend(self) -> _Order | None:
        """Returns an order in the child that must run it, and ``None`` in the parent at the end."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ, self._accept)
            selector.register(self._woken, selectors.EVENT_READ, self._tell_ends)
            while True:
                for key, _ in selector.select():
                    if isinstance(key.fileobj, socket.socket) and key.fileobj in self._controls:
                        order = _Order.read(key.fileobj)
                        if order is None:
                            selector.unregister(key.fileobj)
                            self._leave_alone(key.fileobj)
                        elif self._fork(order, key.fileobj):
                            return order
                    elif (control := key.data()) is not None:
                        selector.register(control, selectors.EVENT_READ)
                if not self._controls:
                    return None

    def _accept(self) -> socket.socket | None:
        control, _ = self._listening.accept()
        _, user, _ = struct.unpack("3i", control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if user != os.getuid():
            control.close()
            return None
        self._controls.add(control)
        return control

    def _fork(self, order: _Order, control: socket.socket) -> bool:
        pid = os.fork()
        if pid == 0:
            self._leave()
            return True
        order.close()
        self._children[pid] = order.channel, control
        handle = os.pidfd_open(pid)
        with contextlib.suppress(BrokenPipeError):
            socket.send_fds(order.channel, [STATUS.pack(pid)], [handle])
        os.close(handle)
        return False

    def _leave(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(self._woken)
        os.close(self._wake)
        for channel in (
            self._listening,
            *self._controls,
            *(channel for channel, _ in self._children.values()),
        ):
            channel.close()

    def _tell_ends(self) -> None:
        os.read(self._woken, 4096)
        for pid, (channel, _) in list(self._children.items()):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                del self._children[pid]
                self._tell(channel, os.waitstatus_to_exitcode(status))
                channel.close()

    def _leave_alone(self, control: socket.socket) -> None:
        """Ends the children of a worker that has left."""
        mine = {pid: channel for pid, (channel, by) in self._children.items() if by is control}
        for pid in mine:
            os.kill(pid, signal.SIGKILL)
        for pid, channel in mine.items():
            del self._children[pid]
            self._tell(channel, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            channel.close()
        self._controls.discard(control)
        control.close()

    def _tell(self, channel: socket.socket, number: int) -> None:
        # A test that has failed no longer listens.
        with contextlib.suppress(BrokenPipeError):
            channel.sendall(STATUS.pack(number))


def _become(order: _Order) -> None:
    """Makes the process look as if it had been started with this order."""
    order.channel.close()
    for number, stream in enumerate(order.streams):
        os.dup2(stream, number)
    order.close()
    if order.leads:
        lead()
    os.chdir(order.cwd)
    os.environ.clear()
    os.environ.update(order.env)
    time.tzset()
    sys.argv[1:] = order.arguments
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.isatty():
        sys.stdout.reconfigure(line_buffering=True)


class _End:
    """Exits at once with ``status``, if it is known by the end, after all :mod:`atexit` functions have run."""

    def __init__(self) -> None:
        self.status: int | None = None
        # The first to be registered is the last to be called.
        atexit.register(self._leave)

    def _leave(self) -> None:
        # Coverage has registered its function even earlier, and that must still be called.
        if self.status is None or "coverage" in sys.modules:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            # The interpreter reports that error itself.
            return
        os._exit(self.status)


def _build_models() -> None:
    """Lets pydantic do now what each child would have to do when it first uses a model."""
    if "pydantic" not in sys.modules:
        return
    from pydantic import BaseModel

    models: list[type[BaseModel]] = [BaseModel]
    for model in models:
        models += model.__subclasses__()
    for model in models[1:]:
        model.model_rebuild(raise_errors=False)


def main() -> int:
    # Nothing that is imported is garbage.
    gc.disable()
    end = _End()
    listening = socket.socket(fileno=int(sys.argv[1]))
    program = importlib.import_module(sys.argv[2])
    for name in sys.argv[3:]:
        package = importlib.import_module(name.removesuffix(".*"))
        if name.endswith(".*"):
            for _, found, _ in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                # Protocols are for types only.
                if not found.endswith(".protocols"):
                    importlib.import_module(found)
    _build_models()
    getattr(program, "prepare", lambda: None)()
    # All objects that exist now are shared with the children, whose garbage collectors must not write to them.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    gc.enable()
    order = _Nursery(listening).tend()
    if order is None:
        return 0
    _become(order)
    run: Callable[[], int | None] = program.main
    try:
        status = run() or 0
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            end.status = (error.code or 0) & 0xFF
        raise
    end.status = status & 0xFF
    return status


if __name__ == "__main__":
    sys.exit(main())

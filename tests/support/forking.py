"""Real processes that need not import first: each is forked from a parent that has imported its program.

The parent (``python -m tests.support.forking``) is started once per session and does nothing but import: it has no
threads, no event loop and no open database that a child could inherit. Each child is a process of its own, with its own
id, environment, working directory, standard streams, signals and exit status. It runs the same ``main()`` to the same
end as a program that was started normally: its threads, its :mod:`atexit` functions and its streams are taken care of.
Only the modules and the hash seed are the session's; and what the interpreter tears down at its very end is left to the
system, since that takes a third of the time of a short program.

:data:`session` starts a program normally if the session has not begun, as in a bench, or if the environment would
affect the interpreter itself (:data:`STEERING`).
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
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
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
#: Prefixes of the environment variables that the interpreter reads when it starts.
STEERING = ("PYTHON", "LC_", "LANG", "OPENSSL_", "LD_", "MALLOC_")
_SERVER = """
    asyncpg encodings.idna importlib.resources.readers tui.sample.load tui.server.database.migrations.script
    uvicorn.lifespan.off uvloop
"""
_COMMANDS = """
    anyio._backends._asyncio anyio.lowlevel anyio.streams.tls anyio.to_thread httpcore
    tui.cli.audit tui.cli.favorites tui.cli.folders tui.cli.get tui.cli.group tui.cli.library tui.cli.links
    tui.cli.people tui.cli.policy tui.cli.resend tui.cli.send tui.cli.sign_in tui.cli.trash
    tui.clients.two_servers tui.clients.upload_source tui.clients.fetch tui.clients.library tui.clients.people
    tui.clients.uploads tui.clients.work_session tui.config.sign_ins tui.config.work_server tui.local
    getpass importlib.metadata pydantic.plugin._loader tui.cli.completion tui.cli.serving tui.cli.sessions
    tui.error_log tui.mail.draft tui.rules.common_passwords tui.sending.folder tui.sending.work_history
    tui.sending.job tui.sending.journal tui.sending.unfinished tui.sending.resuming tui.sending.gather_limited
    tui.sending.sources tui.sending.transfer
    tui.cli.sends tui.cli.sending tui.cli.interrupted tui.terminal.clearing tui.terminal.clipboard
    tui.terminal.desktop_clipboard tui.terminal.processes tui.terminal.tmux_buffers
"""
#: What a program imports only later: a server when it starts and with its first requests, a command when it runs. With
#: ``.*``, all modules of a package.
TOO = {
    "tests.support.serve": _SERVER,
    "tui.__main__ serve": f"tui.cli.completion tui.cli.serving tui.server.__main__ {_SERVER}",
    "tui.__main__": _COMMANDS,
    "tui.__main__ in a terminal": f"""
        {_COMMANDS} tui.app tui.cli.demo tui.first tui.start tui.terminal.* tui.mail.* tui.screens.* tui.widgets.*
        tui.textual_patches.*
    """,
}
IN_A_TERMINAL = "in a terminal"
_LENGTH = struct.Struct("!I")
_STATUS = struct.Struct("!i")
_STREAMS = 3
_ENDED = "the parent of forked processes has ended"


class Forked:
    """A child; ``pid``, ``returncode`` and the methods are those of :class:`subprocess.Popen`."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        number, handles, _, _ = socket.recv_fds(channel, _STATUS.size, 1)
        if not number:
            raise EOFError(_ENDED)
        self.pid: int = _STATUS.unpack(number)[0]
        # The process id may be reused soon after the process ends.
        self._handle = handles[0]
        self.returncode: int | None = None

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, or the negative number of the signal that ended it."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._channel, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = _STATUS.unpack(_exactly(self._channel, _STATUS.size))[0]
            self._channel.close()
            os.close(self._handle)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Parent:
    """Forks processes that run ``module.main()``, after ``module.prepare()`` if there is one, with all of ``modules``
    imported."""

    def __init__(self, module: str, *modules: str, env: Mapping[str, str] | None = None) -> None:
        ours, theirs = socket.socketpair()
        self._control = ours
        self._lock = threading.Lock()
        self._environment = _steering(os.environ if env is None else env)
        others = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forking", str(theirs.fileno()), module, *modules],
                cwd=ROOT,
                env=others | self._environment,
                pass_fds=[theirs.fileno()],
                # Not terminals, because the children's mostly aren't either; a child's own streams take their place.
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def fork(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        streams: Sequence[IO[Any]],
        leads: bool = False,
    ) -> Forked:
        """A child with these arguments; ``streams`` are its standard input, output and error. If it ``leads``, the
        first of them becomes its controlling terminal."""
        told = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "leads": leads}
        order = json.dumps(told).encode()
        ours, theirs = socket.socketpair()
        handles = [stream.fileno() for stream in streams]
        assert len(handles) == _STREAMS
        with theirs, self._lock:
            socket.send_fds(self._control, [_LENGTH.pack(len(order))], [theirs.fileno(), *handles])
            self._control.sendall(order)
        return Forked(ours)

    def can_fork(self, env: Mapping[str, str]) -> bool:
        """Whether the interpreter would start with the same settings in this environment as the parent's."""
        return _steering(env) == self._environment

    def close(self) -> None:
        """Ends the parent, and those of its children that still run."""
        self._control.close()
        self._process.wait()


class Session:
    """Forks processes after it has begun; a parent with the imports is started when it is first needed."""

    def __init__(self) -> None:
        self.begun = False
        self._parents: dict[tuple[object, ...], Parent] = {}
        self._usual: Mapping[str, str] = {}

    def process(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        streams: Sequence[IO[Any]],
    ) -> subprocess.Popen[bytes] | Forked:
        """A process that runs ``python -m module``; ``streams`` are its standard input, output and error."""
        name = " ".join((module, *arguments[:1]))
        parent = self._parent(module, name if name in TOO else module) if self.begun else None
        if parent is not None and parent.can_fork(env):
            return parent.fork(arguments, cwd=cwd, env=env, streams=streams)
        return subprocess.Popen(_command(module, arguments), cwd=cwd, env=env, **_named(streams))

    def in_terminal(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        terminal: IO[Any],
    ) -> subprocess.Popen[bytes] | Forked:
        """The same for a program in the foreground of a terminal. Its language may be another than the session's."""
        streams = (terminal, terminal, terminal)
        if self.begun:
            parent = self._parent(module, f"{module} {IN_A_TERMINAL}", env)
            return parent.fork(arguments, cwd=cwd, env=env, streams=streams, leads=True)
        return subprocess.Popen(
            _command(module, arguments), cwd=cwd, env=env, preexec_fn=lead, **_named(streams)
        )

    def _parent(self, module: str, name: str, env: Mapping[str, str] | None = None) -> Parent:
        """The parent for a program whose :data:`TOO` has that name, in an environment like ``env`` or the session's."""
        like = self._usual if env is None else env
        key = name, *sorted(_steering(like).items())
        if key not in self._parents:
            self._parents[key] = Parent(module, *TOO.get(name, "").split(), env=like)
        return self._parents[key]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Forks processes while the block runs; at its end, everything that was forked ends."""
        self.begun, self._usual = True, dict(os.environ)
        try:
            yield
        finally:
            self.begun = False
            while self._parents:
                self._parents.popitem()[1].close()


#: The session of the tests.
session = Session()


def lead() -> None:
    """Makes this process the leader of a session of its own, in the foreground of the terminal that it reads from."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _command(module: str, arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _named(streams: Sequence[IO[Any]]) -> dict[str, Any]:
    return dict(zip(("stdin", "stdout", "stderr"), streams, strict=True))


def _steering(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(STEERING)}


def _exactly(channel: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = channel.recv(size - len(found))
        if not more:
            raise EOFError(_ENDED)
        found += more
    return found


# -------------------------------------------------------------------------------------- in the parent


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
        length, handles, _, _ = socket.recv_fds(control, _LENGTH.size, 1 + _STREAMS)
        if not length:
            return None
        order = json.loads(_exactly(control, _LENGTH.unpack(length)[0]))
        return cls(**order, channel=socket.socket(fileno=handles[0]), streams=handles[1:])

    def close(self) -> None:
        for stream in self.streams:
            os.close(stream)


class _Nursery:
    """Takes orders and reports exit statuses, until the session is over."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._channels: dict[int, socket.socket] = {}
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Ctrl+C is meant for the tests; they end this process by closing the other end of the socket.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def tend(self) -> _Order | None:
        """Returns an order in the child that must run it, and ``None`` in the parent at the end."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    os.read(self._woken, 4096)
                    self._tell_ends()
                if self._control in ready:
                    order = _Order.read(self._control)
                    if order is None:
                        self._end()
                        return None
                    if self._fork(order):
                        return order

    def _fork(self, order: _Order) -> bool:
        pid = os.fork()
        if pid == 0:
            self._leave()
            return True
        order.close()
        self._channels[pid] = order.channel
        handle = os.pidfd_open(pid)
        with contextlib.suppress(BrokenPipeError):
            socket.send_fds(order.channel, [_STATUS.pack(pid)], [handle])
        os.close(handle)
        return False

    def _leave(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(self._woken)
        os.close(self._wake)
        for channel in (self._control, *self._channels.values()):
            channel.close()

    def _tell_ends(self) -> None:
        for pid, channel in list(self._channels.items()):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                del self._channels[pid]
                self._tell(channel, os.waitstatus_to_exitcode(status))
                channel.close()

    def _tell(self, channel: socket.socket, number: int) -> None:
        # A test that has failed no longer listens.
        with contextlib.suppress(BrokenPipeError):
            channel.sendall(_STATUS.pack(number))

    def _end(self) -> None:
        for pid in self._channels:
            os.kill(pid, signal.SIGKILL)
        for pid, channel in self._channels.items():
            self._tell(channel, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


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


def main() -> int:
    end = _End()
    control = socket.socket(fileno=int(sys.argv[1]))
    program = importlib.import_module(sys.argv[2])
    for name in sys.argv[3:]:
        package = importlib.import_module(name.removesuffix(".*"))
        if name.endswith(".*"):
            for _, found, _ in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                importlib.import_module(found)
    getattr(program, "prepare", lambda: None)()
    # All objects that exist now are shared with the children, whose garbage collectors must not write to them.
    gc.collect()
    gc.freeze()
    order = _Nursery(control).tend()
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

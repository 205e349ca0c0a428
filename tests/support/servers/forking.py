"""Real processes that need not import first: each is forked from a parent that has imported its program.

The parent (``fork_server.py``) is started once per session, for all workers, and does nothing but import: it has no
threads, no event loop and no open database that a child could inherit. Each child is a process of its own, with its own
id, environment, working directory, standard streams, signals and exit status. It runs the same ``main()`` to the same
end as a program that was started normally: its threads, its :mod:`atexit` functions and its streams are taken care of.
Only the modules and the hash seed are the session's; and what the interpreter tears down at its very end is left to the
system, since that takes a third of the time of a short program.

:data:`session` starts a program normally if the session has not begun, as in a bench, or if the environment would
affect the interpreter itself (:data:`STEERING`).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[3]
#: Prefixes of the environment variables that the interpreter reads when it starts.
STEERING = ("PYTHON", "LC_", "LANG", "OPENSSL_", "LD_", "MALLOC_")
_SERVER = """
    asyncpg babel.messages.pofile cryptography.hazmat.primitives.asymmetric.ed25519
    cryptography.hazmat.primitives.ciphers.aead email.policy encodings.idna importlib.resources.readers jinja2 smtplib
    sqlalchemy.dialects.postgresql tui.sample.load tui.server.database.migrations.script
    tui.server.notifications.message tui.server.pages.language uvicorn.lifespan.off uvloop
    confusable_homoglyphs.confusables zxcvbn
"""
_COMMANDS = """
    anyio._backends._asyncio anyio.lowlevel anyio.streams.tls anyio.to_thread httpcore
    tui.cli.audit tui.cli.favorites tui.cli.folders tui.cli.get tui.cli.base.group tui.cli.library tui.cli.links
    tui.cli.people tui.cli.policy tui.cli.send.resend tui.cli.send.send tui.cli.sign_in tui.cli.trash
    tui.clients.two_servers tui.clients.upload_source tui.clients.fetch tui.clients.library tui.clients.people
    tui.clients.uploads tui.clients.work_session tui.config.sign_ins tui.config.work_server
    tui.local_server.local_server
    getpass importlib.metadata sniffio pydantic.plugin._loader tui.cli.completion tui.cli.server.serving
    tui.cli.sessions
    tui.config.error_log tui.mail.draft tui.rules.common_passwords tui.sending.folder tui.sending.job.work_history
    tui.sending.job.job tui.sending.journal.journal tui.sending.journal.unfinished tui.sending.resuming
    tui.sending.gather_limited
    tui.sending.job.look_ahead tui.sending.recorded_sources tui.sending.job.transfer
    tui.cli.send.sends tui.cli.send.sending tui.cli.send.resumed_send tui.cli.send.interrupted
    tui.terminal.clearing tui.terminal.clipboard
    tui.terminal.desktop_clipboard tui.terminal.processes tui.terminal.tmux_buffers zxcvbn
"""
#: What a program imports only later: a server when it starts and with its first requests, a command when it runs. With
#: ``.*``, all modules of a package.
TOO = {
    "tests.support.servers.serve": _SERVER,
    "tui.__main__ serve": f"tui.cli.completion tui.cli.server.serving tui.server.__main__ {_SERVER}",
    "tui.__main__": _COMMANDS,
    "tui.__main__ in a terminal": f"""
        {_COMMANDS} tui.ui.app tui.cli.server.demo tui.clients.first_page tui.ui.start tui.terminal.*
        tui.mail.* tui.ui.* tui.ui.widgets.*
    """,
}
IN_A_TERMINAL = "in a terminal"
#: The same for all workers of a session.
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
_SECONDS = 60
#: After how many new objects the garbage collector runs; at Python's 700, it takes an eighth of the tests' time.
COLLECT_AFTER = 20_000
LENGTH = struct.Struct("!I")
STATUS = struct.Struct("!i")
STREAMS = 3
_ENDED = "the parent of forked processes has ended"


class Forked:
    """A child; ``pid``, ``returncode`` and the methods are those of :class:`subprocess.Popen`."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        number, handles, _, _ = socket.recv_fds(channel, STATUS.size, 1)
        if not number:
            raise EOFError(_ENDED)
        self.pid: int = STATUS.unpack(number)[0]
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
            self.returncode = STATUS.unpack(exactly(self._channel, STATUS.size))[0]
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

    def __init__(
        self, module: str, *modules: str, env: Mapping[str, str] | None = None, name: str | None = None
    ) -> None:
        """Joins the parent of that name if another worker has started it."""
        self._lock = threading.Lock()
        self._environment = _steering(os.environ if env is None else env)
        # Linux keeps such an address only for as long as a process has the socket.
        address = f"\0sentlinks-tests-{name or uuid.uuid4().hex}"
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket(socket.AF_UNIX) as listening, contextlib.suppress(OSError):
            listening.bind(address)
            listening.listen()
            self._process = self._start(listening, module, modules)
        self._control = _connected(address)

    def _start(
        self, listening: socket.socket, module: str, modules: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        others = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.servers.fork_server",
                str(listening.fileno()),
                module,
                *modules,
            ],
            cwd=ROOT,
            env=others | self._environment,
            pass_fds=[listening.fileno()],
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
        request = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "leads": leads}
        order = json.dumps(request).encode()
        ours, theirs = socket.socketpair()
        handles = [stream.fileno() for stream in streams]
        assert len(handles) == STREAMS
        with theirs, self._lock:
            socket.send_fds(self._control, [LENGTH.pack(len(order))], [theirs.fileno(), *handles])
            self._control.sendall(order)
        return Forked(ours)

    def can_fork(self, env: Mapping[str, str]) -> bool:
        """Whether the interpreter would start with the same settings in this environment as the parent's."""
        return _steering(env) == self._environment

    def leave(self) -> None:
        """Ends those children that still run, and with the last worker's the parent."""
        self._control.close()

    def close(self) -> None:
        """The same, and waits for the end of a parent that was started here."""
        self.leave()
        if self._process is not None:
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
            digest = hashlib.sha256(repr((_RUN, key)).encode()).hexdigest()
            self._parents[key] = Parent(module, *TOO.get(name, "").split(), env=like, name=digest)
        return self._parents[key]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Forks processes while the block runs; at its end, everything that was forked ends."""
        self.begun, self._usual = True, dict(os.environ)
        try:
            yield
        finally:
            self.begun = False
            # All at first: another worker may be waiting for the end of one that was started there.
            for parent in self._parents.values():
                parent.leave()
            while self._parents:
                self._parents.popitem()[1].close()


#: The session of the tests.
session = Session()


def _connected(address: str) -> socket.socket:
    """A connection to a parent, which another worker may be about to start."""
    end = time.monotonic() + _SECONDS
    while True:
        control = socket.socket(socket.AF_UNIX)
        try:
            control.connect(address)
            return control
        except ConnectionRefusedError:
            control.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


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


def exactly(channel: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = channel.recv(size - len(found))
        if not more:
            raise EOFError(_ENDED)
        found += more
    return found

"""The local server of one person: started when no server is configured, and kept running after its starter ends.

Two files in the data folder make it unique and findable. ``local.lock`` is held by the server as long as it lives, so
that whether it runs is never a guess, even after a ``kill -9``, and says how to reach it. ``start.lock`` is held by a
starter, and by the server that it started until that takes requests: a second starter waits for it and then finds the
server.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from .. import __version__
from ..config import Config
from ..config.private import locked, private_folder, unusable
from ..files.trusted_paths import Untrusted, check_path, open_own
from ..rules.errors import Failed
from ..rules.text import printable

if TYPE_CHECKING:
    from ..clients.target import Target

#: A Unix socket's path has room for 108 bytes on Linux and 104 elsewhere, including the terminating zero.
_LONGEST_SOCKET = 103
_LOG_BYTES = 5_000_000
_STOP_SECONDS = 20.0
_OF_THE_CLIENT = (
    "SENTLINKS_SERVER",
    "SENTLINKS_TOKEN",
    "SENTLINKS_WORK_TOKEN",
    "SENTLINKS_WORK_CLIENT_SECRET",
)
READY = "sentlinks: serving on "


class Running(NamedTuple):
    """A running local server. ``socket`` leads to it, ``url`` is where recipients reach it.

    ``realm`` is where it has its ``pid`` (``process_ids.realm``); empty if it isn't known.
    """

    pid: int
    url: str
    socket: str
    data: str
    version: str
    realm: str = ""


def lock_file(data: Path) -> Path:
    """Return the file that the local server of the data folder ``data`` keeps locked."""
    return data / "local.lock"


def log_file(config: Config) -> Path:
    """Return the path of the local server's log."""
    return config.places.state / "server.log"


def look(data: Path) -> Running | None:
    """Return the local server of the data folder ``data`` if it is running and takes requests.

    Raises :class:`Failed` if somebody else has made the socket that leads to it.
    """
    lock = lock_file(data)
    running = last(data) if _is_locked(lock) else None
    if running is not None and running.socket:
        try:
            # In /tmp it may have been deleted as old, and another user may have taken its name.
            check_path(Path(running.socket))
        except Untrusted as error:
            raise unusable(data, error) from error
    return running


def last(data: Path) -> Running | None:
    """Return the local server of the data folder ``data`` that ran last, or is running."""
    try:
        with os.fdopen(open_own(lock_file(data)), "rb") as file:
            facts = json.loads(file.read())
        return Running(**{name: facts[name] for name in Running._fields if name in facts})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def record(running: Running, lock: int) -> None:
    """Write how to reach ``running`` into the file that it keeps locked, open as ``lock``."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(running._asdict()).encode(), 0)


def _is_locked(lock: Path) -> bool:
    try:
        handle = open_own(lock)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def ensure(config: Config, started: Callable[[], object] = lambda: None) -> Running:
    """Return the local server; start it if it isn't running, and replace one of another version of the program. Call
    ``started`` if it wasn't running.

    Raises :class:`Failed` with what keeps it from starting.
    """
    data = config.data
    running = look(data)
    if running and running.version == __version__:
        return running
    from ..terminal.frame import FRAME

    FRAME.say("Starting the local server...")
    private_folder(data)
    try:
        with locked(data / "start.lock") as handle:
            running = look(data)
            if running and running.version == __version__:
                return running
            if running:
                _end(running)
                return _start(config, handle)
            found = _start(config, handle)
            started()
            return found
    except OSError as error:
        raise _unusable(data, error) from error


def own_token(data: Path) -> str:
    """Return the token that a server wrote into its data folder. Raises :class:`Failed` if it can't be read."""
    path = data / "token"
    try:
        with os.fdopen(open_own(path)) as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(
            "token.unreadable",
            f"Can't read the local server's token {printable(str(path))}; restore it, or sign in by name.",
        ) from error


def socket_path(data: Path) -> Path:
    """Return the path for the socket: in the data folder, or in a new private one if that path is too long."""
    path = data / "socket"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    from ..files.private_files import new_temporary_folder

    try:
        return new_temporary_folder("sentlinks-") / "socket"
    except OSError as error:
        raise _unusable(data, error) from error


def forget_socket(running: Running) -> None:
    """Remove the socket of a server that has ended, and the folder that was made for it."""
    path = Path(running.socket)
    with suppress(OSError):
        path.unlink(missing_ok=True)
        if path.parent != Path(running.data):
            path.parent.rmdir()


def environment(config: Config) -> dict[str, str]:
    """Return the environment for a server process: with paths that are valid wherever it runs, and without a token."""
    kept = {k: v for k, v in os.environ.items() if k not in _OF_THE_CLIENT}
    if kept.get("SENTLINKS_HOME"):
        kept["SENTLINKS_HOME"] = str(config.places.config.parent)
    if kept.get("SENTLINKS_DATA"):
        kept["SENTLINKS_DATA"] = str(config.data)
    return with_sources(kept)


def with_sources(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for another process of this program, which finds its modules where this one did."""
    env = dict(environ)
    root = str(Path(__file__).parents[2])
    if sys.path and str(Path(sys.path[0]).absolute()) == root:
        # Run from a source folder that isn't installed.
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (root, env.get("PYTHONPATH"))))
    return env


def spawn(
    module: str, arguments: list[str], env: Mapping[str, str], log: BinaryIO, handle: int
) -> subprocess.Popen[bytes]:
    """Start ``module`` in a new session. It inherits ``handle``; its standard output is a pipe."""
    # -P: nothing is imported from the current folder, which may hold anyone's files.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        env=dict(env),
        start_new_session=True,
        pass_fds=(handle,),
    )


def wait_ready(process: subprocess.Popen[bytes], log: str) -> str:
    """Wait for the ready line and return the address in it. Raises :class:`Failed` with what the server reports.

    The server reports why it doesn't start as a JSON object on its standard output.
    """
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline().decode(errors="replace").strip()
    if line.startswith(READY):
        return line.removeprefix(READY)
    process.wait()
    try:
        error = json.loads(line)
        raise Failed(error["code"], f"The local server did not start: {error['message']}")
    except (ValueError, KeyError, TypeError):
        raise Failed("server.did_not_start", f"The local server did not start; see {log}.") from None


def _start(config: Config, handle: int) -> Running:
    if _is_locked(lock_file(config.data)):
        raise Failed(
            "server.lost",
            f"A local server is running on {printable(str(config.data))}, but its address there is missing; "
            "stop it by hand, then try again.",
        )
    path = log_file(config)
    private_folder(path.parent)
    with suppress(OSError):
        if path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_name("server.log.1"))
    opened = open_own(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with os.fdopen(opened, "ab") as log:
        process = spawn("tui.cli.server.local_server", [str(handle)], environment(config), log, handle)
    wait_ready(process, printable(str(path)))
    # Reaps the process if the server ends before its starter.
    threading.Thread(target=process.wait, daemon=True).start()
    running = look(config.data)
    if running is None:
        raise Failed("server.did_not_start", f"The local server ended at once; see {printable(str(path))}.")
    return running


def stop(config: Config) -> Running | None:
    """Stop the local server cleanly, wait until it is gone, and return which one it was."""
    if not config.data.is_dir():
        return None
    try:
        with locked(config.data / "start.lock"):
            running = look(config.data)
            if running:
                _end(running)
            return running
    except OSError as error:
        raise _unusable(config.data, error) from error


def _unusable(data: Path, error: OSError) -> Failed:
    path = printable(os.fsdecode(error.filename or data))
    return Failed("data.unusable", f"The local server can't use {path}: {error.strerror}.")


def _end(running: Running) -> None:
    from ..files.process_ids import realm

    if running.realm and running.realm != realm():
        raise Failed(
            "server.elsewhere",
            "The local server is running in another container or on another machine; stop it there.",
        )
    lock = lock_file(Path(running.data))
    _signal(running, lock)
    waiter = threading.Thread(target=_wait_free, args=(lock,), daemon=True)
    waiter.start()
    waiter.join(_STOP_SECONDS)
    if waiter.is_alive():
        raise Failed(
            "server.does_not_end",
            f"The local server (process {running.pid}) does not stop; stop it by hand, then try again.",
        )


def _signal(running: Running, lock: Path) -> None:
    """Tell the process that holds the lock to end, but never another one that has got its number since."""
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        try:
            process = os.pidfd_open(running.pid)
        except ProcessLookupError:
            return
        try:
            if _is_locked(lock):
                signal.pidfd_send_signal(process, signal.SIGTERM)
        except ProcessLookupError:
            return
        finally:
            os.close(process)
    elif _is_locked(lock):
        with suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGTERM)


def _wait_free(lock: Path) -> None:
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def chosen(
    config: Config,
    server: str | None = None,
    *,
    anonymous: bool = False,
    started: Callable[[], object] = lambda: None,
) -> Target:
    """Return how to reach the configured server; ``server`` is the option of that name. Start the local one if needed,
    and call ``started`` then.

    ``anonymous``: without a token.
    """
    from ..clients.target import Target, check_url

    found = config.server(server)
    token = None if anonymous else config.choose(server).token
    if found is None:
        running = ensure(config, started)
        known = None if anonymous else token.value if token else own_token(config.data)
        return Target(running.url, known, Path(running.socket))
    plain = config.value("allow_plain", False)
    return Target(check_url(found.value), token.value if token else None, plain=plain)

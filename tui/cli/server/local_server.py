"""The process of the local server: ``python -m tui.cli.server.local_server HANDLE``.

``HANDLE`` is the file descriptor of the starter's lock, released when the server accepts requests.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ... import __version__, config
from ...files.process_ids import realm
from ...files.trusted_paths import open_own
from ...local_server.local_server import Running, forget_socket, last, lock_file, record, socket_path
from ...rules.errors import Problem

if TYPE_CHECKING:
    from ...server.base.settings import Settings


def serve_local(settings: config.Config, handle: int) -> None:
    """Hold the lock of the data folder and serve until stopped."""
    from ...server.__main__ import announce, run

    data = settings.data
    # The starter saw that no server holds it; at most, another process is checking it right now.
    lock = open_own(lock_file(data), os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    before = last(data)
    if before:
        forget_socket(before)
    running = Running(os.getpid(), "", str(socket_path(data)), str(data), __version__, realm())

    def ready(address: str) -> None:
        record(running._replace(url=address), lock)
        os.close(handle)
        announce(address)
        # The starter has what it waited for and may have exited.
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)

    ports = _ports(settings, before)
    os.ftruncate(lock, 0)
    try:
        for port in ports:
            try:
                return run(_server_settings(settings, port, Path(running.socket)), ready=ready)
            except Problem as error:
                if error.code != "port.unusable" or port == ports[-1]:
                    if before:
                        record(before, lock)
                    raise
    finally:
        if _is_in_place(lock, data):
            forget_socket(running)


def _is_in_place(lock: int, data: Path) -> bool:
    """Whether the lock is still in the data folder. If that was removed, another server may have made it again."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(lock), lock_file(data).stat())
    return False


def _ports(settings: config.Config, before: Running | None) -> list[int]:
    """The ports to try: the configured one; without one the last one, since links lead there, then any."""
    wanted = settings.value("port")
    if wanted is not None:
        return [wanted]
    digits = before.url.rpartition(":")[2] if before else ""
    last_port = int(digits) if digits.isdigit() else config.DEFAULT_PORT
    return list(dict.fromkeys((last_port, config.DEFAULT_PORT, 0)))


def _server_settings(settings: config.Config, port: int, socket: Path) -> Settings:
    from .server_settings import server_settings

    return replace(server_settings(settings), host="127.0.0.1", port=port, socket=socket)


def main() -> int:
    """Serve until a signal. Returns the exit status; a problem is printed as one line of JSON for who started this."""
    os.chdir("/")
    try:
        serve_local(config.load(), int(sys.argv[1]))
    except Problem as error:
        print(json.dumps({"code": error.code, "message": error.message}), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

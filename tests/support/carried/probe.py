"""Tries, from within the worker's box, everything that a document which has taken the worker over would want.

``python -m tests.support.carried.probe FILE PORT``: prints what became of each attempt.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable


def main(file: str, port: int) -> None:
    from tui.inspection.boxed import box, warm_up

    warm_up.warm_up()
    libc = ctypes.CDLL(None, use_errno=True)
    holds = box.shut()
    parent = os.getppid()

    def call(*arguments: int) -> None:
        if libc.syscall(*arguments) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    attempts: dict[str, Callable[[], object]] = {
        "read": lambda: os.open(file, os.O_RDONLY),
        "create": lambda: os.open(file + ".new", os.O_WRONLY | os.O_CREAT),
        "truncate": lambda: os.truncate(file, 0),
        "remove": lambda: os.unlink(file),
        "rename": lambda: os.rename(file, file + ".old"),
        "list": lambda: os.listdir("/"),
        "stat": lambda: os.stat(file),
        "link": lambda: os.symlink(file, file + ".link"),
        "tcp": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", port)),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "pair": socket.socketpair,
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "fork": os.fork,
        "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "kill": lambda: os.kill(parent, signal.SIGTERM),
        "kill itself": lambda: os.kill(os.getpid(), signal.SIGTERM),
        "trace": lambda: call(101, 16, parent, 0, 0),
        "limits": lambda: call(302, parent, 9, 0, 0),
        "ring": lambda: call(425, 1, 0),
        "memory file": lambda: os.memfd_create("x"),
        "owner of signals": lambda: __import__("fcntl").fcntl(0, 8, parent),
        "terminal": lambda: __import__("fcntl").ioctl(0, 0x5412, b"x"),
        "a later call": lambda: call(999),
        "32-bit numbers": lambda: call(0x40000000 | 2, 0, 0),
    }
    found = {}
    for name, attempt in attempts.items():
        try:
            found[name] = f"done: {attempt()}"
        except OSError as error:
            found[name] = type(error).__name__
    thread = threading.Thread(target=print)
    try:
        thread.start()
        found["thread"] = "done"
    except RuntimeError:
        found["thread"] = "RuntimeError"
    try:
        mmap.mmap(-1, 600 * 1024 * 1024)
        found["memory"] = "done"
    except (OSError, MemoryError) as error:
        found["memory"] = type(error).__name__
    answer = {"holds": holds, "found": found, "environment": dict(os.environ)}
    os.write(1, json.dumps(answer).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

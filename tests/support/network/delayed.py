"""A command whose input and output are late, as over a long line: ``python -m tests.support.network.delayed SECONDS
COMMAND...``. Nothing is lost, and what comes together stays together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from queue import SimpleQueue


def carry(source: int, target: int, delay: float) -> None:
    """Write what is read from ``source`` to ``target``, each piece ``delay`` seconds after it has come; then close
    it."""
    waiting: SimpleQueue[tuple[float, bytes]] = SimpleQueue()

    def read() -> None:
        while True:
            data = os.read(source, 1 << 16)
            waiting.put((time.monotonic() + delay, data))
            if not data:
                return

    threading.Thread(target=read, daemon=True).start()
    while True:
        due, data = waiting.get()
        time.sleep(max(0.0, due - time.monotonic()))
        if not data:
            os.close(target)
            return
        view = memoryview(data)
        while view:
            view = view[os.write(target, view) :]


def main() -> int:
    delay, command = float(sys.argv[1]), sys.argv[2:]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    there = threading.Thread(target=carry, args=(0, process.stdin.fileno(), delay), daemon=True)
    there.start()
    carry(process.stdout.fileno(), 1, delay)
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())

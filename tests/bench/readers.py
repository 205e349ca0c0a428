"""How much memory a server needs: idle, with a large document sent and fetched, and with readers that stall:
``python -m tests.bench.readers [MEBIBYTES]``.

The document is sent by the command and fetched whole through its link. Then 500 connections ask for one of 16 MiB, and
read nothing, or, each eighth, so much first that they are taken for quick; also what they cost the processor while they
stand still. The exit status is 1 if a row fails.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urljoin

import httpx

from tests.bench.figures import Row, table
from tests.bench.sends import cpu_seconds
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import take

#: In MiB.
MOST_IDLE, MOST_LARGE, MOST_STALLED = 80, 100, 140
_READERS, _QUICK = 500, 8
_MIB = 1 << 20
#: How long after the last one it is looked: what was read for those that stall is dropped within a second.
_SECONDS, _AGAIN_SECONDS = 5, 1
#: How long it is looked what they cost the processor.
_IDLE_SECONDS = 10
_SENTLINKS = Path(sys.executable).with_name("sentlinks")


def memory(server: ServerProcess, which: str) -> float:
    """The server's memory in MiB, now (``VmRSS``), or the most so far (``VmHWM``)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition(f"{which}:")[2].split()[0]) / 1024


def send_and_fetch(server: ServerProcess, root: Path, size: int) -> None:
    """One document of so many mebibytes."""
    file = root / "large.bin"
    with file.open("wb") as stream:
        for _ in range(size):
            stream.write(os.urandom(_MIB))
    environ = {
        **os.environ,
        "SENTLINKS_HOME": str(root / "home"),
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
    }
    subprocess.run([_SENTLINKS, "send", file, "--json"], env=environ, check=True, stdout=subprocess.DEVNULL)
    file.unlink()
    with server.client() as client, server.guest() as guest:
        (document,) = client.get("/share/v1/documents").raise_for_status().json()["documents"]
        link = urljoin(server.url, take(guest, document))
    subprocess.run(["curl", "-sf", "-o", os.devnull, link], check=True)


def stall(server: ServerProcess, lines: ExitStack) -> None:
    """Have readers ask for a document and stand still."""
    document = publish(server, os.urandom(16 * _MIB), "asked.bin")
    with server.guest() as guest:
        places = [take(guest, document) for _ in range(_READERS)]
    for number, place in enumerate(places):
        # From networks of their own, since one gets a part of the places only.
        network = f"127.{1 + number // 250}.{number % 250}.1"
        while not _has_begun(line := _asked(server, network, place)):
            # On a machine that has more to do, one is told to come again.
            line.close()
            time.sleep(_AGAIN_SECONDS)
        lines.enter_context(line)
        left = 0 if number % _QUICK else 9 * _MIB
        while left > 0:
            left -= len(line.recv(_MIB))
    time.sleep(_SECONDS)


def _asked(server: ServerProcess, network: str, place: str) -> socket.socket:
    url, line = httpx.URL(server.url), socket.socket()
    # With a buffer that grows, the system would take most of the document.
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    line.bind((network, 0))
    line.connect((url.host, url.port or 0))
    line.sendall(f"GET {place} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return line


def _has_begun(line: socket.socket) -> bool:
    status = line.recv(12)
    assert status in (b"HTTP/1.1 200", b"HTTP/1.1 503"), status
    return status.endswith(b"200")


def rows(server: ServerProcess, root: Path, size: int) -> Iterator[Row]:
    """The rows, in the order in which the memory is used."""
    yield Row("idle", memory(server, "VmHWM"), MOST_IDLE, "MiB")
    send_and_fetch(server, root, size)
    yield Row(f"at the most, {size:,} MiB sent and fetched", memory(server, "VmHWM"), MOST_LARGE, "MiB")
    with ExitStack() as lines:
        stall(server, lines)
        yield Row(f"with {_READERS} readers that stall", memory(server, "VmRSS"), MOST_STALLED, "MiB")
        yield Row("  at the most", memory(server, "VmHWM"), MOST_STALLED, "MiB")
        before = cpu_seconds(server.process.pid)
        time.sleep(_IDLE_SECONDS)
        used = cpu_seconds(server.process.pid) - before
        yield Row("  CPU in a second", 1000 * used / _IDLE_SECONDS, None, "ms")


def main() -> int:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 4096
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name, ServerProcess(Path(name) / "data") as server:
        found = list(rows(server, Path(name), size))
    print(table(found))
    return 0 if all(row.passed is not False for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())

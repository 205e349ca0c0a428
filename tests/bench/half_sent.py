"""What half-sent requests cost: ``python -m tests.bench.half_sent [--database-url URL]``.

Hundreds of connections send their requests up to the last byte, from one address and from four: sign-ins, forms of a
link's page, and requests of someone who is signed in. *Memory* is what the server's process takes with all of them
open, *others* the longest that a client at another address waits for an answer meanwhile. The exit status is 1 if a row
fails.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.figures import Row, table
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of

#: Connections of one address and of four, and the megabytes that the server may take then.
ATTACKS = {1: (490, 120.0), 4: (1980, 200.0)}
#: Megabytes in addition for someone who is signed in: they are known, and their bodies may be longer.
SIGNED_IN = 20.0
#: Milliseconds that others may wait.
MOST_WAITED = 250.0
_KIB = 1024
_SECONDS = 3.0


@dataclass(frozen=True)
class Request:
    """A request line, headers in addition to the usual ones, and how much of the body is sent."""

    what: str
    line: str
    headers: str
    length: int
    chunked: bool = False

    @property
    def sent(self) -> bytes:
        framing = "Transfer-Encoding: chunked" if self.chunked else f"Content-Length: {self.length}"
        head = f"{self.line} HTTP/1.1\r\nHost: x\r\n{self.headers}{framing}\r\n\r\n"
        if self.chunked:
            head += f"{self.length:x}\r\n"
        return head.encode() + b"x" * (self.length - 1)


def requests(server: ServerProcess) -> list[Request]:
    json, form = (f"Content-Type: application/{kind}\r\n" for kind in ("json", "x-www-form-urlencoded"))
    page = path_of(publish(server, b"content", "Offer.pdf", password="Blue-Heron-42"))
    token = f"X-Auth-Token: {server.token}\r\n"
    library = "/work/api/v2/customers/1/libraries/ACTIVE"
    return [
        Request("sign-in of 1 MiB", "POST /share/v1/login", json, 1024 * _KIB),
        Request("sign-in of 16 KiB", "POST /share/v1/login", json, 16 * _KIB),
        Request("sign-in in pieces", "POST /share/v1/login", json, 16 * _KIB, chunked=True),
        Request("exchange, unknown", "POST /share/v1/exchange", json, 1024 * _KIB),
        Request("sign-in to Work", "POST /auth/oauth2/token", form, 64 * _KIB),
        Request("press of a link", f"POST {page}", form, 64 * _KIB),
        Request("a send, unknown", "POST /share/v1/sends", json, 1024 * _KIB),
        Request("a send, signed in", "POST /share/v1/sends", json + token, 1024 * _KIB),
        Request("Work's search, signed in", f"POST {library}/documents/search", json + token, 1024 * _KIB),
        Request("no such address", "POST /nothing", json, 1024 * _KIB),
    ]


def memory(server: ServerProcess) -> float:
    """The process's resident memory in megabytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def others(server: ServerProcess, paths: Sequence[str]) -> float:
    """The longest wait for an answer, in milliseconds, from another address."""
    target, longest = urlsplit(server.url), 0.0
    for path in paths:
        began = time.perf_counter()
        with socket.create_connection(
            (target.hostname or "", target.port or 0), 30, source_address=("127.0.0.99", 0)
        ) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = line.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:100]
        longest = max(longest, time.perf_counter() - began)
    return longest * 1000


def attack(server: ServerProcess, request: Request, addresses: int, page: str) -> tuple[float, float]:
    """Memory and others' wait while so many connections of each address have sent all but the last byte."""
    count, target = ATTACKS[addresses][0], urlsplit(server.url)
    most, waited = 0.0, 0.0
    with ExitStack() as stack:
        for number in range(count):
            source = f"127.0.0.{1 + number % addresses}"
            with suppress(OSError):
                line = stack.enter_context(
                    socket.create_connection(
                        (target.hostname or "", target.port or 0), 10, source_address=(source, 0)
                    )
                )
                line.settimeout(0.2)
                line.sendall(request.sent)
            if number % 100 == 0:
                most, waited = max(most, memory(server)), max(waited, others(server, ["/healthz", page]))
        ends = time.monotonic() + _SECONDS
        while time.monotonic() < ends:
            most, waited = max(most, memory(server)), max(waited, others(server, ["/healthz", page]))
            time.sleep(0.1)
    return most, waited


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url")
    parser.add_argument("--only", default="", help="rows whose names have this")
    options = parser.parse_args()
    arguments = ("--database-url", options.database_url) if options.database_url else ()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(what for what in _names() if options.only in what):
            for addresses, (count, limit) in ATTACKS.items():
                # A new server each time: what the system keeps of an earlier attack isn't this one's.
                data = Path(folder) / f"{number}-{addresses}"
                with ServerProcess(data, arguments=arguments) as server:
                    (request,) = (each for each in requests(server) if each.what == name)
                    page = path_of(publish(server, b"content", "Open.pdf"))
                    before = memory(server)
                    took, waited = attack(server, request, addresses, page)
                    what = f"{name}, {count:,} from {addresses}"
                    limit += SIGNED_IN if "signed in" in name else 0
                    rows.append(Row(f"{what}: memory", took, limit, "MB", before, "before"))
                    rows.append(Row(f"{what}: others", waited, MOST_WAITED, "ms"))
                    print(table(rows[-2:]), flush=True)
    return 0 if all(row.passed for row in rows) else 1


def _names() -> list[str]:
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        return [request.what for request in requests(server)]


if __name__ == "__main__":
    sys.exit(main())

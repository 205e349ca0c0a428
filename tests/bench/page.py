"""The page of a link compared with a bare Starlette response of the same size: ``python -m tests.bench.page [TURNS]``.

Both are requested alternately over connections that stay open, from our server and from one that does nothing else. The
figures are the time to the first byte, and the CPU that a request takes from the server's process, which says the same
on a busy machine. A link is opened again and again, so its opening is recorded once; the last row opens many links for
the first time.
"""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.bench.figures import Row, table
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, path_of

_TURNS, _ROUNDS, _LINKS = 300, 5, 100
_MOST = 1.5


def _bare(port: int, body: bytes) -> None:
    async def answer(request: Request) -> HTMLResponse:
        return HTMLResponse(body)

    uvicorn.run(Starlette(routes=[Route("/", answer)]), port=port, log_level="critical", access_log=False)


def _took(client: httpx.Client, path: str) -> float:
    begun = time.perf_counter()
    with client.stream("GET", path, headers=HTML) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        took = time.perf_counter() - begun
        for _ in pieces:
            pass
    return took


def _cpu(pid: int) -> float:
    """The CPU that all threads of a process have taken, in milliseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in threads) / 1e6


def _each(pid: int, client: httpx.Client, path: str, turns: int) -> float:
    """The CPU that a request takes from the process ``pid``, in milliseconds."""
    before = _cpu(pid)
    for _ in range(turns):
        client.get(path, headers=HTML)
    return (_cpu(pid) - before) / turns


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else _TURNS
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        path = path_of(publish(server, b"x" * 3_000_000, "offer.pdf"))
        unseen = [path_of(publish(server, b"x", "offer.pdf")) for _ in range(_LINKS)]
        with (
            server.guest() as ours,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as other,
        ):
            body = ours.get(path, headers=HTML).content
            bare = multiprocessing.get_context("spawn").Process(target=_bare, args=(port, body), daemon=True)
            bare.start()
            while True:
                try:
                    other.get("/")
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            assert bare.pid
            rounds = []
            for _ in range(_ROUNDS):
                pairs = [(_took(ours, path), _took(other, "/")) for _ in range(turns)]
                times = [statistics.median(each) * 1000 for each in zip(*pairs, strict=True)]
                cpu = _each(server.process.pid, ours, path, turns), _each(bare.pid, other, "/", turns)
                rounds.append([*times, *cpu])
            bare.terminate()
            first = statistics.median(_took(ours, path) for path in unseen) * 1000
    mine, floor, cpu_mine, cpu_floor = (statistics.median(each) for each in zip(*rounds, strict=True))
    print(f"{len(body):,} bytes")
    rows = [
        Row("first byte of the page", mine, _MOST * floor, "ms", floor=floor),
        Row("  of a link that no one has opened", first, None, "ms", floor=floor),
        Row("  CPU of the server for each", cpu_mine, None, "ms", floor=cpu_floor),
    ]
    print(table(rows))


if __name__ == "__main__":
    main()

"""The page of a link compared with a bare Starlette response of the same size: ``python -m tests.bench.page [TURNS]``.

Both are requested alternately over connections that stay open, from our server and from one that does nothing else; the
figure is the time to the first byte.
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
from tests.support.publish import publish
from tests.support.recipient import HTML, path_of
from tests.support.server import ServerProcess

_TURNS, _ROUNDS = 300, 5
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


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else _TURNS
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        path = path_of(publish(server, b"x" * 3_000_000, "offer.pdf"))
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
            rounds = []
            for _ in range(_ROUNDS):
                pairs = [(_took(ours, path), _took(other, "/")) for _ in range(turns)]
                rounds.append([statistics.median(times) * 1000 for times in zip(*pairs, strict=True)])
            bare.terminate()
    mine, floor = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(f"{len(body):,} bytes")
    print(table([Row("first byte of the page", mine, _MOST * floor, "ms", floor=floor)]))


if __name__ == "__main__":
    main()

"""What documents in an S3 store cost, compared with the simplest server that passes bytes on to one and back:
``python -m tests.bench.bucket [MEBIBYTES]``.

The store is SeaweedFS. A document is sent with the command, less the time that one byte takes, and fetched through its
link with ``curl``; in turns with that, ``curl`` sends and fetches as many bytes through FastAPI and obstore, with
nothing between. Medians of many turns. The exit status is 1 if a row fails.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import obstore
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from obstore.store import S3Store

from tests.bench.figures import Row, table
from tests.bench.sends import cpu_seconds, made, peak, took
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.seaweed import seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import take
from tests.support.users.share import Sender

#: How many times as long as there it may take: 0.8 times as fast. And the server's memory, in MiB.
MOST_OF_BARE, MOST_MEMORY = 1.25, 140
_TURNS = 5
_MIB = 1 << 20
_BARE = "FastAPI and obstore"
_SENTLINKS = Path(sys.executable).with_name("sentlinks")


def passing_on(store: S3Store) -> FastAPI:
    """A server that has nothing but what ``store`` has."""
    app = FastAPI()

    @app.put("/{name}")
    async def put(name: str, request: Request) -> Response:
        await obstore.put_async(store, name, request.stream())
        return Response(status_code=201)

    @app.get("/{name}")
    async def get(name: str) -> StreamingResponse:
        found = await obstore.get_async(store, name)

        async def parts() -> AsyncIterator[bytes]:
            async for part in found.stream():
                yield bytes(part)

        return StreamingResponse(parts(), headers={"Content-Length": str(found.meta["size"])})

    return app


def serve(bucket: str) -> None:
    """Serve what is in the bucket, and print at which address."""
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    store = S3Store(bucket, endpoint=endpoint, client_options={"allow_http": True})
    server = uvicorn.Server(uvicorn.Config(passing_on(store), port=0, log_level="warning", access_log=False))
    listening = server.config.bind_socket()
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
    asyncio.run(server.serve(sockets=[listening]))


@contextmanager
def bare(bucket: str) -> Iterator[tuple[str, int]]:
    """Starts the simplest server, and yields its address and its process."""
    command = [sys.executable, "-m", "tests.bench.bucket", "serve", bucket]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process.pid
        process.terminate()


class Costs:
    """What turns took: seconds of the clock, and the server's of the processor."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seconds: list[float] = []
        self._cpu: list[float] = []

    def add(self, work: Callable[..., object], *words: Any) -> None:
        before = cpu_seconds(self._pid)
        self._seconds.append(took(lambda: work(*words)))
        self._cpu.append(cpu_seconds(self._pid) - before)

    @property
    def milliseconds(self) -> float:
        return statistics.median(self._seconds) * 1000

    @property
    def cpu(self) -> float:
        return statistics.median(self._cpu) * 1000


def _curl(*words: str) -> None:
    subprocess.run(["curl", "-sf", "-o", os.devnull, "-H", "Expect:", *words], check=True)


def _send(server: ServerProcess, home: Path, file: str) -> None:
    environ = {
        **os.environ,
        "SENTLINKS_HOME": str(home),
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
    }
    subprocess.run([_SENTLINKS, "send", file, "--json"], env=environ, check=True, stdout=subprocess.DEVNULL)


def measure(root: Path, size: int) -> list[Row]:
    """The rows for a document of so many mebibytes."""
    with seaweed() as store:
        os.environ.update(store.environment)
        bucket = S3Bucket(store)
        with (
            ServerProcess(root / "data", arguments=("--store", bucket.url)) as server,
            bare(store.bucket()) as (address, pid),
            Sender(server) as sender,
            server.guest() as guest,
        ):
            (file,) = made(root / "one", 1, size * _MIB)
            document = sender.send("Large.bin", Path(file).read_bytes())
            (one,) = made(root / "byte", 1, 1)
            start = Costs(server.process.pid)
            ours = [Costs(server.process.pid) for _ in range(2)]
            theirs = [Costs(pid) for _ in range(2)]
            for _ in range(_TURNS):
                start.add(_send, server, root / "home", one)
                name = urljoin(address, secrets.token_hex(8))
                ours[0].add(_send, server, root / "home", file)
                theirs[0].add(_curl, "-T", file, name)
                ours[1].add(_curl, urljoin(server.url, take(guest, document)))
                theirs[1].add(_curl, name)
            memory = peak(server.process.pid) / _MIB
    rows: list[Row] = []
    parts = ("sent, beyond the start", start.milliseconds), ("fetched", 0.0)
    for (what, less), mine, other in zip(parts, ours, theirs, strict=True):
        value, limit = mine.milliseconds - less, MOST_OF_BARE * other.milliseconds
        rows.append(Row(f"{size:,} MiB, {what}", value, limit, "ms", other.milliseconds, _BARE))
        rows.append(Row("  CPU of the server", mine.cpu, None, "ms", other.cpu, _BARE))
    return [*rows, Row("memory of the server", memory, MOST_MEMORY, "MiB")]


def main() -> int:
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
        return 0
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        rows = measure(Path(name), size)
    print(table(rows))
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

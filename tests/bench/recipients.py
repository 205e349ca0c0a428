"""Many recipients at once: ``python -m tests.bench.recipients [RECIPIENTS] [MEGABYTES]``.

Each presses the button and fetches the file from one of two server processes, while the sender's list is requested
again and again. All files must arrive whole and all downloads be counted; the figures are the throughput, and how long
the list took.
"""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.figures import Row, table
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of
from tests.support.users.share import Sender

_RECIPIENTS, _MEGABYTES = 200, 10
#: A list that is live answers within this.
_LIVE = 1000


async def _fetched(client: httpx.AsyncClient, url: str, path: str) -> str:
    """The digest of what a recipient gets."""
    answer = await client.post(url + path)
    assert answer.status_code == 303, answer.text
    digest = hashlib.sha256()
    async with client.stream("GET", url + answer.headers["location"]) as file:
        file.raise_for_status()
        async for piece in file.aiter_raw():
            digest.update(piece)
    return digest.hexdigest()


async def _list_times(server: ServerProcess, done: asyncio.Event) -> list[float]:
    headers = {"X-Auth-Token": server.token}
    times = []
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
        while not done.is_set():
            begun = time.perf_counter()
            (await client.get("/share/v1/documents")).raise_for_status()
            times.append((time.perf_counter() - begun) * 1000)
    return times


async def _measure(
    servers: tuple[ServerProcess, ServerProcess], recipients: int, content: bytes
) -> list[Row]:
    document = publish(servers[0], content, "offer.pdf", downloads_permitted=recipients)
    done, path = asyncio.Event(), path_of(document)
    listing = asyncio.create_task(_list_times(servers[0], done))
    begun = time.perf_counter()
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=300, limits=limits, trust_env=False) as client:
        digests = await asyncio.gather(
            *(_fetched(client, servers[number % 2].url, path) for number in range(recipients))
        )
    took = time.perf_counter() - begun
    done.set()
    times = await listing
    assert set(digests) == {hashlib.sha256(content).hexdigest()}
    with Sender(servers[0]) as me:
        after = me.document(document["id"])
    assert (after["downloads"], after["reason"]) == (recipients, "limit")
    total = recipients * len(content) / 1e6
    return [
        Row(f"{recipients} recipients, {len(content) / 1e6:.0f} MB each", total / took, None, "MB/s"),
        Row("the sender's list meanwhile, median", statistics.median(times), _LIVE, "ms"),
        Row("the sender's list meanwhile, slowest", max(times), None, "ms"),
    ]


def main() -> None:
    recipients = int(sys.argv[1]) if len(sys.argv) > 1 else _RECIPIENTS
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else _MEGABYTES
    content = hashlib.sha256(b"a document").digest() * (megabytes * 1_000_000 // 32)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with ServerProcess(data) as first, ServerProcess(data) as second:
            print(table(asyncio.run(_measure((first, second), recipients, content))))


if __name__ == "__main__":
    main()

"""Many recipients at once, while other clients hold idle connections."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, path_of, receipts
from tests.support.users.share import Sender

RECIPIENTS, IDLE = 40, 32
#: More than is read from a file, or written to a connection, at a time.
CONTENT = hashlib.sha256(b"a document").digest() * 10_000


async def test_many_at_once(fresh_server: ServerProcess) -> None:
    """From two processes, alongside half-open connections: every file arrives whole, every download is counted once,
    and the sender's list responds throughout and is right at the end."""
    document = publish(fresh_server, CONTENT, "offer.pdf", downloads_permitted=RECIPIENTS)
    path, listed = path_of(document), 0
    with ServerProcess(fresh_server.data) as second, ExitStack() as stack:
        for number in range(IDLE):
            place = urlsplit((fresh_server, second)[number % 2].url)
            line = stack.enter_context(socket.create_connection((place.hostname, place.port or 0)))
            line.sendall(b"GET /s/unknown HTTP/1.1\r\nHost: x\r\nX-Half: ")
        done = asyncio.Event()

        async def recipient(number: int, client: httpx.AsyncClient) -> bytes:
            url = (fresh_server, second)[number % 2].url
            answer = await client.post(url + path)
            assert answer.status_code == 303, answer.text
            return (await client.get(url + answer.headers["location"])).raise_for_status().content

        async def sender() -> int:
            headers, times = {"X-Auth-Token": fresh_server.token}, 0
            async with httpx.AsyncClient(base_url=fresh_server.url, headers=headers, timeout=30) as client:
                while not done.is_set():
                    rows = (await client.get("/share/v1/documents")).raise_for_status().json()["documents"]
                    assert [row["id"] for row in rows] == [document["id"]]
                    times += 1
                    # As often as possible would take more of the server's time than the recipients do.
                    await asyncio.sleep(0.05)
            return times

        watching = asyncio.create_task(sender())
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as client:
            files = await asyncio.gather(*(recipient(number, client) for number in range(RECIPIENTS)))
        done.set()
        listed = await watching
        # Each process writes its own, as long as it runs.
        assert receipts(fresh_server, document, RECIPIENTS) == [("delivered", None)] * RECIPIENTS
    assert all(file == CONTENT for file in files)
    assert listed > 1
    with Sender(fresh_server) as me:
        after = me.document(document["id"])
    assert (after["downloads"], after["published"], after["reason"]) == (RECIPIENTS, False, "limit")
    assert [row["event"] for row in events(fresh_server, document["id"])].count("downloaded") == RECIPIENTS

"""A network that breaks off the conversation with a real mail server at a certain step."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.support.servers.certificates import Authority
from tests.support.servers.looping import in_a_thread

#: The step in which the content of the e-mail is sent.
CONTENT = b"MIME-VERSION"
#: The first step: the server greets the client.
GREETING = b""
#: How long anything is held, in seconds: a test that fails ends all the same.
_LONGEST = 60


@dataclass
class Trouble:
    """A server on ``port`` of localhost that passes on everything to another, until a client sends ``step`` (in
    capitals) within a line.

    Then it resets the connection, or, if it ``hangs``, keeps it open and is silent. If what was sent ``arrives``, the
    real server gets it, and its response is lost.

    If it is ``held``, nothing is broken off: from that step on, what the real server says is passed on as soon as that
    is set.
    """

    step: bytes
    hangs: bool = False
    arrives: bool = False
    held: threading.Event | None = None
    port: int = 0
    #: Set as soon as it has come to that.
    reached: threading.Event = field(default_factory=threading.Event)


def troubled(
    authority: Authority, port: int, trouble: Trouble, *, tls: bool = True
) -> AbstractContextManager[Trouble]:
    """``trouble`` in front of the server on ``port``; both speak TLS from the start, or neither."""
    served: ssl.SSLContext | None = None
    trusted: ssl.SSLContext | None = None
    if tls:
        served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        served.load_cert_chain(*authority.server)
        trusted = ssl.create_default_context(cafile=str(authority.file))

    @asynccontextmanager
    async def serve() -> AsyncIterator[Trouble]:
        end, conversations = asyncio.Event(), set[asyncio.Task[Any]]()

        async def converse(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
            conversation = asyncio.current_task()
            assert conversation is not None
            conversations.add(conversation)
            server, to_server = await asyncio.open_connection("localhost", port, ssl=trusted)
            with suppress(OSError):
                await _pass_on(trouble, (client, to_client), (server, to_server), end)
            to_server.transport.abort()
            to_client.transport.abort()

        listener = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=served)
        trouble.port = listener.sockets[0].getsockname()[1]
        yield trouble
        end.set()
        listener.close()
        await asyncio.gather(*conversations)

    return in_a_thread(serve())


_Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _wait_for(event: asyncio.Event) -> None:
    await event.wait()


async def _pass_on(trouble: Trouble, client: _Side, server: _Side, end: asyncio.Event) -> None:
    """Returns when the connection is to be reset, or one of the two has closed it."""
    is_there = trouble.step == GREETING

    async def up() -> None:
        nonlocal is_there
        while piece := await client[0].read(1 << 16):
            is_there = is_there or trouble.step in piece.upper()
            if is_there and trouble.held is not None:
                trouble.reached.set()
            elif is_there and not trouble.arrives:
                return
            server[1].write(piece)

    async def down() -> None:
        while (piece := await server[0].read(1 << 16)) and not (is_there and trouble.held is None):
            if is_there and trouble.held is not None:
                await asyncio.to_thread(trouble.held.wait, _LONGEST)
            client[1].write(piece)

    if not is_there:
        ways = [asyncio.create_task(way) for way in (up(), down(), _wait_for(end))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
    if is_there and trouble.held is None:
        trouble.reached.set()
        if trouble.hangs:
            await end.wait()

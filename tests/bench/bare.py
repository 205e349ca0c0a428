"""The simplest server that can receive a file over HTTP and keep it: hashed, written, and on disk when it responds.

``python -m tests.bench.bare FOLDER`` prints its address and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn

_GATHER = 1024 * 1024


def app_for(folder: Path) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        digest = hashlib.sha256()
        handle = os.open(folder / uuid4().hex, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        kept = bytearray()

        def write(data: bytes) -> None:
            digest.update(data)
            os.write(handle, data)

        more = True
        while more:
            message = await receive()
            kept += message.get("body", b"")
            more = message.get("more_body", False)
            if len(kept) >= _GATHER or not more:
                await asyncio.to_thread(write, bytes(kept))
                kept.clear()
        await asyncio.to_thread(os.fdatasync, handle)
        os.close(handle)
        body = digest.hexdigest().encode()
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"64")]})
        await send({"type": "http.response.body", "body": body})

    return app


def main() -> None:
    config = uvicorn.Config(app_for(Path(sys.argv[1])), port=0, log_level="warning")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
    asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main()

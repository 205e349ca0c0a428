"""What it costs to look at the bytes that are sent: ``python -m tests.bench.fetch [MEBIBYTES]``.

One document is fetched through its link several times, alternately whole (its digest is computed on the way) and
without its first byte (which is not looked at); both from the system's memory, over loopback.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.figures import Row, table
from tests.support.publish import publish
from tests.support.recipient import take
from tests.support.server import ServerProcess

_TURNS = 5
_MEBIBYTE = 1024 * 1024


def _took(guest: httpx.Client, address: str, **headers: str) -> float:
    begun = time.perf_counter()
    with guest.stream("GET", address, headers=headers) as answer:
        answer.raise_for_status()
        for _ in answer.iter_raw(_MEBIBYTE):
            pass
    return time.perf_counter() - begun


def _first(guest: httpx.Client, address: str, **headers: str) -> float:
    begun = time.perf_counter()
    with guest.stream("GET", address, headers=headers) as answer:
        next(answer.iter_raw())
        return time.perf_counter() - begun


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    content = bytes(_MEBIBYTE) * size
    begun = time.perf_counter()
    hashlib.sha256(content).digest()
    alone = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        document = publish(server, content, "large.bin")
        whole, part, begins, begins_part = [], [], [], []
        with server.guest() as guest:
            for _ in range(_TURNS):
                address = take(guest, document)
                whole.append(_took(guest, address))
                part.append(_took(guest, address, Range="bytes=1-"))
                with contextlib.suppress(httpx.HTTPError):
                    address = take(guest, document)
                    begins.append(_first(guest, address))
                    begins_part.append(_first(guest, address, Range="bytes=1-"))
    print(
        table(
            [
                Row(
                    f"{size:,} MiB, looked at",
                    min(whole) * 1000,
                    None,
                    "ms",
                    min(part) * 1000,
                    "not looked at",
                ),
                Row(
                    "its first byte", min(begins) * 1000, None, "ms", min(begins_part) * 1000, "not looked at"
                ),
                Row("the digest alone", alone * 1000, None, "ms"),
            ]
        )
    )


if __name__ == "__main__":
    main()

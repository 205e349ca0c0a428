"""What sealing costs: the store of a server, once sealed and once plain, in turns, without HTTP.

``python -m tests.bench.sealed [MIB] [ROUNDS]`` prints seconds of the clock and of the processor, and their ratios: for
receiving one content of so many MiB, giving it out twice, and storing 1,000 contents of 10 KiB with their rows.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, update

from tui.server.base import memory
from tui.server.base.settings import Settings
from tui.server.blobs.outgoing import Outgoing
from tui.server.context import Context
from tui.server.database.tables import blobs, installation
from tui.server.installation.installation import open_context

MIB = 1024 * 1024
_TEXT, _SMALL = os.urandom(MIB), os.urandom(10 * 1024)

#: Seconds of the clock and of the processor, by what was done.
Times = dict[str, tuple[float, float]]


@contextmanager
def _timed(times: Times, what: str) -> Iterator[None]:
    clock, processor = time.perf_counter(), time.process_time()
    yield
    times[what] = (time.perf_counter() - clock, time.process_time() - processor)


async def _arriving(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield _TEXT


def _row(key: str, size: int, sha256: str) -> dict[str, Any]:
    return {"key": key, "size": size, "sha256": sha256, "created_at": datetime.now(UTC)}


async def _settle(context: Context, rows: list[dict[str, Any]]) -> None:
    async with context.database.write() as connection:
        await connection.execute(insert(blobs), rows)
        await context.blobs.settle(connection, rows)


async def _large(context: Context, size: int, times: Times) -> None:
    store, key = context.blobs, context.blobs.new_key()
    with _timed(times, "receive"):
        await store.append(key, 0, _arriving(size), exact=True)
    sha256 = await store.received(key)
    await _settle(context, [_row(key, size * MIB, sha256)])
    for what in ("give out", "again"):
        delivery = Outgoing(store, key, 0, size * MIB, size=size * MIB, sha256=sha256)
        with _timed(times, what):
            while part := await delivery.next():
                # A client that keeps up.
                delivery.taken += len(part)


async def _many(context: Context, times: Times) -> None:
    with _timed(times, "1,000 small"):
        for _ in range(10):
            keys = await context.reserved_keys.take(100)
            await context.blobs.put({key: [_SMALL] for key in keys})
            await _settle(context, [_row(key, len(_SMALL), "0" * 64) for key in keys])


async def _measure(size: int, *, sealed: bool) -> Times:
    times: Times = {}
    with TemporaryDirectory() as folder:
        context = await open_context(Settings(data=Path(folder)))
        try:
            if not sealed:
                async with context.database.write() as connection:
                    await connection.execute(update(installation).values(sealing=None))
            await _large(context, size, times)
            await _many(context, times)
        finally:
            await context.close()
    return times


async def main(size: int, rounds: int) -> None:
    """Print the best of all rounds."""
    memory.tune()
    found: dict[bool, list[Times]] = {True: [], False: []}
    for _ in range(rounds):
        for sealed in (False, True):
            found[sealed].append(await _measure(size, sealed=sealed))
    print(f"{'':<12} {'plain':>15} {'sealed':>15} {'ratio':>13}")
    for what in found[True][0]:
        (plain, plain_cpu), (sealed_, sealed_cpu) = (
            [min(times[what][which] for times in found[sealed]) for which in (0, 1)]
            for sealed in (False, True)
        )
        print(
            f"{what:<12} {plain:6.2f}s {plain_cpu:6.2f}s {sealed_:6.2f}s {sealed_cpu:6.2f}s "
            f"{sealed_ / plain:6.2f} {sealed_cpu / plain_cpu:6.2f}"
        )


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*given, *(256, 3)[len(given) :]))

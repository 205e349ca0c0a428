"""Killed again and again while documents are sent and purged, what lies plain is encrypted, and the key is changed:
nothing that was acknowledged is lost or comes back (S25), and no nonce is ever used twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from tests.support.checks.long import cases
from tests.support.pages.deliveries import rest_of
from tests.support.servers.forking import session
from tests.support.servers.sealed_home import Seen
from tests.support.servers.server import ROOT
from tui.rules.errors import Unavailable
from tui.server.base.settings import Settings
from tui.server.blobs.outgoing import Outgoing
from tui.server.context import Context
from tui.server.database.tables import blobs, dead_blobs, installation, sealed_contents, sealed_pieces
from tui.server.database.tables import wrapping as wrapping_row
from tui.server.installation.installation import open_context
from tui.server.installation.key_change import change_key
from tui.server.library import plain_bytes
from tui.server.library.gc import collect, release

DATABASE = "both"
#: How often a process is killed, on each database.
KILLS = cases(6, 200)
_SEED = 40
#: Documents that lie plain at first, bytes that an upload gets at a time, and documents from which on some are purged.
_PLAIN, _PART, _MANY = 3, 150_000, 3


def text_of(key: str, length: int) -> bytes:
    """The text of an upload, which both processes know."""
    return random.Random(key).randbytes(length)


# ---------------------------------------------------------------- the process that is killed


def acknowledge(**what: Any) -> None:
    """What a sender is told: it counts from here on."""
    os.write(1, (json.dumps(what) + "\n").encode())


async def patiently(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Again while the server is busy, as whoever asks it does."""
    while True:
        try:
            await work()
        except Unavailable:
            await asyncio.sleep(0.05)
        else:
            return


async def send(context: Context, key: str, parts: int) -> None:
    """Go on with an upload from where it is, part by part, and publish it."""
    offset = await context.blobs.length(key)
    size = parts * _PART
    whole = text_of(key, size)

    async def arriving(start: int) -> AsyncIterator[bytes]:
        for at in range(start, min(start + _PART, size), 10_000):
            yield whole[at : min(at + 10_000, start + _PART, size)]
            await asyncio.sleep(0)

    while offset < size:
        offset = await context.blobs.append(key, offset, arriving(offset), exact=True, digest=True)
        acknowledge(key=key, length=offset)
    sha256 = await context.blobs.received(key)
    assert sha256 == hashlib.sha256(whole).hexdigest()
    await publish(context, key, whole)
    acknowledge(key=key, published=size)


async def publish(context: Context, key: str, text: bytes) -> None:
    row = {"key": key, "size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    async with context.database.write() as connection:
        await connection.execute(insert(blobs).values(**row, created_at=context.clock()))
        await context.blobs.settle(connection, [row])


async def purge(context: Context, keys: list[str]) -> None:
    for key in keys:
        async with context.database.write() as connection:
            await release(connection, key, context.clock())
        acknowledge(purged=key)


async def victim(settings: Settings, uploads: list[str], doomed: list[str], parts: int) -> None:
    """All at once, as in a server."""
    context = await open_context(settings)
    acknowledge(ready=True)

    async def sealing() -> None:
        while True:
            await plain_bytes.seal_some(context)
            await collect(context)
            await asyncio.sleep(0)

    async def changing() -> None:
        while True:
            await change_key(settings, None, "me", lambda _: None)
            acknowledge(changed=True)

    work: list[Callable[[], Coroutine[Any, Any, None]]] = [sealing, changing]
    work += [partial(send, context, key, parts) for key in uploads]
    work += [partial(purge, context, doomed)]
    await asyncio.gather(*map(patiently, work))


# ---------------------------------------------------------------- the one that looks


class Estate:
    """What was acknowledged."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.seen = Seen(settings.data / "blobs")
        #: Of uploads, how many bytes; of documents, their texts.
        self.uploads: dict[str, int] = {}
        self.documents: dict[str, bytes] = {}
        #: Those that are being purged, and were.
        self.doomed: list[str] = []
        self.purged: set[str] = set()
        self.told = Counter[str]()

    def note(self, line: str) -> None:
        what = json.loads(line)
        if "length" in what:
            self.uploads[what["key"]] = max(self.uploads.get(what["key"], 0), what["length"])
            self.told["parts"] += 1
        if "published" in what:
            self.uploads.pop(what["key"], None)
            self.documents[what["key"]] = text_of(what["key"], what["published"])
            self.told["published"] += 1
        if "purged" in what:
            self._note_purged(what["purged"])
        self.told["keys changed"] += "changed" in what

    def _note_purged(self, key: str) -> None:
        self.doomed.remove(key)
        self.purged.add(key)
        del self.documents[key]
        self.told["purged"] += 1

    async def look(self, parts: int) -> None:
        """Everything is there but what was purged, and nothing was written where something else had been."""
        context = await open_context(self.settings)
        try:
            await self.seen.look(context)
            await collect(context)
            published = await _all(context, blobs.c.key)
            for key in [key for key in self.doomed if key not in published]:
                # Purged: it was killed before it could say so.
                self._note_purged(key)
            assert not self.purged & (published | await _all(context, sealed_contents.c.key))
            named = {name for column in _NAMES for name in await _all(context, column)}
            unnamed = {file.name for file in self.settings.data.glob("blobs/??/*")} - named
            assert unnamed <= self.uploads.keys(), "nothing knows of it, so it is never deleted"
            for key in list(self.uploads):
                if key in published:
                    # It was killed before it could say so.
                    del self.uploads[key]
                    self.documents[key] = text_of(key, parts * _PART)
            for key, text in self.documents.items():
                sha256 = hashlib.sha256(text).hexdigest()
                whole = Outgoing(context.blobs, key, 0, len(text), size=len(text), sha256=sha256)
                assert await rest_of(whole) == text, key
            for key, length in self.uploads.items():
                assert await context.blobs.length(key) >= length, key
                if length:
                    assert await context.blobs.piece(key, 0, length) == text_of(key, parts * _PART)[:length]
            await self.seen.look(context)
        finally:
            await context.close()


#: Whatever names a file. Bytes that are deleted, or would be soon, are named by a mark.
_NAMES = (blobs.c.key, sealed_pieces.c.name, dead_blobs.c.key)


async def _all(context: Context, column: Any) -> set[str]:
    async with context.database.read() as connection:
        return set((await connection.execute(select(column))).scalars())


async def plain_documents(context: Context, estate: Estate) -> None:
    """As an earlier version has stored them, of an installation that is sealing what is left."""
    async with context.database.write() as connection:
        await connection.execute(update(installation).values(sealing=None))
    context = await open_context(context.settings)
    try:
        keys = await context.reserved_keys.take(_PLAIN)
        for key in keys:
            estate.documents[key] = text_of(key, 400_000)
        await context.blobs.put({key: [estate.documents[key]] for key in keys})
        for key in keys:
            await publish(context, key, estate.documents[key])
        await plain_bytes.begin(context)
    finally:
        await context.close()


def killed(estate: Estate, parts: int, chance: random.Random) -> list[str]:
    """What a process has acknowledged, which is killed a moment after one of its lines."""
    data = estate.settings.data
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SENTLINKS_")}
    reading, writing = os.pipe()
    url = estate.settings.database_url or ""
    arguments = [str(data), url, json.dumps(list(estate.uploads)), json.dumps(estate.doomed), str(parts)]
    with open(reading, encoding="utf-8") as out, (data.parent / "errors").open("wb") as errors:
        with open(os.devnull, "rb") as nothing, open(writing, "wb") as printed:
            process = session.process(
                "tests.server.test_sealed_kills", arguments, cwd=ROOT, env=environment,
                streams=(nothing, printed, errors),
            )  # fmt: skip
        lines = [out.readline() for _ in range(chance.randrange(1, 6))]
        time.sleep(chance.random() * 0.1)
        process.kill()
        lines += out.readlines()
        assert process.wait() == -signal.SIGKILL, (data.parent / "errors").read_text()
    return [line for line in lines if line.endswith("\n")]


async def test_killed_at_any_moment_nothing_is_lost(
    database_url: Callable[[], str | None], tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=database_url())
    chance, estate, parts = random.Random(_SEED), Estate(settings), 8
    context = await open_context(settings)
    new_key = context.blobs.new_key
    try:
        for number in range(KILLS):
            if number % 20 == 0:
                await plain_documents(context, estate)
            while len(estate.uploads) < 2:
                estate.uploads[new_key()] = 0
            if len(estate.documents) >= _MANY and not estate.doomed:
                estate.doomed = chance.sample(sorted(estate.documents), chance.choice([1, 2]))
            for line in killed(estate, parts, chance):
                estate.note(line)
            estate.told["kills"] += 1
            await estate.look(parts)
        async with context.database.read() as connection:
            estate.told["pieces"] = len((await connection.execute(select(sealed_pieces.c.name))).all())
            left = (await connection.execute(select(wrapping_row.c.next_key))).scalar()
            estate.told["ended during a change of the key"] = left is not None
    finally:
        await context.close()
    await change_key(settings, None, "me", lambda _: None)
    await estate.look(parts)
    context = await open_context(settings)
    try:
        async with context.database.read() as connection:
            ids = (await connection.execute(select(sealed_contents.c.wrapped_by).distinct())).scalars().all()
        assert ids == [context.keys.wrapping_id]
    finally:
        await context.close()
    print(dict(estate.told), estate.seen.salts, "salts")
    assert estate.told["kills"] == KILLS
    assert estate.told["parts"]
    assert estate.told["purged"]


def main() -> None:
    data, url, uploads, doomed, parts = sys.argv[1:]
    settings = Settings(data=Path(data), database_url=url or None)
    asyncio.run(victim(settings, json.loads(uploads), json.loads(doomed), int(parts)))


if __name__ == "__main__":
    main()

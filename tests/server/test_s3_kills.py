"""Servers that are killed while they store to an S3 store and purge, and with them who changes their key: nothing that
was acknowledged is lost or comes back (S25), what was stored for nothing is deleted, and no nonce is used twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.support.checks.long import cases
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.databases import both
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.share import CONTENT, Sender, fetch
from tests.system.command import Running, run
from tui.server.base.settings import Settings
from tui.server.blobs.s3.store import MARKER
from tui.server.database.tables import dead_blobs, sealed_pieces
from tui.server.installation.installation import open_context
from tui.server.library import gc

MIB = 1024 * 1024
KILLS = cases(3, 200)
_PART = 64 * 1024
#: Documents from which on some are purged.
_MANY = 6
TEXT = os.urandom(20 * MIB + 12_345)


class _Server(ServerProcess):
    dear_passwords = False


class Firm:
    """A server that is killed and started again, whose documents are in a bucket."""

    def __init__(self, data: Path, bucket: S3Bucket, url: str | None) -> None:
        self.bucket = bucket
        self.settings = Settings(data, database_url=url, store=bucket.url)
        self.sent: dict[str, bytes] = {}
        self.purged: set[str] = set()
        self.told = Counter[str]()
        self._ids: dict[str, str] = {}
        self.salts: dict[bytes, str] = {}
        self._digests: dict[str, str] = {}
        self._listed: dict[str, str] = {}
        self.server = self._started()

    def _started(self) -> _Server:
        words = ("--store", self.bucket.url)
        return _Server(self.settings.data, arguments=words, database_url=self.settings.database_url)

    @property
    def options(self) -> list[str]:
        url = self.settings.database_url
        database = ["--database-url", url] if url else []
        return ["--data", str(self.settings.data), "--store", self.bucket.url, *database]

    def changing_key(self) -> Running:
        return Running(["admin", "rotate-key", *self.options], cwd=None, env=dict(os.environ))

    def restart(self, changing: Running | None = None) -> None:
        """Kill the server, and who changes its key."""
        self.server.stop(signal.SIGKILL)
        self.told["servers killed"] += 1
        if changing is not None:
            changing.kill()
            status, _, err = changing.ended()
            assert status in (0, -signal.SIGKILL), err
            self.told["changes of the key killed" if status else "changes of the key"] += 1
        self.server = self._started()

    def send(self, sender: Sender) -> None:
        text = os.urandom(5000)
        self.note(sender.send("Small.pdf", text), text)

    def note(self, document: dict[str, Any], text: bytes) -> None:
        """A document was published."""
        path = httpx.URL(document["url"]).path
        self.sent[path], self._ids[path] = text, document["id"]
        self.told["sent"] += 1

    def purge(self, sender: Sender) -> None:
        """Delete the oldest document for good."""
        path = next(iter(self.sent))
        del self.sent[path]
        sender.delete(f"/documents/{self._ids[path]}")
        sender.post("/trash/empty")
        self.purged.add(path)
        self.told["purged"] += 1

    def all_is_whole(self) -> None:
        for path, text in self.sent.items():
            assert fetch(self.server, path) == text
        for path in self.purged:
            assert fetch(self.server, path) is None

    async def look(self, ahead: timedelta = timedelta(0)) -> None:
        """Each salt is that of one piece, and what no row has is to be deleted; ``ahead`` it has been."""
        context = await open_context(self.settings, lambda: datetime.now(UTC) + ahead)
        try:
            if ahead:
                await gc.collect(context)
            async with context.database.read() as connection:
                rows = (await connection.execute(select(sealed_pieces.c.name, sealed_pieces.c.salt))).all()
                dead = set((await connection.execute(select(dead_blobs.c.key))).scalars())
            for name, salt in rows:
                assert self.salts.setdefault(salt, name) == name
            stored = self.bucket.listed()
            for name, entry in stored.items():
                if self._listed.get(name) == entry:
                    # What is written again has another digest or time.
                    continue
                self._listed[name] = entry
                content = self.bucket.content(name)
                digest = hashlib.sha256(content).hexdigest()
                assert self._digests.setdefault(name, digest) == digest, "something was written a second time"
                assert not any(text[1000:1032] in content for text in (TEXT, *self.sent.values()))
            self.told["pieces looked at"] += len(stored)
            objects = set(stored) - {MARKER}
            names = {name for name, _ in rows}
            assert names <= objects
            assert objects - names <= (set() if ahead else dead)
        finally:
            await context.close()


@pytest.fixture
def firm(
    s3_store: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: Any
) -> Iterator[Firm]:
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    made = Firm(tmp_path / "data", S3Bucket(s3_store), database_url())
    try:
        yield made
    finally:
        made.server.stop()


def _going_on(server: ServerProcess, location: str, offset: int) -> threading.Thread:
    """Sends the rest of an upload, until it is broken off."""

    def parts() -> Iterator[bytes]:
        for start in range(offset, len(TEXT), _PART):
            yield TEXT[start : start + _PART]

    def work() -> None:
        with server.client(server.token) as client:
            try:
                headers = {**CONTENT, "Upload-Offset": str(offset), "Content-Length": str(len(TEXT) - offset)}
                client.patch(location, content=parts(), headers=headers)
            except httpx.HTTPError:
                pass

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@both
def test_killed_while_it_stores(firm: Firm) -> None:
    chance, token, cuts = random.Random(40), firm.server.token, 0
    sent = location = ""
    for number in range(KILLS):
        with Sender(firm.server, token) as sender:
            if not location:
                sent = sender.open()["id"]
                location = httpx.URL(sender.begin(sent, len(TEXT))).path
            offset = sender.offset(location)
            changing = firm.changing_key() if number % 2 else None
            sending = _going_on(firm.server, location, offset)
            time.sleep(chance.random() * 0.6)
            firm.send(sender)
            if len(firm.sent) > _MANY:
                firm.purge(sender)
        firm.restart(changing)
        sending.join()
        with Sender(firm.server, token) as sender:
            # Whatever was told to have arrived has, and what has is as it was sent.
            now = sender.offset(location)
            assert now >= offset
            cuts += offset < now < len(TEXT)
            if now == len(TEXT) or number == KILLS - 1:
                assert now == len(TEXT) or sender.patch(location, now, TEXT[now:]).status_code == 204
                published = sender.publish(sent, location.rpartition("/")[2], f"{number}.bin", TEXT)
                assert published.status_code == 201, published.text
                firm.note(published.json(), TEXT)
                location = ""
        firm.all_is_whole()
        asyncio.run(firm.look())
    # Of a few, none may have been in the middle.
    assert cuts or KILLS < 10
    done = run("admin", "rotate-key", *firm.options)
    assert done.status == 0, done.err
    firm.all_is_whole()
    firm.server.stop()
    asyncio.run(firm.look(timedelta(hours=9)))
    firm.server = firm._started()
    firm.all_is_whole()
    print(dict(firm.told), len(firm.salts), "salts")

"""Servers that are killed while they store to an S3 store, and whose key is changed meanwhile: nothing that was
acknowledged is lost (S25), what was stored for nothing is deleted, and no nonce is ever used twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
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
from tests.system.command import run
from tui.server.base.settings import Settings
from tui.server.blobs.s3.store import MARKER
from tui.server.database.tables import dead_blobs, sealed_pieces
from tui.server.installation.installation import open_context
from tui.server.library import gc

MIB = 1024 * 1024
KILLS = cases(3, 100)
_PART = 64 * 1024
TEXT = os.urandom(20 * MIB + 12_345)


class _Server(ServerProcess):
    dear_passwords = False


class Firm:
    """A server that is killed and started again, whose documents are in a bucket."""

    def __init__(self, data: Path, bucket: S3Bucket, url: str | None) -> None:
        self.bucket = bucket
        self.settings = Settings(data, database_url=url, store=bucket.url)
        self.sent: dict[str, bytes] = {}
        self._salts: dict[bytes, str] = {}
        self.server = self._started()

    def _started(self) -> _Server:
        words = ("--store", self.bucket.url)
        return _Server(self.settings.data, arguments=words, database_url=self.settings.database_url)

    @property
    def options(self) -> list[str]:
        url = self.settings.database_url
        database = ["--database-url", url] if url else []
        return ["--data", str(self.settings.data), "--store", self.bucket.url, *database]

    def restart(self) -> None:
        self.server.stop(signal.SIGKILL)
        self.server = self._started()

    def send(self, sender: Sender) -> None:
        text = os.urandom(5000)
        self.sent[httpx.URL(sender.send("Small.pdf", text)["url"]).path] = text

    def all_is_whole(self) -> None:
        for path, text in self.sent.items():
            assert fetch(self.server, path) == text

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
                assert self._salts.setdefault(salt, name) == name
            objects = set(await self.bucket.objects()) - {MARKER}
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
            if number % 2:
                done = run("admin", "rotate-key", *firm.options)
                assert done.status == 0, done.err
            sending = _going_on(firm.server, location, offset)
            time.sleep(chance.random() * 0.6)
            firm.send(sender)
        firm.restart()
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
                firm.sent[httpx.URL(published.json()["url"]).path] = TEXT
                location = ""
        firm.all_is_whole()
        asyncio.run(firm.look())
    # Of a few, none may have been in the middle.
    assert cuts or KILLS < 10
    firm.server.stop()
    asyncio.run(firm.look(timedelta(hours=9)))
    firm.server = firm._started()
    firm.all_is_whole()

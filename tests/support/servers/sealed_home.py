"""An installation whose documents are sealed, opened without a server, with all that was ever stored in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from tests.support.pages.deliveries import delivery_of, rest_of
from tui.server.base.settings import Settings
from tui.server.blobs.base import PIECE
from tui.server.blobs.outgoing import Outgoing
from tui.server.context import Context
from tui.server.database.tables import blobs, sealed_pieces
from tui.server.installation.installation import open_context

TEXT = os.urandom(4 * PIECE + 12_345)


_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Cut(Exception):
    """The sender is gone."""


class Seen:
    """Everything that was ever stored: for each salt, the longest that was stored with it.

    A piece's key follows from its salt, and a chunk's nonce from its place. So a nonce was used twice exactly if two
    different things were ever stored at one place with one salt.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stored: dict[bytes, bytes] = {}
        self._places: dict[str, bytes] = {}

    async def look(self, context: Context) -> None:
        async with context.database.read() as connection:
            for row in (await connection.execute(select(sealed_pieces))).all():
                assert self._places.setdefault(row.name, row.salt) == row.salt, "another salt in its place"
        assert len(set(self._places.values())) == len(self._places), "a salt twice"
        for name, salt in self._places.items():
            file = self._root / name[:2] / name
            now = file.read_bytes() if file.exists() else b""
            before = self._stored.get(salt, b"")
            longer, shorter = (now, before) if len(now) > len(before) else (before, now)
            assert longer.startswith(shorter), "something was written in the place of something else"
            self._stored[salt] = longer

    @property
    def salts(self) -> int:
        return len(self._stored)


class OpenedHome:
    """An installation in the folder ``data``."""

    def __init__(self, context: Context, data: Path) -> None:
        self.context = context
        self.blobs = context.blobs
        self.data = data

    async def publish(self, key: str, text: bytes) -> None:
        """Make what is stored a document's, as it is done with an upload."""
        sha256 = hashlib.sha256(text).hexdigest()
        assert await self.blobs.received(key) == sha256
        await self.settle(key, text)

    async def settle(self, key: str, text: bytes) -> None:
        row = {"key": key, "size": len(text), "sha256": hashlib.sha256(text).hexdigest(), "created_at": _NOW}
        async with self.context.database.write() as connection:
            await connection.execute(insert(blobs).values(row))
            await self.blobs.settle(connection, [row])

    def delivery(self, key: str, text: bytes, start: int = 0, length: int | None = None) -> Outgoing:
        return delivery_of(self.blobs, key, text, start, length)


class Home(OpenedHome):
    """An installation, and what was ever stored in it."""

    def __init__(self, context: Context, data: Path) -> None:
        super().__init__(context, data)
        self.seen = Seen(data / "blobs")

    async def send(
        self,
        key: str,
        offset: int,
        text: bytes,
        *,
        cut: int | None = None,
        raising: Exception | None = None,
        exact: bool = True,
    ) -> int:
        """Send ``text``, of which only the first ``cut`` bytes arrive."""
        return await self.blobs.append(
            key, offset, self._arriving(text, cut, raising), exact=exact, digest=True
        )

    async def _arriving(
        self, text: bytes, cut: int | None, raising: Exception | None
    ) -> AsyncIterator[bytes]:
        end = len(text) if cut is None else cut
        for start in range(0, end, 300_000):
            yield text[start : min(start + 300_000, end)]
            await self.seen.look(self.context)
        if cut is not None:
            raise raising or Cut

    async def check(self, key: str, text: bytes) -> None:
        """What is given out, whole and in part, is ``text``."""
        await self.seen.look(self.context)
        assert await rest_of(self.delivery(key, text)) == text
        start, length = len(text) // 3, min(100_000, len(text) // 2)
        assert await rest_of(self.delivery(key, text, start, length)) == text[start : start + length]
        assert await self.blobs.fault(key, len(text)) is None
        for file in self.files():
            assert text[1000:1032] not in file.read_bytes()

    def files(self) -> list[Path]:
        return [file for file in (self.data / "blobs").rglob("*") if file.is_file()]

    async def rows(self, table: Any) -> Sequence[Any]:
        async with self.context.database.read() as connection:
            return (await connection.execute(select(table))).all()


@asynccontextmanager
async def opened_home(data: Path) -> AsyncIterator[Home]:
    """An installation in this folder."""
    context = await open_context(Settings(data=data))
    try:
        yield Home(context, data)
    finally:
        await context.close()

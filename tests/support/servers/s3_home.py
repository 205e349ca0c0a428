"""An installation whose documents are in the tests' S3 store, opened without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.support.pages.deliveries import rest_of
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.sealed_home import OpenedHome
from tui.server.base.settings import Settings
from tui.server.blobs.s3.store import MARKER
from tui.server.context import Context
from tui.server.installation.installation import open_context


class S3Home(OpenedHome):
    """An installation whose documents are in a bucket, and the salts and bytes of all that was ever stored there."""

    def __init__(self, context: Context, data: Path, bucket: S3Bucket) -> None:
        super().__init__(context, data)
        self.bucket = bucket
        self._seen: dict[str, bytes] = {}

    async def send(
        self, key: str, offset: int, text: bytes, raising: Exception | None = None, *, exact: bool = True
    ) -> int:
        async def arriving() -> AsyncIterator[bytes]:
            for start in range(0, len(text), 300_000):
                yield text[start : start + 300_000]
            if raising is not None:
                raise raising

        return await self.blobs.append(key, offset, arriving(), exact=exact, digest=True)

    async def check(self, key: str, text: bytes) -> None:
        """What is given out, whole and in part, is ``text``, and none of it can be read in the bucket or the folder."""
        assert await rest_of(self.delivery(key, text)) == text
        start, length = len(text) // 3, min(100_000, len(text) // 2)
        assert await rest_of(self.delivery(key, text, start, length)) == text[start : start + length]
        assert await self.blobs.fault(key, len(text)) is None
        for stored in (await self.objects()).values():
            assert text[1000:1032] not in stored
        assert [file for file in (self.data / "blobs").rglob("*") if file.is_file()] == []

    async def objects(self) -> dict[str, bytes]:
        """What is in the bucket, without what says whose it is. No object ever changes."""
        found = {name: content for name, content in (await self.bucket.objects()).items() if name != MARKER}
        for name, content in found.items():
            assert self._seen.setdefault(name, content) == content, "something was written a second time"
        return found

    async def rows(self, table: Any) -> Sequence[Any]:
        async with self.context.database.read() as connection:
            return (await connection.execute(select(table))).all()


@asynccontextmanager
async def opened(data: Path, bucket: S3Bucket, **more: Any) -> AsyncIterator[S3Home]:
    context = await open_context(Settings(data=data, store=bucket.url, **more))
    try:
        yield S3Home(context, data, bucket)
    finally:
        await context.close()

"""Whose an S3 store is, what is in it that no document needs, and a way there that breaks."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.network import spoiling
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import CutAnswer, LoseAnswer, Say
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.s3_home import S3Home, opened
from tui.rules.errors import Failed, InvalidValue
from tui.server.base.settings import Settings
from tui.server.blobs.base import PIECE
from tui.server.blobs.s3.store import MARKER
from tui.server.database.tables import dead_blobs, sealed_pieces
from tui.server.health.left_over import check_left_over
from tui.server.installation.installation import open_context
from tui.server.library import gc, orphans

TEXT = os.urandom(5 * PIECE + 12_345)


# ---------------------------------------------------------------- what no row knows


async def test_orphans_are_swept_and_nothing_else(
    s3_home: S3Home, s3_bucket: S3Bucket, small_pieces: None
) -> None:
    """Only what no row knows, is a day old, and lies in a store that is marked as the installation's."""
    key, orphan, foreign = s3_home.blobs.new_key(), "0" * 32, "letters/to-mother.txt"
    await s3_home.send(key, 0, TEXT)
    await s3_home.publish(key, TEXT)
    (reserved, _) = await s3_home.context.reserved_keys.take(2)
    for name in (orphan, foreign, reserved):
        await s3_bucket.put(name, b"something")
    everything = set(await s3_home.objects())
    assert {orphan, foreign, reserved} < everything

    async def sweep(ahead: timedelta) -> set[str]:
        s3_home.context.clock = lambda: datetime.now(UTC) + ahead
        await orphans.sweep(s3_home.context)
        # A day later, what is only reserved would be deleted as well.
        s3_home.context.clock = lambda: datetime.now(UTC)
        async with s3_home.context.database.write() as connection:
            late = update(dead_blobs).where(dead_blobs.c.key == orphan)
            await connection.execute(late.values(since=datetime.now(UTC) - timedelta(hours=1)))
        await gc.collect(s3_home.context)
        return set(await s3_home.objects())

    assert await sweep(timedelta(hours=23)) == everything
    mark = (await s3_bucket.objects())[MARKER]
    await s3_bucket.put(MARKER, b"of another installation")
    assert await sweep(timedelta(hours=25)) == everything
    await s3_bucket.put(MARKER, mark)
    assert await sweep(timedelta(hours=25)) == everything - {orphan}
    await s3_home.check(key, TEXT)


async def test_what_was_stored_after_it_was_deleted_is_swept(s3_home: S3Home, s3_bucket: S3Bucket) -> None:
    """A slow store: a sender had gone on elsewhere, and its upload was deleted before its last piece was stored."""
    key = s3_home.blobs.new_key()
    await s3_home.send(key, 0, TEXT)
    ((name, content),) = (await s3_home.objects()).items()
    async with s3_home.context.database.write() as connection:
        await gc.mark_for_deletion(connection, key, s3_home.context.clock())
    await gc.collect(s3_home.context)
    await s3_bucket.put(name, content)
    for hours in (25, 50):
        s3_home.context.clock = lambda hours=hours: datetime.now(UTC) + timedelta(hours=hours)
        await orphans.sweep(s3_home.context)
        await gc.collect(s3_home.context)
        assert len(await s3_home.objects()) == (1 if hours == 25 else 0)


async def test_what_a_restored_database_lacks_is_named_and_kept_for_a_day(
    tmp_path: Path, s3_bucket: S3Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    """Restored with all of its folder, so that nothing there is ahead of it; and restored a second time, newer."""
    data, older, newer = tmp_path / "data", tmp_path / "older", tmp_path / "newer"

    texts = [os.urandom(5000) for _ in range(3)]

    async def send(text: bytes) -> str:
        async with opened(data, s3_bucket) as home:
            key = home.blobs.new_key()
            await home.send(key, 0, text)
            await home.publish(key, text)
            return key

    gone = await send(texts[0])
    kept = await send(texts[1])
    shutil.copytree(data, older)
    later = await send(texts[2])
    async with opened(data, s3_bucket) as home:
        async with home.context.database.write() as connection:
            await gc.release(connection, gone, home.context.clock())
        await gc.collect(home.context)
        everything = set(await home.objects())
    shutil.copytree(data, newer)
    shutil.rmtree(data)
    shutil.copytree(older, data)
    async with opened(data, s3_bucket) as home:
        for hours in (25, 37, 48):
            home.context.clock = lambda hours=hours: datetime.now(UTC) + timedelta(hours=hours)
            with caplog.at_level("WARNING", "sentlinks"):
                await orphans.sweep(home.context)
            await gc.collect(home.context)
            assert set(await home.objects()) == everything
            # What is too much is told, and so is what is missing.
            left = await check_left_over(home.context)
            assert left.found.startswith("1 object ")
            assert "If the database is behind, they are what it lacks" in (left.remedy or "")
        assert await home.blobs.fault(gone, len(texts[0])) == "missing"
        assert "1 object of no document" in caplog.text
        await home.check(kept, texts[1])
    shutil.rmtree(data)
    shutil.copytree(newer, data)
    async with opened(data, s3_bucket) as home:
        await home.check(later, texts[2])
        assert (await check_left_over(home.context)).state == "ok"
    shutil.rmtree(data)
    shutil.copytree(older, data)
    async with opened(data, s3_bucket) as home:
        for hours in (25, 50):
            home.context.clock = lambda hours=hours: datetime.now(UTC) + timedelta(hours=hours)
            await orphans.sweep(home.context)
            await gc.collect(home.context)
        assert len(await home.objects()) == 1


# ---------------------------------------------------------------- whose store it is


async def test_a_bucket_of_another_installation_is_refused(
    s3_home: S3Home, s3_bucket: S3Bucket, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(Failed, match="belongs to another installation"):
        async with opened(tmp_path_factory.mktemp("other"), s3_bucket):
            pass


async def test_documents_stay_where_they_are(tmp_path: Path, s3_bucket: S3Bucket) -> None:
    """Neither is what is in the folder left behind for a store, nor the other way round."""
    context = await open_context(Settings(data=tmp_path))
    key = context.blobs.new_key()
    await S3Home(context, tmp_path, s3_bucket).send(key, 0, b"a few words")
    await context.close()
    with pytest.raises(Failed, match="are in its data folder"):
        async with opened(tmp_path, s3_bucket):
            pass
    assert await s3_bucket.objects() == {}


async def test_a_store_is_not_left_out_by_mistake(s3_home: S3Home, s3_bucket: S3Bucket) -> None:
    with pytest.raises(Failed, match="are in s3:"):
        await open_context(Settings(data=s3_home.data))
    key = s3_home.blobs.new_key()
    await s3_home.send(key, 0, b"a few words")
    with pytest.raises(Failed, match=f"are in {s3_bucket.url}, not in {s3_bucket.url}/else"):
        await open_context(Settings(data=s3_home.data, store=f"{s3_bucket.url}/else"))


async def test_wrong_credentials_are_told_at_the_start(
    tmp_path: Path, s3_bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not the one")
    with pytest.raises(Failed, match="refuses the server's credentials"):
        async with opened(tmp_path, s3_bucket):
            pass


async def test_a_missing_bucket_is_told_at_the_start(tmp_path: Path, s3_bucket: S3Bucket) -> None:
    with pytest.raises(Failed, match="no such bucket"):
        await open_context(Settings(data=tmp_path, store="s3://no-such-bucket/prefix"))


@pytest.mark.parametrize("url", ["s3://", "s3://b", "https://bucket", "s3://bucket/../x", "s3://bucket/a b"])
async def test_what_is_no_store(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidValue, match="isn't a store of documents"):
        await open_context(Settings(data=tmp_path, store=url))


# ---------------------------------------------------------------- a network that breaks


async def test_what_is_sent_again_is_the_same(
    tmp_path: Path, s3_bucket: S3Bucket, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece that has to be stored twice, or three times, is never sealed twice: no nonce seals two texts."""
    with Misbehaving(s3_bucket.store.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        async with opened(tmp_path, s3_bucket) as s3_home:
            slow = Say(503, b"<Error><Code>SlowDown</Code></Error>", "application/xml")
            for action in (spoiling.Cut(after=100_000), slow, LoseAnswer(), slow):
                proxy.spoil("PUT", action)
            for lost in (slow, CutAnswer(after=100_000), slow):
                proxy.spoil("GET", lost)
            key = s3_home.blobs.new_key()
            assert await s3_home.send(key, 0, TEXT) == len(TEXT)
            await s3_home.publish(key, TEXT)
            await s3_home.check(key, TEXT)
            stored = await s3_home.objects()
            assert len(stored) == 3
            # The mark, three pieces, and those that were sent again.
            assert proxy.count("PUT") >= 4 + 4
            assert len({piece.salt for piece in await s3_home.rows(sealed_pieces)}) == 3

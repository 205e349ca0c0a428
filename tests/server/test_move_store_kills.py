"""Moves to another store that are killed, and two at once: nothing that was acknowledged is lost (S25), nothing is left
that no row names, and no nonce is ever used twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.support.checks.long import cases, more
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.databases import both
from tests.support.servers.moving import LARGE, MovingFirm, refused, troubles
from tests.support.servers.s3_home import opened
from tests.support.servers.sealed_home import Home, opened_home
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, until
from tests.system.command import run
from tui.server.base.settings import Settings
from tui.server.blobs import LocalBlobs
from tui.server.blobs.s3.store import MARKER
from tui.server.blobs.sealing import copying
from tui.server.blobs.sealing.contents import StoredPiece
from tui.server.database.tables import dead_blobs, installation, sealed_pieces, store_moves
from tui.server.installation import documents_store, store_change
from tui.server.installation.store_pieces import PieceMover
from tui.server.library import gc

#: How often a move is killed, or the server that follows it, or both.
KILLS = cases(1, 200)
#: Documents from which on some are purged.
_MANY = 8


class _Trade:
    """Documents are sent and purged at a server until the end of the block, or until it is killed."""

    def __init__(self, firm: MovingFirm, server: ServerProcess, told: Counter[str]) -> None:
        self._firm = firm
        self._server = server
        self._told = told
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _go_on(self) -> None:
        with suppress(httpx.HTTPError), Sender(self._server) as sender:
            while not self._ends.is_set():
                self._firm.send(sender, os.urandom(9000))
                self._told["sent"] += 1
                if len(self._firm.sent) > _MANY:
                    self._firm.purge(sender)
                    self._told["purged"] += 1


@both
def test_killed_at_any_point_it_goes_on(firm: MovingFirm) -> None:
    """There and back, and turned round half way."""
    chance, told = random.Random(40), Counter[str]()
    server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, LARGE, "Large.bin")
        for number in range(3):
            firm.send(sender, os.urandom(30_000), f"{number}.pdf")
    source, target = None, firm.bucket.url
    for _ in range(KILLS):
        with _Trade(firm, server, told):
            under_way = firm.moving(target, source or "folder")
            until(lambda server=server, under_way=under_way: under_way.over or troubles(server) == ["move"])
            time.sleep(chance.random() * 3)
            if is_struck := chance.random() < 0.4:
                server.stop(signal.SIGKILL)
            under_way.kill()
        status, _, err = under_way.ended()
        told["command killed" if status == -signal.SIGKILL else f"command ended with {status}"] += 1
        ((step,),), ((present,),) = (
            firm.rows(select(column)) for column in (store_moves.c.step, installation.c.store_url)
        )
        told[f"then {step or 'nothing'} was under way"] += 1
        firm.store = present
        if is_struck:
            told["server killed"] += 1
            server = firm.server()
        firm.all_is_whole(server, lately=True)
        told["pieces looked at"] += firm.look()
        if (present == target) if step is None else chance.random() < 0.2:
            source, target = target, source
        assert status in (0, -signal.SIGKILL) or b"First go on with that" in err, err
    _end(firm)
    firm.all_is_whole(server)
    told["pieces looked at"] += firm.look()
    firm.is_in(firm.bucket if firm.store else None)
    firm.checked()
    print(dict(told), len(firm.salts), "salts")
    assert told["command killed"] or KILLS < 10


def _end(firm: MovingFirm) -> None:
    """Bring the move that is under way, or a new one, to its end."""
    (row,) = firm.rows(select(store_moves.c.step, store_moves.c.source_url, store_moves.c.target_url))
    if row.step is None:
        firm.move(None if firm.store else firm.bucket.url)
    else:
        firm.store = row.source_url
        firm.move(row.target_url)


@more
def test_of_two_commands_one_is_refused(firm: MovingFirm) -> None:
    server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, LARGE)
    first = firm.moving(firm.bucket.url)
    until(lambda: troubles(server) == ["move"])
    assert "Another command" in refused(run(*firm.words(firm.bucket.url), "--json"), "store.moving")
    assert first.done().status == 0
    firm.is_in(firm.bucket)


async def test_killed_as_soon_as_the_folder_has_its_mark_no_longer(
    tmp_path: Path, s3_bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers start, and the same command again has nothing to do."""
    text = os.urandom(70_000)
    async with opened(tmp_path, s3_bucket) as home:
        key = home.blobs.new_key()
        await home.send(key, 0, text)
        await home.publish(key, text)

    class _Killed(Exception):
        pass

    real = LocalBlobs.unmark

    async def unmark(store: LocalBlobs) -> None:
        await real(store)
        raise _Killed

    def move() -> Coroutine[Any, Any, store_change.MoveDone]:
        settings = Settings(tmp_path, store=s3_bucket.url)
        return store_change.move_store(settings, s3_bucket.url, None, "me", lambda _: None)

    monkeypatch.setattr(LocalBlobs, "unmark", unmark)
    with pytest.raises(_Killed):
        await move()
    monkeypatch.setattr(LocalBlobs, "unmark", real)
    async with opened_home(tmp_path) as moved:
        await moved.check(key, text)
    assert (await move()).pieces == 0
    assert not (tmp_path / "blobs" / "installation").exists()


async def _purge(home: Home, key: str) -> None:
    """As a server does that follows the move."""
    await documents_store.follow(home.context)
    async with home.context.database.write() as connection:
        await gc.release(connection, key, home.context.clock())
    await gc.collect(home.context)


async def _published(home: Home) -> tuple[str, str]:
    """The key of a new document, and the name of its piece."""
    text, key = os.urandom(70_000), home.blobs.new_key()
    await home.send(key, 0, text)
    await home.publish(key, text)
    (name,) = (row.name for row in await home.rows(sealed_pieces) if row.content == key)
    return key, name


async def _moved(home: Home, bucket: S3Bucket) -> store_change.MoveDone:
    return await store_change.move_store(Settings(home.data), None, bucket.url, "me", lambda _: None)


async def test_killed_with_what_was_purged_meanwhile(
    tmp_path: Path, s3_bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was copied once more after a server had deleted it, and isn't forgotten."""
    async with opened_home(tmp_path) as home:
        key, name = await _published(home)

        class _Killed(Exception):
            pass

        async def note(*_: object) -> None:
            await _purge(home, key)
            # What is sent on its way to the store arrives after that.
            await s3_bucket.put(name, b"as it was copied")
            raise _Killed

        with monkeypatch.context() as patched:
            patched.setattr(PieceMover, "_note", note)
            with pytest.raises(_Killed):
                await _moved(home, s3_bucket)
        assert name in await s3_bucket.objects()
        await _moved(home, s3_bucket)
        await documents_store.follow(home.context)
        await gc.collect(home.context)
        assert set(await s3_bucket.objects()) == {MARKER}
        assert name not in {row.key for row in await home.rows(dead_blobs)}


async def test_what_is_purged_while_it_is_copied_does_not_end_the_move(
    tmp_path: Path, s3_bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened_home(tmp_path) as home:
        (purged, name), (_, other) = await _published(home), await _published(home)
        real = copying.check_piece

        async def check(piece: StoredPiece, *more: Any) -> None:
            if piece.name == name:
                await _purge(home, purged)
            await real(piece, *more)

        monkeypatch.setattr(copying, "check_piece", check)
        done = await _moved(home, s3_bucket)
        assert (done.pieces, done.damaged, done.left_over) == (1, 0, 0)
        assert set(await s3_bucket.objects()) == {MARKER, other}

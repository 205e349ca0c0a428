"""What goes wrong while documents are moved to another store is told in a sentence, loses nothing, and doesn't hold up
what can go on."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.support.checks.long import in_long, more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Hold, Say
from tests.support.real_parts import read_only, small_disk, use_up_files
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.databases import both
from tests.support.servers.moving import LARGE, MIB, MovingFirm, refused, troubles
from tests.support.users.share import Sender, fetch, until
from tests.system.command import run
from tui.rules.errors import Failed
from tui.server.base.disk import Disk
from tui.server.blobs import LocalBlobs
from tui.server.database.tables import processes, sealed_pieces, sent_documents

# ---------------------------------------------------------------- a store that takes nothing


@more
def test_a_folder_that_takes_nothing(firm: MovingFirm) -> None:
    """Full, without inodes, or read-only: the command says which, and servers give out what is in either store."""
    firm.data.mkdir(mode=0o700)
    firm.store = firm.bucket.url
    with small_disk(firm.data / "blobs", "size=64m,nr_inodes=200") as disk:
        server = firm.server()
        with Sender(server) as sender:
            firm.send(sender, LARGE, "Large.bin")
            for number in range(3):
                firm.send(sender, os.urandom(30_000), f"{number}.pdf")
        there, back = firm.words(None), firm.words(firm.bucket.url, "folder")
        with read_only(disk):
            message = refused(run(*there, "--json"), "data.read_only")
            assert message.startswith(
                "Documents can't be kept in the data folder: The disk of the data folder is rea"
            )
        assert troubles(server) == []
        (disk / "other").write_bytes(bytes(54 * MIB))
        message = refused(run(*there, "--json"), "disk_full")
        assert "Free some space there" in message
        assert message.endswith("What was moved is moved; put that right, then run this again to go on.")
        assert Disk(disk).room >= 0
        assert troubles(server) == ["move"]
        firm.all_is_whole(server)
        (disk / "other").unlink()
        for left in in_long(5):
            made = use_up_files(disk, left)
            assert "inodes are used up" in refused(run(*there, "--json"), "disk_full")
            for file in made:
                file.unlink()
        with read_only(disk):
            # Turned round: only what is in the folder can't be deleted there.
            message = refused(run(*back, "--json"), "store.unusable")
            assert (
                f"The documents are in {firm.bucket.url}, but what is left in the data folder can't be deleted"
                in message
            )
            firm.all_is_whole(server)
        assert run(*back).status == 0
        assert troubles(server) == []
        firm.all_is_whole(server)
        firm.is_in(firm.bucket)


async def test_what_is_received_at_once_leaves_the_reserve(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=64m") as folder:
        disk = Disk(folder)
        store, size = LocalBlobs(folder / "blobs", disk), disk.room * 2 // 3
        least = disk.room

        async def arriving() -> AsyncIterator[bytes]:
            nonlocal least
            for _ in range(0, size, MIB):
                yield bytes(MIB)
                least = min(least, disk.room)
                await asyncio.sleep(0)

        names = store.new_keys(4)
        done = await asyncio.gather(
            *(store.receive(name, size, arriving()) for name in names), return_exceptions=True
        )
        assert {each.code for each in done if isinstance(each, Failed)} == {"disk_full"}
        assert least >= 0
        # What didn't fit is gone.
        whole = [name for name, each in zip(names, done, strict=True) if each is None]
        assert {file.name for file in (folder / "blobs").rglob("*") if file.is_file()} == set(whole)


# ---------------------------------------------------------------- stores that go away


def _path(bucket: S3Bucket) -> str:
    return bucket.url.removeprefix("s3:/")


@more
@both
def test_stores_that_are_full_or_away(firm: MovingFirm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The move waits for them, and goes on by itself; what needs neither goes on meanwhile."""
    firm.store, other = firm.bucket.url, S3Bucket(firm.bucket.store)
    with Misbehaving(firm.bucket.store.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        server = firm.server()
        with Sender(server) as sender, server.guest() as guest:
            large = firm.send(sender, LARGE, "Large.bin")
            for number in range(3):
                firm.send(sender, os.urandom(30_000), f"{number}.pdf")
            source, target = f"{_path(firm.bucket)}/", f"{_path(other)}/"
            proxy.spoil("GET", Say(503), source, times=ALWAYS)
            under_way = firm.moving(other.url)
            until(
                lambda: all("moving" in (seen or "") for (seen,) in firm.rows(select(processes.c.store_seen)))
            )
            new = firm.send(sender, os.urandom(9000), "New.pdf")
            assert fetch(server, httpx.URL(new["url"]).path) == firm.sent[new["url"]]
            before = proxy.count("GET", source)
            until(lambda: proxy.count("GET", source) > before)
            # The source is back, and the target is full.
            proxy.behave()
            full = Say(507, b"<Error><Code>XMinioStorageFull</Code></Error>", "application/xml")
            proxy.spoil("PUT", full, target, times=ALWAYS)
            proxy.spoil("POST", full, target, times=ALWAYS)
            location = sender.begin(sender.open()["id"], 9000)
            assert sender.patch(location, 0, bytes(9000)).status_code == 503
            assert sender.offset(location) == 0
            firm.all_is_whole(server)
            before = proxy.count("PUT", target)
            until(lambda: proxy.count("PUT", target) > before)
            # Both are.
            proxy.down()
            assert guest.post(large["url"]).status_code == 503
            assert guest.get(large["url"]).status_code == 200
            assert not under_way.over
            proxy.behave()
            proxy.up()
            done = under_way.done()
            assert done.status == 0, done.err
            assert "The store has no room (XMinioStorageFull)" in server.log.read_text()
            firm.store = other.url
            firm.all_is_whole(server)
            firm.is_in(other)
            assert troubles(server) == []


@more
def test_interrupted_it_waits_for_no_store(firm: MovingFirm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store has the request for as long as it likes; the move goes on when it is run again."""
    firm.store, other, answered = firm.bucket.url, S3Bucket(firm.bucket.store), threading.Event()
    with Misbehaving(firm.bucket.store.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        server = firm.server()
        with Sender(server) as sender:
            for number in range(3):
                firm.send(sender, os.urandom(30_000), f"{number}.pdf")
        names = [name for (name,) in firm.rows(select(sealed_pieces.c.name))]
        for name in names:
            proxy.spoil("GET", Hold(answered), name, times=ALWAYS)
        under_way = firm.moving(other.url)
        until(lambda: any(proxy.count("GET", name) for name in names))
        under_way.send_signal(signal.SIGINT)
        # A request is given up after half a minute only.
        status, _, err = under_way.ended(seconds=15)
        assert (status, err) == (130, b"sentlinks: Interrupted. To go on, run this again.\n")
        answered.set()
        proxy.behave()
        firm.move(other.url)
        firm.all_is_whole(server)
        firm.is_in(other)


@more
def test_a_source_that_is_gone(firm: MovingFirm) -> None:
    """Someone has emptied the bucket: what was in it can be left behind, and servers tell of it."""
    firm.store = firm.bucket.url
    server = firm.server()
    with Sender(server) as sender:
        sender.send("Lost.pdf", os.urandom(30_000))
        for name in firm.objects():
            asyncio.run(firm.bucket.delete(name))
        message = refused(run(*firm.words(None), "--json"), "store.damaged")
        assert f"1 document can't be moved, being damaged or missing in {firm.bucket.url}" in message
        firm.send(sender, b"a few words")
        done = firm.move(None, "--leave-damaged")
        assert (done["damaged"], done["left_over"]) == (1, 0)
        assert troubles(server) == ["documents"]
        firm.all_is_whole(server)


# ---------------------------------------------------------------- damage


def test_damaged_documents_stay_and_do_not_hold_up_the_others(firm: MovingFirm) -> None:
    server = firm.server()
    with Sender(server) as sender:
        damaged, missing = (sender.send(name, os.urandom(90_000)) for name in ("Damaged.pdf", "Missing.pdf"))
        firm.send(sender, b"a few words")
        files = {file.name: file for file in firm.files()}
        spoiled, lost = (files[_key_of(firm, document["id"])] for document in (damaged, missing))
        kept, text = lost.read_bytes(), spoiled.read_bytes()
        # A move to the folder was killed, and turned round.
        spoiled.with_name(f"{spoiled.name}.half").write_bytes(text[:70_000])
        spoiled.write_bytes(text[:70_000] + bytes([text[70_000] ^ 1]) + text[70_001:])
        lost.unlink()
        message = refused(run(*firm.words(firm.bucket.url), "--json"), "store.damaged")
        assert "2 documents can't be moved, being damaged or missing in the data folder." in message
        assert "--leave-damaged" in message
        assert len(firm.objects()) == 2
        firm.all_is_whole(server)
        checked = run("admin", "check", "--json", *firm.options)
        found = [row["found"] for row in checked.json["checks"] if row["id"] == "document"]
        assert len(found) == 2
        assert any("Damaged.pdf" in each for each in found)
        # One is restored where it was, and one is given up.
        lost.write_bytes(kept)
        done = firm.move(firm.bucket.url, "--leave-damaged")
        assert (done["damaged"], done["left_over"]) == (1, 0)
        assert fetch(server, httpx.URL(missing["url"]).path) is not None
        assert [file.name for file in firm.files()] == [spoiled.name]
        assert troubles(server) == ["documents"]
        firm.all_is_whole(server)


def _key_of(firm: MovingFirm, document: str) -> str:
    query = (
        select(sealed_pieces.c.name)
        .join(sent_documents, sent_documents.c.blob == sealed_pieces.c.content)
        .where(sent_documents.c.id == document)
    )
    return str(firm.rows(query)[0][0])


# ---------------------------------------------------------------- an earlier database


@more
@pytest.mark.parametrize("when", ["before the move", "half way"])
def test_the_same_move_again_with_an_earlier_database(firm: MovingFirm, when: str) -> None:
    """It finds what was moved, and nothing that the database knows is lost."""
    server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, LARGE, "Large.bin")
        for number in range(3):
            firm.send(sender, os.urandom(30_000), f"{number}.pdf")
    if when == "half way":
        under_way = firm.moving(firm.bucket.url)
        until(lambda: troubles(server) == ["move"])
        under_way.kill()
        under_way.ended()
    server.stop()
    kept = firm.data.parent / "kept"
    kept.mkdir()
    for file in firm.data.glob("*.db*"):
        shutil.copy(file, kept)
    server = firm.server()
    firm.move(firm.bucket.url)
    known = dict(firm.sent)
    with Sender(server) as sender:
        firm.send(sender, b"since then")
    server.stop()
    for file in firm.data.glob("*.db*"):
        file.unlink()
    for file in kept.iterdir():
        shutil.copy(file, firm.data)
    firm.store = None
    firm.move(firm.bucket.url)
    firm.sent = known
    server = firm.server()
    firm.all_is_whole(server)
    rows: list[Any] = firm.rows(select(sealed_pieces.c.name))
    # And what was stored since, which the server deletes after two days.
    assert set(firm.objects()) > {name for (name,) in rows}

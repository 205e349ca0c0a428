"""All documents in another store, while servers use them: ``admin move-store``."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.checks.long import more
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.databases import both
from tests.support.servers.moving import LARGE, MIB, Business, MovingFirm, refused, troubles
from tests.support.servers.postgres import Postgres
from tests.support.servers.s3_home import S3Home
from tests.support.users.recipient import take
from tests.support.users.share import Sender, until
from tests.system.command import run
from tui.server.base.settings import Settings
from tui.server.blobs import StoreAway
from tui.server.blobs.s3.store import MARKER
from tui.server.context import Context
from tui.server.database.tables import installation, sealed_pieces
from tui.server.installation import store_change
from tui.server.installation.installation import open_context


@both
def test_there_and_back_while_it_is_used(firm: MovingFirm) -> None:
    server = firm.server()
    with Sender(server) as sender, server.guest() as guest:
        large = firm.send(sender, LARGE, "Large.bin")
        for number in range(5):
            firm.send(sender, os.urandom(70_000), f"{number}.pdf")
        sent = sender.open()
        location = sender.begin(sent["id"], len(LARGE))
        cut = MIB + 5
        assert sender.patch(location, 0, LARGE[:cut]).status_code == 204
        for target in (firm.bucket, None):
            with Business(firm, server) as business, guest.stream("GET", take(guest, large)) as answer:
                parts = answer.iter_raw(100_000)
                got = [next(parts)]
                until(lambda business=business: business.rounds > 1)
                moved = firm.move(target.url if target else None)
                assert moved["pieces"] > 6
                assert (moved["damaged"], moved["left_over"]) == (0, 0)
                # What was begun goes on.
                got.extend(parts)
                assert b"".join(got) == LARGE
                rounds = business.rounds
                until(lambda business=business, rounds=rounds: business.rounds > rounds + 1)
            assert sender.offset(location) == cut
            assert sender.patch(location, cut, LARGE[cut : cut + MIB]).status_code == 204
            cut += MIB
            firm.all_is_whole(server)
            firm.is_in(target)
            assert troubles(server) == []
        assert sender.patch(location, cut, LARGE[cut:]).status_code == 204
        document = sender.publish(sent["id"], location.rpartition("/")[2], "Upload.bin", LARGE)
        firm.sent[document.json()["url"]] = LARGE
        firm.all_is_whole(server)
        assert sender.get("/audit/verify")["broken"] is None
        assert sender.events("/audit/installation").count("store changed") == 2
    # The bucket is as it was before.
    assert firm.objects() == {}
    firm.is_in(None)
    firm.checked()


# ---------------------------------------------------------------- what is refused, and what is told


def test_the_data_folder_by_a_link_to_it_is_refused(firm: MovingFirm, tmp_path: Path) -> None:
    """As a server refuses it; nothing is moved."""
    server, real = firm.server(), firm.data
    with Sender(server) as sender:
        firm.send(sender, os.urandom(70_000), "Offer.pdf")
        firm.data = tmp_path / "link"
        firm.data.symlink_to(real)
        done = run(*firm.words(firm.bucket.url), "--json")
        assert done.status == 1
        assert done.json["error"]["code"] == "data.link"
        assert str(real) in done.json["error"]["message"]
        firm.data = real
        firm.is_in(None)
        firm.all_is_whole(server)
        assert troubles(server) == []


def test_what_cannot_be_begun(firm: MovingFirm, tmp_path: Path) -> None:
    server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, b"a few words")
    ours, other = firm.bucket.url, S3Bucket(firm.bucket.store)
    asyncio.run(other.put(MARKER, b"of another installation"))

    def words(source: str, target: str) -> list[str]:
        return ["admin", "move-store", source, target, "--json", *firm.options]

    wrong = {"AWS_SECRET_ACCESS_KEY": "not the one"}
    for source, target, code, says, environ in (
        ("folder", "folder", "store.same", "Name two stores", {}),
        (ours, other.url, "store.elsewhere", "are in folder, not in", {}),
        (ours, f"{ours}/", "store.same", "Name two stores", {}),
        ("folder", other.url, "store.unusable", "belongs to another installation", {}),
        ("folder", "s3://no-such-bucket/x", "store.unusable", "no such bucket", {}),
        ("folder", ours, "store.unusable", "refuses the server's credentials", wrong),
    ):
        assert says in refused(run(*words(source, target), **environ), code)
    assert run(*words("blobs", ours)).status == 2
    assert firm.objects() == {}
    # Nothing was begun.
    assert troubles(server) == []
    firm.opened(_unsealed)
    assert "admin seal --begin" in refused(run(*words("folder", ours)), "store.plain")
    firm.all_is_whole(server)


@more
def test_a_store_that_is_named_before_documents_can_be_moved(firm: MovingFirm) -> None:
    """Whoever names one where documents lie in the data folder is told what to do, in the order in which it works."""
    with Sender(server := firm.server()) as sender:
        firm.send(sender, b"a few words")
    server.stop()
    firm.opened(_unsealed)
    named = [*firm.options, "--store", firm.bucket.url]
    beginning, moving = "sentlinks admin seal --begin", f"sentlinks admin move-store folder {firm.bucket.url}"
    for words in (["serve", "--port", "0"], ["admin", "seal", "--begin"], ["admin", "rotate-key"]):
        done = run(*words, *named)
        assert done.status == 1, words
        assert done.out == ""
        (said,) = done.err.splitlines()
        assert -1 < said.find(beginning) < said.find(moving), said
    checked = run("admin", "check", "--json", *named)
    assert checked.status == 1
    assert [beginning in row["found"] for row in checked.json["checks"] if row["state"] == "bad"] == [True]
    assert firm.objects() == {}
    begin, move = beginning.split()[1:], moving.split()[1:]
    assert run(*begin, *firm.options).status == 0
    server = firm.server()
    until(lambda: run("admin", "seal", "--json", *firm.options).json["left"] == 0)
    assert run(*move, *firm.options).status == 0
    firm.store = firm.bucket.url
    server.stop()
    firm.all_is_whole(firm.server())
    firm.is_in(firm.bucket)


async def _unsealed(context: Context) -> None:
    async with context.database.write() as connection:
        await connection.execute(update(installation).values(sealing=None))


@more
def test_a_server_that_cannot_use_the_new_store_is_named(
    firm: MovingFirm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is moved before it can; then the move goes on, or is taken back."""
    with monkeypatch.context() as without:
        without.delenv("AWS_SECRET_ACCESS_KEY")
        server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, b"a few words")
    message = refused(run(*firm.words(firm.bucket.url), "--json"), "store.server")
    assert f"A server (process {server.process.pid}) can't use {firm.bucket.url}" in message
    assert "Start it again" in message
    firm.all_is_whole(server)
    assert troubles(server) == ["move"]
    other = refused(run(*firm.words(S3Bucket(firm.bucket.store).url), "--json"), "store.other_move")
    assert f"sentlinks admin move-store folder {firm.bucket.url}" in other
    # The other way round.
    turned = run("admin", "move-store", firm.bucket.url, "folder", "--json", *firm.options)
    assert turned.status == 0, turned.out
    assert troubles(server) == []
    assert firm.objects() == {}
    server.stop()
    server = firm.server()
    firm.move(firm.bucket.url)
    firm.all_is_whole(server)
    firm.is_in(firm.bucket)
    # What is in the one would be taken for the other's.
    inside = refused(run(*firm.words(f"{firm.bucket.url}/inside"), "--json"), "store.nested")
    assert f"{firm.bucket.url}/inside, one lies within the other" in inside
    # Once more has nothing to do.
    done = run("admin", "move-store", "folder", firm.bucket.url, "--json", *firm.options)
    assert done.json == {"pieces": 0, "size": 0, "damaged": 0, "left_over": 0}


@both
def test_a_server_with_another_store_than_that_of_the_documents_is_refused(firm: MovingFirm) -> None:
    server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, b"a few words")
    firm.move(firm.bucket.url)
    firm.all_is_whole(server)
    server.stop()
    copy = S3Bucket(firm.bucket.store)
    for name, content in firm.objects().items():
        asyncio.run(copy.put(name, content))
    for named, says in (
        (None, f"are in {firm.bucket.url}. Say so with --store"),
        # A copy of the bucket has the same mark.
        (copy.url, f"are in {firm.bucket.url}, not in {copy.url}"),
    ):
        firm.store = named
        with pytest.raises(AssertionError, match=says):
            firm.server()
    firm.store = firm.bucket.url
    firm.all_is_whole(firm.server())


@more
def test_between_two_stores_by_two_processes(firm: MovingFirm, postgres: Postgres, tmp_path: Path) -> None:
    """Of two machines, each with the key in its data folder."""
    firm.database_url, firm.store = postgres.database(), firm.bucket.url
    one = firm.server()
    (tmp_path / "other").mkdir(mode=0o700)
    for name in ("key", "signing.key", "token"):
        shutil.copy(one.data / name, tmp_path / "other" / name)
    two = firm.server(tmp_path / "other")
    second = S3Bucket(firm.bucket.store)
    with Sender(one) as here, Sender(two, one.token) as there:
        for number in range(3):
            firm.send(here, os.urandom(70_000), f"{number}.pdf")
            firm.send(there, os.urandom(70_000), f"{number}.pdf")
        with Business(firm, two):
            firm.move(second.url)
        for server in (one, two):
            firm.all_is_whole(server)
        firm.is_in(second)
        assert firm.objects() == {}
    # To the folder of one of them, the other couldn't follow.
    message = refused(run(*firm.words(None), "--json"), "store.server")
    assert f"A server (process {two.process.pid}) can't use folder" in message


# ---------------------------------------------------------------- one who has not heard of it


async def test_one_who_hung_through_it_all_loses_nothing(tmp_path: Path, s3_bucket: S3Bucket) -> None:
    """It reads what was moved, and what it has stored in the earlier place becomes no document's."""
    hung = S3Home(await open_context(Settings(tmp_path)), tmp_path, s3_bucket)
    try:
        text, key, begun = os.urandom(400_000), hung.blobs.new_key(), hung.blobs.new_key()
        await hung.send(key, 0, text)
        await hung.publish(key, text)
        await hung.send(begun, 0, text[:70_000])
        (late,) = await hung.context.reserved_keys.take(1)
        await hung.blobs.put({late: [text]})
        done = await store_change.move_store(Settings(tmp_path), None, s3_bucket.url, "me", lambda _: None)
        assert (done.pieces, done.damaged) == (2, 0)
        row = {"key": late, "size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        with pytest.raises(StoreAway):
            async with hung.context.database.write() as connection:
                await hung.blobs.settle(connection, [row])
        with pytest.raises(StoreAway):
            await hung.send(begun, 70_000, text[70_000:])
        await hung.check(key, text)
        # Having read that, it has heard of it.
        assert await hung.send(begun, 70_000, text[70_000:]) == len(text)
        await hung.publish(begun, text)
        await hung.check(begun, text)
        names = {row.name for row in await hung.rows(sealed_pieces)}
        assert names == set(await hung.objects())
    finally:
        await hung.context.close()

"""All documents in another store, while servers use them: ``admin move-store``."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from tests.support.checks.long import more
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.databases import both
from tests.support.servers.postgres import Postgres
from tests.support.servers.s3_home import S3Home
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import take
from tests.support.users.share import Sender, fetch, until
from tests.system.command import Done, Running, run
from tui.server.base.settings import Settings
from tui.server.blobs import StoreAway
from tui.server.blobs.s3.store import MARKER
from tui.server.context import Context
from tui.server.database.tables import dead_blobs, installation, sealed_pieces, sent_documents, store_moves
from tui.server.installation import store_change
from tui.server.installation.installation import open_context, open_to_look

MIB = 1024 * 1024
#: As one piece of a folder, it is more than one request takes to an S3 store.
LARGE = os.urandom(17 * MIB + 12_345)


class _Server(ServerProcess):
    dear_passwords = False
    patience = 1.0


class Firm:
    """Servers of one installation, what was sent to them, and the store that its documents are in (``None``: the data
    folder)."""

    def __init__(self, folder: Path, store: Seaweed, started: ExitStack, url: str | None) -> None:
        self.data = folder / "data"
        self.bucket = S3Bucket(store)
        self.store: str | None = None
        self.database_url = url
        self.sent: dict[str, bytes] = {}
        self._started = started
        self.salts: dict[bytes, str] = {}

    def server(self, data: Path | None = None) -> _Server:
        words = ("--store", self.store) if self.store else ()
        return self._started.enter_context(
            _Server(data or self.data, arguments=words, database_url=self.database_url)
        )

    @property
    def options(self) -> list[str]:
        return [
            "--data",
            str(self.data),
            *(["--database-url", self.database_url] if self.database_url else []),
        ]

    def words(self, target: str | None, source: str | None = None) -> list[str]:
        return ["admin", "move-store", source or self.store or "folder", target or "folder", *self.options]

    def move(self, target: str | None, *more: str, **environ: str) -> dict[str, Any]:
        done = run(*self.words(target), "--json", *more, **environ)
        assert done.status == 0, done.out + done.err
        self.store = target
        found: dict[str, Any] = done.json
        return found

    def moving(self, target: str | None) -> Running:
        return Running(self.words(target), cwd=None, env=dict(os.environ))

    def send(self, sender: Sender, text: bytes, name: str = "Offer.pdf") -> dict[str, Any]:
        document = sender.send(name, text)
        self.sent[document["url"]] = text
        return document

    def all_is_whole(self, server: ServerProcess) -> None:
        for url, text in self.sent.items():
            path = httpx.URL(url).path
            assert fetch(server, path) == text

    def objects(self, bucket: S3Bucket | None = None) -> dict[str, bytes]:
        return asyncio.run((bucket or self.bucket).objects())

    def files(self) -> list[Path]:
        return [file for file in (self.data / "blobs").rglob("*") if file.is_file()]

    def opened(self, work: Any) -> Any:
        async def opened() -> Any:
            settings = Settings(self.data, database_url=self.database_url)
            context = await open_to_look(settings, checks_store=False)
            try:
                return await work(context)
            finally:
                await context.close()

        return asyncio.run(opened())

    def rows(self, question: Any) -> Any:
        async def answer(context: Context) -> Any:
            async with context.database.read() as connection:
                return (await connection.execute(question)).all()

        return self.opened(answer)

    def is_in(self, bucket: S3Bucket | None) -> None:
        """All pieces lie there and nowhere else, each under the name that its row has, and no salt comes twice."""
        rows = self.rows(select(sealed_pieces.c.name, sealed_pieces.c.salt))
        for name, salt in rows:
            assert self.salts.setdefault(salt, name) == name
        names = {name for name, _ in rows}
        dead = {name for (name,) in self.rows(select(dead_blobs.c.key))}
        if bucket is None:
            assert {file.name for file in self.files()} - dead == names
        else:
            assert set(self.objects(bucket)) - dead == names | {MARKER}
            assert self.files() == []
        assert self.rows(select(installation.c.store_url)) == [(None if bucket is None else bucket.url,)]

    def checked(self) -> None:
        store = ("--store", self.store) if self.store else ()
        done = run("admin", "check", "--json", *self.options, *store)
        assert done.status == 0, done.out + done.err


@pytest.fixture
def firm(
    s3_store: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: Any
) -> Iterator[Firm]:
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as started:
        yield Firm(tmp_path, s3_store, started, database_url())


def _troubles(server: ServerProcess) -> list[str]:
    with server.guest() as guest:
        return [each["id"] for each in guest.get("/readyz").json().get("troubles", [])]


class Business:
    """What goes on at a server meanwhile: sends, downloads, links that are stopped, documents deleted for good."""

    def __init__(self, firm: Firm, server: ServerProcess) -> None:
        self._firm = firm
        self._server = server
        self._ends = threading.Event()
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._go_on)
        self.rounds = 0

    def __enter__(self) -> Business:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        assert not self._failures, self._failures

    def _go_on(self) -> None:
        try:
            with Sender(self._server) as sender:
                while not self._ends.is_set():
                    try:
                        self._round(sender)
                    except httpx.HTTPStatusError as error:
                        # As a program does that sends, when it is told so.
                        if error.response.status_code != 503:
                            raise
                    self.rounds += 1
        except BaseException as error:
            self._failures.append(error)

    def _round(self, sender: Sender) -> None:
        self._firm.send(sender, os.urandom(9000), f"New {self.rounds}.pdf")
        gone = sender.send("Gone.pdf", os.urandom(100_000))
        url, text = random.choice(list(self._firm.sent.items()))
        assert fetch(self._server, httpx.URL(url).path) == text
        sender.post(f"/documents/{gone['id']}/unpublish")
        assert fetch(self._server, httpx.URL(gone["url"]).path) is None
        sender.delete(f"/documents/{gone['id']}")
        sender.post("/trash/empty")


@both
def test_there_and_back_while_it_is_used(firm: Firm) -> None:
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
            assert _troubles(server) == []
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


def _refused(done: Done, code: str) -> str:
    assert done.status == 1, done.out + done.err
    assert done.error == code
    message: str = done.json["error"]["message"]
    return message


def test_what_cannot_be_begun(firm: Firm, tmp_path: Path) -> None:
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
        ("folder", other.url, "store.unusable", "belongs to another installation", {}),
        ("folder", "s3://no-such-bucket/x", "store.unusable", "no such bucket", {}),
        ("folder", ours, "store.unusable", "refuses the server's credentials", wrong),
    ):
        assert says in _refused(run(*words(source, target), **environ), code)
    assert run(*words("blobs", ours)).status == 2
    assert firm.objects() == {}
    # Nothing was begun.
    assert _troubles(server) == []
    firm.opened(_unsealed)
    assert "admin seal --begin" in _refused(run(*words("folder", ours)), "store.plain")
    firm.all_is_whole(server)


async def _unsealed(context: Context) -> None:
    async with context.database.write() as connection:
        await connection.execute(update(installation).values(sealing=None))


def test_a_server_that_cannot_use_the_new_store_is_named(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is moved before it can; then the move goes on, or is taken back."""
    with monkeypatch.context() as without:
        without.delenv("AWS_SECRET_ACCESS_KEY")
        server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, b"a few words")
    message = _refused(run(*firm.words(firm.bucket.url), "--json"), "store.server")
    assert f"A server (process {server.process.pid}) can't use {firm.bucket.url}" in message
    assert "Start it again" in message
    firm.all_is_whole(server)
    assert _troubles(server) == ["move"]
    other = _refused(run(*firm.words(S3Bucket(firm.bucket.store).url), "--json"), "store.other_move")
    assert f"sentlinks admin move-store folder {firm.bucket.url}" in other
    # The other way round.
    turned = run("admin", "move-store", firm.bucket.url, "folder", "--json", *firm.options)
    assert turned.status == 0, turned.out
    assert _troubles(server) == []
    assert firm.objects() == {}
    server.stop()
    server = firm.server()
    firm.move(firm.bucket.url)
    firm.all_is_whole(server)
    firm.is_in(firm.bucket)
    # Once more has nothing to do.
    done = run("admin", "move-store", "folder", firm.bucket.url, "--json", *firm.options)
    assert done.json == {"pieces": 0, "size": 0, "damaged": 0, "left_over": 0}


@both
def test_a_server_with_another_store_than_that_of_the_documents_is_refused(firm: Firm) -> None:
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
def test_between_two_stores_by_two_processes(firm: Firm, postgres: Postgres, tmp_path: Path) -> None:
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
    message = _refused(run(*firm.words(None), "--json"), "store.server")
    assert f"A server (process {two.process.pid}) can't use folder" in message


# ---------------------------------------------------------------- damage


def test_damaged_documents_stay_and_do_not_hold_up_the_others(firm: Firm) -> None:
    server = firm.server()
    with Sender(server) as sender:
        damaged, missing = (sender.send(name, os.urandom(90_000)) for name in ("Damaged.pdf", "Missing.pdf"))
        firm.send(sender, b"a few words")
        files = {file.name: file for file in firm.files()}
        spoiled, lost = (files[_key_of(firm, document["id"])] for document in (damaged, missing))
        kept, text = lost.read_bytes(), spoiled.read_bytes()
        spoiled.write_bytes(text[:70_000] + bytes([text[70_000] ^ 1]) + text[70_001:])
        lost.unlink()
        message = _refused(run(*firm.words(firm.bucket.url), "--json"), "store.damaged")
        assert "2 documents can't be moved" in message
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
        assert _troubles(server) == ["documents"]
        firm.all_is_whole(server)


def _key_of(firm: Firm, document: str) -> str:
    query = (
        select(sealed_pieces.c.name)
        .join(sent_documents, sent_documents.c.blob == sealed_pieces.c.content)
        .where(sent_documents.c.id == document)
    )
    return str(firm.rows(query)[0][0])


# ---------------------------------------------------------------- killed, and two at once


@more
def test_killed_at_any_point_it_goes_on(firm: Firm) -> None:
    """There and back, the command, or the server, is killed a moment after it has begun, later each time."""
    server = firm.server()
    chance = random.Random(40)
    with Sender(server) as sender:
        for number in range(3):
            firm.send(sender, os.urandom(30_000), f"{number}.pdf")
        firm.send(sender, LARGE, "Large.bin")
    for target in (firm.bucket, None):
        url = target.url if target else None
        for _ in range(30):
            under_way = firm.moving(url)
            time.sleep(chance.random() * 4)
            if is_struck := chance.random() < 0.3:
                server.stop(signal.SIGKILL)
            under_way.kill()
            under_way.ended()
            if is_struck:
                steps, stores = (
                    firm.rows(select(store_moves.c.step)),
                    firm.rows(select(installation.c.store_url)),
                )
                if (steps, stores) == ([(None,)], [(url,)]):
                    firm.store = url
                server = firm.server()
            firm.all_is_whole(server)
            with Sender(server) as sender:
                firm.send(sender, os.urandom(9000))
            if not _troubles(server) and firm.rows(select(installation.c.store_url)) == [(url,)]:
                # It had ended.
                break
        firm.store = None if target else firm.bucket.url
        firm.move(url)
        firm.all_is_whole(server)
        firm.is_in(target)
        firm.checked()


@more
def test_of_two_commands_one_is_refused(firm: Firm) -> None:
    server = firm.server()
    with Sender(server) as sender:
        firm.send(sender, LARGE)
    first = firm.moving(firm.bucket.url)
    until(lambda: _troubles(server) == ["move"])
    assert "Another command" in _refused(run(*firm.words(firm.bucket.url), "--json"), "store.moving")
    assert first.done().status == 0
    firm.is_in(firm.bucket)


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

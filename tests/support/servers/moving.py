"""An installation whose documents are moved to another store, with what goes on at its servers meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from tests.support.servers.buckets import S3Bucket
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.system.command import Done, Running, run
from tui.server.base.settings import Settings
from tui.server.blobs.s3.store import MARKER
from tui.server.context import Context
from tui.server.database.tables import dead_blobs, installation, sealed_pieces
from tui.server.installation.installation import open_to_look

MIB = 1024 * 1024
#: As one piece of a folder, it is more than one request takes to an S3 store.
LARGE = os.urandom(17 * MIB + 12_345)
_NAME_LENGTH = 32


class _Server(ServerProcess):
    dear_passwords = False
    patience = 1.0


class MovingFirm:
    """Servers of one installation, what was sent to them, and the store that its documents are in (``None``: the data
    folder)."""

    def __init__(self, folder: Path, store: Seaweed, started: ExitStack, url: str | None) -> None:
        self.data = folder / "data"
        self.bucket = S3Bucket(store)
        self.store: str | None = None
        self.database_url = url
        self.sent: dict[str, bytes] = {}
        self._ids: dict[str, str] = {}
        #: Those that are gone, and those of them that were not asked for since.
        self._purged: set[str] = set()
        self._purged_lately: set[str] = set()
        self._started = started
        #: All that were ever seen, with the name of the piece that has it; and what was ever stored under a name.
        self.salts: dict[bytes, str] = {}
        self._stored: dict[str, bytes] = {}
        #: By place and name, what changes with what is stored there.
        self._looked_at: dict[tuple[str, str], str] = {}

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

    def moving(self, target: str | None, source: str | None = None) -> Running:
        return Running(self.words(target, source), cwd=None, env=dict(os.environ))

    def send(self, sender: Sender, text: bytes, name: str = "Offer.pdf") -> dict[str, Any]:
        document = sender.send(name, text)
        self._ids[document["url"]] = document["id"]
        self.sent[document["url"]] = text
        return document

    def purge(self, sender: Sender) -> None:
        """Delete a document for good, a small one. While that isn't acknowledged, it may be there or not."""
        url = random.choice([url for url, text in self.sent.items() if len(text) < MIB])
        del self.sent[url]
        sender.delete(f"/documents/{self._ids[url]}")
        sender.post("/trash/empty")
        self._purged.add(url)
        self._purged_lately.add(url)

    def all_is_whole(self, server: ServerProcess, *, lately: bool = False) -> None:
        """All that was sent is there, and what was purged is not: of that, all, or only what was purged ``lately``."""
        for url, text in self.sent.items():
            path = httpx.URL(url).path
            assert fetch(server, path) == text
        for url in self._purged_lately if lately else self._purged:
            assert fetch(server, httpx.URL(url).path) is None
        self._purged_lately.clear()

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

    def look(self) -> int:
        """Wherever a piece lies, it is as it was stored at first, or more of it, and nothing of a text can be read in
        it; returns how many were looked at: those that have changed since. No salt comes twice."""
        self._note_salts()
        pieces = [*self._changed_files(), *self._changed_objects()]
        for name, content in pieces:
            before = self._stored.get(name, b"")
            longer, shorter = (content, before) if len(content) > len(before) else (before, content)
            assert longer.startswith(shorter), f"{name}: another text in its place"
            self._stored[name] = longer
            assert not any(text[100:132] in content for text in self.sent.values())
        return len(pieces)

    def _changed_files(self) -> Iterator[tuple[str, bytes]]:
        for file in self.files():
            status = file.stat()
            if self._is_new("folder", file.name, f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"):
                yield file.name, file.read_bytes()

    def _changed_objects(self) -> Iterator[tuple[str, bytes]]:
        for name, entry in self.bucket.listed().items():
            if self._is_new(self.bucket.url, name, entry):
                yield name, self.bucket.content(name)

    def _is_new(self, place: str, name: str, entry: str) -> bool:
        before = self._looked_at.get((place, name))
        self._looked_at[place, name] = entry
        # What isn't whole yet has another name, and the mark is one that each move writes anew.
        return len(name) == _NAME_LENGTH and before != entry

    def _note_salts(self) -> set[str]:
        """Returns the names of all pieces."""
        rows = self.rows(select(sealed_pieces.c.name, sealed_pieces.c.salt))
        for name, salt in rows:
            assert self.salts.setdefault(salt, name) == name
        return {name for name, _ in rows}

    def is_in(self, bucket: S3Bucket | None) -> None:
        """All pieces lie there and nowhere else, each under the name that its row has, and no salt comes twice."""
        names = self._note_salts()
        dead = {name for (name,) in self.rows(select(dead_blobs.c.key))}
        if bucket is None:
            assert {file.name for file in self.files()} - dead == names
        else:
            assert set(self.objects(bucket)) - dead == names | {MARKER}
            left = [file.name for file in self.files()]
            assert not left, left
        assert self.rows(select(installation.c.store_url)) == [(None if bucket is None else bucket.url,)]

    def checked(self) -> None:
        store = ("--store", self.store) if self.store else ()
        done = run("admin", "check", "--json", *self.options, *store)
        assert done.status == 0, done.out + done.err


def troubles(server: ServerProcess) -> list[str]:
    """The ids of what ``/readyz`` names."""
    with server.guest() as guest:
        return [each["id"] for each in guest.get("/readyz").json().get("troubles", [])]


def refused(done: Done, code: str) -> str:
    """What a command says that was refused with this code."""
    assert done.status == 1, done.out + done.err
    assert done.error == code
    message: str = done.json["error"]["message"]
    return message


class Business:
    """What goes on at a server meanwhile: sends, downloads, links that are stopped, documents deleted for good."""

    def __init__(self, firm: MovingFirm, server: ServerProcess) -> None:
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

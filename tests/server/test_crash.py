"""A server that is killed at any moment and restarted: nothing is left half-done, and nothing is done twice (S25)."""

from __future__ import annotations

import hashlib
import random
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, stored
from tui.server.installation import jobs
from tui.server.installation.installation import open_context

KILLS = 5


class Work:
    """Sends, downloads, unpublishes, deletes and purges, one after the other; remembers what was acknowledged."""

    def __init__(self) -> None:
        self.number = 0
        self.contents: dict[str, bytes] = {}
        #: For each document: the downloads that were requested, and those that were answered.
        self.asked: dict[str, int] = {}
        self.given: dict[str, int] = {}
        self.purged: set[str] = set()
        #: The keyed request that is under way, if any.
        self.pending: tuple[str, dict[str, Any], str] | None = None

    def go_on(self, server: ServerProcess) -> None:
        """Runs until the connection breaks."""
        try:
            with Sender(server) as me, server.guest() as guest:
                while True:
                    self._round(me, guest)
        except httpx.TransportError:
            pass

    def _keyed(self, me: Sender, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        self.pending = (path, body, key)
        answer: dict[str, Any] = me.post(path, body, 201, Idempotency_Key=key)
        self.pending = None
        return answer

    def _round(self, me: Sender, guest: httpx.Client) -> None:
        self.number += 1
        name, content = f"{self.number}.txt", f"content of {self.number}".encode()
        self.contents[name] = content
        send = self._keyed(me, "/sends", {"folder": me.folder}, f"open-{self.number}")["id"]
        body = {
            "upload": me.upload(send, content),
            "name": name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "source": {"label": "file:x"},
        }
        document = self._keyed(me, f"/sends/{send}/documents", body, f"publish-{self.number}")
        ident = document["id"]
        self.asked[name] = self.given[name] = 0
        for _ in range(2):
            self.asked[name] += 1
            assert guest.post(document["url"]).status_code == 303
            self.given[name] += 1
        if self.number % 2:
            me.post(f"/documents/{ident}/unpublish")
        if self.number % 3 == 0:
            me.delete(f"/documents/{ident}")
        if self.number % 6 == 0:
            me.post("/trash/empty")
            self.purged.add(ident)


def repeat_what_broke_off(work: Work, me: Sender) -> None:
    """Repeats the keyed request that had no answer: it succeeds now, and was done at most once."""
    if work.pending is not None:
        path, body, key = work.pending
        first = me.post(path, body, 201, Idempotency_Key=key)
        assert me.post(path, body, 201, Idempotency_Key=key) == first
        work.pending = None


def look_at_all(work: Work, server: ServerProcess, me: Sender) -> None:
    listed = me.get("/documents", limit=500)["documents"]
    trashed = me.get("/trash", limit=500)["documents"]
    names = [document["name"] for document in listed + trashed]
    assert len(names) == len(set(names))
    with server.guest() as guest:
        for document in listed + trashed:
            name, ident = document["name"], document["id"]
            assert ident not in work.purged
            counted = me.events(f"/documents/{ident}/audit").count("downloaded")
            assert document["downloads"] == counted
            assert work.given.get(name, 0) <= counted <= work.asked.get(name, 0)
            # From here on, the number the server counted is the number requested.
            work.given[name] = work.asked[name] = counted
            assert guest.get(document["url"]).status_code == (200 if document["published"] else 404)
        for document in listed:
            answer = me.request("GET", f"/documents/{document['id']}/content")
            assert answer.content == work.contents[document["name"]]
    assert me.get("/audit/verify")["broken"] is None


async def look_at_the_bytes(server: ServerProcess) -> None:
    """After the next run of the jobs, all stored bytes belong to something, and none are missing."""
    context = await open_context(server.settings)
    try:
        await jobs.run_all(context)
    finally:
        await context.close()
    documents = {row[0] for row in look(server, "SELECT blob FROM sent_documents WHERE blob IS NOT NULL")}
    uploads = {row[0] for row in look(server, "SELECT blob_key FROM uploads WHERE published_as IS NULL")}
    files = {path.name for path in stored(server)}
    assert documents <= files
    assert files <= documents | uploads


async def test_killed_at_any_point(tmp_path: Path) -> None:
    """S25, S4: killed while it publishes, counts, unpublishes and purges, then restarted: no link without its
    document, no document twice, none without its bytes, no bytes without a document, no download counted twice."""
    chance, work = random.Random(25), Work()
    kills = 0
    with ExitStack() as stack:
        server = stack.enter_context(ServerProcess(tmp_path / "data"))
        # On a busy machine, the server may be killed before it has done anything.
        while kills < KILLS or (work.number <= KILLS and kills < 10 * KILLS):
            kills += 1
            worker = threading.Thread(target=work.go_on, args=(server,))
            worker.start()
            time.sleep(chance.uniform(0.05, 0.5))
            server.stop(signal.SIGKILL)
            worker.join()
            server = stack.enter_context(ServerProcess(tmp_path / "data"))
            with Sender(server) as me:
                repeat_what_broke_off(work, me)
                look_at_all(work, server, me)
        await look_at_the_bytes(server)
    assert work.number > KILLS

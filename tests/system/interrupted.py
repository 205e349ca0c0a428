"""Commands that send many documents, and are ended in the middle."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, HoldAnswer
from tests.support.servers.server import ServerProcess
from tests.support.users.share import database, fetch
from tests.system.command import Client, Running
from tests.system.proxy import wait_until

#: Together they have more bytes than fit in one request.
SMALL = 8
SIZES = range(50_000, 80_000)
#: More than fits in the request that creates an upload, so that there is a PATCH for each.
MIDDLE = 9 * 1024 * 1024
#: More than is sent together with others.
SINGLE = 2 * 1024 * 1024


def unfinished(server: ServerProcess, names: Iterable[str]) -> int:
    """How many of the ``names`` are those of uploads that have not become documents."""
    with database(server) as connection:
        found = connection.execute("SELECT metadata FROM uploads WHERE published_as IS NULL")
        there = [base64.b64decode(str(row[0]).partition("filename ")[2].partition(",")[0]) for row in found]
    return len({name.decode() for name in there} & set(names))


@dataclass
class Sending:
    """A command that sends the files of a folder through ``proxy``."""

    client: Client
    proxy: Misbehaving
    items: list[str]
    server: ServerProcess
    over: threading.Event = field(default_factory=threading.Event)

    def start(self, *options: str) -> Running:
        return self.client.start("send", *self.items, "--json", *options)

    def ended_by(
        self, number: int, begin: Callable[[Callable[[], None]], None], *options: str
    ) -> tuple[int, str, str]:
        """Starts the command, and ends it with a signal at the moment that ``begin`` arranges."""
        process: list[Running] = []
        started = threading.Event()

        def end() -> None:
            started.wait(30)
            process[0].send_signal(number)

        begin(end)
        process.append(self.start(*options))
        started.set()
        status, out, err = process[0].ended(seconds=120)
        self.over.set()
        assert b"Traceback" not in err
        return status, out.decode(), err.decode()

    @property
    def unfinished(self) -> int:
        """How many of the items are uploads on the server that have not become documents."""
        return unfinished(self.server, self.items)

    @property
    def documents(self) -> int:
        """How many of the items are documents already."""
        return len(set(self.published()))

    @property
    def left(self) -> list[dict[str, Any]]:
        return list(self.client("sends", "--json").json["sends"])

    def published(self) -> list[str]:
        """The names of the items that are documents already; twice if they were published twice."""
        # Not listed by a command, since the folder also has what all tests before this one have sent.
        with database(self.server) as connection:
            found = connection.execute("SELECT name FROM sent_documents").fetchall()
        return [str(row[0]) for row in found if row[0] in self.items]

    def remove_shortcuts(self) -> None:
        """Makes the next send ask the server which folder it may use."""
        favorites = "/work/api/v2/customers/1/libraries/ACTIVE/my-favorites/children"
        with self.server.client() as client:
            for shortcut in client.get(favorites).raise_for_status().json()["data"]:
                client.delete(f"{favorites}/{shortcut['id']}").raise_for_status()

    def check_all(self, documents: list[dict[str, Any]]) -> None:
        """Checks that each item was published once, and that its link gives the file's content."""
        assert [d["name"] for d in documents] == self.items
        assert {d["status"] for d in documents} == {"succeeded"}
        assert sorted(self.published()) == sorted(self.items)
        contents = [(self.client.cwd / document["name"]).read_bytes() for document in documents]
        assert [d["sha256"] for d in documents] == [
            hashlib.sha256(content).hexdigest() for content in contents
        ]
        for document, content in random.Random(len(documents)).sample(
            list(zip(documents, contents, strict=True)), 4
        ):
            assert fetch(self.server, document["url"]) == content
        assert self.unfinished == 0
        assert self.left == []


_COUNT = iter(range(1000))
#: Has what follows the first bytes of each file, beginning so much further on in each: many random bytes take long to
#: make.
_STEP = 4099
_FILLING = os.urandom(MIDDLE + 100 * _STEP)


@contextmanager
def many_sendings(server: ServerProcess, folder: Path) -> Iterator[Callable[..., Sending]]:
    """Makes commands that send many files of a folder, each through a proxy of its own."""
    proxies: list[Misbehaving] = []

    def make(small: int, large: tuple[int, ...]) -> Sending:
        proxies.append(Misbehaving(server.url).__enter__())
        client = Client(proxies[-1].url, server.token, folder)
        number = next(_COUNT)
        sizes = random.Random(number).choices(SIZES, k=small)
        sizes[small // 2 : small // 2] = large
        items = []
        for index, size in enumerate(sizes):
            items.append(f"s{number:03}-{index:02}.bin")
            filling = _FILLING[index * _STEP : index * _STEP + size]
            client.file(items[-1], (os.urandom(16) + filling)[:size])
        return Sending(client, proxies[-1], items, server)

    yield make
    for proxy in proxies:
        proxy.__exit__(None, None, None)


def at(
    sending: Sending, method: str, path: str, skip: int, answered: bool, documents: int = 0
) -> Callable[[Callable[[], None]], None]:
    """Ends the send at that point, but not before ``documents`` items are published, which happens in parallel."""
    proxy = sending.proxy
    before = proxy.count(method, path)
    sending.over.clear()

    def begin(end: Callable[[], None]) -> None:
        if not answered:
            proxy.spoil(method, Call(end), path, skip=skip)
            return
        # The response never arrives; other requests continue in the meantime.
        proxy.spoil(method, HoldAnswer(), path, skip=skip)

        def watch() -> None:
            wait_until(lambda: proxy.count(method, path) - before > skip or sending.over.is_set(), 60)
            wait_until(lambda: sending.documents >= documents or sending.over.is_set(), 60)
            end()

        threading.Thread(target=watch).start()

    return begin


def resume(sending: Sending) -> None:
    """Does what a user does: runs the same command again, which reports the interrupted send, then what it suggests."""
    again = sending.client("send", *sending.items, "--json")
    assert (again.status, again.error) == (1, "send.interrupted")
    (left,) = sending.left
    assert left["state"] == ("sent" if len(left["documents"]) == len(sending.items) else "interrupted")
    # What the server was doing when the command was killed may have finished since.
    assert {d["name"] for d in left["documents"]} <= set(sending.published())
    assert f"--resume {left['id']}" in again.err
    done = sending.client("send", "--resume", left["id"], "--json")
    assert done.status == 0, done.err
    sending.check_all(done.documents)

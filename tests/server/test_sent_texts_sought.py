"""Nothing of what was sent can be found where the server keeps it: not in its data folder, in the database's files, in
an S3 store or the files of that, in its log, or in temporary files."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from pathlib import Path

import pytest

from tests.support.checks.long import cases
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.moving import MovingFirm
from tests.support.servers.postgres import Postgres
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.support.users.work import Worker
from tests.system.command import run

DATABASE = "both"
#: How many texts are sent, each in one of the ways: before all are moved to an S3 store, and after that.
BEFORE = AFTER = cases(5, 100)


class Texts:
    """Texts that have a line of their own again and again, and where a piece of such a line lies."""

    def __init__(self) -> None:
        #: What each line begins with. Searching for one string is quick, however many lines there are.
        self._mark = secrets.token_hex(12).encode()
        self.lines: set[bytes] = set()

    def new(self, size: int) -> bytes:
        line = self._mark + secrets.token_hex(8).encode()
        self.lines.add(line)
        return (line + b"\n") * (size // 41 + 1)

    def found(self, content: bytes) -> set[bytes]:
        """The lines in it, also such as are cut off."""
        return {content[match.start() : match.start() + 40] for match in re.finditer(self._mark, content)}


@pytest.fixture
def folders(firm: MovingFirm, tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    """Where anything is kept: what servers and commands have, and PostgreSQL's own files."""
    found = [tmp_path]
    if firm.database_url:
        started: Postgres = request.getfixturevalue("postgres")
        found.append(Path(started.tell("SHOW data_directory")).parent)
    return found


def _send(server: ServerProcess, texts: Texts, count: int) -> None:
    with Sender(server) as me, Worker(server) as work:
        folder = work.folder(work.workspace("Matter"), "Papers")
        for number in range(count):
            text, way = texts.new(secrets.choice([300, 5_000, 200_000])), number % 5
            name = f"{number}.txt"
            if way == 0:
                url = me.send(name, text)["url"]
                assert fetch(server, url) == text
            elif way == 1:
                work.upload(folder, name, text, "txt")
            elif way == 2:
                # Cut, and never gone on with.
                location = me.begin(me.open()["id"], len(text) + 1)
                assert me.patch(location, 0, text).status_code == 204
            elif way == 3:
                document = me.send(name, text, password="Blue-Heron-48")
                me.request("DELETE", f"/documents/{document['id']}")
            else:
                # In one request with others.
                me.publish_together(me.open()["id"], [name, f"{name}.2"], texts.new(2_000))


def _look(texts: Texts, folders: list[Path], bucket: dict[str, bytes]) -> None:
    stored = [each for folder in folders for each in folder.rglob("*") if each.is_file()]
    # What is sought would be found: the names are in the clear.
    assert any(b"0.txt" in each.read_bytes() for each in stored)
    assert {each: found for each in stored if (found := texts.found(each.read_bytes()))} == {}
    assert not any(texts.found(content) for content in bucket.values())
    print(f"{len(texts.lines)} texts sought in {len(stored)} files and {len(bucket)} objects: 0 found")


def test_none_of_the_sent_texts_is_found(
    firm: MovingFirm, folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor after they were moved to an S3 store and the key was changed, nor what is sent then."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    texts = Texts()
    # So would be a text in any file.
    assert texts.found(texts.new(1000)) == texts.lines
    server = firm.server()
    _send(server, texts, BEFORE)
    _look(texts, folders, {})
    moved = firm.move(firm.bucket.url)
    done = run("admin", "rotate-key", "--json", *firm.options, "--store", firm.bucket.url)
    assert done.status == 0, done.err
    assert moved["pieces"] >= BEFORE <= done.json["rewrapped"]
    _send(server, texts, AFTER)
    bucket = firm.objects()
    assert len(bucket) >= moved["pieces"] + AFTER
    # The store's own files, in which a text that someone else stores plainly is found, unless it is worth compressing.
    store, other = firm.bucket.store, Texts()
    asyncio.run(S3Bucket(store).put("plain", os.urandom(5_000) + other.new(40) + os.urandom(5_000)))
    assert any(other.found(file.read_bytes()) for file in store.volumes.rglob("*.dat"))
    _look(texts, [*folders, store.volumes], bucket)

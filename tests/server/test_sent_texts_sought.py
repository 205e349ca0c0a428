"""Nothing of what was sent can be found where the server keeps it: not in its data folder, in the database's files, or
in its log."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from tests.support.checks.long import cases
from tests.support.servers.postgres import Postgres
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.support.users.work import Worker

DATABASE = "both"
#: How many texts are sent, each in one of the ways.
TEXTS = cases(15, 200)


class Texts:
    """Texts that have a line of their own again and again, and where such a line lies."""

    def __init__(self) -> None:
        self.lines: set[bytes] = set()

    def new(self, size: int) -> bytes:
        line = secrets.token_hex(20).encode()
        self.lines.add(line)
        return (line + b"\n") * (size // 41 + 1)

    def found(self, file: Path) -> set[bytes]:
        """The lines in a file: any 40 hexadecimal digits are looked at, so that it is read once."""
        runs = re.findall(rb"[0-9a-f]{40,}", file.read_bytes())
        return {run[at : at + 40] for run in runs for at in range(len(run) - 39)} & self.lines


@pytest.fixture
def folders(fresh_server: ServerProcess, request: pytest.FixtureRequest) -> list[Path]:
    """Where the server keeps anything: its data folder, its log, and PostgreSQL's own files."""
    found = [fresh_server.data, fresh_server.log]
    if fresh_server.database_url:
        started: Postgres = request.getfixturevalue("postgres")
        found.append(Path(started.tell("SHOW data_directory")).parent)
    return found


def test_none_of_the_sent_texts_is_found(
    fresh_server: ServerProcess, folders: list[Path], tmp_path: Path
) -> None:
    server, texts = fresh_server, Texts()
    with Sender(server) as me, Worker(server) as work:
        folder = work.folder(work.workspace("Matter"), "Papers")
        for number in range(TEXTS):
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
    files = [each for folder in folders for each in ([folder] if folder.is_file() else folder.rglob("*"))]
    stored = [each for each in files if each.is_file()]
    # What is sought would be found: the names are in the clear, and so is a text in any other file.
    (tmp_path / "proof").write_bytes(texts.new(1000))
    assert len(texts.found(tmp_path / "proof")) == 1
    assert any(b"0.txt" in each.read_bytes() for each in stored)
    assert {each: texts.found(each) for each in stored if texts.found(each)} == {}
    print(f"{len(texts.lines) - 1} texts sought in {len(stored)} files: 0 found")

"""How many bytes a user may store or announce; more is refused with 507 and a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, problem, stored
from tests.support.users.work import Worker, add_person, error

KEPT, UNFINISHED = 1000, 600


@pytest.fixture
def small(database_url: Callable[[], str | None], tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that takes little from each user."""
    arguments = ("--kept-bytes", str(KEPT), "--unfinished-bytes", str(UNFINISHED))
    with ServerProcess(tmp_path / "data", arguments=arguments, database_url=database_url()) as process:
        yield process


def test_bytes_that_are_kept(small: ServerProcess) -> None:
    with Worker(small) as work, Worker(small, add_person(small, "BSMITH")) as other:
        space = work.workspace("W")
        paper = work.upload(space, "One", b"x" * 600)

        def refused(method: str, path: str, size: int) -> None:
            files = {"profile": (None, "{}", "application/json"), "file": ("Two.txt", b"x" * size)}
            answer = error(work.request(method, path, files=files), 507, "NRC_QUOTA_KEPT")
            assert "1,000 bytes" in answer["message"]

        refused("POST", f"folders/{space}/documents", 401)
        refused("POST", f"documents/{paper['id']}/versions", 401)
        refused("PUT", f"documents/{paper['id']}/file", 401)
        # Large ones are refused before they are received.
        refused("POST", f"folders/{space}/documents", 3_000_000)
        assert len(stored(small)) == 1
        # Counted for each user, including what they add to others' documents.
        other.new_version(paper["id"], "One", b"y" * 1000)
        assert len(work.upload(space, "Two", b"x" * 400)) > 0
        refused("POST", f"folders/{space}/documents", 1)
        work.upload(space, "Empty", b"")
        # The trash counts; what is permanently deleted doesn't.
        work.request("DELETE", f"documents/{paper['id']}").raise_for_status()
        refused("POST", f"folders/{space}/documents", 1)
        work.request("DELETE", f"trash-bin/documents/{paper['id']}").raise_for_status()
        work.upload(space, "Three", b"x" * 600)
    check_kept(small)


def test_of_a_body_that_does_not_say_how_long_it_is(small: ServerProcess) -> None:
    with Worker(small) as work:
        space = work.workspace("W")

        def body(size: int) -> Iterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="profile"\r\n\r\n{}\r\n'
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="One.txt"\r\n\r\n'
            for _ in range(size):
                yield b"x"
            yield b"\r\n--x--\r\n"

        def sent(size: int) -> Any:
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            return work.request("POST", f"folders/{space}/documents", content=body(size), headers=headers)

        error(sent(1001), 507, "NRC_QUOTA_KEPT")
        assert sent(1000).status_code == 201


def test_bytes_that_are_announced(small: ServerProcess) -> None:
    with Sender(small) as me:
        send = me.open()["id"]
        problem(me.create(send, 601), 507, "quota.unfinished")
        first = me.begin(send, 400)
        problem(me.create(send, 201), 507, "quota.unfinished")
        me.begin(send, 200)
        me.http.delete(first, headers={"Tus-Resumable": "1.0.0"}).raise_for_status()
        me.begin(send, 400)


def test_what_is_sent_is_kept(small: ServerProcess) -> None:
    with Sender(small) as me:
        kept = me.send("One.pdf", b"x" * 600)
        send = me.open()["id"]
        problem(me.create(send, 401), 507, "quota.kept")
        me.begin(send, 300)
        # Unfinished uploads count as if they were complete.
        problem(me.create(send, 101), 507, "quota.kept")
        me.delete(f"/documents/{kept['id']}")
        problem(me.create(send, 101), 507, "quota.kept")
        me.post("/trash/empty")
        assert me.create(send, 101).status_code == 201
        with Worker(small) as work:
            work.upload(work.workspace("W"), "Two", b"x" * 300)
    check_kept(small)

"""The process that looks into documents: what it can't do, what it is told, and what is believed of what it says."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.carried.office import docx, paragraph, run
from tests.support.carried.ole import doc
from tests.support.carried.pdf import pdf, text
from tests.support.carried.workers import (
    COMMENTED,
    inspecting,
    none_is_left,
    opened,
    own_children,
)
from tests.support.checks.long import more
from tui.inspection.worker import Worker, WorkerFailed
from tui.rules.carried import Looked

ROOT = Path(__file__).resolve().parents[2]


def test_within_the_box_nothing_can_be_done(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.carried.probe", str(file), str(port)],
            cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    answer = json.loads(done.stdout)
    assert answer["holds"] == ["limits", "memory", "landlock", "seccomp"]
    found = answer["found"]
    assert found.pop("thread") == "RuntimeError"
    assert found.pop("memory") in ("OSError", "MemoryError")
    assert found == dict.fromkeys(found, "PermissionError")
    assert file.read_text() == "secret"
    assert os.listdir(tmp_path) == ["file"]


def test_lower_limits_than_its_own_are_kept() -> None:
    code = """
import json, resource
resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))
from tui.inspection.boxed import box
holds = box.limit()
print(json.dumps([holds, resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_AS)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == [["limits", "memory"], [2, 2], [2**28, 2**28]]


async def test_it_has_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment, no folder, no open file but its connection."""
    monkeypatch.setenv("SENTLINKS_TOKEN", "secret")
    secret = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(secret, True)
    worker = Worker()
    try:
        await worker.ready()
        process = Path(f"/proc/{worker.pid}")
        assert b"secret" not in (process / "environ").read_bytes()
        assert (process / "cwd").readlink() == Path("/")
        targets = [str(each.readlink()) for each in (process / "fd").iterdir()]
        assert sorted(target.partition(":")[0] for target in targets) == ["/dev/null"] * 3 + ["socket"]
        assert b"secret" not in (process / "cmdline").read_bytes()
        status = (process / "status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status
        limits = (process / "limits").read_text()
        assert [line.split()[-3] for line in limits.splitlines() if line.startswith("Max address space")] == [
            str(512 * 1024 * 1024)
        ]
    finally:
        worker.close()
        os.close(secret)


async def test_a_document_is_looked_into_from_its_beginning(tmp_path: Path) -> None:
    descriptor = opened(tmp_path, COMMENTED)
    os.lseek(descriptor, 100, os.SEEK_SET)
    async with inspecting() as inspector:
        report = await inspector.inspect(descriptor, "a.docx")
        assert (report.looked, report.mark) == (Looked.WHOLE, "1 tracked change")
        lines = await inspector.first_lines(descriptor, "a.docx")
        assert lines.lines == ("a",)
    os.close(descriptor)


async def test_a_document_elsewhere_is_asked_for_in_blocks() -> None:
    asked: list[tuple[int, int]] = []
    content = docx(paragraph(run("b")), {"word/media/a.bin": os.urandom(1_000_000)})

    async def fetch(place: int, length: int) -> bytes:
        asked.append((place, length))
        return content[place : place + length]

    async with inspecting() as inspector:
        report = await inspector.inspect(fetch, "a.docx", len(content))
        assert report.looked is Looked.WHOLE
        assert sum(length for _, length in asked) < len(content) // 2, "the picture isn't fetched"
        lines = await inspector.first_lines(fetch, "a.docx", len(content))
        assert lines.lines == ("b",)


async def test_what_cannot_be_fetched_is_not_looked_into() -> None:
    async def fetch(place: int, length: int) -> bytes:
        return b""

    async with inspecting() as inspector:
        report = await inspector.inspect(fetch, "a.docx", 1_000)
        assert (report.looked, report.reason) == (Looked.NOT, "unreadable")


async def test_a_worker_that_speaks_out_of_turn_is_not_believed() -> None:
    async def fetch(place: int, length: int) -> bytes:
        theirs.send(b"x")
        await asyncio.Event().wait()
        return b""

    worker = Worker()
    await worker.ready()
    worker._socket.close()
    worker._socket, theirs = socket.socketpair()
    worker._socket.setblocking(False)
    with theirs:
        theirs.sendall(b'{"want": [0, 5]}\n')
        with pytest.raises(WorkerFailed) as failure:
            await worker.do({"job": "inspect", "name": "a", "size": 9}, fetch, 5, lambda message: None)
        assert failure.value.reason == "crashed"
        worker.close()


async def test_an_answer_is_whole_before_its_process_has_ended() -> None:
    """Nobody waits for that: on a busy machine it takes long."""
    worker = Worker()
    await worker.ready()
    # Its own connection stays open: it would end if that were closed.
    kept = worker._socket
    worker._socket, theirs = socket.socketpair()
    worker._socket.setblocking(False)
    heard: list[dict[str, object]] = []
    with kept, theirs:
        theirs.sendall(b'{"lines": ["a"]}\n{"done": true}\n')
        await worker.do({"job": "text", "name": "a", "size": 9}, 0, 60, heard.append)
        assert worker.alive
    worker.close()
    assert heard == [{"lines": ["a"]}]
    assert none_is_left()


async def test_an_answer_that_lacks_its_end_is_not_whole() -> None:
    """Even if its process seems to have ended by itself."""
    worker = Worker()
    await worker.ready()
    # It is told that there will be no job, and ends.
    worker._socket.close()
    worker._socket, theirs = socket.socketpair()
    worker._socket.setblocking(False)
    with theirs:
        theirs.sendall(b'{"lines": ["a"]}\n')
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(WorkerFailed) as failure:
            await worker.do({"job": "text", "name": "a", "size": 9}, 0, 60, lambda message: None)
    assert failure.value.reason == "crashed"
    worker.close()


async def test_a_kind_that_is_never_looked_into_needs_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its name says; what begins as one that is looked into is, whatever its name says."""
    # There is none to be had.
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    old = doc(1)
    for name, content, looked, reason, lines in (
        ("a.bin", b"\0\1", Looked.NOT, "kind", "kind"),
        ("a", b"", Looked.NOT, "kind", "kind"),
        ("a.mp4", b"\0\0\0\x18ftypmp42", Looked.NOT, "kind", "kind"),
        ("a.rtf", b"{\\rtf1}", Looked.NOT, "kind", "kind"),
        ("a.doc", b"{\\rtf1}", Looked.NOT, "worker", "kind"),
        ("a.doc", old, Looked.NOT, "worker", "kind"),
        ("a.bin", old, Looked.NOT, "worker", "kind"),
        ("a.bin", COMMENTED, Looked.NOT, "worker", "worker"),
        ("a.txt", b"a\n", Looked.WHOLE, "", "worker"),
        ("a.csv", b"a,b\n", Looked.WHOLE, "", "worker"),
        ("a.txt", b"a\0", Looked.NOT, "kind", "worker"),
        ("a.txt", COMMENTED, Looked.NOT, "worker", "worker"),
    ):
        descriptor = opened(tmp_path, content, "document")

        async def fetch(place: int, length: int, content: bytes = content) -> bytes:
            return content[place : place + length]

        async with inspecting() as inspector:
            for document, size in ((descriptor, None), (fetch, len(content))):
                report = await inspector.inspect(document, name, size)
                assert (report.looked, report.reason, report.findings) == (looked, reason, ()), (
                    name,
                    content[:9],
                )
                first = await inspector.first_lines(document, name, size)
                assert (first.lines, first.reason) == ((), lines), (name, content[:9])
        os.close(descriptor)


async def test_what_cannot_be_fetched_has_no_kind() -> None:
    async def nothing(place: int, length: int) -> bytes:
        return b""

    async with inspecting() as inspector:
        assert (await inspector.inspect(nothing, "a.bin", 9)).reason == "unreadable"
        assert (await inspector.first_lines(nothing, "a.bin", 9)).reason == "unreadable"
        assert own_children() == set()


@more
async def test_a_worker_that_says_anything_else_is_not_believed(tmp_path: Path) -> None:
    """It may have been taken over: what it says is bounded, and only what can be so is taken."""
    for said, reason in (
        (b"not json\n", "crashed"),
        (b"[" * 100_000 + b"\n", "crashed"),
        (b"x" * 300_000, "limits"),
        (b'{"want": [0, 5]}\n', "crashed"),
        (b'{"failed": "encrypted"}\n', "encrypted"),
        (b"[]\n", "crashed"),
    ):
        worker = Worker()
        await worker.ready()
        worker.close()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        worker._socket = ours
        sender = asyncio.create_task(asyncio.to_thread(_say, theirs, said))
        with pytest.raises(WorkerFailed) as failure:
            await worker.do({"job": "inspect", "name": "a"}, 0, 20, lambda message: None)
        assert failure.value.reason == reason, said[:20]
        ours.close()
        await sender


def _say(connection: socket.socket, data: bytes) -> None:
    try:
        with connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
    except OSError:
        pass


async def test_an_encrypted_pdf_that_needs_no_password_is_read(tmp_path: Path) -> None:
    """Its decryption is loaded before the box is shut."""
    import io

    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(content=text("An agreement"), info="/Author(Ann)")))
    writer.encrypt("", "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    descriptor = opened(tmp_path, out.getvalue(), "a.pdf")
    async with inspecting() as inspector:
        report = await inspector.inspect(descriptor, "a.pdf")
        assert report.looked is Looked.WHOLE
        assert (await inspector.first_lines(descriptor, "a.pdf")).lines == ("An agreement",)
    os.close(descriptor)


async def test_no_worker_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    descriptor = opened(tmp_path, COMMENTED)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    async with inspecting() as inspector:
        report = await inspector.inspect(descriptor, "a.docx")
        assert (report.looked, report.reason) == (Looked.NOT, "worker")
        monkeypatch.setattr(sys, "executable", "/bin/false")
        report = await inspector.inspect(descriptor, "a.docx")
        assert (report.looked, report.reason) == (Looked.NOT, "worker")
    os.close(descriptor)

"""The process that looks into documents: what it can't do, and that it always ends."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.carried.hostile import HOSTILE
from tests.support.carried.office import docx, paragraph, run
from tests.support.carried.ole import doc
from tests.support.carried.pdf import pdf, text
from tests.support.checks.long import more
from tui.inspection import inspector as inspector_module
from tui.inspection import worker as worker_module
from tui.inspection.inspector import DocumentReading, Inspector
from tui.inspection.worker import Worker, WorkerFailed, memory_of
from tui.rules.carried import Looked

ROOT = Path(__file__).resolve().parents[2]
COMMENTED = docx(paragraph('<w:ins w:id="1" w:author="Ann">', run("a"), "</w:ins>"))


def opened(tmp_path: Path, content: bytes, name: str = "a.docx") -> int:
    path = tmp_path / name
    path.write_bytes(content)
    return os.open(path, os.O_RDONLY)


@asynccontextmanager
async def inspecting() -> AsyncIterator[Inspector]:
    inspector = Inspector()
    try:
        yield inspector
    finally:
        inspector.close()


def wait_for_the_end(pid: int, seconds: float = 20) -> bool:
    """Whether a process that isn't our child ends by itself."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


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


class Withheld:
    """A document whose bytes never come; ``asked`` is set as soon as somebody waits for them."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def fetch(self, place: int, length: int) -> bytes:
        self.asked.set()
        await asyncio.Event().wait()
        return b""


async def test_who_leaves_a_job_ends_it() -> None:
    """At once, also amid a request for a block."""
    document = Withheld()
    worker = Worker()
    await worker.ready()
    request = {"job": "inspect", "name": "a.docx", "size": 1_000}
    job = asyncio.ensure_future(worker.do(request, document.fetch, 60, lambda message: None))
    await document.asked.wait()
    assert worker.alive
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    worker.close()
    assert none_is_left()
    async with inspecting() as inspector:
        document.asked.clear()
        whole = asyncio.ensure_future(inspector.inspect(document.fetch, "a.docx", 1_000))
        await document.asked.wait()
        whole.cancel()
        with pytest.raises(asyncio.CancelledError):
            await whole
        assert none_is_left()


async def test_who_leaves_a_reading_ends_it_before_the_loop_goes_on() -> None:
    """Whatever else waits there: a frame is painted for the key that leaves."""
    document = Withheld()
    async with inspecting() as inspector:
        reading = DocumentReading()
        lines = inspector.first_lines(document.fetch, "a.docx", 1_000, another=False, reading=reading)
        job = asyncio.ensure_future(lines)
        await document.asked.wait()
        (pid,) = own_children()
        reading.leave()
        assert wait_for_the_end(int(pid))
        assert (await job).lines == ()
        document.asked.clear()
        again = await inspector.first_lines(document.fetch, "a.docx", 1_000, another=False, reading=reading)
        assert (again.lines, document.asked.is_set()) == ((), False), "it was left before"
        assert none_is_left()


async def test_a_worker_that_is_killed_amid_a_request_is_noticed() -> None:
    """By its end, and not by the time that its job may take."""

    async def fetch(place: int, length: int) -> bytes:
        os.kill(worker.pid, signal.SIGKILL)
        await asyncio.Event().wait()
        return b""

    worker = Worker()
    await worker.ready()
    request = {"job": "inspect", "name": "a.docx", "size": 1_000}
    with pytest.raises(WorkerFailed) as failure:
        await worker.do(request, fetch, 5, lambda message: None)
    assert failure.value.reason == "limits"
    worker.close()


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


def own_children() -> set[str]:
    """The workers of this process that have not ended; those that are left end a little later."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            status, command = path.read_text(), path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if f"\nPPid:\t{os.getpid()}\n" in status and b"inspection.boxed" in command:
            found.add(path.parent.name)
    return found


def none_is_left() -> bool:
    """Whether all workers of this process end."""
    return all(wait_for_the_end(int(pid)) for pid in own_children())


async def test_an_answer_is_whole_before_its_process_has_ended() -> None:
    """Nobody waits for that: on a busy machine it takes long."""
    worker = Worker()
    await worker.ready()
    worker._socket.close()
    worker._socket, theirs = socket.socketpair()
    worker._socket.setblocking(False)
    heard: list[dict[str, object]] = []
    with theirs:
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


@pytest.mark.parametrize("busy", [False, True], ids=["spare", "busy"])
def test_none_survives_a_kill_of_its_parent(busy: bool, tmp_path: Path) -> None:
    endless = tmp_path / "endless.docx"
    endless.write_bytes(HOSTILE["runs.docx"](1))
    code = """
import asyncio, os, sys
from tui.inspection.worker import Worker

async def main():
    worker = Worker()
    await worker.ready()
    print(worker.pid, flush=True)
    if sys.argv[1] == "True":
        await worker.do({"job": "inspect", "name": "a.docx"}, os.open(sys.argv[2], os.O_RDONLY), 60, print)
    await asyncio.Event().wait()

asyncio.run(main())
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(busy), str(endless)], cwd=ROOT, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert wait_for_the_end(pid)


@more
async def test_a_spare_is_ready_for_the_next_job(tmp_path: Path) -> None:
    descriptor = opened(tmp_path, COMMENTED)
    async with inspecting() as inspector:
        assert own_children() == set()
        inspector.warm()
        inspector.warm()
        (first,) = own_children()
        await inspector.inspect(descriptor, "a.docx", another=True)
        assert wait_for_the_end(int(first))
        (second,) = own_children()
        assert second != first, "one process a job"
        os.kill(int(second), signal.SIGKILL)
        report = await inspector.inspect(descriptor, "a.docx")
        assert report.looked is Looked.WHOLE, "a spare that has died is replaced"
    assert none_is_left()
    os.close(descriptor)


async def test_a_job_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspector_module, "INSPECTION_SECONDS", 0.05)
    descriptor = opened(tmp_path, HOSTILE["runs.docx"](1))
    async with inspecting() as inspector:
        report = await inspector.inspect(descriptor, "a.docx")
        assert (report.looked, report.reason) in ((Looked.NOT, "time"), (Looked.PART, "time"))
    assert none_is_left()
    os.close(descriptor)


async def test_a_job_that_gets_no_processor_is_ended_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own limit counts the processor's time, that of its parent the clock's."""
    monkeypatch.setattr(inspector_module, "TEXT_SECONDS", 0.05)
    monkeypatch.setattr(inspector_module, "INSPECTION_SECONDS", 0.05)
    descriptor = opened(tmp_path, COMMENTED)
    async with inspecting() as inspector:
        for job in (inspector.first_lines, inspector.inspect):
            inspector.warm()
            spare = inspector._spare
            assert spare is not None
            await spare.ready()
            os.kill(spare.pid, signal.SIGSTOP)
            assert (await job(descriptor, "a.docx", another=False)).reason == "time"
            assert wait_for_the_end(spare.pid)
    os.close(descriptor)


async def test_what_was_found_survives_a_crash(tmp_path: Path) -> None:
    """PDFium dies of this file; what its objects told is known by then."""
    circle = HOSTILE["self-drawing.pdf"](1).replace(
        b"/Catalog/Pages 2 0 R", b"/Catalog/Pages 2 0 R/AA<</O<</S/Launch>>>>"
    )
    descriptor = opened(tmp_path, circle, "a.pdf")
    async with inspecting() as inspector:
        report = await inspector.inspect(descriptor, "a.pdf")
        assert report.looked is Looked.PART
        assert report.mark == "1 action"
        assert report.reason in ("crashed", "time", "limits")
        lines = await inspector.first_lines(descriptor, "a.pdf")
        assert lines.reason in ("crashed", "time", "limits")
    os.close(descriptor)


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


async def test_memory_is_watched_where_there_is_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 5_000 < await memory_of(os.getpid()) < 4_000_000
    assert await memory_of(2**22 + 1) == 0
    monkeypatch.setattr(worker_module, "_MOST_MEMORY_KB", 10)
    descriptor = opened(tmp_path, HOSTILE["runs.docx"](1))
    worker = Worker()
    await worker.ready()
    worker.holds = ("limits",)
    with pytest.raises(WorkerFailed) as failure:
        await worker.do({"job": "inspect", "name": "a.docx"}, descriptor, 20, lambda message: None)
    assert failure.value.reason == "limits"
    worker.close()
    os.close(descriptor)


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

"""The process that looks into documents always ends: with its job, with who asked for it, and with the program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.carried.hostile import HOSTILE
from tests.support.carried.workers import (
    COMMENTED,
    inspecting,
    none_is_left,
    opened,
    own_children,
    wait_for_the_end,
)
from tests.support.checks.long import more
from tui.inspection import inspector as inspector_module
from tui.inspection import worker as worker_module
from tui.inspection.inspector import DocumentReading
from tui.inspection.worker import Worker, WorkerFailed, memory_of
from tui.rules.carried import Looked

ROOT = Path(__file__).resolve().parents[2]


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

"""How long documents are looked into: ``python -m tests.bench.carried``. Prints milliseconds, and megabytes."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, ClassVar

from tests.bench.documents import MB, large_docx, large_pdf
from tests.support.carried.hostile import HOSTILE
from tui.inspection.inspector import Inspector
from tui.inspection.worker import Fetch, Worker

RUNS = 20


def memory_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def say(what: str, seconds: list[float]) -> None:
    shown = sorted(1000 * second for second in seconds)
    worst = shown[min(len(shown) - 1, int(len(shown) * 0.95))]
    sys.stdout.write(f"{what:45} {median(shown):8.1f} median {worst:8.1f} p95\n")


async def timed(act: Callable[[], Awaitable[object]]) -> float:
    began = perf_counter()
    await act()
    return perf_counter() - began


async def spare(inspector: Inspector) -> None:
    """Waits until a worker is ready, as it is when the cursor rests."""
    inspector.warm()
    assert inspector._spare is not None
    await inspector._spare.ready()


class Noted(Worker):
    """A worker that says when its job is under way."""

    under_way: ClassVar[asyncio.Event]

    async def do(self, request: dict[str, Any], document: int | Fetch, *given: Any) -> None:
        Noted.under_way.set()
        await super().do(request, document, *given)


async def workers() -> None:
    ready = []
    for _ in range(RUNS):
        began = perf_counter()
        worker = Worker()
        await worker.ready()
        ready.append(perf_counter() - began)
        memory = memory_of(worker.pid)
        worker.close()
    say("a worker is ready", ready)
    sys.stdout.write(f"a worker that waits {memory:.0f} MB\n")


async def documents(inspector: Inspector, path: Path) -> None:
    """What is read of a document, again and again."""
    handle = os.open(path, os.O_RDONLY)
    lines, looks = [], []
    for _ in range(RUNS):
        await spare(inspector)
        lines.append(await timed(partial(inspector.first_lines, handle, path.name, another=False)))
    for _ in range(RUNS // 4):
        await spare(inspector)
        looks.append(await timed(partial(inspector.inspect, handle, path.name)))
    say(f"first lines of {path.name} ({path.stat().st_size / MB:.1f} MB)", lines)
    say(f"what {path.name} carries", looks)
    os.close(handle)


async def cancelled(inspector: Inspector, path: Path) -> None:
    """How long it takes to end a job that would never end by itself."""
    handle = os.open(path, os.O_RDONLY)
    took = []
    for _ in range(RUNS // 2):
        Noted.under_way = asyncio.Event()
        worker = inspector._spare = Noted()
        await spare(inspector)
        process = os.pidfd_open(worker.pid)
        job = asyncio.ensure_future(inspector.inspect(handle, path.name))
        await Noted.under_way.wait()
        began = perf_counter()
        job.cancel()
        await asyncio.wait([job])
        await asyncio.to_thread(select.select, [process], [], [])
        took.append(perf_counter() - began)
        os.close(process)
    say("a job that is left has ended", took)
    os.close(handle)


async def main() -> None:
    await workers()
    inspector = Inspector()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (
            ("1 MB.docx", large_docx(MB)), ("20 MB.docx", large_docx(20 * MB)), ("1 MB.pdf", large_pdf(MB)),
            ("20 MB.pdf", large_pdf(20 * MB)),
        ):  # fmt: skip
            path = Path(folder) / name
            path.write_bytes(content)
            await documents(inspector, path)
        path = Path(folder) / "bomb.docx"
        path.write_bytes(HOSTILE["runs.docx"](1))
        await cancelled(inspector, path)
    inspector.close()


if __name__ == "__main__":
    asyncio.run(main())

"""The text beside the list: ``python -m tests.bench.previews``.

Prints milliseconds from the last key until the text is there, on this machine and over a slow line with what it
carries; what a key takes while it is held; and how soon a worker has ended that is left.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from textual.pilot import Pilot

from tests.bench.carried import MB, large_docx, large_pdf, say
from tests.support.app.app import app_for, main_screen, put_cursor_on, settled, until
from tests.support.carried.hostile import HOSTILE
from tests.support.carried.office import docx, paragraph, run
from tests.support.network.line import Line
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.inspection import worker as worker_module
from tui.ui.main.details_pane import DetailsPane
from tui.ui.main.main import MainScreen
from tui.ui.widgets.text_view import TextLines

RUNS = 50
ROWS, REPEAT = 200, 0.033
#: Each way, so that a round trip takes 30 ms; and bytes a second.
DELAY, RATE = 0.015, 4_000_000


def with_picture(size: int) -> bytes:
    return docx(paragraph(run("A picture")), {"word/media/image1.bin": random.Random(1).randbytes(size)})


class Watch:
    """When texts are shown, and which workers there are."""

    def __init__(self) -> None:
        self.shown: tuple[str, float] = ("", 0.0)
        self.busy: dict[int, worker_module.Worker] = {}
        self.most = self.jobs = 0
        #: When the cursor left a row, what that took for the text, and when a worker was ended.
        self.left_at = self.ended_at = 0.0
        self.followed: list[float] = []
        show, do, close = TextLines.show, worker_module.Worker.do, worker_module.Worker.close
        follow = DetailsPane.follow

        def noted(lines: TextLines, name: str, *given: Any) -> None:
            show(lines, name, *given)
            if len(lines.text.lines) > 1:
                self.shown = (name, perf_counter())

        async def done(worker: worker_module.Worker, *given: Any) -> None:
            self.busy[worker.pid] = worker
            self.jobs += 1
            self.most = max(self.most, sum(each.alive for each in self.busy.values()))
            try:
                await do(worker, *given)
            finally:
                self.busy.pop(worker.pid)

        def closed(worker: worker_module.Worker) -> None:
            close(worker)
            self.ended_at = perf_counter()

        def followed(pane: DetailsPane) -> None:
            self.left_at = perf_counter()
            follow(pane)
            self.followed.append(perf_counter() - self.left_at)

        setattr(DetailsPane, "follow", followed)  # noqa: B010
        setattr(worker_module.Worker, "close", closed)  # noqa: B010
        setattr(TextLines, "show", noted)  # noqa: B010
        setattr(worker_module.Worker, "do", done)  # noqa: B010


async def rests(pilot: Pilot[Any], main: MainScreen, watch: Watch, runs: int) -> list[float]:
    """From the key that brings the cursor to a row until its text is there; up and down by turns."""
    took = []
    for number in range(runs):
        # As the next key comes: a worker for it is ready.
        spare = main.session.carried._inspector._spare
        if spare is not None and not spare.holds:
            await spare.ready()

            async def again() -> None:
                return None

            spare.ready = again  # type: ignore[method-assign]
        before = watch.shown
        began = perf_counter()
        await pilot.press("k" if number % 2 else "j")
        await until(pilot, lambda before=before: watch.shown != before)
        took.append(watch.shown[1] - began)
    return took


@asynccontextmanager
async def in_folder(
    server: ServerProcess, folder: Path, count: int
) -> AsyncIterator[tuple[Pilot[Any], MainScreen]]:
    os.chdir(folder)
    async with app_for(server, folder.parent / f"{folder.name}-state").run_test(size=(120, 40)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("g", "l")
        await until(pilot, lambda: len(main.table.rows) == count)
        await pilot.press("home", "T")
        yield pilot, main


async def on_this_machine(server: ServerProcess, watch: Watch, folder: Path) -> None:
    for what, content in (
        ("1 MB.docx", large_docx(2 * MB)),
        ("20 MB.docx", large_docx(40 * MB)),
        ("1 MB.pdf", large_pdf(MB)),
        ("20 MB.pdf", large_pdf(20 * MB)),
    ):
        here = folder / what.replace(" ", "-")
        here.mkdir()
        for name in ("a", "b"):
            (here / f"{name}.{what.rpartition('.')[2]}").write_bytes(content)
        async with in_folder(server, here, 2) as (pilot, main):
            await until(pilot, lambda: watch.shown[0])
            say(
                f"{what} ({len(content) / MB:.1f} MB), 100 ms of rest within",
                await rests(pilot, main, watch, RUNS),
            )
            watch.shown = ("", 0.0)


async def held(server: ServerProcess, watch: Watch, folder: Path) -> None:
    """A key that is held over many rows, and one that leaves an endless document."""
    here = folder / "many"
    here.mkdir()
    content = large_docx(2 * MB)
    for number in range(ROWS):
        (here / f"{number:03}.docx").write_bytes(content)
    async with in_folder(server, here, ROWS) as (pilot, _):
        await until(pilot, lambda: watch.shown[0])
        for key, seconds, count in (("j", REPEAT, ROWS - 1), ("k", 0.15, 30)):
            jobs, watch.followed = watch.jobs, []
            for _ in range(count):
                began = perf_counter()
                await pilot.press(key)
                await asyncio.sleep(max(0.0, seconds - (perf_counter() - began)))
            say(f"what {count} keys take for the text, each {1000 * seconds:.0f} ms", watch.followed)
            worst = 1000 * max(watch.followed)
            sys.stdout.write(
                f"  the slowest {worst:.1f} ms; {watch.jobs - jobs} jobs, {watch.most} at once\n"
            )
    await left(server, watch, folder)


async def left(server: ServerProcess, watch: Watch, folder: Path) -> None:
    here = folder / "endless"
    here.mkdir()
    for name in ("a", "b"):
        (here / f"{name}.docx").write_bytes(HOSTILE["runs.docx"](1))
    async with in_folder(server, here, 2) as (pilot, _):
        took = []
        for number in range(20):
            await until(pilot, lambda: any(each.alive for each in watch.busy.values()))
            (worker,) = watch.busy.values()
            await pilot.press("k" if number % 2 else "j")
            await until(pilot, lambda worker=worker: not worker.alive)
            took.append(watch.ended_at - watch.left_at)
        say("a worker that is left has ended", took)


async def over_a_slow_line(server: ServerProcess, watch: Watch, folder: Path) -> None:
    for what, content in (
        ("1 MB.docx", large_docx(2 * MB)),
        ("21 MB with a picture.docx", with_picture(21 * MB)),
        ("20 MB.pdf", large_pdf(20 * MB)),
    ):
        with Worker(server) as work:
            space = work.workspace(what)
            extension = what.rpartition(".")[2]
            for name in ("a", "b"):
                work.upload(space, f"{name} {what[:5]}", content, extension)
        with Line(server.url, delay=DELAY, rate=RATE) as line:
            app = app_for(server, folder / f"state of {what}", url=line.url)
            async with app.run_test(size=(120, 40)) as pilot:
                main = await main_screen(pilot)
                await settled(pilot)
                await pilot.press("g", "w")
                await until(pilot, partial(_is_there, main, what))
                put_cursor_on(main, f"b {what[:5]}.{extension}")
                watch.shown = ("", 0.0)
                await pilot.press("home", "T")
                await until(pilot, lambda: watch.shown[0])
                await settled(pilot)
                before = line._down.carried
                took = await rests(pilot, main, watch, 20)
                await settled(pilot)
                say(f"{what} ({len(content) / MB:.1f} MB), 30 ms, 4 MB/s", took)
                sys.stdout.write(f"  {(line._down.carried - before) / 20_000:.0f} kB each\n")


def _is_there(main: MainScreen, what: str) -> bool:
    rows = main.table.rows
    return len(rows) > 1 and what[:5] in rows[0].name and what[:5] in rows[1].name


async def bench(parts: dict[str, Callable[..., Any]], chosen: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        watch = Watch()
        for name, part in parts.items():
            if not chosen or name in chosen:
                await part(server, watch, Path(folder))


if __name__ == "__main__":
    os.environ.setdefault("TERM", "xterm-256color")
    asyncio.run(bench({"here": on_this_machine, "held": held, "line": over_a_slow_line}, sys.argv[1:]))

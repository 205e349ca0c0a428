"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from ..sending.job import SendJob

#: Seconds between two paintings.
_PAINT = 0.1
_BAR = 24


Paint = Callable[[Callable[[], str]], None]


def is_shown() -> bool:
    """Whether there is a terminal for it."""
    return os.isatty(2) and os.environ.get("TERM", "dumb") != "dumb"


@contextmanager
def progress() -> Iterator[Paint]:
    """Gives what paints a line, within a running event loop; the line is gone at the end.

    It is only made when it is time to, and the last one always is, also where nothing happens after it.
    """
    if not is_shown():
        yield lambda line: None
        return
    painted = 0.0
    due: asyncio.TimerHandle | None = None

    def now(line: Callable[[], str]) -> None:
        nonlocal painted, due
        due = None
        painted = monotonic()
        _write(line())

    def paint(line: Callable[[], str]) -> None:
        nonlocal due
        if due is None:
            import asyncio

            wait = painted + _PAINT - monotonic()
            due = asyncio.get_running_loop().call_later(max(wait, 0), now, line)

    try:
        yield paint
    finally:
        if due is not None:
            due.cancel()
        _write("")


def _write(line: str) -> None:
    """Puts ``line`` where the last one was."""
    with suppress(OSError, ValueError):
        sys.stderr.write("\r" + line[: shutil.get_terminal_size().columns - 1] + "\x1b[K")
        sys.stderr.flush()


def bar(done: int, total: int) -> str:
    """``[######------------]  25 %``"""
    part = done / total if total else 1.0
    full = int(part * _BAR)
    return f"[{'#' * full}{'-' * (_BAR - full)}] {int(part * 100):3d} %"


def job_line(job: SendJob) -> str:
    """How far a send is."""
    from ..sending.meter import pace_text
    from ..sending.waits import waiting_text

    state = job.progress
    sent = len(job.documents)
    line = f"{bar(state.done, state.total)}  {sent} of {len(job.rows)} sent"
    if job.waiting is not None:
        return f"{line}  {waiting_text(job.waiting)}"
    if pace := pace_text(state):
        line += f"  {pace}"
    if state.left is not None:
        line += f"  {round(state.left)} s left"
    return line

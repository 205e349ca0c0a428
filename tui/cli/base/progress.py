"""A progress bar on standard error, if that is a terminal; on a plain one, a line from time to time."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING

from ...terminal.plain import is_plain_terminal
from .output import note, tell

if TYPE_CHECKING:
    import asyncio

    from ...sending.job.job import SendJob

#: Least seconds between two repaints.
_REPAINT_SECONDS = 0.1
#: Seconds between two lines on a plain terminal.
PLAIN_SECONDS = 10.0
_BAR_CELLS = 24


Paint = Callable[[Callable[[], str]], None]


def is_shown() -> bool:
    """Whether there is a terminal to show it on, and to paint it over."""
    return os.isatty(2) and os.environ.get("TERM", "dumb") != "dumb" and not is_plain_terminal()


@contextmanager
def progress(clock: Callable[[], float] = monotonic) -> Iterator[Paint]:
    """Yield a function that paints a line, within a running event loop; the line is cleared at the end.

    A line's text is made only when it is painted. The last one is always painted, even if nothing happens after it.
    On a plain terminal, it is a line of its own that is printed at most every ten seconds, and none for what is soon
    done.
    """
    if is_plain_terminal() and os.isatty(2):
        lines = SpokenProgress(clock)
        yield lambda line: lines.say(line)
        return
    if not is_shown():
        yield lambda line: None
        return
    painted = 0.0
    timer: asyncio.TimerHandle | None = None

    def paint_now(line: Callable[[], str]) -> None:
        nonlocal painted, timer
        timer = None
        painted = monotonic()
        _write(line())

    def paint(line: Callable[[], str]) -> None:
        nonlocal timer
        if timer is None:
            import asyncio

            wait = painted + _REPAINT_SECONDS - monotonic()
            timer = asyncio.get_running_loop().call_later(max(wait, 0), paint_now, line)

    try:
        yield paint
    finally:
        if timer is not None:
            timer.cancel()
        _write("")


@contextmanager
def live_line() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows a line at once, in place of the one before; it is cleared at the end."""
    if is_plain_terminal() and os.isatty(2):
        lines = SpokenProgress(monotonic)
        yield lambda line: lines.say(lambda: line)
        return
    if not is_shown():
        yield lambda line: None
        return
    try:
        yield _write
    finally:
        _write("")


class SpokenProgress:
    """Lines about the same thing, at most one every ten seconds by ``clock``, and none twice in a row."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next = clock() + PLAIN_SECONDS
        self._last = ""

    def say(self, line: Callable[[], str]) -> None:
        """Print the line, if it is time for one."""
        now = self._clock()
        if now < self._next:
            return
        text = line()
        if text != self._last:
            note(text)
            self._last, self._next = text, now + PLAIN_SECONDS


def tell_aside(message: str) -> None:
    """Print a message for a person while there may be a progress bar, which continues below it."""
    if is_shown():
        _write("")
    tell(message)


def _write(line: str) -> None:
    """Replace the line that is shown."""
    with suppress(OSError, ValueError):
        sys.stderr.write("\r" + line[: shutil.get_terminal_size().columns - 1] + "\x1b[K")
        sys.stderr.flush()


def bar(done: int, total: int) -> str:
    """``[######------------]  25 %``; on a plain terminal only ``25 %``."""
    part = done / total if total else 1.0
    if is_plain_terminal():
        return f"{int(part * 100)} %"
    full = int(part * _BAR_CELLS)
    return f"[{'#' * full}{'-' * (_BAR_CELLS - full)}] {int(part * 100):3d} %"


def job_line(job: SendJob) -> str:
    """The progress of a send."""
    from ...sending.job.meter import pace_text
    from ...sending.job.server_wait import waiting_text

    state = job.progress
    sent = len(job.documents)
    line = f"{bar(state.done, state.total)}  {sent:,} of {len(job.rows):,} sent"
    if job.waiting is not None:
        return f"{line}  {waiting_text(job.waiting)}"
    if pace := pace_text(state):
        line += f"  {pace}"
    if state.left is not None:
        line += f"  {round(state.left)} s left"
    return line

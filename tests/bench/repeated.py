"""A key that is held: each of its repeats is timed until the terminal has got what it brings.

While keys are typed, what comes is only kept, with its moments: showing it takes about as long as a program takes for
it, and would make the next reading late. It is shown when the last key has been answered, and only then is it told
which bytes moved the cursor.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from tests.bench.peers import PLAIN_TABLE, Peer
from tests.bench.screen import Program

REPEAT = 0.033
#: Seconds without output after which no key is under way.
_REST = 1.0
#: A program that does nothing for a key but write its number: what the terminal and the machine take.
_ECHO = """
import os, tty
tty.setraw(0)
os.write(1, b"echo 000")
count = 0
while os.read(0, 1):
    count += 1
    os.write(1, b"\\recho %03d" % count)
"""
ECHO = Peer("an echo", [sys.executable, "-c", _ECHO], "echo 000", "j")
_ECHOED = re.compile(r"echo (\d{3})")
_PLAIN_NAME = re.compile(r"Document (\d+)\.docx")


@dataclass
class Held:
    """Seconds of each key: until it is answered, and of the program's processor time until the next one is typed."""

    took: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)


def hold(
    program: Program, key: str, count: int, row: Callable[[], int], beside: Callable[[], None] = lambda: None
) -> Held:
    """Types a key ``count`` times. ``row`` tells from the screen the number of the row that the cursor is on; -1 if it
    isn't known. ``beside`` is called after each reading."""
    typed: list[float] = []
    used: list[float] = []
    came: list[tuple[float, bytes]] = []
    began = time.perf_counter()
    while len(typed) < count:
        due = began + len(typed) * REPEAT
        if time.perf_counter() >= due:
            used.append(program.cpu())
            typed.append(time.perf_counter())
            program.type(key)
        elif data := program.unseen(due - time.perf_counter()):
            came.append((time.perf_counter(), data))
            beside()
    while data := program.unseen(_REST):
        came.append((time.perf_counter(), data))
        beside()
    used.append(program.cpu())
    held = Held(used=[after - before for before, after in pairwise(used)])
    for moment, data in came:
        program.show(data)
        # Several keys may be answered at once, on a busy machine.
        held.took += [moment - typed[number] for number in range(len(held.took), row())]
    assert len(held.took) == count, f"the cursor isn't there:\n{program.text}"
    return held


def row_under_cursor(program: Program, name: re.Pattern[str]) -> int:
    """The number in the ``name`` of the row that looks like no other; -1 if there is none, as amid a frame."""
    found: dict[object, list[str]] = {}
    for y, line in enumerate(program.text.splitlines()):
        if match := name.search(line):
            found.setdefault(program.look(y, match.start()), []).append(match[1])
    alone = [names[0] for names in found.values() if len(names) == 1]
    return int(alone[0]) if len(alone) == 1 else -1


def hold_in_echo(environ: dict[str, str], count: int) -> Held:
    """What the terminal and the machine take for each key."""
    with Program(ECHO.command, environ) as program:
        program.until(ECHO.ready)

        def row() -> int:
            found = _ECHOED.search(program.text)
            return int(found[1]) if found else -1

        return hold(program, ECHO.down, count, row)


def hold_in_plain_table(environ: dict[str, str], count: int) -> Held:
    """What Textual's own table takes for each key."""
    with Program(PLAIN_TABLE.command, environ) as program:
        program.until(PLAIN_TABLE.ready)
        program.quiet(0.5)
        return hold(program, "\x1b[B", count, lambda: row_under_cursor(program, _PLAIN_NAME))

"""Up to which event a user was told of: what ``sentlinks watch`` goes on from, however it ended.

A file in the state folder for each server and user. Its lines are ``at N`` (everything up to that number is over),
``begun N`` before an event is told, and ``done N M`` after that, where M is the number up to which everything is over
by then. An event that was only begun is told again. There is neither a link nor a password in it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from ...clients.event_cursor import Cursor
from ...config.private import locked, private_folder, unusable
from ...files.private_files import write_private
from ...files.trusted_paths import open_own
from ...rules.errors import Failed

#: Lines after which the file is written anew.
_MOST_LINES = 2000
#: Longer than any such file.
_MOST_BYTES = 4 * 1024 * 1024


class WatchJournal:
    """What was told. ``cursor`` is where the stream goes on; use :func:`opened`."""

    def __init__(self, file: Path, clock: Callable[[], float]) -> None:
        self._file = file
        self._begun: dict[str, None] = {}
        self.cursor = Cursor(*self._read(), clock=clock)
        self._lines = 0
        self._handle = -1

    @property
    def is_new(self) -> bool:
        """Whether nothing was watched before."""
        return self.cursor.last is None

    def is_begun(self, ident: str) -> bool:
        """Whether the event may have been told already, by a watch that was ended while it did."""
        return ident in self._begun

    def begin(self, ident: str) -> None:
        """An event is about to be told."""
        self._begun[ident] = None
        self._append(f"begun {ident}")

    def done(self, ident: str) -> None:
        """The event was told."""
        self._begun.pop(ident, None)
        self._append(f"done {ident} {self.cursor.settled or ''}")
        if self._lines > _MOST_LINES:
            self.write()

    def write(self) -> None:
        """Write down where the stream is. Raises :class:`Failed`."""
        if self.cursor.last is None:
            return
        settled = self.cursor.settled
        lines = [
            f"at {settled}",
            *(f"done {ident} {settled}" for ident in self.cursor.received if ident not in self._begun),
            *(f"begun {ident}" for ident in self._begun),
        ]
        try:
            write_private(self._file, "".join(f"{line}\n" for line in lines).encode(), sync=False)
            self.close()
            self._handle = open_own(self._file, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            raise _unwritable(self._file, error) from error
        self._lines = len(lines)

    def close(self) -> None:
        """Let go of the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _append(self, line: str) -> None:
        if self._handle < 0:
            self.write()
        try:
            # In one piece: whenever the process is killed, the line is there or not.
            os.write(self._handle, f"{line}\n".encode())
        except OSError as error:
            raise _unwritable(self._file, error) from error
        self._lines += 1

    def _read(self) -> tuple[str | None, list[str]]:
        """The number up to which everything is over, and what was told after it. A line that is damaged says
        nothing: its event is told again."""
        settled: str | None = None
        told: dict[str, None] = {}
        for line in self._kept_lines():
            match line.split(" "):
                case ["at", number] if _is_number(number):
                    settled = number
                case ["begun", number] if _is_number(number):
                    self._begun[number] = None
                case ["done", number, over] if _is_number(number) and _is_number(over):
                    settled = over
                    told[number] = None
                    self._begun.pop(number, None)
        if settled is not None:
            told = {number: None for number in told if int(number) > int(settled)}
        return settled, list(told)

    def _kept_lines(self) -> list[str]:
        try:
            with os.fdopen(open_own(self._file), "rb") as file:
                content = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unwritable(self._file, error) from error
        # The last line may be torn.
        return content.decode("ascii", "replace").split("\n")[:-1]


@contextmanager
def opened(
    state: Path, server: str, user: str, clock: Callable[[], float] = monotonic
) -> Iterator[WatchJournal]:
    """The journal of a user on a server, which no other process has at the same time. Raises :class:`Failed`."""
    name = hashlib.sha256(f"{server}\n{user}".encode()).hexdigest()[:16]
    folder = private_folder(state)
    try:
        with locked(folder / f"watch-{name}.lock", wait=False):
            journal = WatchJournal(folder / f"watch-{name}", clock)
            try:
                yield journal
            finally:
                journal.close()
    except BlockingIOError:
        raise Failed(
            "watch.running",
            "Another sentlinks watch is running for this account. End it first, or use --until, which waits by itself.",
        ) from None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20


def _unwritable(file: Path, error: OSError) -> Failed:
    return unusable(file.parent, error)

"""The first frame: the app's name on an empty screen, before Textual is imported.

The terminal is put into raw mode at once, so that keys typed during the start are neither echoed nor lost; the driver
takes the terminal over as it is. Any other exit restores it. The terminal is also asked what it is, and for the colour
of its background, so that the reply can be there when a theme is chosen.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from .questions import questions

TITLE = "Secure Sent Links"
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[J"
_LEAVE = "\x1b[?1049l\x1b[?25h"
_INPUT, _OUTPUT = 0, 2
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Frame:
    """The terminal as the frame found it, and what was done to it."""

    def __init__(self) -> None:
        self.attributes: list[Any] | None = None
        #: Whether the terminal was asked the questions of :mod:`tui.terminal.questions`.
        self.asked = False
        #: Whether the app's driver has the terminal.
        self.taken = False
        #: The number of a signal that arrived while the app was starting, and that is to end it.
        self.ended = 0
        self._received = b""

    @property
    def shown(self) -> bool:
        """Whether the terminal is in the state of the frame, and someone has to restore its modes."""
        return self.attributes is not None

    def take_over(self) -> list[Any] | None:
        """Return the modes to restore at the end, once: from now on, the caller is responsible for the terminal."""
        attributes, self.attributes = self.attributes, None
        self.taken = attributes is not None
        return attributes

    def show(self, environ: Mapping[str, str]) -> None:
        """Show the frame, if both input and output are a terminal that can."""
        if environ.get("TERM", "") in ("", "dumb", "unknown") or not (
            os.isatty(_INPUT) and os.isatty(_OUTPUT)
        ):
            return
        try:
            self.attributes = termios.tcgetattr(_INPUT)
            tty.setraw(_INPUT, termios.TCSANOW)
            # Output stays cooked, so that line feeds written by others return to the left.
            modes = termios.tcgetattr(_INPUT)
            modes[1] = self.attributes[1]
            termios.tcsetattr(_INPUT, termios.TCSANOW, modes)
            os.write(_OUTPUT, f"{_ENTER}\x1b[1m {TITLE}\x1b[m{questions(environ)}".encode())
            self.asked = True
        except (termios.error, OSError):
            self.leave()

    def say(self, text: str) -> None:
        """Show what the start waits for; without the frame, nothing. It has to be ASCII, which every terminal shows."""
        if self.shown:
            with suppress(OSError):
                os.write(_OUTPUT, f"\x1b[3;2H{text}".encode())

    def look(self) -> bytes:
        """What has arrived from the terminal so far: its reply, and keys that were typed early."""
        while self.shown and select.select([_INPUT], [], [], 0)[0]:
            data = os.read(_INPUT, 4096)
            if not data:
                break
            self._received += data
        return self._received

    def take_input(self) -> bytes:
        """Return what :meth:`look` has read, once: the caller has to handle the keys."""
        received, self._received = self._received, b""
        return received

    def leave(self) -> None:
        """Restore the terminal, unless the driver has taken it over."""
        attributes = self.take_over()
        self.taken = False
        if attributes is None:
            return
        with suppress(termios.error, OSError):
            os.write(_OUTPUT, _LEAVE.encode())
            # The shell must not read a reply that has arrived since.
            termios.tcflush(_INPUT, termios.TCIFLUSH)
            termios.tcsetattr(_INPUT, termios.TCSANOW, attributes)


#: There is one terminal, so there is one frame.
FRAME = Frame()


@contextmanager
def first_frame(environ: Mapping[str, str]) -> Iterator[None]:
    """Show the frame; the terminal is restored whether the block ends or a signal ends the process."""

    def end(number: int, frame: FrameType | None) -> None:
        handler = before[signal.Signals(number)]
        if handler == signal.SIG_IGN:
            return
        if FRAME.taken:
            FRAME.ended = number
            return
        FRAME.leave()
        # Don't raise: in the middle of an import, an exception may be dropped and the import's lock be held forever.
        if handler in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        elif callable(handler):
            handler(number, frame)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    # Before the frame, since a signal right after it finds the terminal changed already.
    for number in _SIGNALS:
        signal.signal(number, end)
    try:
        FRAME.show(environ)
        yield
    finally:
        FRAME.leave()
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)

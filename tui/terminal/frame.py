"""The first frame: the app's name on an empty screen, before Textual is imported.

The terminal is put into raw mode at once, so that keys that are typed meanwhile are neither echoed nor lost; the driver
takes the terminal over as it is. Every other way out gives it back. It is also asked for the colour of its background,
so that the answer can be there when a theme is chosen.
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

TITLE = "Secure Sent Links"
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[J"
ASK_BACKGROUND = "\x1b]11;?\x1b\\"
_LEAVE = "\x1b[?1049l\x1b[?25h"
_INPUT, _OUTPUT = 0, 2
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Frame:
    """The terminal as the frame found it, and what was done to it."""

    def __init__(self) -> None:
        self.attributes: list[Any] | None = None
        self.asked = False
        #: Whether the app's driver has the terminal.
        self.taken = False
        #: The number of a signal that came while the app was being started, which is to end it.
        self.ended = 0
        self._came = b""

    @property
    def shown(self) -> bool:
        return self.attributes is not None

    def take_over(self) -> list[Any] | None:
        """The modes to restore at the end, once: from now on, who asks is responsible for the terminal."""
        attributes, self.attributes = self.attributes, None
        self.taken = attributes is not None
        return attributes

    def show(self, environ: Mapping[str, str]) -> None:
        """Shows the frame, where both input and output are a terminal that can."""
        if environ.get("TERM", "") in ("", "dumb", "unknown") or not (
            os.isatty(_INPUT) and os.isatty(_OUTPUT)
        ):
            return
        try:
            self.attributes = termios.tcgetattr(_INPUT)
            tty.setraw(_INPUT, termios.TCSANOW)
            # Output is still cooked: line feeds of whatever is written by others return to the left.
            modes = termios.tcgetattr(_INPUT)
            modes[1] = self.attributes[1]
            termios.tcsetattr(_INPUT, termios.TCSANOW, modes)
            self.asked = "256color" in environ.get("TERM", "") or bool(environ.get("COLORTERM"))
            ask = ASK_BACKGROUND if self.asked else ""
            os.write(_OUTPUT, f"{_ENTER}\x1b[1m {TITLE}\x1b[m{ask}".encode())
        except (termios.error, OSError):
            self.leave()

    def look(self) -> bytes:
        """What has come from the terminal by now: its answer, and keys that were typed early."""
        while self.shown and select.select([_INPUT], [], [], 0)[0]:
            data = os.read(_INPUT, 4096)
            if not data:
                break
            self._came += data
        return self._came

    def take_input(self) -> bytes:
        """The same, once: whoever takes it answers the keys."""
        came, self._came = self._came, b""
        return came

    def leave(self) -> None:
        """Gives the terminal back, where nobody has taken it over."""
        attributes = self.take_over()
        self.taken = False
        if attributes is None:
            return
        with suppress(termios.error, OSError):
            os.write(_OUTPUT, _LEAVE.encode())
            # An answer that came meanwhile is not to be read by the shell.
            termios.tcflush(_INPUT, termios.TCIFLUSH)
            termios.tcsetattr(_INPUT, termios.TCSANOW, attributes)


#: There is one terminal, so there is one frame.
FRAME = Frame()


@contextmanager
def first_frame(environ: Mapping[str, str]) -> Iterator[None]:
    """Shows the frame; whatever ends the block, or the process by a signal, gives the terminal back."""

    def end(number: int, frame: FrameType | None) -> None:
        handler = before[signal.Signals(number)]
        if handler == signal.SIG_IGN:
            return
        if FRAME.taken:
            FRAME.ended = number
            return
        FRAME.leave()
        # Nothing is raised: in the middle of an import that may be dropped, and its lock be held for ever.
        if handler in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        elif callable(handler):
            handler(number, frame)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    # Before the frame: a signal that comes right behind it finds the terminal changed already.
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

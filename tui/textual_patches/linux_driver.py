"""The driver of the app: writes only changed cells, and reads keys without waiting where it need not.

Textual's own driver waits a tenth of a second after Escape whatever ``ESCDELAY`` says, polls, and takes ``ESC ESC [ A``
(alt+up in PuTTY, rxvt and iTerm) for escape and up. Replies of the terminal that come late would be typed into fields.
"""

from __future__ import annotations

import asyncio
import os
import select
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from ..terminal import background
from ..terminal.celldiff import CellDiff
from ..terminal.frame import ASK_BACKGROUND, FRAME
from ..terminal.input_filter import InputFilter, escape_delay

_ALTERNATE = "\x1b[?1049h"
SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
#: Below so many characters a bracket around the update is not worth its bytes.
_BRACKET_FROM = 512
_READ = 65536


class _Terminal:
    """The terminal as a file. Once it is gone, what is written goes nowhere: the thread that writes must not end on
    it, since the app would then wait for ever for room in its queue."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()


class SentlinksDriver(LinuxDriver):
    """``SENTLINKS_CELL_DIFF=0`` writes everything as Textual paints it."""

    def __init__(self, app: App[Any], **kwargs: Any) -> None:
        super().__init__(app, **kwargs)
        self._owner = app
        self._events = asyncio.get_running_loop()
        self._file: Any = _Terminal(self._file)
        self._diff = CellDiff() if os.environ.get("SENTLINKS_CELL_DIFF") != "0" else None
        self._bracket: list[str] | None = None
        self._pointer = ""
        self._in_alternate = False
        self._wake: tuple[int, int] | None = None
        #: The modes of the terminal while the app has it.
        self._modes: list[Any] | None = None
        #: Whether the terminal is being let go of or taken.
        self._changing = False

    def _get_terminal_size(self) -> tuple[int, int]:
        """The terminal's own word. Textual believes ``COLUMNS`` and ``LINES`` first, which a shell may have exported
        (and Python's readline sets): the app would keep that size whatever becomes of the window."""
        try:
            columns, rows = os.get_terminal_size(self._file.fileno())
        except OSError:
            columns = rows = 0
        return (columns, rows) if columns and rows else super()._get_terminal_size()

    # ------------------------------------------------------------ writing

    def write(self, data: str) -> None:
        if data == _ALTERNATE and self._in_alternate:
            return
        if self._diff is None:
            super().write(data)
        elif data == SYNC_START:
            self._bracket = []
        elif data == SYNC_END:
            self._close_bracket()
        elif data.startswith("\x1b]22;"):
            if data != self._pointer:
                self._pointer = data
                super().write(data)
        else:
            self._pass_on(self._diff.feed(data))

    def _pass_on(self, data: str) -> None:
        if self._bracket is not None:
            self._bracket.append(data)
        elif data:
            super().write(data)

    def _close_bracket(self) -> None:
        text = "".join(self._bracket or ())
        self._bracket = None
        if len(text) >= _BRACKET_FROM:
            text = SYNC_START + text + SYNC_END
        if text:
            super().write(text)

    def forget(self) -> None:
        """Nothing is known of what the terminal shows: the next painting is written whole."""
        if self._diff is not None:
            self._diff.forget()

    def start_application_mode(self) -> None:
        self.forget()
        self._wake = os.pipe()
        attributes = FRAME.take_over()
        self._in_alternate = attributes is not None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._in_alternate = False
        if attributes is not None:
            # What is restored at the end is what was there before the first frame.
            self.attrs_before = attributes
        with suppress(termios.error):
            self._modes = termios.tcgetattr(self.fileno)
        asked = attributes is not None and FRAME.asked
        # In the background of a shell the terminal was not taken.
        if self._key_thread is not None and not asked and background.worth_asking(os.environ):
            self.write(ASK_BACKGROUND)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """While the terminal is let go of or taken: nobody stops within that, whose threads would be waited for twice.
        Keys that come just then may be signals."""
        self._changing = True
        try:
            yield
        finally:
            self._changing = False

    def _sigtstp_application(self, *_: Any) -> None:
        if not self._changing:
            with self._undisturbed():
                super()._sigtstp_application()

    def _sigcont_application(self, *_: Any) -> None:
        """Goes on. Who was stopped by another's hand (``kill -STOP``) has not let go of the terminal before, as for
        ctrl+z; and a shell may continue whom nobody stopped."""
        # Not disturbed by this one: who was stopped again in the background goes on from there.
        if self._must_signal_resume or not self._auto_restart:
            with self._undisturbed():
                super()._sigcont_application()
        else:
            self._events.call_soon_threadsafe(self._take_up_anew)

    def _take_up_anew(self) -> None:
        """Lets go of the terminal and takes it again, whatever has become of it. Textual would only take it: with a
        second thread that reads, and each would get some of the keys."""
        if self._wake is None or not os.isatty(self.fileno):
            return
        with self._undisturbed():
            # Its modes are those of the app all the time: no key is the terminal's own.
            before, self.attrs_before = self.attrs_before, self._modes
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()
            self.attrs_before = before

    # ------------------------------------------------------------ reading

    def disable_input(self) -> None:
        """Ends the reading at once, without waiting for a poll to come round."""
        if self._wake is not None:
            os.write(self._wake[1], b"x")
        super().disable_input()
        if self._wake is not None:
            os.close(self._wake[0])
            os.close(self._wake[1])
            self._wake = None

    def run_input_thread(self) -> None:
        """Waits for input and sends it on as events, until the app ends or the terminal is gone."""
        parser = XTermParser()
        decode = getincrementaldecoder("utf-8")("replace").decode
        replies = InputFilter(self._heard)
        early = FRAME.take_input()
        delay = escape_delay(os.environ)
        wake = self._wake[0] if self._wake else -1
        waiting = False
        while not self.exit_event.is_set():
            wait = 0.0 if early else replies.patience(delay) if waiting else None
            ready, _, _ = select.select([self.fileno, wake], [], [], wait)
            if wake in ready:
                break
            if self.fileno in ready or early:
                data, early = early or self._received(), b""
                if not data:
                    self._terminal_gone()
                    return
                ready = [self.fileno]
                text = replies.feed(decode(data))
            else:
                text = replies.give_up()
            if text:
                for event in parser.feed(text):
                    self.process_message(event)
            if not ready:
                # Nothing came within the delay: what was begun is all there is.
                parser._timeout_time = 0.0 if parser._timeout_time is not None else None
                for event in parser.tick():
                    self.process_message(event)
            waiting = parser._timeout_time is not None or replies.holds

    def _received(self) -> bytes:
        try:
            return os.read(self.fileno, _READ)
        except OSError:
            return b""

    def _heard(self, reply: str) -> None:
        """What the terminal answers is told to the app, where it is of any use to it."""
        light = background.told(reply)
        tell = getattr(self._owner, "background_told", None)
        if light is not None and tell is not None:
            self._events.call_soon_threadsafe(tell, light)

    def _terminal_gone(self) -> None:
        """The terminal has hung up: nobody is there to be asked anything."""
        self._events.call_soon_threadsafe(self._owner.exit, 129)

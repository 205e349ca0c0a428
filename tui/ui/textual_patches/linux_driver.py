"""The app's driver: writes only changed cells, and reads keys without unnecessary waiting.

Textual's own driver waits a tenth of a second after Escape whatever ``ESCDELAY`` says, polls, and takes ``ESC ESC [ A``
(alt+up in PuTTY, rxvt and iTerm) for escape and up. Late replies of the terminal would be typed into fields.
"""

from __future__ import annotations

import asyncio
import os
import select
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, TextIO

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from ...override import override
from ...terminal.ascii import draws_marks_wide, shows_unicode, to_ascii, with_narrow_marks
from ...terminal.background import SCHEME_OFF, SCHEME_ON
from ...terminal.capabilities import erases_in_colour
from ...terminal.celldiff import CellDiff
from ...terminal.frame import FRAME
from ...terminal.input_filter import InputFilter, escape_delay
from ...terminal.questions import ASK_SCHEME, questions
from .ending import PlainCrash
from .keys import KeysInOrder
from .own_driver import OwnDriver

_MOUSE_OFF = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
_ALTERNATE = "\x1b[?1049h"
SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
#: An update with fewer characters than this isn't worth the bytes of a bracket around it.
_BRACKET_FROM = 512
_READ = 65536
#: The most columns and rows that are painted.
_LARGEST = 1000, 500


class _Terminal:
    """The terminal as a file. After it is gone, what is written goes nowhere: the writing thread must not die of it,
    since the app would then wait forever for room in its queue."""

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


class SentlinksDriver(LinuxDriver, OwnDriver):
    """Textual's Linux driver, adapted. With ``SENTLINKS_CELL_DIFF=0`` everything is written as Textual paints it."""

    #: The rows at the lower end of the terminal that aren't the app's.
    kept_rows: ClassVar[int] = 0

    def __init__(self, app: App[Any], **kwargs: Any) -> None:
        super().__init__(app, **kwargs)
        self._owner = app
        self._events = asyncio.get_running_loop()
        self._file: Any = _Terminal(self._file)
        self._diff: CellDiff | None = None
        if os.environ.get("SENTLINKS_CELL_DIFF") != "0":
            self._diff = CellDiff(erases=erases_in_colour(os.environ))
        self._shows_unicode = shows_unicode()
        self._draws_marks_wide = draws_marks_wide()
        self._bracket: list[str] | None = None
        self._pointer = ""
        self._in_alternate = False
        #: The title that the app has given the terminal, and whether the terminal has it now.
        self._own_title = ""
        self._is_titled = False
        #: Whether the terminal reports changes between dark and light while the app uses it.
        self._follows_scheme = False
        self._wake: tuple[int, int] | None = None
        #: The terminal's modes while the app uses it.
        self._modes: list[Any] | None = None
        self._uses_mouse: bool = kwargs.get("mouse", True)
        #: Whether the terminal uses the mouse itself for now.
        self._mouse_is_left_alone = False
        #: Whether the terminal is being released or taken over.
        self._changing = False

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size that the terminal itself reports. Textual prefers ``COLUMNS`` and ``LINES``, which a shell
        may have exported (and Python's readline sets): the app would keep that size however the window is resized.

        At most :data:`_LARGEST`: what a terminal without a size has in ``COLUMNS`` may be any number.
        """
        try:
            columns, rows = os.get_terminal_size(self._file.fileno())
        except OSError:
            columns = rows = 0
        if not columns or not rows:
            columns, rows = super()._get_terminal_size()
        return min(columns, _LARGEST[0]), max(min(rows, _LARGEST[1]) - self.kept_rows, 1)

    # ------------------------------------------------------------ writing

    @override
    def write(self, data: str) -> None:
        if not self._shows_unicode:
            data = to_ascii(data)
        elif self._draws_marks_wide:
            data = with_narrow_marks(data)
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
        """Forget what the terminal shows: the next painting is written in full."""
        if self._diff is not None:
            self._diff.forget()
            self._diff.columns = self._get_terminal_size()[0]

    def write_aside(self, sequence: str) -> None:
        """Write what changes no cell, between two paintings: what the terminal shows is still known."""
        if sequence:
            super().write(sequence if self._shows_unicode else to_ascii(sequence))
            self.flush()

    def set_title(self, title: str) -> None:
        """Give the terminal a title. One that is no longer the app's gets it when the app is continued."""
        if title != self._own_title:
            self._own_title = title
            if self._wake is not None:
                self._write_title()

    @property
    def has_title(self) -> bool:
        """Whether the app has given the terminal a title."""
        return bool(self._own_title)

    def _write_title(self) -> None:
        if self._own_title:
            # Imported late: the program has a title when there is something to tell.
            from ...terminal.alerts import titled

            self.write_aside(titled(self._own_title, first=not self._is_titled))
            self._is_titled = True

    def follow_scheme(self) -> None:
        """Have the terminal report changes between dark and light, until it is released."""
        if not self._follows_scheme:
            self._follows_scheme = True
            if self._wake is not None:
                self.write_aside(SCHEME_ON)

    @override
    def stop_application_mode(self) -> None:
        if self._follows_scheme:
            self.write_aside(SCHEME_OFF)
        if self._is_titled:
            from ...terminal.alerts import untitled

            self._is_titled = False
            self.write_aside(untitled())
        super().stop_application_mode()

    def leave_mouse_alone(self, alone: bool) -> None:
        """Stop or resume using the mouse; also after the terminal was released and taken over in between."""
        self._mouse_is_left_alone = alone
        if self._wake is None:
            # The terminal was given back: the screen is closed because the app ends.
            return
        if alone and self._uses_mouse:
            self.write(_MOUSE_OFF)
        self._enable_mouse_support()

    def _enable_mouse_support(self) -> None:
        if not self._mouse_is_left_alone:
            super()._enable_mouse_support()

    @override
    def start_application_mode(self) -> None:
        self.forget()
        self._wake = os.pipe()
        attributes = FRAME.take_over()
        self._in_alternate = attributes is not None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._in_alternate = False
        if attributes is not None:
            # At the end, the modes from before the first frame are restored.
            self.attrs_before = attributes
        with suppress(termios.error):
            self._modes = termios.tcgetattr(self.fileno)
        # In the background of a shell, the terminal wasn't taken over.
        if self._key_thread is not None and not FRAME.asked:
            FRAME.asked = True
            self.write(questions(os.environ))
        self._write_title()
        if self._follows_scheme:
            # It may have changed while the app was suspended.
            self.write_aside(SCHEME_ON + ASK_SCHEME)

    @contextmanager
    def _guarded_change(self) -> Iterator[None]:
        """Guard the release and the takeover of the terminal: the program isn't suspended within, as its threads would
        be joined twice. Keys that arrive just then may be signals."""
        self._changing = True
        try:
            yield
        finally:
            self._changing = False

    def _sigtstp_application(self, *_: Any) -> None:
        if not self._changing:
            with self._guarded_change():
                super()._sigtstp_application()

    def _sigcont_application(self, *_: Any) -> None:
        """Continue. A program that was stopped from outside (``kill -STOP``) hasn't released the terminal before, as it
        does for ctrl+z; and a shell may continue a program that wasn't stopped."""
        # Done even during a change: a program that was stopped again in the background continues from there.
        if self._must_signal_resume or not self._auto_restart:
            with self._guarded_change():
                super()._sigcont_application()
        else:
            self._events.call_soon_threadsafe(self._retake_terminal)

    def _retake_terminal(self) -> None:
        """Release the terminal and take it over again, whatever state it is in. Textual would only take it over: with a
        second reading thread, so that each would get some of the keys."""
        if self._wake is None or not os.isatty(self.fileno):
            return
        with self._guarded_change():
            # Its modes stay those of the app throughout: the terminal handles no key itself.
            before, self.attrs_before = self.attrs_before, self._modes
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()
            self.attrs_before = before

    # ------------------------------------------------------------ reading

    def disable_input(self) -> None:
        """Stop reading at once, without waiting for the next poll."""
        if self._wake is not None:
            os.write(self._wake[1], b"x")
        super().disable_input()
        if self._wake is not None:
            os.close(self._wake[0])
            os.close(self._wake[1])
            self._wake = None

    def run_input_thread(self) -> None:
        """Wait for input and pass it on as events, until the app ends or the terminal is gone."""
        parser = XTermParser()
        decode = getincrementaldecoder("utf-8")("replace").decode
        replies = InputFilter(self._on_reply)
        early_input = FRAME.take_input()
        delay = escape_delay(os.environ)
        wake = self._wake[0] if self._wake else -1
        waiting = False
        while not self.exit_event.is_set():
            wait = 0.0 if early_input else replies.timeout(delay) if waiting else None
            ready, _, _ = select.select([self.fileno, wake], [], [], wait)
            if wake in ready:
                break
            if self.fileno in ready or early_input:
                data, early_input = early_input or self._received(), b""
                if not data:
                    self._terminal_gone()
                    return
                ready = [self.fileno]
                text = replies.feed(decode(data))
            else:
                text = replies.flush()
            if text:
                for event in parser.feed(text):
                    self.process_message(event)
            if not ready:
                # Nothing arrived within the delay: the sequence that was begun is complete.
                parser._timeout_time = 0.0 if parser._timeout_time is not None else None
                for event in parser.tick():
                    self.process_message(event)
            waiting = parser._timeout_time is not None or replies.holds

    def send_message(self, message: Message) -> None:
        """Pass a message from the reading thread to the app. Textual would create a task for each."""
        self._events.call_soon_threadsafe(self._owner.post_message, message)

    def _received(self) -> bytes:
        try:
            return os.read(self.fileno, _READ)
        except OSError:
            return b""

    def _on_reply(self, reply: str) -> None:
        """Pass the terminal's replies to the app."""
        if isinstance(self._owner, KeysInOrder):
            self._events.call_soon_threadsafe(self._owner.terminal_replied, reply)

    def _terminal_gone(self) -> None:
        """End the app: the terminal has hung up, so there is no one to ask. One that is ``leaving`` ends by itself."""
        if not (isinstance(self._owner, PlainCrash) and self._owner.leaving):
            self._events.call_soon_threadsafe(self._owner.exit, 129)

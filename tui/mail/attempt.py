"""One attempt to give a message to a mail server, which runs in a thread and can be cancelled from another."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from threading import Lock
from time import monotonic

from tui.rules.errors import Failed


class Delivery(Enum):
    """What is given to the server. The value is said if the server can't have it, and if it may have it."""

    DRAFT = (
        "The draft wasn't stored.",
        "It isn't known whether the draft was stored; look into the folder before you try again.",
    )
    E_MAIL = (
        "The e-mail wasn't sent.",
        "It isn't known whether the e-mail was sent; look among your sent e-mails, or ask a recipient, before you "
        "send it again.",
    )
    COPY = ("It wasn't stored.", "It isn't known whether it was stored.")


class Attempt:
    """Knows whether the server may have the message: a cancelled attempt never hands it over."""

    def __init__(self, thing: Delivery, clock: Callable[[], float] = monotonic) -> None:
        """``clock`` counts seconds."""
        self._thing = thing
        self._clock = clock
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._note: Callable[[], None] | None = None
        #: When it was handed over, by the clock.
        self._handed_over: float | None = None
        self._cancelled = False

    def use(self, connection: socket.socket) -> None:
        """The attempt is made with this connection. Raises :class:`Failed` if it was cancelled."""
        with self._lock:
            self._check()
            self._socket = connection

    def note_with(self, note: Callable[[], None]) -> None:
        """``note`` is called just before the server may have the message."""
        self._note = note

    def hand_over(self) -> None:
        """From now on the server may have the message. Raises :class:`Failed` if the attempt was cancelled."""
        with self._lock:
            self._check()
            if self._note is not None:
                self._note()
            self._handed_over = self._clock()

    def cancel(self) -> Failed:
        """Make the attempt end at once, and return what to say about it."""
        with self._lock:
            self._cancelled = True
            if self._socket is not None:
                # Not SSLSocket's own method: the other thread would go on without TLS.
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            return self._problem

    @property
    def outcome(self) -> str:
        """What is known of the message after an attempt that has failed."""
        nothing, unknown = self._thing.value
        return nothing if self._handed_over is None else unknown

    @property
    def is_handed_over(self) -> bool:
        """Whether the server may have the message."""
        return self._handed_over is not None

    @property
    def waiting(self) -> float:
        """For how many seconds the server may have had the message."""
        return 0.0 if self._handed_over is None else self._clock() - self._handed_over

    @property
    def _problem(self) -> Failed:
        return Failed("mail.cancelled", f"Cancelled. {self.outcome}")

    def _check(self) -> None:
        if self._cancelled:
            raise self._problem

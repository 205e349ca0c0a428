"""Reading what a mail server sends, within bounds: before it has TLS or a certificate was checked, it may be anyone."""

from __future__ import annotations

import socket
from time import monotonic

#: The longest line, and the longest answer to one command, in bytes.
MOST_LINE, MOST_ANSWER = 64 * 1024, 2 * 1024 * 1024
_PIECE = 64 * 1024


class AnswerTooLong(Exception):
    """A mail server sends more than it can be expected to. Not an ``OSError``: the connection is in order."""


class MailReader:
    """What arrives on ``connection``. An answer has the connection's timeout for all of it, not for each of its bytes.

    It has the methods that the standard library calls on a connection's file.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._buffer = bytearray()
        self._left = MOST_ANSWER
        self._until: float | None = None

    def begin(self) -> None:
        """What is read next is the answer to another command."""
        self._left, self._until = MOST_ANSWER, None

    def readline(self, most: int = MOST_LINE + 1) -> bytes:
        """The next line with its end, or its first ``most`` bytes; empty at the end of the connection.

        Raises :class:`AnswerTooLong` and ``OSError``.
        """
        most = min(most, MOST_LINE + 1)
        while (end := self._buffer.find(b"\n", 0, most)) < 0 and len(self._buffer) < most and self._receive():
            pass
        length = end + 1 or min(len(self._buffer), most)
        if length > MOST_LINE:
            raise AnswerTooLong
        return self._taken(length)

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, or as many as there are. Raises :class:`AnswerTooLong` and ``OSError``."""
        if size > self._left:
            raise AnswerTooLong
        while len(self._buffer) < size and self._receive():
            pass
        return self._taken(size)

    def close(self) -> None:
        """Nothing is left to close: whoever has the connection closes it."""

    def _taken(self, length: int) -> bytes:
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._left -= len(data)
        if self._left < 0:
            raise AnswerTooLong
        return data

    def _receive(self) -> bool:
        """Add what has arrived to the buffer, and return whether there was anything."""
        seconds = self.connection.gettimeout()
        if seconds is None:
            data = self.connection.recv(_PIECE)
        else:
            if self._until is None:
                self._until = monotonic() + seconds
            left = self._until - monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self.connection.settimeout(left)
            try:
                data = self.connection.recv(_PIECE)
            finally:
                self.connection.settimeout(seconds)
        self._buffer += data
        return bool(data)

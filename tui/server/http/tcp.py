"""What the system knows of a connection: how far its bytes have come."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import termios
from contextlib import suppress
from typing import Any

#: From Linux' ``asm-generic/socket.h``, and the places of ``sk_sndbuf`` and ``sk_wmem_queued`` in what it returns.
_SO_MEMINFO, _SNDBUF, _QUEUED, _PLACES = 55, 3, 5, 9
#: Where the system doesn't say it, so much less what is on its way.
_ROOM = 448 * 1024
#: Of ``struct tcp_info``: ``tcpi_retransmits`` and ``tcpi_probes``, a byte each; ``tcpi_bytes_acked``, eight bytes.
_RETRANSMITS, _PROBES, _BYTES_ACKED = 2, 3, 120


def unacknowledged_bytes(connection: Any) -> int:
    """Bytes in the system's send buffer that the other end hasn't acknowledged; 0 if the connection is closed.

    Megabytes may drain from there before the system accepts more.
    """
    try:
        unacknowledged = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    except (OSError, AttributeError, ValueError):
        return 0
    return int.from_bytes(unacknowledged, sys.byteorder, signed=True)


def room(connection: Any) -> int:
    """How many bytes the system takes at once before the other end acknowledges any."""
    facts = b""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            facts = connection.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * _PLACES)
    if len(facts) < 4 * _PLACES:
        return max(_ROOM - unacknowledged_bytes(connection), 0)
    places = struct.unpack(f"{_PLACES}I", facts)
    free = int(places[_SNDBUF]) - int(places[_QUEUED])
    # The system counts what it needs itself for them.
    return max(free - free // 8, 0)


def acknowledged_bytes(connection: Any) -> int | None:
    """How many bytes of the connection the other end's system has acknowledged since it was opened.

    Also after it was reset, when nothing is unacknowledged because the system has dropped it. ``None`` if it is closed,
    or isn't a TCP connection.
    """
    facts = _facts(connection, _BYTES_ACKED + 8)
    return int.from_bytes(facts[_BYTES_ACKED:], sys.byteorder) if len(facts) == _BYTES_ACKED + 8 else None


def unanswered(connection: Any) -> int:
    """How many times in a row the system has sent the same bytes, or asked whether it may send, without an answer.

    A client that only doesn't read is answered for by its system.
    """
    facts = _facts(connection, 8)
    return max(facts[_RETRANSMITS], facts[_PROBES]) if facts else 0


def _facts(connection: Any, length: int) -> bytes:
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            return bytes(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, length))
    return b""

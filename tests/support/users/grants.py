"""Documents to take by a grant, and a reader that takes its time."""

from __future__ import annotations

import ctypes
import socket
import struct
from urllib.parse import urlsplit

from tests.support.servers.server import ServerProcess

CONTENT = bytes(range(256)) * 40
SIZE = len(CONTENT)
#: More than the buffers of a connection hold.
LARGE = bytes(range(251)) * 4000 * 20
#: Linux's SO_ATTACH_FILTER.
_ATTACH_FILTER = 26


class Reader:
    """Reads a grant over a plain socket, from the byte ``start`` on; if ``slow``, with a small receive buffer.
    ``url`` is that of a proxy, if there is one; ``headers`` are further lines of the request."""

    def __init__(
        self,
        server: ServerProcess,
        grant: str,
        *,
        slow: bool = False,
        start: int = 0,
        url: str = "",
        headers: str = "",
    ) -> None:
        place = urlsplit(url or server.url)
        self.sock = socket.socket()
        if slow:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.sock.settimeout(30)
        self.sock.connect((place.hostname, place.port))
        if start:
            headers += f"Range: bytes={start}-\r\n"
        self.sock.sendall(f"GET {grant} HTTP/1.1\r\nHost: t\r\n{headers}\r\n".encode())

    def cut(self, after: int) -> bytes:
        """Reads this many bytes of the body, and hangs up."""
        with self.sock:
            head = b""
            while b"\r\n\r\n" not in head:
                # Less than follows it, which may have arrived by then.
                head += self.sock.recv(1024)
            body = head.partition(b"\r\n\r\n")[2]
            return body + self.read(after - len(body))

    def vanish(self) -> None:
        """From now on the system answers nothing to the server, as if it were off, or its network gone."""
        # A filter of one instruction, which accepts no byte of any packet.
        instruction = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0), 8)
        program = struct.pack("HP", 1, ctypes.addressof(instruction))
        self.sock.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)

    def read(self, length: int) -> bytes:
        got = bytearray()
        while len(got) < length:
            piece = self.sock.recv(min(65536, length - len(got)))
            if not piece:
                break
            got += piece
        return bytes(got)

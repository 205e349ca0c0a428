"""The worker's process: it gets ready, shuts its box, waits for one job, answers it in JSON lines, and ends.

A job is one line with the descriptor of the document beside it: ``{"job": "inspect" or "text", "name": …}``, or, for a
document that lies elsewhere, ``"size"`` without a descriptor. Then the worker asks for blocks with ``{"want": [place,
length]}``, and gets four bytes with a length, and the bytes. Its last message is ``{"done": true}``.
"""

from __future__ import annotations

import array
import json
import logging
import os
import socket
import struct
from collections.abc import Iterator
from typing import Any

from . import box, warm_up
from .document import DocumentBytes, FetchedBytes
from .inspection import inspect
from .refusals import Unreadable
from .text import read_lines

_MOST_OF_A_JOB = 16 * 1024
_LENGTH = struct.Struct("!I")


def main(descriptor: int, parent: int) -> None:
    """Run the process. ``descriptor`` is its end of the connection to the process ``parent``."""
    box.end_with(parent)
    connection = socket.socket(fileno=descriptor)
    logging.disable()
    warm_up.warm_up()
    holds = box.shut()
    _send(connection, {"ready": holds})
    job = _receive(connection)
    if job is None:
        os._exit(0)
    request, document = job
    try:
        for message in answers(request, document):
            _send(connection, message)
        _send(connection, {"done": True})
    except MemoryError:
        _send(connection, {"failed": "limits"})
    except BrokenPipeError:
        pass
    except Exception:
        _send(connection, {"failed": "crashed"})
    # Without the interpreter's end, which takes time and may touch what is broken.
    os._exit(0)


def answers(request: dict[str, Any], document: DocumentBytes) -> Iterator[dict[str, Any]]:
    """The messages that answer a job. The parsers of hostile files may raise anything."""
    name = str(request.get("name", ""))
    if request.get("job") == "text":
        try:
            yield read_lines(document, name, int(request.get("lines", 60)))
        except Unreadable as refusal:
            yield {"failed": refusal.reason}
        return
    yield from inspect(document, name)


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


def _receive(connection: socket.socket) -> tuple[dict[str, Any], DocumentBytes] | None:
    """The job; ``None`` if there will be none."""
    line, descriptors = b"", array.array("i")
    while not line.endswith(b"\n"):
        data, extra, _, _ = connection.recvmsg(_MOST_OF_A_JOB, socket.CMSG_SPACE(descriptors.itemsize))
        if not data:
            return None
        line += data
        for level, kind, given in extra:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(given[: len(given) - len(given) % descriptors.itemsize])
    request = json.loads(line)
    if descriptors:
        return request, DocumentBytes(descriptors[0])
    return request, FetchedBytes(int(request["size"]), lambda place, length: _ask(connection, place, length))


def _ask(connection: socket.socket, place: int, length: int) -> bytes:
    _send(connection, {"want": [place, length]})
    (size,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if not size:
        raise Unreadable("unreadable")
    return _exactly(connection, size)


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = connection.recv(length)
        if not part:
            os._exit(0)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)

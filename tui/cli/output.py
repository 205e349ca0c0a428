"""What commands print: one JSON document or lines on standard output, messages on standard error."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import datetime
from typing import Any

from ..rules.errors import Failed
from ..rules.text import printable


class OutputGone(Exception):
    """Whoever read standard output has closed it."""


class OutputUnwritable(Failed):
    """Standard output cannot be written; nothing more is tried there."""


def tell(message: str) -> None:
    """A message for a person."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"sentlinks: {_encodable(message, sys.stderr.encoding)}\n")
        sys.stderr.flush()


def say(line: str) -> None:
    """A line of a command's result, made harmless to a terminal."""
    _write(_encodable(printable(line), sys.stdout.encoding) + "\n")


def emit(value: Any) -> None:
    """The one JSON document of a command: ASCII only, so that it steers no terminal and needs no encoding."""
    _write(json.dumps(value, indent=2) + "\n")


def rfc3339(moment: datetime) -> str:
    """A moment of UTC as JSON has it, like those of the protocol."""
    return moment.isoformat().replace("+00:00", "Z")


def _encodable(text: str, encoding: str | None) -> str:
    encoding = encoding or "ascii"
    return text.encode(encoding, "replace").decode(encoding)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except OSError as error:
        raise _gone(error) from error


def flush() -> None:
    """Raises :class:`OutputGone` or :class:`Failed` where what was printed cannot be."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _gone(error) from error


def _gone(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return OutputGone()
    return OutputUnwritable("output.unwritable", f"Can't write to standard output: {error.strerror}.")

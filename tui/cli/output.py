"""What commands print: one JSON document, lines or tables on standard output, messages on standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from ..rules.errors import Failed
from ..rules.text import printable


class OutputGone(Exception):
    """Whoever read standard output has closed it."""


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
    return Failed("output.unwritable", f"Standard output cannot be written: {error.strerror}.")


def width(text: str) -> int:
    """How many cells of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table; each column is as wide as its longest cell."""
    lines = [list(headings), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(width(line[i]) for line in lines) for i in range(len(headings))]
    for line in lines:
        cells = (cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(line))
        say("  ".join(cells).rstrip())

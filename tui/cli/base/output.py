"""What commands print: one JSON document or lines on standard output, messages on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TextIO

from ...rules.errors import Failed
from ...rules.text import is_plain, printable
from ...terminal.ascii import shows_unicode, to_ascii


class OutputClosed(Exception):
    """The reader of standard output has closed it."""


class OutputUnwritable(Failed):
    """Standard output can't be written to; no further attempt is made."""


#: The one control character that the quick encoder leaves in a text.
_DELETE = b"\x7f"
#: Standard output, once its reader has closed it within :func:`until_closed`.
_closed: list[TextIO] = []
#: Standard outputs that get one JSON object a line.
_in_lines: list[TextIO] = []


def tell(message: str) -> None:
    """Print a message for a person on standard error."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"sentlinks: {_displayable(message, sys.stderr)}\n")
        sys.stderr.flush()


def note(line: str, *, ends: bool = True) -> None:
    """Print a line for a person on standard error, without the program's name: a question, or what may be chosen.
    ``ends``: or else the answer is typed behind it."""
    with suppress(OSError, ValueError):
        text = _displayable(printable(line), sys.stderr)
        sys.stderr.write(f"{text}\n" if ends else f"{text} ")
        sys.stderr.flush()


def say(line: str) -> None:
    """Print a line of a command's result, with control characters made harmless."""
    _write(_displayable(printable(line), sys.stdout) + "\n")


def say_lines(lines: Sequence[str]) -> None:
    """Print many lines of a command's result, as :func:`say` does each."""
    if is_plain("".join(lines)):
        _write("\n".join([*lines, ""]))
        return
    for line in lines:
        say(line)


def emit(value: Any) -> None:
    """Print a command's one JSON document: ASCII only, so that it can't control a terminal and needs no encoding."""
    _write((json.dumps(value) if sys.stdout in _in_lines else _as_json(value)) + "\n")


def emit_lines() -> None:
    """From now on, :func:`emit` prints an object a line, also that of an error."""
    _in_lines.append(sys.stdout)


def _as_json(value: Any) -> str:
    # Python's own encoder is slow where it indents: a second for ten thousand links. Importing another one takes longer
    # than it saves, unless answers of a server have been read with it.
    if "pydantic_core" in sys.modules:
        from pydantic_core import PydanticSerializationError, to_json

        # Half of a surrogate pair, which only the other encoder takes.
        with suppress(PydanticSerializationError):
            return to_json(value, indent=2, ensure_ascii=True).replace(_DELETE, b"\\u007f").decode()
    return json.dumps(value, indent=2)


@contextmanager
def until_closed() -> Iterator[None]:
    """Context in which results of something done are printed: if their reader has closed the pipe, that changes nothing
    about how it ended, and :func:`flush` says it."""
    try:
        yield
    except OutputClosed:
        _closed.append(sys.stdout)


def rfc3339(moment: datetime) -> str:
    """A UTC time in RFC 3339 form, like those of the protocol."""
    return moment.isoformat().replace("+00:00", "Z")


def _displayable(text: str, stream: TextIO) -> str:
    if stream.isatty() and not shows_unicode():
        return to_ascii(text)
    encoding = stream.encoding or "ascii"
    return text.encode(encoding, "replace").decode(encoding)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except OSError as error:
        raise write_error(error) from error


def flush() -> None:
    """Flush standard output. Raises :class:`OutputClosed` or :class:`OutputUnwritable` if it can't be written to."""
    if sys.stdout in _closed:
        raise OutputClosed
    try:
        sys.stdout.flush()
    except OSError as error:
        raise write_error(error) from error


def write_error(error: OSError) -> Exception:
    """What to raise if standard output could not be written to."""
    if isinstance(error, BrokenPipeError):
        return OutputClosed()
    return OutputUnwritable("output.unwritable", f"Can't write to standard output: {error.strerror}.")

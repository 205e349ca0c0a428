"""How a command ends: what becomes of its errors, and its exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

from ..rules.errors import Problem
from ..rules.text import printable
from .output import OutputGone, OutputUnwritable, emit, flush, tell

INTERRUPTED = 130


def run(command: Callable[[], object], as_json: bool) -> int:
    """Runs ``command``, which answers an exit status or ``None``; nothing that it raises gets through."""
    _have_streams()
    try:
        status = _run(command, as_json)
        flush()
    except OutputGone:
        # Whoever read it has seen enough.
        _drop_output()
        return 1
    except Problem as problem:
        tell(problem.message)
        _drop_output()
        return problem.exit_status
    return status


def _have_streams() -> None:
    """A stream that was closed before the start is ``None``; what is written there goes nowhere."""
    if sys.stdout is None or sys.stderr is None:
        nothing = open(os.devnull, "w")  # noqa: SIM115, PTH123
        sys.stdout = sys.stdout or nothing
        sys.stderr = sys.stderr or nothing


def _run(command: Callable[[], object], as_json: bool) -> int:
    try:
        status = command()
    except (OutputGone, OutputUnwritable, SystemExit):
        raise
    except Problem as problem:
        return _failed(problem.code, problem.message, problem.exit_status, as_json)
    except KeyboardInterrupt:
        return _failed("interrupted", "Interrupted.", INTERRUPTED, as_json)
    except Exception as error:
        return _of_click(error, as_json) or _failed("unexpected", unexpected(error), 1, as_json)
    return status if isinstance(status, int) else 0


def _of_click(error: Exception, as_json: bool) -> int | None:
    """What becomes of a command line that cannot be read; ``None`` where ``error`` is something else."""
    import click

    if isinstance(error, click.UsageError):
        hint = f" See: {error.ctx.command_path} --help" if error.ctx else ""
        told = printable(error.format_message())
        end = "" if told.endswith((".", "?")) else "."
        return _failed("usage", f"{told}{end}{hint}", error.exit_code, as_json)
    if isinstance(error, click.ClickException):
        return _failed("failed", printable(error.format_message()), error.exit_code, as_json)
    if isinstance(error, click.Abort):
        return _failed("interrupted", "Interrupted.", INTERRUPTED, as_json)
    return None


def _failed(code: str, message: str, status: int, as_json: bool) -> int:
    tell(message)
    if as_json:
        emit({"error": {"code": code, "message": message}})
    return status


def unexpected(error: Exception) -> str:
    """Keeps the traceback in a file and answers the sentence that says where."""
    what = f"Internal error ({type(error).__name__})"
    # Nothing of this is wanted where all goes well, and the app's first frame waits for what is imported here.
    import traceback

    from .. import config, error_log

    try:
        path = error_log.keep(config.places().state, "".join(traceback.format_exception(error)))
    except (OSError, Problem, RuntimeError):
        return f"{what}; the log could not be written."
    return f"{what}; details are in {printable(str(path))}."


def _drop_output() -> None:
    """What is left in the buffer must not be tried again at the end of the process."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)

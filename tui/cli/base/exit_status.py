"""How a command ends: its errors and its exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ...rules.errors import Problem
from ...rules.text import printable, shortened
from .output import OutputClosed, OutputUnwritable, emit, flush, tell, write_error

if TYPE_CHECKING:
    import click

INTERRUPTED = 130
#: The variable that a shell sets to ask for completions; click derives its name from the command's.
COMPLETE = "_SENTLINKS_COMPLETE"
#: Characters of a message; the longest that is the program's own lists all kinds of activity.
_MOST = 900


def is_completing() -> bool:
    """Whether a shell asks for completions."""
    return bool(os.environ.get(COMPLETE))


def run(command: Callable[[], object], as_json: bool) -> int:
    """Run ``command``, which returns an exit status or ``None``, and turn its errors into an exit status."""
    _replace_closed_streams()
    status = 0
    try:
        status = _run(command, as_json)
        flush()
    except OutputClosed:
        # The reader closed the pipe: it has seen enough of a list. What acts knows its status before it prints.
        _drop_output()
    except Problem as problem:
        tell(problem.message)
        _drop_output()
        return problem.exit_status
    return status


def _replace_closed_streams() -> None:
    """Replace streams that were closed before the start (``None``): nothing is read from standard input, writing to
    standard output fails, as on a full disk, and messages are dropped.

    In this order, each gets its own number, which no file that is opened later may have.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    if sys.stdout is None:
        # Open for reading only, so that writing a result fails: nobody gets it.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123


def _run(command: Callable[[], object], as_json: bool) -> int:
    stdout = sys.stdout
    try:
        status = command()
    except (OutputClosed, OutputUnwritable):
        raise
    except SystemExit:
        if sys.stdout is stdout:
            raise
        # click replaces a standard output whose reader is gone, and exits.
        sys.stdout = stdout
        raise OutputClosed from None
    except Problem as problem:
        # Imported only on failure, as below.
        from .next_command import name_next

        name_next(problem)
        return _report(problem.code, problem.message, problem.exit_status, as_json)
    except KeyboardInterrupt as error:
        if is_completing():
            # Whatever is written stands in the line that is being typed.
            return INTERRUPTED
        return _report("interrupted", _interrupted_text(error), INTERRUPTED, as_json)
    except Exception as error:
        if isinstance(error, FileNotFoundError) and _is_folder_gone():
            message = "The current folder was deleted; change to another one (cd)."
            return _report("folder.gone", message, 2, as_json)
        if isinstance(error, OSError) and _is_from_printing(error):
            raise write_error(error) from error
        return _report_click_error(error, as_json) or _report("unexpected", unexpected(error), 1, as_json)
    return status if isinstance(status, int) else 0


def _is_folder_gone() -> bool:
    """Whether relative paths lead nowhere."""
    try:
        os.getcwd()  # noqa: PTH109
    except FileNotFoundError:
        return True
    return False


def _is_from_printing(error: OSError) -> bool:
    """Whether click, which writes help texts itself, could not write one."""
    innermost = error.__traceback__
    while innermost and innermost.tb_next:
        innermost = innermost.tb_next
    return innermost is not None and innermost.tb_frame.f_globals.get("__name__") == "click.utils"


def _report_click_error(error: Exception, as_json: bool) -> int | None:
    """Report an error of click, such as an invalid command line; ``None`` if ``error`` is another one."""
    import click

    if isinstance(error, click.UsageError):
        context = error.ctx or _context_of(error)
        hint = f" See: {context.command_path} --help" if context else ""
        # click lists the values of a missing argument one a line.
        message = printable(_message(error, context).replace(",\n\t", ", ").replace("\n\t", " "))
        if isinstance(error, click.exceptions.NoArgsIsHelpError) and isinstance(
            error.ctx.command, click.Group
        ):
            # Its message is the group's whole help.
            message = f"Missing command, one of: {', '.join(error.ctx.command.list_commands(error.ctx))}."
        end = "" if message.endswith((".", "?")) else "."
        return _report("usage", f"{message}{end}{hint}", error.exit_code, as_json)
    if isinstance(error, click.ClickException):
        return _report("failed", printable(error.format_message()), error.exit_code, as_json)
    if isinstance(error, click.Abort):
        return _report("interrupted", _interrupted_text(error.__cause__), INTERRUPTED, as_json)
    return None


def _context_of(error: click.UsageError) -> click.Context | None:
    """The context of the command whose line was read when an error was raised: click names none in its parser."""
    import click

    found, trace = None, error.__traceback__
    while trace:
        context = trace.tb_frame.f_locals.get("ctx")
        found = context if isinstance(context, click.Context) else found
        trace = trace.tb_next
    return found


def _interrupted_text(error: BaseException | None) -> str:
    """Who asks says what was not done."""
    return (str(error) if isinstance(error, KeyboardInterrupt) else "") or "Interrupted."


def _message(error: click.UsageError, context: click.Context | None) -> str:
    """What click says, with the question what was probably meant, or what an option takes."""
    import click

    if isinstance(error, click.NoSuchCommand | click.NoSuchOption):
        from ...rules.similar import with_question

        word = error.command_name if isinstance(error, click.NoSuchCommand) else error.option_name
        return with_question(error.message, word, error.possibilities or ())
    message = error.format_message()
    if isinstance(error, click.BadOptionUsage) and context is not None:
        options = [
            each for each in context.command.params if error.option_name in each.opts and each.nargs > 1
        ]
        message = f"{message.rstrip('.')}: {options[0].metavar}." if options else message
    return message


def _report(code: str, message: str, status: int, as_json: bool) -> int:
    message = shortened(message, _MOST)
    tell(message)
    if as_json:
        emit({"error": {"code": code, "message": message}})
    return status


def unexpected(error: Exception) -> str:
    """Save the traceback to a file and return the message that says where."""
    what = f"Internal error ({type(error).__name__})"
    # Imported only on failure: the app's first frame waits for this module's imports.
    import traceback

    from ... import config
    from ...config import error_log

    try:
        path = error_log.keep(config.places().state, "".join(traceback.format_exception(error)))
    except (OSError, Problem, RuntimeError):
        return f"{what}; the log could not be written."
    return f"{what}; details are in {printable(str(path))}."


def _drop_output() -> None:
    """Discard buffered output, so that it isn't written again when the process ends."""
    with suppress(OSError, ValueError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)

"""``sentlinks smart-attach`` as a mail program's sendmail: the new message goes to the program that sends it."""

from __future__ import annotations

import mmap
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...rules.addresses import check_address
from ...rules.errors import Failed, InvalidValue, PolicyBreach, Problem
from ...rules.text import printable
from ..base.exit_status import unexpected
from ..base.output import tell
from .sendmail_line import WITH_ADDRESS
from .smart_message import NewMessage, TypedOptions, spooled, tell_links, with_links

if TYPE_CHECKING:
    from ..base.common import CommandSession

#: "Try again later" (EX_TEMPFAIL): with this status, mail programs keep the message.
TRY_LATER = 75
_STEP = 1024 * 1024


class TryLater(click.ClickException):
    """What went wrong, for a mail program that shall keep the message."""

    exit_code = TRY_LATER


def send_with(
    session: CommandSession, sendmail: str, arguments: Sequence[str], wanted: TypedOptions, or_unchanged: bool
) -> int:
    """Give the message with its links to the command ``sendmail`` and return its status.

    If anything goes wrong before that, nothing is started and the status is :data:`TRY_LATER`.
    """
    try:
        command = _command(sendmail)
        if wanted.given.get("password_stdin"):
            raise InvalidValue(
                "sendmail.password",
                "--password-stdin can't be used with --sendmail: the message is on standard input.",
            )
        envelope = _envelope(arguments)
        with spooled(sys.stdin.buffer) as spool:
            if not spool.tell():
                raise InvalidValue("message.empty", "There is no message on standard input.")
            with mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) as raw:
                done = (
                    _or_unchanged(session, raw, wanted, envelope)
                    if or_unchanged
                    else with_links(session, raw, wanted.read(), envelope)
                )
                return _pipe_to([*command, *arguments], done)
    except Problem as problem:
        raise TryLater(problem.message) from problem
    except KeyboardInterrupt:
        raise TryLater("Interrupted.") from None
    except (click.ClickException, SystemExit):
        raise
    except Exception as error:
        raise TryLater(unexpected(error)) from error


def _or_unchanged(
    session: CommandSession, raw: mmap.mmap, wanted: TypedOptions, envelope: Sequence[str]
) -> NewMessage:
    """The message with its links or, whatever goes wrong, as it is. Raises :class:`PolicyBreach` for recipients that
    the policy refuses: they would get the attachments themselves."""
    try:
        return with_links(session, raw, wanted.read(), envelope)
    except PolicyBreach as problem:
        if problem.field == "to":
            raise
        sentence = problem.message
    except click.ClickException as error:
        sentence = error.format_message()
    except Problem as problem:
        sentence = problem.message
    except Exception as error:
        sentence = unexpected(error)
    tell(f"{sentence} The message is sent unchanged, with its attachments.")
    return NewMessage(lambda: (raw[at : at + _STEP] for at in range(0, len(raw), _STEP)), [])


def _envelope(arguments: Sequence[str]) -> tuple[str, ...]:
    """The recipients among the arguments of a sendmail: what stands for itself, is an address, and isn't the sender's,
    which follows its option."""
    found = []
    before = ""
    for word in arguments:
        if "@" in word and not word.startswith("-") and before not in WITH_ADDRESS:
            with suppress(InvalidValue):
                found.append(check_address(word))
        before = word
    return tuple(found)


def _command(sendmail: str) -> list[str]:
    """The program and its arguments. Raises :class:`InvalidValue` if it can't be started."""
    try:
        command = shlex.split(sendmail)
    except ValueError:
        command = []
    if not command or shutil.which(command[0]) is None:
        shown = printable(command[0] if command else sendmail)
        raise InvalidValue(
            "sendmail.missing", f"{shown or '--sendmail'} is not a program that can be started."
        )
    return command


def _pipe_to(command: Sequence[str], done: NewMessage) -> int:
    name = printable(Path(command[0]).name)
    try:
        program = subprocess.Popen(command, stdin=subprocess.PIPE)
    except OSError as error:
        tell_links(done)
        raise Failed("sendmail.failed", f"{name} could not be started: {error.strerror}.") from error
    with program:
        assert program.stdin is not None
        # Its exit status says why it stopped reading.
        with suppress(BrokenPipeError):
            program.stdin.writelines(done.pieces())
            program.stdin.close()
    status = program.returncode
    if status:
        tell_links(done)
        above = "; the links above are published" if done.documents else ""
        tell(f"{name} ended with status {status}{above}.")
    return status if status >= 0 else TRY_LATER

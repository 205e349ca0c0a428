"""What the user signs in to a mail server with: from a command, from the system's keyring, or typed.

It is never written to a file or a log, and never part of a command line.
"""

from __future__ import annotations

import os
import shlex
import subprocess

from tui.config import keyrings
from tui.rules.errors import Failed, InvalidValue
from tui.rules.text import printable
from tui.terminal.foreground import last_lines
from tui.terminal.processes import TooMuchOutput, TooSlow, end_group, exchange

from .account import Account

#: How long a command may take, in seconds: it may have to refresh a token over the network.
SECONDS = 30.0
_MOST_BYTES = 64 * 1024


def run_password_command(command: str, key: str, seconds: float = SECONDS) -> str:
    """Run the command of the setting ``key``, and return the first line of its output.

    It is run without a shell and without a terminal, so it can't ask for anything. Raises :class:`InvalidValue` if it
    isn't a command line, and :class:`Failed` with the last lines of its standard error if it fails.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise InvalidValue(
            "mail.password_command", f"{key} is not a command line; check its quotation marks.", key
        )
    # With GPG_TTY, gpg would ask for a passphrase in the middle of the screen.
    environ = {name: value for name, value in os.environ.items() if name != "GPG_TTY"}
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise _failed(key, f"cannot be started: {why}", b"") from None
    with process:
        try:
            printed, complaint = exchange(process, seconds=seconds, most=_MOST_BYTES)
        except TooSlow as slow:
            raise _failed(key, f"did not end within {seconds:.0f} seconds", slow.complaint) from None
        except TooMuchOutput as much:
            raise _failed(key, f"printed more than {_MOST_BYTES // 1024} KiB", much.complaint) from None
        finally:
            end_group(process)
    if process.returncode:
        raise _failed(key, f"ended with status {process.returncode}", complaint)
    secret = printed.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    if not secret:
        raise _failed(key, "printed nothing", complaint)
    return secret


def _failed(key: str, what: str, complaint: bytes) -> Failed:
    words = last_lines(complaint).replace("\n", " ")
    return Failed("mail.password_command", f"{key} {what}{f': {words}' if words else '.'}")


def known_secret(account: Account, command: str, *, uses_keyring: bool) -> str | None:
    """What the user signs in with, from the command if there is one, else from the keyring; ``None`` if neither has it.

    Raises :class:`Failed` if the command fails, or the keyring can't be read (``keyring.…``), or if there must be a
    command: nobody can type an access token.
    """
    key = account.protocol.command_key
    if command:
        return run_password_command(command, key)
    if account.oauth:
        raise Failed("mail.no_token", f"Signing in with a token needs a command that prints one: set {key}.")
    if not uses_keyring:
        return None
    try:
        return keyrings.get(_name(account))
    except Failed as problem:
        if problem.code == "keyring.none":
            return None
        raise


def keep_in_keyring(account: Account, secret: str) -> None:
    """Keep a password in the system's keyring. Raises :class:`Failed`."""
    keyrings.put(_name(account), secret)


def _name(account: Account) -> str:
    return f"mail {printable(account.url)}"

"""Copy text to the clipboard of the user in front of the terminal, wherever that is.

On a desktop that is the system's clipboard, through pyperclip, and it is read back: only then is the copy known to have
arrived. Over SSH, or without a desktop, it is the terminal's own: an OSC 52 sequence, in tmux through tmux itself
first, in tmux and GNU screen wrapped so that it gets through. A program can't know whether a terminal obeyed, so the
result's sentence never says more than is known, and links are also kept in a private file. A password is kept nowhere,
and is removed again from clipboards that can be read back.
"""

from __future__ import annotations

import base64
import os
import secrets
import select
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tui.rules.text import printable

from . import capabilities, desktop_clipboard, tmux_buffers
from .capabilities import Multiplexer
from .clearing import SECONDS, Clear, clear_later
from .processes import run_quietly

Write = Callable[[str], object]

SYSTEM = "the system's clipboard"
TERMINAL = "the terminal's clipboard"
TMUX_BUFFER = "tmux's buffer"
#: The most that terminals accept, in bytes of base64.
MAX_BASE64 = 74_000
FILE_NAME = "links.txt"
KEPT_FOR = timedelta(days=1)

_TEMPORARY = ".links-"
# GNU screen before 4.2 cut strings at 256 bytes.
_SCREEN_PIECE = 240
# What changes when a terminal is attached to a running tmux.
_TERMINAL_VARIABLES = ("SSH_CONNECTION", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY")
_UNKNOWN = "whether it arrived can't be confirmed"
_BY_HAND = "select it on the screen by hand"


@dataclass(frozen=True, slots=True)
class CopyResult:
    """The result of a copy.

    ``sure``: it is known to have arrived. ``way``: ``the system's clipboard``, ``the terminal's clipboard``, ``tmux's
    buffer``, or empty if there was none. ``sentence``: the message for the user. ``file``: where the text is kept as
    well. ``buffered``: tmux has it in its buffer. ``clearing``: the process that removes it again, ``None`` if nothing
    does.
    """

    sure: bool
    way: str
    sentence: str
    file: Path | None = None
    buffered: bool = False
    clearing: subprocess.Popen[bytes] | None = None


def copy(
    text: str,
    write: Write | None = None,
    *,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> CopyResult:
    """Copy ``text`` to the user's clipboard, and to a file in ``folder`` if one is given.

    ``write`` writes to the terminal (the app's driver; :func:`write_to_terminal` for commands); without it no sequence
    is sent. Takes up to about four seconds if a clipboard doesn't respond, so call it off the event loop. Never raises
    for an unusable clipboard or folder: the result says so.
    """
    if not text:
        return CopyResult(False, "", "There is nothing to copy.")
    result = _copy(text, write, _current_environment(dict(os.environ if environ is None else environ)))
    if folder is None:
        return result
    place = printable(str(folder))
    try:
        file = keep_links(text, folder)
    except OSError as error:
        failed = f"Not saved in {place}: {error.strerror or 'it cannot be written'}."
        return replace(result, sentence=f"{result.sentence} {failed}")
    kept = f"Also kept for 24 hours in {place}{os.sep}{file.name}, which only you can read."
    return replace(result, sentence=f"{result.sentence} {kept}", file=file)


def copy_password(
    text: str,
    write: Write | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    clear: Clear = clear_later,
) -> CopyResult:
    """Like :func:`copy`, for text that shouldn't stay there: after :data:`~tui.terminal.clearing.SECONDS` it is removed
    from the clipboards that can be read back and still hold it. It is kept nowhere else."""
    current = _current_environment(dict(os.environ if environ is None else environ))
    result = _copy(text, write, current)
    mechanism = capabilities.system_clipboard(current, _finder(current), sys.platform)
    if not (result.sure or result.buffered):
        note = " It stays there until something else is copied." if result.way else ""
        return replace(result, sentence=result.sentence + note)
    clearing = clear(_bytes(text), mechanism if result.sure else None, current)
    if clearing is None:
        note = "It stays there until something else is copied."
    elif result.way == TERMINAL:
        note = f"tmux's buffer drops it in {SECONDS} s; the terminal's clipboard keeps it."
    else:
        note = f"It is removed again in {SECONDS} s."
    return replace(result, sentence=f"{result.sentence} {note}", clearing=clearing)


def _copy(text: str, write: Write | None, environ: Mapping[str, str]) -> CopyResult:
    written = False
    mechanism = capabilities.system_clipboard(environ, _finder(environ), sys.platform)
    if mechanism:
        written = desktop_clipboard.put(mechanism, _bytes(text), environ)
        if written and desktop_clipboard.holds(mechanism, _bytes(text), environ):
            return CopyResult(True, SYSTEM, "Copied to the system's clipboard.")
    fits = len(_encoded(text)) <= MAX_BASE64
    if capabilities.in_tmux(environ) and tmux_buffers.load(_bytes(text), environ):
        if write and fits:
            _send(sequences(text, _innermost(environ), bare=False), write)
        return _in_tmux(environ)
    if fits and write and _send(sequences(text, environ), write):
        return CopyResult(False, TERMINAL, f"Sent to the terminal's clipboard; {_UNKNOWN}.{_remedy(environ)}")
    if written:
        message = f"Sent to the system's clipboard, which does not return it; {_UNKNOWN}."
        return CopyResult(False, SYSTEM, message)
    why = "No clipboard can be reached from here" if fits else "That is too long for the terminal's clipboard"
    return CopyResult(False, "", f"{why}, so nothing was copied: {_BY_HAND}.")


def _in_tmux(environ: Mapping[str, str]) -> CopyResult:
    """The result after tmux has put the text into its buffer: whether it could send it on to a terminal."""
    client = tmux_buffers.client(environ)
    in_buffer = "Copied to tmux's buffer (prefix ] pastes it)"
    if client is None:
        message = f"{in_buffer} only: no terminal is attached to tmux."
        return CopyResult(False, TMUX_BUFFER, message, buffered=True)
    kind = printable(client.terminal)
    if not client.takes_clipboard:
        message = (
            f"{in_buffer} only: tmux thinks that your terminal ({kind}) has no clipboard. "
            f"If it has one, run: tmux set -as terminal-features ',{kind}:clipboard'"
        )
        return CopyResult(False, TMUX_BUFFER, message, buffered=True)
    message = f"{in_buffer}, and sent by tmux to the terminal's clipboard; {_UNKNOWN}."
    return CopyResult(False, TERMINAL, message, buffered=True)


def _innermost(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment without a tmux that isn't next to the program: a GNU screen inside it paints what is wrapped for
    tmux."""
    if environ.get("STY") and not tmux_buffers.has_our_terminal(environ):
        return {name: value for name, value in environ.items() if name != "TMUX"}
    return environ


def _remedy(environ: Mapping[str, str]) -> str:
    """What helps if the likely cause is known; else what can be done without the clipboard."""
    if environ.get("XTERM_VERSION"):
        return (
            " xterm accepts it only with XTerm*disallowedWindowOps: 20,21,SetXprop in its resources."
            f" If it didn't, {_BY_HAND}."
        )
    if capabilities.terminal(environ).startswith("tmux") and capabilities.over_ssh(environ):
        return f" Your own machine's tmux accepts it after tmux set -s set-clipboard on; if not, {_BY_HAND}."
    return f" If not, {_BY_HAND}."


def _finder(environ: Mapping[str, str]) -> capabilities.Which:
    return lambda program: shutil.which(program, path=environ.get("PATH"))


# --- the terminal's clipboard -----------------------------------------------------------------------


def _current_environment(environ: dict[str, str]) -> dict[str, str]:
    """The environment, updated with what tmux knows of the terminal that is attached to it now.

    A pane keeps the environment that it was started with: perhaps that of a desktop, while the user has since come back
    over SSH.
    """
    if not capabilities.in_tmux(environ):
        return environ
    output = run_quietly(["tmux", "show-environment"], environ) or b""
    for line in output.decode("utf-8", "replace").splitlines():
        name, equals, value = line.partition("=")
        if equals and name in _TERMINAL_VARIABLES and not environ.get(name):
            environ[name] = value
    return environ


def sequences(text: str, environ: Mapping[str, str], bare: bool = True) -> str:
    """The sequences that set the terminal's clipboard to ``text``; empty if they would do harm.

    Inside a multiplexer the sequence is wrapped, so that it gets through to the terminal; with ``bare`` it is also sent
    unwrapped if the multiplexer may handle it itself.
    """
    if not capabilities.takes_osc52(environ):
        return ""
    sequence = f"\x1b]52;c;{_encoded(text)}\x07"
    kind = capabilities.multiplexer(environ)
    if kind is Multiplexer.NONE:
        return sequence
    if kind is Multiplexer.TMUX:
        wrapped = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    else:
        pieces = range(0, len(sequence), _SCREEN_PIECE)
        wrapped = "".join(f"\x1bP{sequence[start : start + _SCREEN_PIECE]}\x1b\\" for start in pieces)
    return sequence + wrapped if bare and not capabilities.in_screen(environ) else wrapped


def _send(sequence: str, write: Write) -> bool:
    if not sequence:
        return False
    try:
        write(sequence)
    except OSError:
        return False
    return True


def write_to_terminal(text: str) -> None:
    """Write to the terminal that a command was started from, even if its output is redirected.

    Raises :class:`OSError` if there is none, or if it accepts nothing for a second (stopped by ctrl+s).
    """
    terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        left = memoryview(_bytes(text))
        while left:
            if not select.select([], [terminal], [], 1.0)[1]:
                raise TimeoutError("the terminal accepts nothing")
            left = left[os.write(terminal, left) :]
    finally:
        os.close(terminal)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _encoded(text: str) -> str:
    return base64.b64encode(_bytes(text)).decode("ascii")


# --- the file ---------------------------------------------------------------------------------------


def keep_links(text: str, folder: Path) -> Path:
    """Write ``text`` to the links file in ``folder`` and return its path.

    It replaces an earlier file and has mode 0600; the folder is created with 0700 if missing. A link of that name is
    replaced, not followed. Raises :class:`OSError`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / FILE_NAME
    temporary = folder / f"{_TEMPORARY}{secrets.token_hex(16)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_bytes(text if text.endswith("\n") else text + "\n"))
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return file


class LinkFile:
    """The links file, written line by line during a send; the first line replaces what was there.

    Does nothing if the folder can't be written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Path | None = None

    def add(self, line: str) -> None:
        """Append a line."""
        try:
            if self._file is None:
                self._file = keep_links(line, self._folder)
                return
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(self._file, flags, 0o600), "ab") as stream:
                stream.write(_bytes(f"{line}\n"))
        except OSError:
            pass


def forget_old(folder: Path, now: datetime) -> None:
    """Delete what :func:`keep_links` left in ``folder`` a day ago or longer. ``now`` has a time zone."""
    try:
        entries = [e for e in os.scandir(folder) if e.name == FILE_NAME or e.name.startswith(_TEMPORARY)]
    except OSError:
        return
    for entry in entries:
        try:
            facts = entry.stat(follow_symlinks=False)
            # A date far in the future comes from a clock that was wrong.
            if (
                not stat.S_ISDIR(facts.st_mode)
                and abs(now.timestamp() - facts.st_mtime) >= KEPT_FOR.total_seconds()
            ):
                Path(entry.path).unlink()
        except OSError:
            continue

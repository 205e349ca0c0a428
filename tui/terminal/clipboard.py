"""Text on the clipboard of the person who looks at the terminal, wherever they sit.

On a desktop that is the system's clipboard, by pyperclip, and it is read back: only then is it known to have
arrived. Over SSH, or without a desktop, it is the terminal's own: an OSC 52 sequence, in tmux by tmux itself
first, in tmux and GNU screen wrapped so that it gets through. A program cannot know whether a terminal obeyed,
so the sentence of the result never says more than is known, and the text is kept in a private file besides.
"""

from __future__ import annotations

import base64
import os
import secrets
import select
import shutil
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tui.rules.text import printable

from . import capabilities, desktop_clipboard
from .capabilities import Multiplexer
from .processes import ask

Write = Callable[[str], object]

SYSTEM = "the system's clipboard"
TERMINAL = "the terminal's clipboard"
#: The most that terminals take, in bytes of base64.
MAX_BASE64 = 74_000
FILE_NAME = "links.txt"
KEPT_FOR = timedelta(days=1)

_TEMPORARY = ".links-"
# GNU screen before 4.2 cut strings at 256 bytes.
_SCREEN_PIECE = 240
# What changes when a terminal is attached to a tmux that is already there.
_OF_THE_TERMINAL = ("SSH_CONNECTION", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY")
_UNKNOWN = "whether it arrived cannot be known: if not, select the links by hand."


@dataclass(frozen=True, slots=True)
class CopyResult:
    """What became of a copy.

    ``sure``: it is known to have arrived. ``way``: ``the system's clipboard``, ``the terminal's clipboard``, or
    empty where there was none. ``sentence``: what to tell the person. ``file``: where the text is kept, too.
    """

    sure: bool
    way: str
    sentence: str
    file: Path | None = None


def copy(
    text: str,
    write: Write | None = None,
    *,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> CopyResult:
    """Puts ``text`` on the person's clipboard, and into a file of ``folder`` where one is given.

    ``write`` writes to the terminal (the app's driver; :func:`write_to_terminal` for commands); without it no
    sequence is sent. Takes up to some four seconds where a clipboard does not answer, so call it off the
    event loop. Never raises for a clipboard or a folder that cannot be had: the result says so.
    """
    if not text:
        return CopyResult(False, "", "There is nothing to copy.")
    result = _copy(text, write, _present(dict(os.environ if environ is None else environ)))
    if folder is None:
        return result
    place = printable(str(folder))
    try:
        file = keep_links(text, folder)
    except OSError as error:
        failed = f"Not kept in {place} besides: {error.strerror or 'it cannot be written'}."
        return replace(result, sentence=f"{result.sentence} {failed}")
    kept = f"Also kept for a day in {place}{os.sep}{file.name}, which only you can read."
    return replace(result, sentence=f"{result.sentence} {kept}", file=file)


def _copy(text: str, write: Write | None, environ: Mapping[str, str]) -> CopyResult:
    given = False
    mechanism = capabilities.system_clipboard(environ, _finder(environ), sys.platform)
    if mechanism:
        given = desktop_clipboard.give(mechanism, _bytes(text), environ)
        if given and desktop_clipboard.holds(mechanism, _bytes(text), environ):
            return CopyResult(True, SYSTEM, "Copied to the system's clipboard.")
    fits = len(_encoded(text)) <= MAX_BASE64
    if fits and capabilities.in_tmux(environ) and _load_buffer(text, environ):
        if write:
            _send(sequences(text, environ, bare=False), write)
        return CopyResult(False, TERMINAL, f"Sent to the terminal's clipboard by tmux; {_UNKNOWN}")
    if fits and write and _send(sequences(text, environ), write):
        return CopyResult(False, TERMINAL, f"Sent to the terminal's clipboard; {_UNKNOWN}")
    if given:
        return CopyResult(
            False, SYSTEM, f"Given to the system's clipboard, which does not show it; {_UNKNOWN}"
        )
    why = "No clipboard can be reached from here" if fits else "That is too long for the terminal's clipboard"
    return CopyResult(False, "", f"{why}: select the links on the screen by hand.")


def _finder(environ: Mapping[str, str]) -> capabilities.Which:
    return lambda program: shutil.which(program, path=environ.get("PATH"))


# --- the terminal's clipboard -----------------------------------------------------------------------


def _present(environ: dict[str, str]) -> dict[str, str]:
    """The environment, with what tmux knows of the terminal that is attached to it now.

    A pane keeps the environment that it was started with: on a desktop, perhaps, to which somebody has come
    back over SSH since.
    """
    if not capabilities.in_tmux(environ):
        return environ
    told = ask(["tmux", "show-environment"], environ) or b""
    for line in told.decode("utf-8", "replace").splitlines():
        name, equals, value = line.partition("=")
        if equals and name in _OF_THE_TERMINAL and not environ.get(name):
            environ[name] = value
    return environ


def _load_buffer(text: str, environ: Mapping[str, str]) -> bool:
    """tmux's buffer and the clipboard of its terminal: arrives with tmux as it is shipped, unlike OSC 52."""
    return ask(["tmux", "load-buffer", "-w", "-"], environ, given=_bytes(text), reads=False) is not None


def sequences(text: str, environ: Mapping[str, str], bare: bool = True) -> str:
    """What is written to the terminal so that it sets its clipboard to ``text``; empty where that does harm.

    Inside of a multiplexer the sequence is wrapped, so that it gets through to the terminal; with ``bare``
    it is also sent as it is where the multiplexer may take it itself.
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
    """Writes to the terminal that a command was started from, whatever its output is redirected to.

    Raises :class:`OSError` where there is none, or where it takes nothing for a second (stopped by ctrl+s).
    """
    terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        left = memoryview(_bytes(text))
        while left:
            if not select.select([], [terminal], [], 1.0)[1]:
                raise TimeoutError("the terminal takes nothing")
            left = left[os.write(terminal, left) :]
    finally:
        os.close(terminal)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _encoded(text: str) -> str:
    return base64.b64encode(_bytes(text)).decode("ascii")


# --- the file ---------------------------------------------------------------------------------------


def keep_links(text: str, folder: Path) -> Path:
    """Writes ``text`` to the one file for it in ``folder`` (made 0700 where missing), mode 0600, in place of
    an earlier one, and answers its path. A link of that name is replaced, not followed. Raises :class:`OSError`.
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


def forget_old(folder: Path, now: datetime) -> None:
    """Deletes what :func:`keep_links` left in ``folder`` a day ago or longer. ``now`` has a time zone."""
    try:
        entries = [e for e in os.scandir(folder) if e.name == FILE_NAME or e.name.startswith(_TEMPORARY)]
    except OSError:
        return
    for entry in entries:
        try:
            facts = entry.stat(follow_symlinks=False)
            # A date far in the future is that of a clock that was wrong.
            if (
                not stat.S_ISDIR(facts.st_mode)
                and abs(now.timestamp() - facts.st_mtime) >= KEPT_FOR.total_seconds()
            ):
                os.unlink(entry.path)
        except OSError:
            continue

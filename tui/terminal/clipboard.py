"""Copy text to the clipboard of the user in front of the terminal, wherever that is.

On a desktop that is the system's clipboard, through pyperclip, and it is read back: only then is the copy known to have
arrived. Over SSH, or without a desktop, it is the terminal's own: through tmux's own command in a tmux on this machine,
else with a sequence (:mod:`tui.terminal.osc52`). A program can't know whether a terminal obeyed, so the result's
sentence never says more than is known, and links are also kept in a private file. A password is kept nowhere, and is
removed again from clipboards that can be read back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tui.rules.text import printable

from ..files.private_files import why_unusable
from . import capabilities, desktop_clipboard, osc52, tmux_buffers
from .capabilities import Multiplexer
from .clearing import SECONDS, Clear, clear_later
from .identity import TerminalIdentity
from .kept_links import keep_links
from .processes import run_quietly

Write = Callable[[str], object]
#: Returns what the terminal has said about itself; may ask it first.
Identify = Callable[[], TerminalIdentity]

SYSTEM = "the system's clipboard"
TERMINAL = "the terminal's clipboard"
TMUX_BUFFER = "tmux's buffer"

XTERM_RESOURCES = "XTerm*disallowedWindowOps: 20,21,SetXprop"
# What changes when a terminal is attached to a running tmux.
_TERMINAL_VARIABLES = ("SSH_CONNECTION", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY")
_UNKNOWN = "whether it arrived can't be confirmed"
#: Stands in sentences; to be replaced if it isn't on the screen.
BY_HAND = "select it on the screen by hand"
_XTERM_REMEDY = f"xterm accepts it only with {XTERM_RESOURCES} in its resources"


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
    identify: Identify = TerminalIdentity,
) -> CopyResult:
    """Copy ``text`` to the user's clipboard; links, for which a ``folder`` is given, also to a file in it.

    ``write`` writes to the terminal (the app's driver, or :func:`tui.terminal.controlling.write_to_terminal`); without
    it no sequence is sent. ``identify`` is called only if it matters what the terminal is. Takes up to about six
    seconds if a clipboard doesn't respond, so call it off the event loop. Never raises for an unusable clipboard or
    folder: the result says so.
    """
    if not text:
        return CopyResult(False, "", "There is nothing to copy.")
    result = _Copying(text, write, _current_environment(environ), identify, links=folder is not None).run()
    if folder is None:
        return result
    place = printable(str(folder))
    try:
        file = keep_links(text, folder)
    except OSError as error:
        failed = f"Not saved in {place}: {why_unusable(folder, error)}."
        return replace(result, sentence=f"{result.sentence} {failed}")
    kept = f"Backup until the next copy (24 h): {place}{os.sep}{file.name}"
    return replace(result, sentence=f"{result.sentence} {kept}", file=file)


def copy_password(
    text: str,
    write: Write | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    identify: Identify = TerminalIdentity,
    clear: Clear = clear_later,
) -> CopyResult:
    """Like :func:`copy`, for text that shouldn't stay there: after :data:`~tui.terminal.clearing.SECONDS` it is removed
    from the clipboards that can be read back and still hold it. It is kept nowhere else."""
    current = _current_environment(environ)
    result = _Copying(text, write, current, identify, links=False).run()
    mechanism = capabilities.system_clipboard(current, _finder(current), sys.platform)
    if not (result.sure or result.buffered):
        note = " It stays there until something else is copied." if result.way else ""
        return replace(result, sentence=result.sentence + note)
    clearing = clear(_bytes(text), mechanism if result.sure else None, current)
    if clearing is None:
        note = "It stays there until something else is copied."
    elif result.way == TERMINAL:
        note = f"tmux's buffer drops it after {SECONDS} s; the terminal's clipboard keeps it."
    else:
        note = f"It is removed after {SECONDS} s."
    return replace(result, sentence=f"{result.sentence} {note}", clearing=clearing)


class _Copying:
    """One copy, by the best way that is open."""

    def __init__(
        self, text: str, write: Write | None, environ: Mapping[str, str], identify: Identify, *, links: bool
    ) -> None:
        self._text = text
        self._write = write
        self._environ = environ
        self._identify = identify
        self._links = links
        self._fits = osc52.fits(text)

    def run(self) -> CopyResult:
        environ, text = self._environ, _bytes(self._text)
        written = False
        mechanism = capabilities.system_clipboard(environ, _finder(environ), sys.platform)
        if mechanism:
            written = desktop_clipboard.put(mechanism, text, environ)
            if written and desktop_clipboard.holds(mechanism, text, environ):
                return CopyResult(True, SYSTEM, "Copied to the system's clipboard.")
        surroundings = surroundings_of(environ, self._identify)
        if surroundings.tmux_here:
            client = tmux_buffers.client(environ)
            if tmux_buffers.load(text, environ, client, links=self._links):
                return self._in_tmux(client, surroundings)
        if self._fits and self._send(surroundings.sequences(self._text)):
            return CopyResult(False, TERMINAL, self._sent(surroundings))
        if written:
            message = f"Sent to the system's clipboard, which does not return it; {_UNKNOWN}."
            return CopyResult(False, SYSTEM, message)
        why = (
            "No clipboard can be reached from here"
            if self._fits
            else "That is too long for the terminal's clipboard"
        )
        return CopyResult(False, "", f"{why}, so the clipboard is unchanged; {BY_HAND}.")

    def _in_tmux(self, client: tmux_buffers.Client | None, surroundings: Surroundings) -> CopyResult:
        """The result after tmux has put the text into its buffer: whether it could send it on to ``client``."""
        in_buffer = "Copied to tmux (prefix ] pastes)"
        if client is None:
            message = f"{in_buffer}."
            return CopyResult(False, TMUX_BUFFER, message, buffered=True)
        if client.takes_clipboard:
            message = f"{in_buffer}, and sent by tmux to the terminal's clipboard; {_UNKNOWN}."
            return CopyResult(False, TERMINAL, message + _beyond_tmux(client.program), buffered=True)
        kind = printable(client.terminal)
        passes = surroundings.multiplexer is Multiplexer.TMUX and client.passes_sequences
        beyond = osc52.sequences(self._text, Multiplexer.SCREEN if client.is_screen else Multiplexer.NONE)
        if passes and self._fits and self._send(osc52.through_tmux(beyond)):
            message = f"{in_buffer}, and sent past tmux to your terminal ({kind}); {_UNKNOWN}."
            return CopyResult(False, TERMINAL, message, buffered=True)
        message = f"{in_buffer} only: tmux thinks that your terminal ({kind}) has no clipboard."
        remedy = f" If it has one, run: {client.remedy}" if client.remedy else ""
        return CopyResult(False, TMUX_BUFFER, message + remedy, buffered=True)

    def _send(self, sequence: str) -> bool:
        if not sequence or self._write is None:
            return False
        try:
            self._write(sequence)
        except OSError:
            return False
        return True

    def _sent(self, surroundings: Surroundings) -> str:
        """The message for a sequence that was sent, with what helps if the likely cause of a failure is known."""
        identity = surroundings.identity
        says = f", which {printable(identity.name)} says it has" if identity.has_clipboard else ""
        sent = f"Sent to the terminal's clipboard{says}; {_UNKNOWN}."
        if surroundings.is_xterm:
            return f"{sent} {_XTERM_REMEDY}. If it didn't, {BY_HAND}."
        if surroundings.multiplexer is Multiplexer.TMUX:
            whose = (
                "Your own machine's tmux" if capabilities.over_ssh(self._environ) else "The tmux around it"
            )
            return f"{sent} {whose} accepts it after tmux set -s set-clipboard on; if not, {BY_HAND}."
        return f"{sent} If not, {BY_HAND}."


def _beyond_tmux(program: str) -> str:
    """What the terminal around a tmux needs in order to take what tmux sends it. ``program`` is its name."""
    if program.lower().startswith("xterm("):
        return f" {_XTERM_REMEDY}."
    if program.startswith("tmux "):
        return " The tmux around it accepts it after tmux set -s set-clipboard on there."
    return ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is next to the program. ``tmux_here``: tmux's commands reach the tmux that the user is in. ``guessed``: only
    TERM says what the multiplexer is."""

    multiplexer: Multiplexer
    tmux_here: bool
    guessed: bool
    is_xterm: bool
    takes_osc52: bool
    identity: TerminalIdentity

    def sequences(self, text: str) -> str:
        """What sets the terminal's clipboard to ``text``; empty if it would do harm."""
        if not self.takes_osc52:
            return ""
        return osc52.sequences(text, self.multiplexer, guessed=self.guessed)


def surroundings_of(environ: Mapping[str, str], identify: Identify) -> Surroundings:
    """Find out what is next to the program.

    What the terminal says counts most: only the innermost multiplexer answers. Variables are inherited by terminals
    that were started from inside of a multiplexer, and a GNU screen inside of tmux displays what is wrapped for tmux.
    """
    tmux, screen = capabilities.in_tmux(environ), bool(environ.get("STY"))
    if tmux and tmux_buffers.has_our_terminal(environ):
        return _surroundings(environ, Multiplexer.TMUX, TerminalIdentity(), tmux_here=True)
    identity = identify()
    found = identity.multiplexer
    if found is not None:
        # Also if it is sudo that has replaced the pane's terminal.
        return _surroundings(
            environ, found, identity, tmux_here=tmux and (screen or found is Multiplexer.TMUX)
        )
    if screen:
        return _surroundings(environ, Multiplexer.SCREEN, identity, tmux_here=tmux)
    if tmux:
        return _surroundings(environ, Multiplexer.TMUX, identity, tmux_here=True)
    guess = capabilities.multiplexer(environ)
    return _surroundings(environ, guess, identity, guessed=True)


def _surroundings(
    environ: Mapping[str, str],
    multiplexer: Multiplexer,
    identity: TerminalIdentity,
    *,
    tmux_here: bool = False,
    guessed: bool = False,
) -> Surroundings:
    return Surroundings(
        multiplexer=multiplexer,
        tmux_here=tmux_here,
        guessed=guessed,
        is_xterm=multiplexer is Multiplexer.NONE
        and (identity.is_xterm or (not identity.name and bool(environ.get("XTERM_VERSION")))),
        takes_osc52=capabilities.takes_osc52(environ),
        identity=identity,
    )


def _finder(environ: Mapping[str, str]) -> capabilities.Which:
    return lambda program: shutil.which(program, path=environ.get("PATH"))


def _current_environment(given: Mapping[str, str] | None) -> dict[str, str]:
    """The environment, updated with what tmux knows of the terminal that is attached to it now.

    A pane keeps the environment that it was started with: perhaps that of a desktop, while the user has since come back
    over SSH.
    """
    environ = dict(os.environ if given is None else given)
    if not capabilities.in_tmux(environ):
        return environ
    output = run_quietly(["tmux", "show-environment"], environ) or b""
    for line in output.decode("utf-8", "replace").splitlines():
        name, equals, value = line.partition("=")
        if equals and name in _TERMINAL_VARIABLES and not environ.get(name):
            environ[name] = value
    return environ


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")

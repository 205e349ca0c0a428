"""The terminal: its type and size, encoding and colours, and what is between it and the program."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping

from ...rules.check_results import Check, bad, ok, warn
from ...rules.text import printable
from ...terminal import capabilities, tmux_buffers
from ...terminal.ascii import shows_unicode
from ...terminal.background import is_light
from ...terminal.capabilities import Multiplexer
from ...terminal.clipboard import surroundings_of
from ...terminal.identity import TerminalIdentity

_LEAST = (80, 24)
_COLOURS = {0: "no colours", 16: "16 colours", 256: "256 colours", 1 << 24: "16.7 million colours"}


def checks(environ: Mapping[str, str], identity: TerminalIdentity) -> Iterator[Check]:
    """``identity``: what the terminal has said about itself."""
    yield _kind(environ)
    yield _name(identity)
    yield _size()
    yield _encoding()
    yield _colours(environ, identity)
    yield _ssh(environ)
    yield _multiplexer(environ, identity)


def _kind(environ: Mapping[str, str]) -> Check:
    kind = printable(environ.get("TERM", ""))
    program = printable(environ.get("TERM_PROGRAM", "") or environ.get("XTERM_VERSION", ""))
    if not capabilities.usable(environ):
        shown = f"TERM is {kind}" if kind else "TERM is not set"
        return bad("terminal", f"{shown}, so the app can't be shown.", "Set TERM to your terminal's type.")
    return ok("terminal", f"TERM is {kind}" + (f", in {program}." if program else "."))


def _name(identity: TerminalIdentity) -> Check:
    if not identity.name:
        return ok(
            "terminal name",
            "Terminal not identified.",
        )
    has = " and that its clipboard can be set" if identity.has_clipboard else ""
    return ok("terminal name", f"It says that it is {printable(identity.name)}{has}.")


def _size() -> Check:
    if not os.isatty(1) and not os.isatty(2):
        return ok("size", "This command isn't running on a terminal, so its size is unknown.")
    size = shutil.get_terminal_size()
    message = f"{size.columns} columns and {size.lines} lines."
    if size.columns < _LEAST[0] or size.lines < _LEAST[1]:
        return warn(
            "size", message, f"Make it {_LEAST[0]} by {_LEAST[1]} or larger; lists show little otherwise."
        )
    return ok("size", message)


def _encoding() -> Check:
    if shows_unicode():
        return ok("encoding", "Text is in UTF-8.")
    message = "Your locale isn't UTF-8, so the app shows ASCII characters only."
    return warn("encoding", message, "If your terminal has UTF-8, run: export LC_ALL=C.UTF-8")


def _colours(environ: Mapping[str, str], identity: TerminalIdentity) -> Check:
    count = capabilities.colours(environ)
    why = ", since NO_COLOR is set" if capabilities.without_colour(environ) else ""
    light = is_light(identity.replies)
    background = "" if light is None else f" The terminal's background is {'light' if light else 'dark'}."
    return ok("colours", f"The app uses {_COLOURS.get(count, str(count))}{why}.{background}")


def _ssh(environ: Mapping[str, str]) -> Check:
    if not capabilities.over_ssh(environ):
        return ok("ssh", "You are at this machine.")
    return ok("ssh", "You are at another machine, over SSH; its clipboard is reached through the terminal.")


_MULTIPLEXERS = {Multiplexer.TMUX: ("tmux", "TMUX"), Multiplexer.SCREEN: ("GNU screen", "STY")}


def _multiplexer(environ: Mapping[str, str], identity: TerminalIdentity) -> Check:
    surroundings = surroundings_of(environ, lambda: identity)
    innermost = surroundings.multiplexer
    if innermost is Multiplexer.NONE:
        return ok("multiplexer", "The program runs in neither tmux nor GNU screen.")
    name, variable = _MULTIPLEXERS[innermost]
    where = "on this machine"
    if not environ.get(variable):
        where = (
            "outside this session, according to TERM"
            if surroundings.guessed
            else "outside this session, as it says"
        )
    around = _around(environ, innermost) if surroundings.tmux_here else ""
    return ok("multiplexer", f"The program runs in {name} ({where}){around}.")


def _around(environ: Mapping[str, str], innermost: Multiplexer) -> str:
    """What is around a tmux of this machine, or around a screen in it."""
    client = tmux_buffers.client(environ)
    terminal = f"in {printable(client.program or client.terminal)}" if client else "with no terminal attached"
    if innermost is Multiplexer.TMUX:
        return f", {terminal}"
    return f", in tmux, {terminal}"

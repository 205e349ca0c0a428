"""The terminal: its type and size, encoding and colours, and what is between it and the program."""

from __future__ import annotations

import locale
import os
import shutil
from collections.abc import Iterator, Mapping

from ...rules.text import printable
from ...terminal import capabilities
from ...terminal.capabilities import Multiplexer
from .check import Check, bad, ok, warn

_LEAST = (80, 24)
_COLOURS = {0: "no colours", 16: "16 colours", 256: "256 colours", 1 << 24: "16.7 million colours"}


def checks(environ: Mapping[str, str]) -> Iterator[Check]:
    yield _kind(environ)
    yield _size()
    yield _encoding()
    yield _colours(environ)
    yield _ssh(environ)
    yield _multiplexer(environ)


def _kind(environ: Mapping[str, str]) -> Check:
    kind = printable(environ.get("TERM", ""))
    program = printable(environ.get("TERM_PROGRAM", "") or environ.get("XTERM_VERSION", ""))
    if not capabilities.usable(environ):
        shown = f"TERM is {kind}" if kind else "TERM is not set"
        return bad("terminal", f"{shown}, so the app can't be shown.", "Set TERM to your terminal's type.")
    return ok("terminal", f"TERM is {kind}" + (f", in {program}." if program else "."))


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
    name = locale.nl_langinfo(locale.CODESET) if hasattr(locale, "nl_langinfo") else locale.getencoding()
    if name.upper().replace("-", "") == "UTF8":
        return ok("encoding", "Text is in UTF-8.")
    return warn("encoding", f"Text is in {printable(name)}, not in UTF-8.", "Run: export LANG=C.UTF-8")


def _colours(environ: Mapping[str, str]) -> Check:
    count = capabilities.colours(environ)
    why = ", since NO_COLOR is set" if capabilities.without_colour(environ) else ""
    return ok("colours", f"The app uses {_COLOURS.get(count, str(count))}{why}.")


def _ssh(environ: Mapping[str, str]) -> Check:
    if not capabilities.over_ssh(environ):
        return ok("ssh", "You are at this machine.")
    return ok("ssh", "You are at another machine, over SSH; its clipboard is reached through the terminal.")


def _multiplexer(environ: Mapping[str, str]) -> Check:
    inside = [
        name for name, value in (("tmux", environ.get("TMUX")), ("screen", environ.get("STY"))) if value
    ]
    if len(inside) > 1:
        return ok("multiplexer", "Both tmux and GNU screen are between the program and the terminal.")
    found = capabilities.multiplexer(environ)
    if found is Multiplexer.NONE:
        return ok("multiplexer", "Neither tmux nor GNU screen is between the program and the terminal.")
    where = "on this machine" if inside else "further out, according to TERM"
    name = "GNU screen" if found is Multiplexer.SCREEN else "tmux"
    return ok("multiplexer", f"The program runs in {name} ({where}).")

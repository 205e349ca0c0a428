"""The clipboard: which ones can be reached, which one is used, and which links are kept in a file."""

from __future__ import annotations

import secrets
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ...rules.check_results import Check, bad, ok, warn
from ...rules.text import printable
from ...terminal import capabilities, clipboard, kept_links, tmux_buffers
from ...terminal.capabilities import Multiplexer
from ...terminal.clipboard import Surroundings, surroundings_of
from ...terminal.controlling import write_to_terminal
from ...terminal.identity import TerminalIdentity
from ...terminal.processes import run_quietly

_HOUR = 3600


def checks(environ: Mapping[str, str], identity: TerminalIdentity, state: Path) -> Iterator[Check]:
    """``identity``: what the terminal has said about itself."""
    surroundings = surroundings_of(environ, lambda: identity)
    if surroundings.tmux_here:
        yield _tmux(environ)
    yield _sequence(environ, surroundings)
    yield _desktop(environ)
    yield _destination(environ, surroundings)
    yield _kept(state)


def _tmux(environ: Mapping[str, str]) -> Check:
    setting = _option(environ, "set-clipboard", "-s") or "unknown"
    passes = _option(environ, "allow-passthrough", "-p") or "off"
    settings = f"tmux has set-clipboard {setting} and allow-passthrough {passes}"
    client = tmux_buffers.client(environ)
    if client is None:
        return warn(
            "tmux",
            f"{settings}; no terminal is attached, so only its own buffer is reached.",
            "Attach one with tmux attach.",
        )
    kind = printable(client.terminal)
    if not client.takes_clipboard:
        return warn(
            "tmux",
            f"{settings}; it thinks that your terminal ({kind}) has no clipboard.",
            f"If it has one, run: {client.remedy}"
            if client.remedy
            else "Use tmux's buffer (prefix ] pastes it).",
        )
    return ok("tmux", f"{settings}; your terminal ({kind}) has a clipboard that it can reach.")


def _option(environ: Mapping[str, str], name: str, scope: str) -> str:
    output = (
        run_quietly(["tmux", "show-options", "-Av" if scope == "-p" else "-v", scope, name], environ) or b""
    )
    return printable(output.decode("utf-8", "replace").strip())


def _sequence(environ: Mapping[str, str], surroundings: Surroundings) -> Check:
    if not surroundings.takes_osc52:
        return warn(
            "terminal clipboard",
            "This type of terminal has no clipboard.",
            "Select links by hand, or use another terminal.",
        )
    if surroundings.is_xterm:
        return warn(
            "terminal clipboard",
            "xterm accepts copied text only if its resources allow it.",
            f"Add to ~/.Xresources: {clipboard.XTERM_RESOURCES}",
        )
    if surroundings.multiplexer is Multiplexer.TMUX and not surroundings.tmux_here:
        return warn(
            "terminal clipboard",
            "The tmux around this terminal accepts copied text only if its settings allow it.",
            "On the machine where it runs: tmux set -s set-clipboard on",
        )
    return ok(
        "terminal clipboard",
        "Text is sent to the terminal in an escape sequence (OSC 52); whether it arrives can't be confirmed.",
    )


def _desktop(environ: Mapping[str, str]) -> Check:
    if not capabilities.has_desktop(environ, sys.platform):
        return ok("desktop clipboard", "There is no desktop here, so the terminal's clipboard is used.")
    found = capabilities.system_clipboard(environ, shutil.which, sys.platform)
    if found is None:
        what = "wl-clipboard" if environ.get("WAYLAND_DISPLAY") else "xclip"
        return warn(
            "desktop clipboard",
            "There is a desktop, but no program that can reach its clipboard.",
            f"Install one: apt install {what}",
        )
    if sys.platform.startswith("linux") and found in ("xclip", "xsel") and not _display_responds(environ):
        return bad(
            "desktop clipboard",
            f"The display {printable(environ.get('DISPLAY', ''))} does not respond.",
            "Unset DISPLAY, or start that display.",
        )
    return ok("desktop clipboard", f"The desktop's clipboard is reached with {found}, and read back.")


def _display_responds(environ: Mapping[str, str]) -> bool:
    """Whether the display responds, even if only to say that its clipboard is empty."""
    program = next((name for name in ("xclip", "xsel") if shutil.which(name)), None)
    if program is None:
        return True
    commands = {
        "xclip": ["xclip", "-selection", "clipboard", "-o", "-t", "TARGETS"],
        "xsel": ["xsel", "-b", "-o"],
    }
    started = time.monotonic()
    return (
        run_quietly(commands[program], environ, seconds=1.0) is not None or time.monotonic() - started < 0.9
    )


def _destination(environ: Mapping[str, str], surroundings: Surroundings) -> Check:
    if capabilities.system_clipboard(environ, shutil.which, sys.platform):
        return ok("copying", "What you copy goes to the desktop's clipboard, and its arrival is confirmed.")
    if surroundings.tmux_here:
        return ok(
            "copying", "What you copy goes into tmux's buffer, and from there to the terminal's clipboard."
        )
    if surroundings.takes_osc52:
        return ok(
            "copying", "What you copy is sent to the terminal's clipboard; its arrival can't be confirmed."
        )
    return warn("copying", "There is no clipboard to copy to.", "Select links on the screen by hand.")


def _kept(state: Path) -> Check:
    path = state / kept_links.FILE_NAME
    shown = printable(str(path))
    try:
        status = path.stat()
    except OSError:
        return ok("kept links", f"No links are kept in {shown}.")
    age = max(0, time.time() - status.st_mtime) / _HOUR
    when = "less than an hour" if age < 1 else f"{age:.0f} h"
    message = f"Links copied {when} ago are kept in {shown} until the next copy, for 24 hours."
    if stat.S_IMODE(status.st_mode) & 0o077:
        return bad("kept links", f"{message} Others can read them.", f"Run: chmod 600 {shown}")
    return ok("kept links", message)


def try_it(identity: TerminalIdentity, paste: Callable[[str], str]) -> Check:
    """Copy a word to the clipboard, and compare it with what ``paste`` returns for a prompt."""
    word = f"sentlinks-{secrets.token_hex(4)}"
    result = clipboard.copy(word, write_to_terminal, identify=lambda: identity)
    if not result.way:
        return bad("copy test", result.sentence)
    pasted = paste(f"{result.sentence}\nPaste it here, and press Enter: ").strip()
    if pasted == word:
        return ok("copy test", f"The word arrived through {result.way}.")
    return bad(
        "copy test",
        f"{printable(pasted) or 'Nothing'} was pasted instead of the word that was copied to {result.way}.",
        "See the checks above for possible causes.",
    )

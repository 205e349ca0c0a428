"""The clipboard: what can be reached, which way is used, and what is kept besides."""

from __future__ import annotations

import secrets
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ...rules.text import printable
from ...terminal import capabilities, clipboard, tmux_buffers
from ...terminal.processes import ask
from .check import Check, bad, ok, warn

_HOUR = 3600


def checks(environ: Mapping[str, str], state: Path) -> Iterator[Check]:
    if capabilities.in_tmux(environ):
        yield _tmux(environ)
    yield _sequence(environ)
    yield _desktop(environ)
    yield _way(environ)
    yield _kept(state)


def _tmux(environ: Mapping[str, str]) -> Check:
    setting = _option(environ, "set-clipboard", "-s") or "unknown"
    passes = _option(environ, "allow-passthrough", "-p") or "off"
    told = f"tmux has set-clipboard {setting} and allow-passthrough {passes}"
    client = tmux_buffers.client(environ)
    if client is None:
        return warn(
            "tmux", f"{told}; no terminal is attached, so only its own buffer is reached.", "Attach one."
        )
    kind = printable(client.terminal)
    if not client.takes_clipboard:
        return warn(
            "tmux",
            f"{told}; it takes your terminal ({kind}) for one without a clipboard.",
            f"Where it has one, run: tmux set -as terminal-features ',{kind}:clipboard'",
        )
    return ok("tmux", f"{told}; your terminal ({kind}) has a clipboard that it can reach.")


def _option(environ: Mapping[str, str], name: str, where: str) -> str:
    told = ask(["tmux", "show-options", "-Av" if where == "-p" else "-v", where, name], environ) or b""
    return printable(told.decode("utf-8", "replace").strip())


def _sequence(environ: Mapping[str, str]) -> Check:
    if not capabilities.takes_osc52(environ):
        return warn(
            "terminal clipboard",
            "This kind of terminal has no clipboard of its own.",
            "Select links by hand, or use another terminal.",
        )
    if environ.get("XTERM_VERSION") and not capabilities.in_tmux(environ):
        return warn(
            "terminal clipboard",
            "xterm takes what is copied only where its resources say so.",
            "Add to ~/.Xresources: XTerm*disallowedWindowOps: 20,21,SetXprop",
        )
    return ok("terminal clipboard", "The terminal is asked by OSC 52; whether it obeys can't be known.")


def _desktop(environ: Mapping[str, str]) -> Check:
    if not capabilities.has_desktop(environ, sys.platform):
        return ok("desktop clipboard", "There is no desktop here, so the terminal's clipboard is used.")
    found = capabilities.system_clipboard(environ, shutil.which, sys.platform)
    if found is None:
        what = "wl-clipboard" if environ.get("WAYLAND_DISPLAY") else "xclip"
        return warn(
            "desktop clipboard",
            "There is a desktop, and no program that reaches its clipboard.",
            f"Install one: apt install {what}",
        )
    if sys.platform.startswith("linux") and found in ("xclip", "xsel") and not _answers(environ):
        return bad(
            "desktop clipboard",
            f"The display {printable(environ.get('DISPLAY', ''))} does not answer.",
            "Unset DISPLAY, or start what it names.",
        )
    return ok("desktop clipboard", f"The desktop's clipboard is reached by {found}, and read back.")


def _answers(environ: Mapping[str, str]) -> bool:
    """Whether the display answers, if only that its clipboard is empty."""
    program = next((name for name in ("xclip", "xsel") if shutil.which(name)), None)
    if program is None:
        return True
    asks = {
        "xclip": ["xclip", "-selection", "clipboard", "-o", "-t", "TARGETS"],
        "xsel": ["xsel", "-b", "-o"],
    }
    begun = time.monotonic()
    return ask(asks[program], environ, seconds=1.0) is not None or time.monotonic() - begun < 0.9


def _way(environ: Mapping[str, str]) -> Check:
    if capabilities.system_clipboard(environ, shutil.which, sys.platform):
        return ok("copying", "What you copy goes to the desktop's clipboard; that it arrived is known.")
    if capabilities.in_tmux(environ):
        return ok(
            "copying", "What you copy goes into tmux's buffer, and by tmux to the terminal's clipboard."
        )
    if capabilities.takes_osc52(environ):
        return ok(
            "copying", "What you copy is sent to the terminal's clipboard; that it arrived can't be known."
        )
    return warn("copying", "There is no clipboard to copy to.", "Select links on the screen by hand.")


def _kept(state: Path) -> Check:
    path = state / clipboard.FILE_NAME
    shown = printable(str(path))
    try:
        facts = path.stat()
    except OSError:
        return ok("kept links", f"No links are kept in {shown}.")
    age = max(0, time.time() - facts.st_mtime) / _HOUR
    told = f"Links that were copied {age:.0f} h ago are kept in {shown}, for 24 hours."
    if stat.S_IMODE(facts.st_mode) & 0o077:
        return bad("kept links", f"{told} Others can read them.", f"Run: chmod 600 {shown}")
    return ok("kept links", told)


def try_it(paste: Callable[[str], str]) -> Check:
    """Puts a word on the clipboard; ``paste`` asks for it, and answers what came."""
    word = f"sentlinks-{secrets.token_hex(4)}"
    result = clipboard.copy(word, clipboard.write_to_terminal)
    if not result.way:
        return bad("copy test", result.sentence)
    came = paste(f"{result.sentence}\nPaste it here, and press Enter: ").strip()
    if came == word:
        return ok("copy test", f"The word arrived by way of {result.way}.")
    return bad(
        "copy test",
        f"{printable(came) or 'Nothing'} was pasted, and not the word that was copied by way of {result.way}.",
        "See the checks above for what may be in the way.",
    )

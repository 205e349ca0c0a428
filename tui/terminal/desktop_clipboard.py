"""The clipboard of this machine's desktop, through pyperclip, in a separate process.

pyperclip ignores exit statuses, waits forever for a display that doesn't respond, and lets its programs print errors
over the screen. So each call is a process with a timeout, and what was copied is read back.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path

from .processes import run_quietly

#: How long a clipboard may take to accept a text, and to return it.
PUT_SECONDS, HOLD_SECONDS = 2.0, 1.5

_START = """
import sys
sys.path.append(sys.argv[1])
import pyperclip
if sys.argv[2] != "wsl":
    pyperclip.set_clipboard(sys.argv[2])
"""
_COPY = _START + "pyperclip.copy(sys.stdin.buffer.read().decode('utf-8', 'replace'))\n"
_PASTE = _START + "sys.stdout.buffer.write(pyperclip.paste().encode('utf-8', 'replace'))\n"


def put(mechanism: str, text: bytes, environ: Mapping[str, str]) -> bool:
    """Put ``text`` (UTF-8) on the clipboard; :func:`holds` checks whether it arrived.

    ``mechanism`` is one that :func:`tui.terminal.capabilities.system_clipboard` returned.
    """
    argv = _argv(_COPY, mechanism)
    if argv is None:
        return False
    return run_quietly(argv, environ, stdin=text, seconds=PUT_SECONDS, capture=False) is not None


def holds(mechanism: str, text: bytes, environ: Mapping[str, str]) -> bool:
    """Whether the clipboard returns ``text``, apart from line ends."""
    argv = _argv(_PASTE, mechanism)
    held = run_quietly(argv, environ, seconds=HOLD_SECONDS) if argv else None
    return held is not None and held.replace(b"\r\n", b"\n") == text.replace(b"\r\n", b"\n")


def _argv(code: str, mechanism: str) -> list[str] | None:
    found = importlib.util.find_spec("pyperclip")
    if found is None or not found.origin or not sys.executable:
        return None
    place = Path(found.origin).parent
    if found.submodule_search_locations:
        place = place.parent
    # -I and -S: nothing is imported from the current folder, where anyone may have put files.
    return [sys.executable, "-I", "-S", "-c", code, str(place), mechanism]

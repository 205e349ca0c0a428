"""The clipboard of this machine's desktop, by pyperclip, in a process of its own.

pyperclip looks at no exit status, waits for ever on a display that does not answer, and lets its programs
complain over the screen. So each call is a process that is watched, and what was copied is read back.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path

from .processes import ask

_START = """
import sys
sys.path.append(sys.argv[1])
import pyperclip
if sys.argv[2] != "wsl":
    pyperclip.set_clipboard(sys.argv[2])
"""
_COPY = _START + "pyperclip.copy(sys.stdin.buffer.read().decode('utf-8', 'replace'))\n"
_PASTE = _START + "sys.stdout.buffer.write(pyperclip.paste().encode('utf-8', 'replace'))\n"


def give(mechanism: str, text: bytes, environ: Mapping[str, str]) -> bool:
    """Gives ``text`` (UTF-8) to the clipboard; whether it got there, :func:`holds` tells.

    ``mechanism`` is one that :func:`tui.terminal.capabilities.system_clipboard` named.
    """
    argv = _argv(_COPY, mechanism)
    return argv is not None and ask(argv, environ, given=text, seconds=2.0, reads=False) is not None


def holds(mechanism: str, text: bytes, environ: Mapping[str, str]) -> bool:
    """Whether the clipboard gives ``text`` back, line ends aside."""
    argv = _argv(_PASTE, mechanism)
    held = ask(argv, environ, seconds=1.5) if argv else None
    return held is not None and held.replace(b"\r\n", b"\n") == text.replace(b"\r\n", b"\n")


def _argv(code: str, mechanism: str) -> list[str] | None:
    found = importlib.util.find_spec("pyperclip")
    if found is None or not found.origin or not sys.executable:
        return None
    place = Path(found.origin).parent
    if found.submodule_search_locations:
        place = place.parent
    # -I and -S: nothing is imported from the current folder, which may hold anybody's files.
    return [sys.executable, "-I", "-S", "-c", code, str(place), mechanism]

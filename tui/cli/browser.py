"""Signing in with the user's browser: opens one if possible, and also takes its response from the terminal."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..rules.errors import Failed, InvalidValue
from .base.output import tell

if TYPE_CHECKING:
    from ..clients.browser import BrowserSignIn

_LONGEST_LINE = 16 * 1024


async def ask_browser(asking: BrowserSignIn, seconds: float) -> str:
    """The code that the server gave the browser. Raises :class:`Problem` if there is none within ``seconds``."""
    opened = open_browser(asking.address, os.environ)
    tell(f"Sign in with {'the' if opened else 'a'} browser: {asking.address}")
    tell("If the browser can't return here by itself, paste the address it ends at, or the code it shows.")
    _listen(asking, asyncio.get_running_loop())
    return await asking.code(seconds)


def open_browser(address: str, environ: Mapping[str, str]) -> bool:
    """Open a browser that the user can see, and return whether that was tried.

    Not over SSH, where it would open on another machine, unless ``BROWSER`` is set.
    """
    seen = sys.platform == "darwin" or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    remote = environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")
    if not environ.get("BROWSER") and (remote or not seen):
        return False
    command = [sys.executable, "-P", "-m", "webbrowser", address]
    nothing = subprocess.DEVNULL
    try:
        # A separate process: the browser's output isn't for this terminal, and this terminal's signals aren't for the
        # browser.
        process = subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError:
        return False
    threading.Thread(target=process.wait, daemon=True).start()
    return True


def _listen(asking: BrowserSignIn, loop: asyncio.AbstractEventLoop) -> None:
    """Read lines that the user pastes on standard input."""

    def take(line: str) -> None:
        if not line.strip():
            return
        try:
            asking.give(line)
        except InvalidValue as problem:
            tell(problem.message)

    def ended() -> None:
        if not asking.listens:
            asking.end(
                Failed("sign_in.no_code", "Standard input had no code, and the browser can't return here.")
            )

    def read() -> None:
        left = b""
        try:
            # Not with sys.stdin, whose lock this thread would still hold when the process ends.
            while piece := _piece():
                *lines, left = (left + piece).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(take, line.decode("utf-8", "replace"))
                left = left if len(left) <= _LONGEST_LINE else b""
            loop.call_soon_threadsafe(take, left.decode("utf-8", "replace"))
            loop.call_soon_threadsafe(ended)
        except RuntimeError:
            pass  # The loop has ended: the code is no longer needed.

    threading.Thread(target=read, daemon=True).start()


def _piece() -> bytes:
    try:
        return os.read(0, 4096)
    except OSError:
        return b""

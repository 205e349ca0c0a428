"""What is read from the terminal, as it is given to whatever makes keys of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# Answers to queries: OSC (colours, clipboard), DCS (version, settings), device attributes, key protocol.
_REPLY = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\|\x1b\[[?>=][\d;]*[cu]", re.DOTALL)
# Also a lone ESC and ESC [: what follows says what they are the beginning of.
_BEGUN_REPLY = re.compile(
    r"\x1b(?:\][^\x07\x1b]*\x1b?|P[^\x1b]*\x1b?|\[(?:[?>=][\d;]*)?|\x1b(?:[\[O])?)?\Z", re.DOTALL
)
_PASTE_MARK = re.compile(r"\x1b\[20([01])~")
_PASTE_END = "\x1b[201~"
_BEGUN_MARK = re.compile(r"\x1b\[(?:2(?:0[01]?)?)?\Z")
#: Seconds for the rest of a paste, and of what may be a mark around one. A mark that is torn would make the pasted text
#: keys, or all keys from then on a part of what is pasted.
_PASTE_PATIENCE = 1.0
# Of pasted text, what no text has: an Escape in it would make keys of what follows.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ALT_ARROW = re.compile(r"\x1b\x1b(?:\[|O)([ABCD])")
_MAX_REPLY = 8192


def escape_delay(environ: Mapping[str, str]) -> float:
    """Seconds after which a lone ESC is the Escape key: ``ESCDELAY`` (milliseconds), else 50, over SSH 200."""
    given = environ.get("ESCDELAY", "")
    if given.isascii() and given.isdigit():
        return min(int(given), 2000) / 1000
    return 0.2 if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") else 0.05


class InputFilter:
    """Takes the terminal's replies out of what is read, and control characters out of what is pasted; puts alt+arrows
    into the form that is understood."""

    def __init__(self, heard: Callable[[str], None] = lambda reply: None) -> None:
        """``heard`` is given each reply."""
        self._held = ""
        self._pasting = False
        self._heard = heard

    def feed(self, text: str) -> str:
        """What is left of ``text`` for keys; a reply that has only begun is held back for its end."""
        text = _REPLY.sub(self._take, self._held + text)
        self._held = ""
        begun = _BEGUN_REPLY.search(text) or _BEGUN_MARK.search(text)
        if begun is not None and len(begun[0]) <= _MAX_REPLY:
            self._held = begun[0]
            text = text[: begun.start()]
        clean, at = "", 0
        for mark in _PASTE_MARK.finditer(text):
            clean += self._clean(text[at : mark.start()]) + mark[0]
            self._pasting, at = mark[1] == "0", mark.end()
        return clean + self._clean(text[at:])

    def _clean(self, text: str) -> str:
        """What is between two marks."""
        return _CONTROL.sub("", text) if self._pasting else _ALT_ARROW.sub("\x1b[1;3\\1", text)

    def _take(self, reply: re.Match[str]) -> str:
        self._heard(reply[0])
        return ""

    def give_up(self) -> str:
        """What was held back, once no more comes: it was no reply; and a paste that was broken off has ended."""
        held, self._held = self._held, ""
        if self._pasting:
            held = "" if _BEGUN_MARK.match(held) else self._clean(held)
            self._pasting = False
            return held + _PASTE_END
        return held

    @property
    def holds(self) -> bool:
        return bool(self._held) or self._pasting

    def patience(self, delay: float) -> float:
        """Seconds to wait for more, where it is ``delay`` for the Escape key."""
        torn = self._pasting or _BEGUN_MARK.match(self._held)
        return max(delay, _PASTE_PATIENCE) if torn else delay

"""What the terminal says it is. It is asked once, and may reply late or never; it is never asked for what it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import capabilities
from .capabilities import Multiplexer

#: XTVERSION (its name), and the secondary device attributes (its kind): multiplexers answer for themselves.
ASK_IDENTITY = "\x1b[>q\x1b[>c"
#: XTGETTCAP: whether it has a sequence to set the clipboard (``Ms``).
ASK_CLIPBOARD = "\x1bP+q4d73\x1b\\"
#: The primary device attributes. Every terminal answers these, after everything that it was asked before.
ASK_ATTRIBUTES = "\x1b[c"

_NAME = re.compile(r"\x1bP>\|([^\x1b]{1,100})\x1b\\")
_DEVICE = re.compile(r"\x1b\[>(\d+)[;\d]*c")
_ATTRIBUTES = re.compile(r"\x1b\[\?[\d;]*c")
_HAS_CLIPBOARD = re.compile(r"\x1bP1\+r4d73", re.IGNORECASE)
_SCREEN, _TMUX, _XTERM = 83, 84, 41


class TerminalIdentity:
    """Collects the terminal's replies. Before any has arrived, nothing is known."""

    def __init__(self) -> None:
        #: Everything that it has replied.
        self.replies = ""
        #: For example ``tmux 3.5a``, ``XTerm(398)`` or ``foot(1.21.0)``; empty if it hasn't said.
        self.name = ""
        #: Whether it says that its clipboard can be set. Many terminals that can don't say so.
        self.has_clipboard = False
        #: How often it has answered :data:`ASK_ATTRIBUTES`, and so all that it was asked before.
        self.rounds = 0
        self._device: int | None = None

    def note(self, replies: str) -> str:
        """Note what the terminal has replied; text in between is ignored, and what is torn may come in parts.

        Returns the question to ask next, or an empty string.
        """
        self.replies += replies
        question = ""
        if (found := _NAME.search(self.replies)) and not self.name:
            self.name = found[1].strip()
            # Only to those that know XTVERSION: screen passes it on to its terminal as text, and others display it.
            question = "" if self._is_named("tmux") else ASK_CLIPBOARD
        if found := _DEVICE.search(self.replies):
            self._device = int(found[1])
        self.has_clipboard = _HAS_CLIPBOARD.search(self.replies) is not None
        self.rounds = len(_ATTRIBUTES.findall(self.replies))
        return question

    @property
    def multiplexer(self) -> Multiplexer | None:
        """The multiplexer next to the program; ``None`` if the terminal hasn't said."""
        if self._device == _SCREEN:
            return Multiplexer.SCREEN
        if self._device == _TMUX or self._is_named("tmux"):
            return Multiplexer.TMUX
        return Multiplexer.NONE if self.name or self._device is not None else None

    @property
    def is_xterm(self) -> bool:
        """Whether it is xterm itself, not one of the many that call themselves so in TERM."""
        return self._is_named("xterm(") or (not self.name and self._device == _XTERM)

    def _is_named(self, start: str) -> bool:
        return self.name.lower().startswith(start)


def is_askable(environ: Mapping[str, str]) -> bool:
    """Whether the terminal can be asked without harm: the most basic ones display what they don't know."""
    return capabilities.takes_osc52(environ)

"""Filter input from the terminal before it is parsed into keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# Replies to queries: OSC (colours, clipboard), DCS (version, settings), device attributes, key protocol, and the mode
# that reports dark and light. Replies about other modes are for Textual.
_REPLY = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\|\x1b\[[?>=][\d;]*[cu]"
    r"|\x1b\[\?2031;\d\$y|\x1b\[\?997;\d+n",
    re.DOTALL,
)
# Also a lone ESC and ESC [: only what follows tells what they begin.
_PARTIAL_REPLY = re.compile(
    r"\x1b(?:\][^\x07\x1b]*\x1b?|P[^\x1b]*\x1b?|\[(?:[?>=][\d;]*\$?)?|\x1b(?:[\[O])?)?\Z", re.DOTALL
)
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"
# What may be the beginning of the mark at the end of a paste.
_PARTIAL_END = re.compile(r"\x1b(?:\[(?:2(?:01?)?)?)?\Z")
_PARTIAL_MARK = re.compile(r"\x1b\[(?:2(?:0[01]?)?)?\Z")
#: Seconds to wait for the rest of a paste, or of what may be a mark around one. A torn mark would turn the pasted text
#: into keys, or all later keys into pasted text.
_PASTE_SECONDS = 1.0
# Control characters to remove from pasted text: an escape in it would turn what follows into keys.
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
    """Removes the terminal's replies from input and control characters from pasted text, and rewrites alt+arrows in the
    form that Textual understands."""

    def __init__(self, on_reply: Callable[[str], None] = lambda reply: None) -> None:
        """``on_reply`` is called with each reply."""
        self._held = ""
        self._pasting = False
        self._on_reply = on_reply

    def feed(self, text: str) -> str:
        """What is left of ``text`` for keys; an incomplete reply is held back until the rest arrives.

        Within a paste, only the mark at its end counts: a reply that is taken out of it could leave one behind.
        """
        text, self._held = self._held + text, ""
        clean: list[str] = []
        while True:
            before, mark, text = text.partition(_PASTE_END if self._pasting else _PASTE_START)
            if not mark:
                before = self._hold_back(before)
            clean += (_CONTROL.sub("", before) if self._pasting else self._keys(before), mark)
            if not mark:
                return "".join(clean)
            self._pasting = not self._pasting

    def _hold_back(self, text: str) -> str:
        """Hold back what is incomplete at the end of ``text``. Returns the rest."""
        if self._pasting:
            partial = _PARTIAL_END.search(text)
        else:
            partial = _PARTIAL_REPLY.search(text) or _PARTIAL_MARK.search(text)
        if partial is None or len(partial[0]) > _MAX_REPLY:
            return text
        self._held = partial[0]
        return text[: partial.start()]

    def _keys(self, text: str) -> str:
        """Text outside of pastes, without the terminal's replies."""
        return _ALT_ARROW.sub("\x1b[1;3\\1", _REPLY.sub(self._remove, text))

    def _remove(self, reply: re.Match[str]) -> str:
        self._on_reply(reply[0])
        return ""

    def flush(self) -> str:
        """Return what was held back, if no more input arrives: it wasn't a reply. Also ends a paste that was broken
        off."""
        held, self._held = self._held, ""
        if self._pasting:
            self._pasting = False
            return _PASTE_END
        return held

    @property
    def holds(self) -> bool:
        """Whether the input so far ends amid a sequence or a paste, so that more has to come."""
        return bool(self._held) or self._pasting

    def timeout(self, delay: float) -> float:
        """Seconds to wait for more input; ``delay`` is the wait for the Escape key."""
        torn = self._pasting or _PARTIAL_MARK.match(self._held)
        return max(delay, _PASTE_SECONDS) if torn else delay

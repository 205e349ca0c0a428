"""Whether the terminal's background is light. The terminal is asked once, and may reply late or never.

One that knows mode 2031 says so, and then reports by itself when it changes between dark and light.
"""

from __future__ import annotations

import re

from .frame import FRAME

_BACKGROUND_REPLY = re.compile(
    r"\x1b\]11;rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})", re.IGNORECASE
)
#: Begins and ends the reports.
SCHEME_ON, SCHEME_OFF = "\x1b[?2031h", "\x1b[?2031l"
_MODE_REPLY = re.compile(r"\x1b\[\?2031;([0-4])\$y")
_SCHEME_REPLY = re.compile(r"\x1b\[\?997;([12])n")
# The share of red, green and blue in perceived brightness.
_WEIGHTS = (0.2126, 0.7152, 0.0722)


def is_light(reply: str) -> bool | None:
    """Whether a reply from the terminal says that its background is light; ``None`` if it doesn't say."""
    found = _BACKGROUND_REPLY.search(reply)
    if found is None:
        return None
    shares = [int(part, 16) / (int("f" * len(part), 16)) for part in found.groups()]
    return sum(share * weight for share, weight in zip(shares, _WEIGHTS, strict=True)) > 0.5


def light_scheme(reply: str) -> bool | None:
    """Whether a reply or a report says that the terminal is light now; ``None`` if it doesn't say."""
    found = _SCHEME_REPLY.search(reply)
    return None if found is None else found[1] == "2"


def reports_scheme(reply: str) -> bool:
    """Whether a reply says that the terminal can report when it changes between dark and light."""
    found = _MODE_REPLY.search(reply)
    return light_scheme(reply) is not None if found is None else found[1] in "123"


def is_light_so_far() -> bool | None:
    """What the terminal has replied to the first frame so far, without waiting for it."""
    return is_light(FRAME.look().decode("latin-1"))

"""Whether the terminal's background is light: it is asked once, and answers when it pleases or never."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .capabilities import colours
from .frame import FRAME

_TOLD = re.compile(r"\x1b\]11;rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})", re.IGNORECASE)
# How much of what is seen as brightness each of the three colours makes.
_WEIGHTS = (0.2126, 0.7152, 0.0722)


def told(reply: str) -> bool | None:
    """What a reply of the terminal says of its background; ``None`` where it says nothing of it."""
    found = _TOLD.search(reply)
    if found is None:
        return None
    shares = [int(part, 16) / (int("f" * len(part), 16)) for part in found.groups()]
    return sum(share * weight for share, weight in zip(shares, _WEIGHTS, strict=True)) > 0.5


def told_early() -> bool | None:
    """What the terminal has answered to the first frame by now. Nothing waits for it."""
    return told(FRAME.look().decode("latin-1"))


def worth_asking(environ: Mapping[str, str]) -> bool:
    """Whether any theme depends on it, and a question does no harm."""
    return colours(environ) >= 256

"""Whether what is printed is read aloud, or shown by a device of one line: a plain terminal.

Then nothing is drawn or painted over, and questions come one after another.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

#: What other programs look at, too.
VARIABLE = "ACCESSIBLE"
#: What leads from the app, which draws on the whole screen, to plain questions.
PLAIN_WAY = (
    "The app draws on the whole screen. For a screen reader, leave it with q and type: sentlinks --plain"
)
PLAIN_HINT = "For a screen reader, leave with q and type: sentlinks --plain"
_OFF = ("", "0", "false", "no", "off")


def is_plain_terminal(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the user wants a plain terminal."""
    return environ.get(VARIABLE, "").strip().lower() not in _OFF


def be_plain() -> None:
    """Be plain in this process, and in those that it starts."""
    os.environ[VARIABLE] = "1"

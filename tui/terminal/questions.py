"""What the terminal is asked when the app starts. The replies arrive among the keys, late or never."""

from __future__ import annotations

from collections.abc import Mapping

from .capabilities import colours
from .identity import ASK_IDENTITY, is_askable

#: The colour of its background (OSC 11).
ASK_BACKGROUND = "\x1b]11;?\x1b\\"
#: Whether it is dark or light, and whether it knows the mode in which it reports that it has changed. tmux answers only
#: the first.
ASK_SCHEME = "\x1b[?996n"
ASK_SCHEME_MODE = "\x1b[?2031$p"


def questions(environ: Mapping[str, str]) -> str:
    """The questions that do no harm, and whose replies are of use: a theme depends on the background only if there are
    enough colours, and a QR code without colour (``NO_COLOR``), too."""
    about_background = ASK_BACKGROUND + ASK_SCHEME + ASK_SCHEME_MODE
    if colours({**environ, "NO_COLOR": ""}) < 256:
        about_background = ""
    return about_background + (ASK_IDENTITY if is_askable(environ) else "")

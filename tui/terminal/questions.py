"""What the terminal is asked when the app starts. The replies arrive among the keys, late or never."""

from __future__ import annotations

from collections.abc import Mapping

from .capabilities import colours
from .identity import ASK_IDENTITY, is_askable

#: The colour of its background (OSC 11).
ASK_BACKGROUND = "\x1b]11;?\x1b\\"


def questions(environ: Mapping[str, str]) -> str:
    """The questions that do no harm, and whose replies are of use: a theme depends on the background only if there are
    enough colours, and a QR code without colour (``NO_COLOR``), too."""
    about_background = ASK_BACKGROUND if colours({**environ, "NO_COLOR": ""}) >= 256 else ""
    return about_background + (ASK_IDENTITY if is_askable(environ) else "")

"""All commands by their names, with the keys that work everywhere."""

from __future__ import annotations

from typing import ClassVar

from ..corners import SteadyPalette
from .base import Everywhere


class Palette(Everywhere, SteadyPalette):
    """Textual's palette, as a screen of ours."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere",)
    ABOUT = "Type a part of a command's name, choose with up and down, and press enter. Escape closes the palette."
    # Behind a dialog nothing is dimmed: that would be a whole screen to write.
    DEFAULT_CSS = "Palette { background: transparent; }"

"""The command palette: commands, and what the screen below has to be found, by name."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Input

from ...override import override
from ..textual_patches.options import SteadyPalette
from .app_screen import AppScreen


class Palette(AppScreen, SteadyPalette):
    """Textual's palette as an :class:`AppScreen`."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere",)
    ABOUT = (
        "Type letters of the name of a command or a place, or words that a document's name begins with. Choose with "
        "up and down, and press enter; what can't be used now says why. Escape closes the palette."
    )
    #: What a command looks like that can't be used now.
    UNAVAILABLE: ClassVar = "palette--unavailable"
    COMPONENT_CLASSES: ClassVar[set[str]] = {UNAVAILABLE}
    # The screen below isn't dimmed: that would mean rewriting all of it.
    DEFAULT_CSS = """
    Palette { background: transparent; }
    Palette > Vertical { width: 90%; max-width: 110; margin-top: 2; }
    Palette SearchIcon { display: none; }
    Palette CommandInput, Palette CommandInput:focus { padding-left: 1; border: none; height: 1; background: $ground; }
    Palette #--input { border: round $text; background: $ground; }
    Palette #--input.--list-visible { border-bottom: none; }
    Palette CommandList, Palette CommandList.--populating {
        min-width: 5; border: round $text; border-top: none; scrollbar-size-vertical: 1;
    }
    Palette > .palette--unavailable { color: $quiet; text-style: $quiet-style; }
    """

    def __init__(self, snapshot_below: object) -> None:
        """``snapshot_below`` is what a command of the screen below would act on."""
        super().__init__("Command, place or document")
        self.snapshot_below = snapshot_below

    @override
    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        # Textual doesn't restyle the palette when the theme changes.
        self.app.theme_changed_signal.subscribe(self, lambda _: self.app.stylesheet.update(self))

    @override
    def on_unmount(self) -> None:
        # The signal would keep the palette alive as long as the app.
        self.app.theme_changed_signal.unsubscribe(self)

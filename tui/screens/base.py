"""What all screens and dialogs share: the keys that work everywhere."""

from __future__ import annotations

from typing import Any, TypeVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from ..commands import bindings
from ..widgets.keybar import KeyBar

Answer = TypeVar("Answer")


class Everywhere:
    """The actions of the keys that work everywhere. They belong to the app; a modal screen cuts it off."""

    async def action_quit(self: Any) -> None:
        await self.app.action_quit()

    def action_repaint(self: Any) -> None:
        self.app.action_repaint()

    def action_command_palette(self: Any) -> None:
        self.app.action_command_palette()

    async def action_copy_or_quit(self: Any) -> None:
        """Copies what is selected with the mouse; where nothing is, quits (and asks where it must)."""
        if self.get_selected_text():
            self.app.copy_to_clipboard(self.get_selected_text())
        else:
            await self.app.action_quit()

    def action_help(self: Any) -> None:
        from .help import Help
        from .menu import offered

        if not isinstance(self, Help):
            self.app.push_screen(Help(offered(self)))


class Page(Everywhere, Screen[None]):
    """A screen of its own."""

    BINDINGS = bindings("everywhere", "outside_fields", "main")


class Dialog(Everywhere, ModalScreen[Answer]):
    """A box over the screen below, with its own line of keys. Subclasses compose :meth:`body`."""

    BINDINGS = bindings("everywhere", "outside_fields", "dialogs")
    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > .box { width: 90%; max-width: 110; height: auto; max-height: 90%; background: $surface;
        border: round $primary; border-title-color: $text; border-title-style: bold; padding: 0 1; }
    Dialog > .box.-whole { width: 100%; max-width: 140; height: 100%; max-height: 100%; }
    """
    heading = ""
    #: Whether the dialog takes the whole screen.
    whole = False

    def compose(self) -> ComposeResult:
        box = Vertical(*self.body(), KeyBar(), classes="box -whole" if self.whole else "box")
        box.border_title = self.heading
        yield box

    def body(self) -> list[Widget]:
        """The widgets of the dialog, above its line of keys."""
        return []

    def action_close(self) -> Any:
        self.dismiss(None)


class Say(Static):
    """One line that says something, in a tone (``good``, ``bad``, ``warn`` or none)."""

    DEFAULT_CSS = """
    Say { height: 1; width: 1fr; }
    Say.-good { color: $text-success; }
    Say.-bad { color: $text-error; text-style: bold; }
    Say.-warn { color: $text-warning; }
    Say.-dim { color: $text-muted; }
    """
    TONES = ("good", "bad", "warn", "dim")

    def __init__(self, text: str = "", *, id: str | None = None, tone: str = "", lines: int = 1) -> None:
        """``lines``: so many lines at most where one has no room for the text."""
        super().__init__(text, id=id, markup=False)
        self._said = (text, "")
        self._lines = lines
        self._high = 1
        if tone:
            self.add_class(f"-{tone}")
            self._said = (text, tone)

    def say(self, text: str, tone: str = "") -> None:
        """Says something else; nothing is painted where it is the same."""
        if (text, tone) == self._said:
            return
        self._said = (text, tone)
        for name in self.TONES:
            self.set_class(name == tone, f"-{name}")
        self.update(text, layout=False)
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        if self._lines > 1 and self.size.width:
            room = max(self.size.width, 1)
            wanted = min(self._lines, -(-(cell_len(self._said[0]) + 8) // room)) if self._said[0] else 1
            if wanted != self._high:
                self._high = wanted
                self.styles.height = wanted

    @property
    def said(self) -> str:
        return self._said[0]

"""Help for the current screen: what it is for, the keys that work, and why others don't right now."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table as Grid
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from ...commands.declared import Command
from ...override import override
from .dialog import Dialog
from .menu import Offer
from .screen_commands import ScreenCommand


class Help(Dialog[None]):
    """Lists the available commands of the screen below, then the disabled ones, each with the reason."""

    PLACES = ("help",)
    heading = "Help"
    ABOUT = "Press {dialogs.close} to close the help, {help.open_guides} for the guides."
    DEFAULT_CSS = """
    Help > .box { width: 98%; height: 90%; }
    Help VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    Help Static { width: 100%; height: auto; }
    Help .title { text-style: bold; color: $text-accent; margin-top: 1; }
    """

    def __init__(self, about: str, commands: list[Offer], refused: list[tuple[Command, str]]) -> None:
        super().__init__()
        self._about = about
        self._commands = sorted(commands, key=lambda offer: offer.command.rank)
        self._refused = refused

    @override
    def body(self) -> list[Widget]:
        keys = _grid()
        for offer in self._commands:
            keys.add_row(" ".join(offer.shown), offer.command.title, offer.command.help)
        parts: list[Widget] = [
            Static(self._about, markup=False),
            Static("Keys", classes="title"),
            Static(keys),
        ]
        if self._refused:
            reasons = Grid.grid(padding=(0, 2, 0, 0), expand=True)
            reasons.add_column(style="bold", ratio=2)
            reasons.add_column(ratio=3)
            for why, titles in self._reasons().items():
                reasons.add_row(", ".join(titles), Text(why))
            parts += [Static("Not now", classes="title"), Static(reasons)]
        return [VerticalScroll(*parts)]

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"open_guides": ScreenCommand(lambda: self.app.open_guides(self))}

    def _reasons(self) -> dict[str, list[str]]:
        """The titles of the disabled commands, by reason."""
        found: dict[str, list[str]] = {}
        for command, why in self._refused:
            found.setdefault(why, []).append(command.title.rstrip("…"))
        return found

    @override
    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


def _grid() -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(no_wrap=True)
    grid.add_column()
    return grid

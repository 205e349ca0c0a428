"""Help for where one is: the keys that work here, each with a sentence."""

from __future__ import annotations

from rich.table import Table as Grid
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from .base import Dialog
from .menu import Offer

_ORDER = {"main": 1, "dialogs": 1, "everywhere": 2, "outside_fields": 2, "lists": 3}

INTRODUCTION = (
    "Secure Sent Links sends documents to people outside as links: choose documents, press s, set password, "
    "expiry and limit, and send. What was sent is in your Secure Sent Links folder under Share; there a link "
    "is unpublished, sent again or deleted."
)


class Help(Dialog[None]):
    """All commands that can be had on the screen below."""

    heading = "Help"
    DEFAULT_CSS = """
    Help > .box { height: 90%; }
    Help VerticalScroll { height: 1fr; }
    Help Static { width: 100%; height: auto; }
    """

    def __init__(self, commands: list[Offer]) -> None:
        super().__init__()
        # What is particular to the place comes first, moving about last.
        self._commands = sorted(commands, key=lambda offer: _ORDER.get(offer.command.place, 0))

    def body(self) -> list[Widget]:
        grid = Grid.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, style="bold")
        grid.add_column(no_wrap=True)
        grid.add_column()
        for command, _, keys in self._commands:
            grid.add_row(" ".join(keys), command.title, Text(command.help, style="dim"))
        return [VerticalScroll(Static(INTRODUCTION + "\n", markup=False), Static(grid))]

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

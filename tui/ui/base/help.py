"""Help for the current screen: what it is for, the keys that work, and why others don't right now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.table import Table as Grid
from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from ... import guides
from ...commands.command import HIDDEN, Command
from ...commands.synonyms import synonyms
from ...override import override
from ...rules.text import printable
from ..widgets.field import FilterField
from ..widgets.scroll_box import ScrollBox
from .dialog import Dialog
from .menu import Offer
from .screen_commands import ScreenCommand

#: As many lines of guides are shown.
_MOST_LINES = 20


class Help(Dialog[None]):
    """Lists the available commands of the screen below, then the disabled ones, each with the reason."""

    # Repeats the place of all dialogs: a command for escape in this class would replace the inherited one.
    PLACES = ("help", "dialogs")
    heading = "Help"
    ABOUT = "Press {dialogs.close} to close the help, {help.search_help} to search it, {help.open_guides} for guides."
    DEFAULT_CSS = """
    Help > .box { width: 98%; height: 90%; }
    Help ScrollBox { height: 1fr; scrollbar-size-vertical: 1; }
    Help Static { width: 100%; height: auto; }
    Help .title { color: $quiet; text-style: $quiet-style; margin-top: 1; }
    Help FilterField { display: none; }
    Help FilterField.-on { display: block; }
    """

    def __init__(self, about: str, commands: list[Offer], refused: list[tuple[Command, str]]) -> None:
        super().__init__()
        self._about = about
        self._commands = sorted(commands, key=lambda offer: offer.command.rank)
        self._refused = refused
        self._searching = False

    @override
    def body(self) -> list[Widget]:
        return [
            FilterField(
                id="needle", compact=True, placeholder="search: a key, a command, or what you want to do"
            ),
            ScrollBox(*self._parts("")),
        ]

    def _parts(self, sought: str) -> list[Widget]:
        """What is shown: all of the help, or what contains all words of ``sought``."""
        words = sought.casefold().split()
        keys = [
            (", ".join(offer.shown), offer.command.title, offer.command.help)
            for offer in self._commands
            if _has((*offer.shown, offer.command.title, offer.command.help, synonyms(offer.command)), words)
        ]
        refused = [(", ".join(titles), why) for why, titles in self._reasons().items()]
        parts: list[Widget] = [] if words else [Static(self._about, markup=False)]
        if keys:
            parts += [Static("Keys", classes="title"), Static(_grid(keys))]
        if reasons := [row for row in refused if _has(row, words)]:
            parts += [Static("Not now", classes="title"), Static(_grid_of_reasons(reasons))]
        if words and (lines := guides.found(sought)[:_MOST_LINES]):
            shown = [(topic, line.lstrip("#| ")) for topic, line in lines]
            parts += [Static("In the guides", classes="title"), Static(_grid_of_reasons(shown))]
        return parts or [Static(f"Nothing in the help has “{printable(sought)}”.", markup=False)]

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        # The key that they share ends the search first.
        return {
            "open_guides": ScreenCommand(lambda: self.app.open_guides(self)),
            "search_help": ScreenCommand(self._open_search),
            "end_search": ScreenCommand(self._end_search, lambda: None if self._searching else HIDDEN),
            "close": ScreenCommand(self.ask_to_close, lambda: HIDDEN if self._searching else None),
        }

    # ------------------------------------------------------------ searching

    @property
    def _field(self) -> FilterField:
        return self.query_one("#needle", FilterField)

    def _open_search(self) -> None:
        self._searching = True
        self._field.add_class("-on")
        self._field.focus()
        self.refresh_bindings()

    def _end_search(self) -> None:
        self._searching = False
        self._field.value = ""
        self._field.remove_class("-on")
        self.query_one(ScrollBox).focus()
        self.refresh_bindings()

    @on(Input.Changed)
    async def _typed(self, event: Input.Changed) -> None:
        page = self.query_one(ScrollBox)
        async with self.batch():
            await page.remove_children()
            await page.mount(*self._parts(event.value.strip()))
        page.scroll_home(animate=False)

    @on(Input.Submitted)
    def _typed_to_the_end(self) -> None:
        self.query_one(ScrollBox).focus()

    def _reasons(self) -> dict[str, list[str]]:
        """The titles of the disabled commands, by reason."""
        found: dict[str, list[str]] = {}
        for command, why in self._refused:
            found.setdefault(why, []).append(command.title.rstrip("…"))
        return found

    @override
    def on_mount(self) -> None:
        self.query_one(ScrollBox).focus()


def _has(cells: tuple[str, ...], words: list[str]) -> bool:
    """Whether the cells have all of the words, whatever their case."""
    text = " ".join(cells).casefold()
    return all(word in text for word in words)


def _grid(rows: Iterable[tuple[str, str, str]]) -> Grid:
    """The keys of commands, their titles and what they do."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(no_wrap=True)
    grid.add_column()
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def _grid_of_reasons(rows: Iterable[tuple[str, str]]) -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(style="bold", ratio=2)
    grid.add_column(ratio=3)
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid

"""What the parts and commands of the first screen need of it. For types only: the screen is composed of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from textual.screen import Screen

    from ...locations.location import Location
    from ...session import Session
    from ..browser.browser import Browser
    from ..widgets.status_line import StatusLine
    from ..widgets.table import Row, Table
    from ..widgets.tree import LocationTree
    from .app_screen import AppScreen

Answer = TypeVar("Answer")


class Host(Protocol):
    """The first screen: the tree of locations next to the list of what is in one of them."""

    session: Session
    browser: Browser

    @property
    def screen(self) -> AppScreen:
        """The screen itself, with its app, its workers and its timers."""

    @property
    def table(self) -> Table:
        """The list."""

    @property
    def places(self) -> LocationTree:
        """The tree."""

    @property
    def status(self) -> StatusLine:
        """The status line."""

    @property
    def ready(self) -> bool:
        """Whether the session is open, and the list is more than a preview."""

    @property
    def current(self) -> Row | None:
        """The row under the cursor; ``None`` while the tree has the focus."""

    @property
    def chosen(self) -> list[Row]:
        """The rows that a command acts on: the selected ones, else the one under the cursor."""

    def say(self, text: str, tone: str = "") -> None:
        """Show text in the status line."""

    async def confirm(
        self, question: str, detail: str = "", *, yes: str, no: str, yes_first: bool = False
    ) -> bool:
        """Ask a yes/no question and wait for the answer. Call this from a worker."""

    async def show_dialog(self, dialog: Screen[Answer]) -> Answer | None:
        """Show a dialog and wait for its result. Call this from a worker."""

    def open_place(
        self, place: Location, *, path: list[Location] | None = None, back: bool = False, row: str = ""
    ) -> None:
        """Show a location. ``path`` is the way to it, if that isn't clear from the tree; ``back`` puts the cursor where
        it was when the user left the location, ``row`` on the row with that key."""

    def go_back(self, path: list[Location]) -> None:
        """Show an earlier location again."""

    def reload(self, row: str = "") -> None:
        """Reload what is shown, since something has changed; cursor and selection stay, but the cursor goes to the row
        with the key ``row``."""

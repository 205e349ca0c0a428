"""What the parts of the first screen have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..widgets.table import Table
from ..widgets.tree import Place, PlaceTree
from .base import Page, Say

if TYPE_CHECKING:
    from ..session import Session


class MainPart(Page):
    """The session, the place that the list shows, and the widgets of the first screen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.place: Place | None = None

    @property
    def table(self) -> Table:
        return self.query_one("#list", Table)

    @property
    def places(self) -> PlaceTree:
        return self.query_one("#tree", PlaceTree)

    def say(self, text: str, tone: str = "") -> None:
        """Says something in the status line."""
        self.query_one("#status", Say).say(text, tone)

    def open_place(self, place: Place, *, keep: bool = False, back: bool = False) -> None:
        """Shows what is in a place; ``keep`` leaves cursor and selection where they are, ``back`` is the way back."""
        raise NotImplementedError

    def refill(self, *kinds: str) -> None:
        """Asks again for the branches of some roots that are open."""
        raise NotImplementedError

"""What the parts of the first screen have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from ..commands import ELSEWHERE
from ..corners.keys import GIVES_UP, is_over
from ..rules.errors import NotSignedIn, Problem
from ..rules.text import printable
from ..session import NOT_OPEN
from ..widgets.table import Row, Table
from ..widgets.tree import Place, PlaceTree
from .base import Page, Say

if TYPE_CHECKING:
    from textual.worker import Worker

    from ..session import Session
    from ..wire.share import Document


#: After so many seconds it is said that something takes its time, and how.
_SOON = 0.4
_MOMENT = "One moment …"
#: So often, in seconds, it is said how far something is.
_OFTEN = 1.0
#: Rows of a place that is being left are not acted on.
ON_ITS_WAY = "Another place is on its way."


class MainPart(Page):
    """The session, the place that the list shows, and the widgets of the first screen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        #: The way to the place that is shown, which is its last one.
        self.path: list[Place] = []
        #: Whether the rows are those that came before the session was open: to be looked at, and no more.
        self.early = False
        #: How many commands that change documents are under way.
        self._changing = 0

    @property
    def changing_documents(self) -> bool:
        """Whether quitting would leave something half done."""
        return self._changing > 0

    @property
    def ready(self) -> bool:
        """Whether the server has answered, and told what the list shows."""
        return self.session.opened and not self.early

    @property
    def place(self) -> Place | None:
        """The place that the list shows."""
        return self.path[-1] if self.path else None

    @property
    def kind(self) -> str:
        """Of which kind it is; empty before there is one."""
        return self.path[-1].kind if self.path else ""

    @property
    def awaited(self) -> Place | None:
        """The place that is under way, while the list shows another one still."""
        raise NotImplementedError

    @property
    def stands_at(self) -> tuple[str, str] | None:
        place = self.awaited or self.place
        return (place.kind, place.id) if place is not None else None

    @property
    def kinds(self) -> set[str]:
        """Of which kind the place is that the list shows, and the one that is under way."""
        return {place.kind for place in (self.place, self.awaited) if place is not None}

    @property
    def table(self) -> Table:
        return self.query_one("#list", Table)

    @property
    def places(self) -> PlaceTree:
        return self.query_one("#tree", PlaceTree)

    @property
    def current(self) -> Row | None:
        """The row under the cursor. There is none while one goes about in the tree: keys would be for something else
        than what one looks at."""
        return None if isinstance(self.focused, PlaceTree) else self.table.current

    @property
    def chosen(self) -> list[Row]:
        """The rows that a command is for: the selected ones, else the one under the cursor."""
        return self.table.chosen if self.table.selected or self.current is not None else []

    def meant(self) -> object:
        """What a command would be for now."""
        row, place = self.table.current, self.places.place
        return (
            self.stands_at,
            place,
            row.key if row is not None else "",
            [chosen.key for chosen in self.chosen],
        )

    def say(self, text: str, tone: str = "") -> None:
        """Says something in the status line."""
        self.query_one("#status", Say).say(text, tone)

    def waits_for(self, opener: Worker[None]) -> None:
        super().waits_for(opener)
        self.set_timer(_SOON, lambda: self._say_moment(opener))

    def _say_moment(self, opener: Worker[None]) -> None:
        app: Any = self.app
        # What lies over this screen has come, though all of it may not be there yet.
        if self.is_attached and app.screen is self and app.keeps_keys and not is_over(opener):
            self.say(self._moment, "dim")

    def waits_no_longer(self) -> None:
        if self.is_attached and self.query_one("#status", Say).said == self._moment:
            self.say("")

    @property
    def _moment(self) -> str:
        return f"{_MOMENT} ({self.app.get_key_display(Binding(GIVES_UP, ''))} gives it up)"

    async def each(
        self,
        documents: Sequence[Document],
        act: Callable[[str], Awaitable[object]],
        done: str,
        tone: str = "good",
    ) -> None:
        """Does something with each of some documents of Share, and says what became of it."""
        failed: list[str] = []
        done_with: set[str] = set()
        user = self.session.user
        self._changing += 1
        moment, told = self.set_timer(_SOON, lambda: self.say(_MOMENT, "dim")), monotonic()
        try:
            for document in documents:
                if monotonic() - told > _OFTEN:
                    told = monotonic()
                    self.say(f"{len(done_with)} of {len(documents)} {done} …", "dim")
                if self.session.user != user:
                    # What is left of it is not the new one's to do.
                    failed.append(
                        f"{printable(document.name)}: it was left as it is, since {user} signed out"
                    )
                    continue
                try:
                    await act(document.id)
                    done_with.add(document.id)
                except NotSignedIn:
                    raise
                except Problem as problem:
                    failed.append(f"{printable(document.name)}: {problem.message}")
        finally:
            moment.stop()
            self._changing -= 1
        # Those that failed stay selected, and so does what was selected meanwhile.
        self.table.forget(done_with)
        self.reload()
        count = len(documents) - len(failed)
        if failed:
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            self.say(f"{count} {done}; {failed[0]}{more}", "bad")
        else:
            self.say(f"{count} {done}.", tone)

    def open_place(self, place: Place, *, path: list[Place] | None = None, back: bool = False) -> None:
        """Shows what is in a place. ``path`` is the way to it, where that is not plain from the tree; ``back`` puts
        the cursor where it was when the place was left."""
        raise NotImplementedError

    def reload(self) -> None:
        """Asks the server anew for what is shown, since something has changed; cursor and selection stay."""
        raise NotImplementedError

    def choose_version(self, row: Row) -> None:
        """From now on, a row of this place stands for another version."""
        raise NotImplementedError

    def refill(self, *kinds: str) -> None:
        """Asks again for the branches of some roots that are open."""
        raise NotImplementedError


def one_of(rows: list[Row], what: str) -> str | None:
    """Why something that is done to one row cannot be done to ``rows``; ``None``: it can."""
    if len(rows) == 1:
        return None
    return f"Choose {what} first." if not rows else f"Only one at a time: {len(rows)} are selected."


__all__ = ["ELSEWHERE", "NOT_OPEN", "ON_ITS_WAY", "MainPart", "one_of"]

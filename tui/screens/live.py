"""The first screen follows what happens on the server: rows change by themselves, and a lost connection is told."""

from __future__ import annotations

from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.timer import Timer

from ..rules.errors import NotFound, NotSignedIn, Problem, Unreachable
from . import listing
from .base import Say
from .errands import errand
from .renewing import has_left
from .sorting import Sorting

if TYPE_CHECKING:
    from ..clients.events import Told
    from ..session import Session

#: Above so many changed documents the list is read anew.
_MOST_ROWS = 8
#: Seconds in which changes are gathered: a download is two events, and a send many.
_GATHER = 0.1
_COMES = ("sent", "published", "restored")
#: The places that tell of documents in Share.
_SHARES = {"sent", "trash", "share"}
_FOLDERS = ("member added", "member removed")


class Live(Sorting):
    """A part of the first screen."""

    class News(Message):
        """The server told something, or was lost."""

        def __init__(self, told: Told) -> None:
            super().__init__()
            self.told = told

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._changed: set[str] = set()
        #: Which look at a document is the latest, of all looks.
        self._looking: dict[str, int] = {}
        self._looks = 0
        self._lost = False
        #: When the lost connection is tried again, by the machine's own clock, and what counts the seconds until then.
        self._again_at = 0.0
        self._counting: Timer | None = None

    @work(exclusive=True, group="live")
    async def follow(self) -> None:
        """Listens for as long as the screen is there. A server that tells no events is none to wait for."""
        preferences = getattr(self.app, "preferences", None)
        if preferences is None or not preferences.live or not hasattr(self.session, "http"):
            return
        from ..clients.events import follow

        try:
            async for told in follow(self.session.http):
                self.post_message(self.News(told))
        except NotFound:
            # There is nothing that could be lost.
            self.post_message(self.Stopped(None))
        except Problem as problem:
            self.post_message(self.Stopped(problem))

    def listen_again(self) -> None:
        """Does not wait until it would try again by itself."""
        if self._lost:
            self._count_down(0)
            self.follow()

    def connect(self) -> object:
        """Opens the session, and shows the first place."""
        raise NotImplementedError

    class Stopped(Message):
        """Nobody listens any more: the server does not let this person."""

        def __init__(self, problem: Problem | None) -> None:
            """``None``: the server tells no events."""
            super().__init__()
            self.problem = problem

    @on(Stopped)
    def _stopped(self, event: Stopped) -> None:
        self._count_no_more()
        self._lost = False
        self._show_link(event.problem.message if event.problem is not None else "")
        if isinstance(event.problem, NotSignedIn):
            self.sign_in()

    def sign_in(self) -> object:
        """Asks for name and password."""
        raise NotImplementedError

    @on(News)
    def _news(self, event: News) -> None:
        from ..clients.events import Connected, Lost

        told = event.told
        if isinstance(told, Lost):
            self._lost = True
            if self.session.opened:
                self._count_down(told.wait)
        elif isinstance(told, Connected):
            self._count_no_more()
            self._show_link("")
            self.is_over(Unreachable)
            if not self.session.opened:
                self.connect()
                return
            if self._lost or told.anew:
                mended, self._lost = self._lost, False
                self._catch_up(mended)
        elif told.document:
            self._document_changed(told.event, told.document, told.folder)
        elif told.event in _FOLDERS:
            self._folders_changed()

    def _count_down(self, seconds: float) -> None:
        """Says that the connection is lost, and for how long it is not tried again."""
        self._again_at = monotonic() + seconds
        self._say_lost()
        if self._counting is None:
            self._counting = self.set_interval(1, self._say_lost)

    def _count_no_more(self) -> None:
        if self._counting is not None:
            self._counting.stop()
            self._counting = None

    def _say_lost(self) -> None:
        left = ceil(self._again_at - monotonic())
        again = f"trying again in {left} s" if left > 0 else "trying again"
        self._show_link(f"Connection lost; {again}. What is shown may be old.")

    def _show_link(self, text: str) -> None:
        """Says of the connection what is to be said, in a line that is there only then."""
        link = self.query_one("#link", Say)
        link.say(text, "warn")
        link.set_class(bool(text), "-on")

    def _catch_up(self, mended: bool) -> None:
        if not self.session.opened:
            return
        if mended:
            self.say("The server is there again.", "good")
            self.refill("favorites", "workspaces", "share")
        if mended or self.kinds & _SHARES:
            self.reload()

    def _folders_changed(self) -> None:
        self.refill("share", "favorites")
        if "share" in self.kinds:
            self.reload()

    # ------------------------------------------------------------ rows

    def _document_changed(self, event: str, document: str, folder: str | None) -> None:
        place = self.place
        if self.awaited is not None:
            # The answer that is on its way may not know of it.
            if self.awaited.kind in _SHARES:
                self.reload()
            return
        if place is None or self.kind not in _SHARES:
            return
        if folder in (None, place.id) or self.kind != "sent":
            # A page that is on its way may not know of it.
            self._answers_are_old()
        if self.under_way("select"):
            self.doubtful.add(document)
        here = document in self._followed()
        if self.kind == "sent" and not here and (folder != place.id or event not in _COMES):
            return
        if not self._changed:
            self.set_timer(_GATHER, self._look)
        self._changed.add(document)

    def _followed(self) -> set[str]:
        """The documents that are here, or selected."""
        return self.table.selected.union(*({row.key for row in view.rows} for view in self._views))

    def _look(self) -> None:
        changed, self._changed = self._changed, set()
        known = self._followed()
        if self.kind == "sent" and changed <= known and len(changed) <= _MOST_ROWS:
            if not self.under_way("look"):
                self._looking.clear()
            self._look_at(changed)
        elif self.kind in _SHARES:
            self.doubtful |= changed
            self.reload()

    @errand(group="look")
    async def _look_at(self, documents: set[str]) -> None:
        """Shows some documents as they are now; those that are no longer in the folder are taken away."""
        place, view = self.place, self.view
        gone: set[str] = set()
        for ident in documents:
            self._looks += 1
            look = self._looking[ident] = self._looks
            try:
                document = await self.session.share.document(ident)
            except NotFound:
                gone.add(ident)
                continue
            except NotSignedIn:
                raise
            except Problem:
                # The list will say it, or have all of them.
                self.reload()
                return
            if self.place != place or place is None:
                return
            if self.view is not view:
                # All was asked for meanwhile, and may be newer than this.
                self.doubtful |= documents
                self.reload()
                return
            if self._looking.get(ident) != look:
                # It was asked for once more.
                continue
            if has_left(document, place):
                gone.add(ident)
            else:
                self.replace_row(listing.sent_row(document, self.session.now()))
        if gone and self.place == place:
            self.drop_rows(gone)
        self.refresh_bindings()

"""The list of the first screen as it is now: what has changed is asked for, and nothing that somebody waits for is
given up for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from ..commands import spelled
from ..corners.keys import is_over
from ..rules.errors import NotFound, NotSignedIn, Problem, Unreachable
from ..widgets.table import Row
from ..widgets.tree import Place
from . import listing
from .errands import errand
from .part import MainPart
from .view import View

if TYPE_CHECKING:
    from ..session import Session
    from ..wire.share import Document

#: These failures last, wherever one goes.
LASTING = (NotSignedIn, Unreachable)
#: The groups of the errands that change what the list shows.
ERRANDS = ("list", "sort", "jump", "more", "renew")


def has_left(document: Document, place: Place) -> bool:
    """Whether a document of Share is not in a folder any more."""
    return document.deleted_at is not None or document.folder.id != place.id


class Renewing(MainPart):
    """A part of the first screen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.view = View()
        #: What the server found of what is typed as a filter, while it is the one to look.
        self.found: View | None = None
        #: Whether something has changed since the list was asked for.
        self.stale = False
        #: The keys of rows that may be gone though they are selected, as far as they are.
        self.doubtful: set[str] = set()
        #: The rows that stand for another version than the server lists, by their keys.
        self._chosen_versions: dict[str, Row] = {}

    def under_way(self, *groups: str) -> bool:
        """Whether an errand of one of those groups has not ended yet."""
        return any(
            worker.node is self and worker.group in groups and not is_over(worker) for worker in self.workers
        )

    def reload(self) -> None:
        # What somebody is waiting for is not given up for it: another place, its order, its end.
        self.stale = True
        if self.path and not self.under_way(*ERRANDS):
            self._renew()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While an errand changes the list, it is not asked for anew; afterwards it is, if anything has changed. One
        that is given up leaves that to whatever it was given up for."""
        worker = get_current_worker()
        others = [group for group in ERRANDS if group != worker.group]
        try:
            yield
        finally:
            if self.stale and not worker.is_cancelled and not self.under_way(*others):
                self._renew()

    @errand(exclusive=True, group="renew")
    async def _renew(self) -> None:
        """Shows the place as it is now; cursor and selection stay."""
        self.stale = True
        while self.stale and self.path:
            self.stale = False
            place, view, found, seen = self.place, self.view, self.found, self._seen()
            try:
                fresh = await (view.again() if view.asked else self._first_rows(self.path[-1]))
                fresh_found = await found.again() if found is not None else None
            except NotFound:
                if place is not None and place == self.place:
                    # What was in it is not shown, nor acted on, any more.
                    self.found = None
                    self._show(self.path, View(), spelled(self.gone_text(place), self.app))
                raise
            except Problem:
                self.stale = True
                raise
            if self.under_way("jump", "more"):
                self.stale = True
                return
            if seen != self._seen() or place != self.place:
                # Somebody has gone on in it meanwhile.
                self.stale = True
                continue
            self._answered(self.path[-1])
            self.found = fresh_found
            self._show(self.path, fresh, self._emptiness(self.path[-1]), keep=True)
            if fresh_found is None:
                self.look_further()
            here = {row.key for row in fresh.rows}
            self.doubtful |= {row.key for row in view.rows} - here
            self.doubtful -= here
            self.look_for_doubtful()

    def look_for_doubtful(self) -> None:
        """What is selected and may be gone is asked for: where it is gone, it is not selected any more."""
        # While all are being selected, some of them may not be selected yet.
        if not self.under_way("select"):
            self.doubtful &= self.table.selected
        if self.doubtful & self.table.selected and not self.under_way("look for"):
            self._look_for_doubtful()

    @errand(group="look for")
    async def _look_for_doubtful(self) -> None:
        from ..sending.several import several

        place = self.place
        while place == self.place and (asked := self.doubtful & self.table.selected):
            rows = [row for row in self.table.chosen if row.key in asked]
            gone = await several([self._is_gone(row) for row in rows])
            if place == self.place:
                # One that is asked about once more while this was asked is not worth another question.
                self.doubtful -= asked
                self.table.forget({row.key for row, is_gone in zip(rows, gone, strict=True) if is_gone})

    async def _is_gone(self, row: Row) -> bool:
        """Whether what a row shows is not in its place any more. Raises :class:`Problem`."""
        place = self.place
        try:
            if place is not None and place.kind == "sent":
                return has_left(await self.session.share.document(row.key), place)
            if self.kind in listing.OF_WORK:
                await self.session.work.document(row.data.id)
                return False
        except NotFound:
            pass
        return True

    @staticmethod
    def gone_text(place: Place) -> str:
        """What is said in a place that there is no longer."""
        told = "It is gone, or no longer open to you."
        return told + ("\n{places.remove_favorite} removes the shortcut to it." if place.shortcut else "")

    @property
    def _views(self) -> list[View]:
        return [view for view in (self.view, self.found) if view is not None]

    def _seen(self) -> list[tuple[View, int, int, int]]:
        """Which rows are here, as far as the pages go that they come in."""
        return [(view, *view.window) for view in self._views]

    def _answered(self, place: Place) -> None:
        if self.session.asks_work(place):
            self.is_over(*LASTING)

    def _emptiness(self, place: Place) -> str:
        """What is said where there are no rows."""
        return spelled(listing.EMPTY.get(place.kind, "This folder is empty."), self.app)

    def replace_row(self, row: Row) -> None:
        """Puts another row in the place of the one with its key, wherever that is."""
        self._answers_are_old()
        for view in self._views:
            view.replace(row)
        self.table.replace_row(row)
        if self.needle and self.found is None:
            # It may hold what is typed by now, or no longer.
            self.show_rows()

    def drop_rows(self, keys: set[str]) -> None:
        """Takes rows away that are no longer in the place."""
        self._answers_are_old()
        for view in self._views:
            view.drop(keys)
        self.table.forget(keys)
        self.show_rows()

    def _answers_are_old(self) -> None:
        """What is on its way may not know of what has just changed."""
        self.stale = self.stale or self.under_way(*ERRANDS, "find")

    def choose_version(self, row: Row) -> None:
        self._chosen_versions[row.key] = row
        self.replace_row(row)

    def with_chosen_versions(self, rows: list[Row]) -> list[Row]:
        return [self._chosen_versions.get(row.key, row) for row in rows] if self._chosen_versions else rows

    async def _first_rows(self, place: Place) -> View:
        """What is in a place, with its first rows. Raises :class:`Problem`."""
        raise NotImplementedError

    def _show(
        self, path: list[Place], view: View, empty: str, *, keep: bool = False, back: bool = False
    ) -> None:
        """Shows rows as those of the place at the end of ``path``."""
        raise NotImplementedError

    @property
    def needle(self) -> str:
        """What is looked for; empty without a filter."""
        raise NotImplementedError

    def look_further(self) -> None:
        """Looks for what is typed where the rows that are here are not all, unless that is done already."""
        raise NotImplementedError

    def show_rows(
        self, *, columns: object = None, empty: str | None = None, keep: bool = True, at: int | None = None
    ) -> None:
        """Shows the rows of the view, as far as the filter leaves them; the cursor is put ``at`` one of them."""
        raise NotImplementedError
